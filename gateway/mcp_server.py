"""What agents get over MCP: the tools, the resources, the prompts."""

from gateway.engine.engine import Engine
from gateway.mcp.door import McpApp
from gateway.mcp.server import DiagramServer
from gateway.mcp.watching import Watching
from gateway.prompts.handlers import DiagramPrompts
from gateway.resources.handlers import DiagramResources
from gateway.service import DiagramService
from gateway.tools.arranging import ArrangingTools
from gateway.tools.changes import ChangesTools
from gateway.tools.checking import CheckingTools
from gateway.tools.diagrams import DiagramTools
from gateway.tools.drawing import DrawingTools
from gateway.tools.editing import EditingTools
from gateway.tools.mermaid import MermaidTools
from gateway.tools.reading import ReadingTools

__all__ = ["DiagramServer", "McpApp", "build_server"]


def build_server(
    service: DiagramService, engine: Engine, watching: Watching | None = None
) -> DiagramServer:
    """The tools on ``service``; ``engine`` draws, lays out and checks for them, and ``watching``
    tells subscribers what has changed."""
    families = (
        DiagramTools(service, engine),
        ReadingTools(service, engine),
        EditingTools(service, engine),
        ChangesTools(service),
        MermaidTools(service, engine),
        DrawingTools(service, engine),
        ArrangingTools(service, engine),
        CheckingTools(service, engine),
    )
    server = DiagramServer([tool for family in families for tool in family.tools()], watching)
    DiagramResources(service, engine).install(server)
    DiagramPrompts(service, engine).install(server)
    service.listing_changed = server.listing.note
    server.trail = service.trail
    return server
