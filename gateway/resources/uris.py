"""The addresses of resources: ``diagram://{id}``, and below it what else is to be seen of it."""

from typing import Final
from urllib.parse import quote, unquote_to_bytes

import msgspec
from mcp_types import Role

from gateway.api.exports import MEDIA_TYPES
from gateway.resources.limits import MAX_URI_LENGTH

SCHEME: Final = "diagram://"


class View(msgspec.Struct, frozen=True):
    """One way to see a diagram."""

    #: What follows the diagram's id in the address; nothing for the diagram itself.
    path: str
    #: In words, after the diagram's title.
    title: str
    description: str
    mime_type: str
    audience: tuple[Role, ...] = ("user", "assistant")
    #: How much it matters to a model, from 0 to 1.
    priority: float = 0.5

    @property
    def template(self) -> str:
        """The URI template (RFC 6570)."""
        return f"{SCHEME}{{id}}/{self.path}" if self.path else f"{SCHEME}{{id}}"


DOCUMENT: Final = View(
    "",
    "nodes and edges",
    "Nodes and edges as JSON in React Flow's form; the text of a Mermaid diagram. With the "
    "revision, for base_revision.",
    MEDIA_TYPES["json"],
    ("assistant",),
)
OUTLINE: Final = View(
    "outline",
    "outline",
    "One short line a node and edge: the shortest way to understand a diagram.",
    "text/plain",
    priority=0.9,
)
MERMAID: Final = View(
    "mermaid", "Mermaid text", "The diagram as Mermaid text.", MEDIA_TYPES["mermaid"]
)
SVG: Final = View(
    "image.svg", "SVG picture", "The diagram drawn, as vectors.", MEDIA_TYPES["svg"], ("user",)
)
PNG: Final = View("image.png", "picture", "The diagram drawn, as pixels.", MEDIA_TYPES["png"])
VIEWS: Final = (DOCUMENT, OUTLINE, MERMAID, SVG, PNG)

_VIEW_OF_PATH: Final = {view.path: view for view in VIEWS}
VIEW_OF_TEMPLATE: Final = {view.template: view for view in VIEWS}


def uri_of(diagram_id: str, view: View = DOCUMENT) -> str:
    """The address; an id may hold any character, so all but plain ones are encoded."""
    return view.template.replace("{id}", quote(diagram_id, safe=""))


def is_ours(uri: str) -> bool:
    """Whether it names a diagram, be it well or badly."""
    return uri[: len(SCHEME)].lower() == SCHEME


def parse_uri(uri: str) -> tuple[str, View] | None:
    """The diagram's id and what is to be seen of it; ``None`` for what is no such address."""
    if len(uri) > MAX_URI_LENGTH or not is_ours(uri):
        return None
    encoded, slash, path = uri[len(SCHEME) :].partition("/")
    view = _VIEW_OF_PATH.get(path)
    # A slash with nothing behind it is no other name of the diagram.
    if not encoded or view is None or (slash and not path):
        return None
    try:
        return unquote_to_bytes(encoded).decode(), view
    except UnicodeError:
        return None
