"""The document: a diagram and its elements, as plain JSON values.

An element is the React Flow object itself without its ``id``, which is its key. Elements are never
changed in place: whoever writes to one replaces it, so replicas and log entries may share them.
"""

from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = Any
Element: TypeAlias = dict[str, Json]

#: Keys of an element that are not part of the document: the id is the key, the rest is what one
#: browser happens to be doing (React Flow's runtime fields).
RESERVED_ELEMENT_KEYS = frozenset({"id", "selected", "dragging", "measured"})


class Diagram(msgspec.Struct, dict=True):
    """A whole diagram. ``nodes`` and ``edges`` map an id to its element.

    Their order is kept where it can be, but it is no part of the document: replicas may differ in
    it. What must lie above something else says so (React Flow's ``zIndex``).
    For ``kind == "mermaid"`` the text is ``data["text"]`` and there are no elements.
    """

    title: str = ""
    description: str | None = None
    kind: str = "flowchart"
    data: dict[str, Json] = msgspec.field(default_factory=dict)
    nodes: dict[str, Element] = msgspec.field(default_factory=dict)
    edges: dict[str, Element] = msgspec.field(default_factory=dict)

    def properties(self) -> Element:
        """The diagram's own fields as an element, the target ``diagram`` of an operation."""
        return {
            "title": self.title,
            "description": self.description,
            "kind": self.kind,
            "data": self.data,
        }

    def copy(self) -> "Diagram":
        """A diagram that can be changed without touching this one; elements are shared."""
        return Diagram(
            title=self.title,
            description=self.description,
            kind=self.kind,
            data=self.data,
            nodes=dict(self.nodes),
            edges=dict(self.edges),
        )


def json_equal(x: Json, y: Json) -> bool:
    """Equality of JSON values. Unlike ``==`` it keeps ``true`` apart from ``1``."""
    if x is y:
        return True
    if isinstance(x, dict):
        return (
            isinstance(y, dict)
            and x.keys() == y.keys()
            and all(json_equal(value, y[key]) for key, value in x.items())
        )
    if isinstance(x, list):
        return (
            isinstance(y, list)
            and len(x) == len(y)
            and all(json_equal(p, q) for p, q in zip(x, y, strict=True))
        )
    if isinstance(x, bool) or isinstance(y, bool):
        return x is y
    return bool(x == y)
