"""Our server with the conformance suite's fixtures in it, for whoever asks.

Everything but the fixtures and the missing key is what ``diagramai serve`` runs: the door, the
transports, the tools, the resources and the database behind them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from actors.ports import Author
from gateway.engine.engine import Engine
from gateway.identity import FULL_ACCESS, Principal
from gateway.main import Serving
from gateway.mcp.watching import Watching
from gateway.mcp_server import build_server
from tests.conformance.fixtures import add_methods, add_prompts, add_resources, add_tools
from tests.conformance.questions import add_questions
from tests.support.mcp_door import open_door

ANYBODY: Final = Principal(Author("agent", "conformance", "conformance"), frozenset({FULL_ACCESS}))


async def let_in(headers: Mapping[str, str]) -> Principal | None:
    """The suite sends no key."""
    return ANYBODY


@asynccontextmanager
async def serve_fixtures(serving: Serving) -> AsyncIterator[str]:
    """The address of ``/mcp`` with the fixtures, on the service of a running server."""
    watching = Watching(serving.registry, serving.service)
    server = build_server(serving.service, Engine(), watching)
    for add in (add_tools, add_questions, add_resources, add_prompts, add_methods):
        add(server)
    async with open_door(server, let_in) as door:
        yield door.url
