"""The syntax tree of a flowchart: statements in the order of the text, each with its place in it.

A span is a pair of offsets in the source, end exclusive. Texts are as they were written, entity
codes included; what Mermaid makes of them is in :mod:`gateway.mermaid.flow_graph`.
"""

from typing import TypeAlias

import msgspec

Span: TypeAlias = tuple[int, int]


class Text(msgspec.Struct):
    """A label. ``kind``: ``text`` (bare), ``string`` (in quotes) or ``markdown`` ("`…`").

    ``span`` is that of the text with its quotes, and of the space around it where it is bare.
    """

    text: str
    kind: str
    span: Span


class Mention(msgspec.Struct):
    """A node where a statement names it: ``A["x"]:::c@{ … }``.

    ``shape`` is Mermaid's word for the brackets, ``None`` without any; ``props`` what
    ``[|borders:lt|x]`` says; ``data`` the inside of ``@{ … }``.
    """

    id: str
    span: Span
    shape: str | None = None
    text: Text | None = None
    props: tuple[str, str] | None = None
    shape_span: Span | None = None
    class_name: str | None = None
    class_span: Span | None = None
    data: str | None = None
    data_span: Span | None = None


class Link(msgspec.Struct):
    """An arrow: ``start`` is what stands before its text (``--``), ``""`` without such; ``end``
    the arrow itself; ``id`` without its ``@``. ``span`` has all of it, the label too, without the
    space around it; ``end_span`` the arrow, ``start_span`` what stands before its text."""

    start: str
    end: str
    span: Span
    start_span: Span
    end_span: Span
    text: Text | None = None
    id: str | None = None


class Vertices(msgspec.Struct, tag=True):
    """``A & B --> C``: mentions joined by ``&`` in groups, one more group than links."""

    span: Span
    groups: list[list[Mention]]
    links: list[Link]


class Subgraph(msgspec.Struct, tag=True):
    """``title`` is ``None`` where the id is the title, too (``named``), and both where there is
    neither. ``head`` is the span of the first line, ``end`` that of the word that ends it."""

    span: Span
    id: Text | None
    title: Text | None
    body: list["Statement"]
    head: Span
    end: Span


class Direction(msgspec.Struct, tag=True):
    span: Span
    value: str


class Style(msgspec.Struct, tag=True):
    """``style id fill:#fff,…``"""

    span: Span
    id: str
    styles: list[str]
    styles_span: Span


class ClassDef(msgspec.Struct, tag=True):
    """``ids`` is one id, or several with commas."""

    span: Span
    ids: str
    styles: list[str]


class ClassOf(msgspec.Struct, tag=True):
    """``class a,b name``"""

    span: Span
    ids: str
    name: str


class LinkStyle(msgspec.Struct, tag=True):
    """``positions`` is ``None`` for ``default``."""

    span: Span
    positions: list[str] | None
    positions_span: Span
    interpolate: str | None
    styles: list[str] | None


class Click(msgspec.Struct, tag=True):
    """Either ``callback`` (with ``arguments`` where it has some) or ``href`` is there."""

    span: Span
    ids: str
    callback: str | None = None
    arguments: str | None = None
    href: str | None = None
    tooltip: str | None = None
    target: str | None = None


class Accessibility(msgspec.Struct, tag=True):
    """``kind``: ``title`` or ``description``."""

    span: Span
    kind: str
    value: str


class Separator(msgspec.Struct, tag=True):
    """A semicolon that ends nothing; Mermaid takes it for a member of the subgraph around it."""

    span: Span


Statement: TypeAlias = (
    Vertices
    | Subgraph
    | Direction
    | Style
    | ClassDef
    | ClassOf
    | LinkStyle
    | Click
    | Accessibility
    | Separator
)


class Tree(msgspec.Struct):
    """``direction`` as it was written (``TD``, ``>``), ``None`` where nothing was; ``head`` is the
    span of the first statement (``flowchart TD``)."""

    direction: str | None
    head: Span
    body: list[Statement]
