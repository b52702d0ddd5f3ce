"""How edges run: Mermaid's curves and the ``type`` of React Flow's edges."""

from typing import Final

from ot.diagram import Element

_TYPES: Final = {
    "linear": "straight", "step": "step", "stepBefore": "step", "stepAfter": "step",
    "rounded": "smoothstep",
}  # fmt: skip
#: The curve that each type is written as; ``basis`` is what Mermaid draws where nothing is said.
_CURVES: Final = {
    "straight": "linear", "step": "step", "smoothstep": "rounded", "default": "basis",
}  # fmt: skip


def type_of_curve(curve: str | None) -> str:
    return _TYPES.get(curve, "default") if curve is not None else "default"


def edge_type(edge: Element) -> str:
    """The type that an edge is drawn with; one that nobody knows is drawn as ``default``."""
    kind = edge.get("type")
    return kind if isinstance(kind, str) and kind in _CURVES else "default"


def curve_to_write(edge: Element, known: str | None, everywhere: str | None) -> str | None:
    """The curve that a text has to say for an edge; ``None`` where it needs to say nothing.

    ``known`` is the one that the text said before, which stays while it is drawn the same, and
    ``everywhere`` that of ``linkStyle default``.
    """
    kind = edge_type(edge)
    if known is not None and type_of_curve(known) == kind:
        return None if known == everywhere else known
    return None if type_of_curve(everywhere) == kind else _CURVES[kind]
