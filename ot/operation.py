"""The operation: one flat delta, at most one change a target.

The same structs carry both encodings. The *wire form* leaves every ``was`` unset. The *log form*,
made by :func:`ot.apply.apply`, fills them in with what stood there before, so that it can be
inverted without the document. ``was`` is ignored on input and always filled in anew.

A path is a JSON Pointer (RFC 6901) into the element, for example ``/data/label``.
"""

from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from ot.diagram import Element, Json


class TextDelete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Removes ``d`` code points, or, in the log form, exactly the text ``d``."""

    d: int | str


#: A text edit in the JSON form of ``ot-text-unicode``: skip n, insert text, delete.
TextEdit: TypeAlias = list[int | str | TextDelete]


class Set(msgspec.Struct, frozen=True, tag="set", tag_field="type", forbid_unknown_fields=True):
    """Puts ``value`` at the path. ``was`` stays unset where nothing stood there."""

    value: Json
    was: Json | UnsetType = UNSET


class Unset(msgspec.Struct, frozen=True, tag="unset", tag_field="type", forbid_unknown_fields=True):
    """Removes what stands at the path; nothing happens where nothing does."""

    was: Json | UnsetType = UNSET


class Text(msgspec.Struct, frozen=True, tag="text", tag_field="type", forbid_unknown_fields=True):
    """Edits the string at the path."""

    edit: TextEdit


Write: TypeAlias = Set | Unset | Text
Writes: TypeAlias = dict[str, Write]


class Create(
    msgspec.Struct, frozen=True, tag="create", tag_field="type", forbid_unknown_fields=True
):
    """A new element under an id that is free."""

    element: Element


class Delete(
    msgspec.Struct, frozen=True, tag="delete", tag_field="type", forbid_unknown_fields=True
):
    """Removes the element; the log form keeps it in ``was``."""

    was: Element | UnsetType = UNSET


class Update(
    msgspec.Struct, frozen=True, tag="update", tag_field="type", forbid_unknown_fields=True
):
    """Writes inside the element, by path; no path is a prefix of another."""

    writes: Writes


class Replace(
    msgspec.Struct, frozen=True, tag="replace", tag_field="type", forbid_unknown_fields=True
):
    """The whole element anew: an update at the empty path."""

    element: Element
    was: Element | UnsetType = UNSET


Change: TypeAlias = Create | Delete | Update | Replace
#: What may happen to the diagram's own properties, which always exist.
PropertiesChange: TypeAlias = Update | Replace
Changes: TypeAlias = dict[str, Change]


class Operation(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One atomic delta: changes by node id, by edge id, and of the diagram's own properties."""

    diagram: PropertiesChange | None = None
    nodes: Changes = msgspec.field(default_factory=dict)
    edges: Changes = msgspec.field(default_factory=dict)

    def is_empty(self) -> bool:
        return self.diagram is None and not self.nodes and not self.edges


NOTHING = Operation()
