"""Taking back one author's own operations, and nothing that others have done.

What is undone is always the newest of the author's operations that still stand, one or several in
a row, as one new operation. It leads to where the diagram would be if the author had done nothing
since the oldest of them: everything that others have done since is done again on the diagram as it
was before that one. What others have written since so stands after the undo; what it stands on, a
node of the author's that they have connected, stays with it.

An undo is an operation like any other, and its ``client_id`` says what it has taken back. So the
journal alone tells what is undone already, and one undo after another goes further back.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET

from actors.ports import Author, JournalEntry
from ot.apply import apply_in_place
from ot.conflicts import value_at
from ot.diagram import Diagram, Element, Json, json_equal
from ot.diff import diff
from ot.errors import OperationError
from ot.invert import invert
from ot.operation import Change, Create, Delete, Operation, Replace, Text, Update
from ot.pointer import split
from ot.references import PARENT_REFERENCE, edge_references, node_references
from ot.text import apply_text, diff_text, transform_text

#: What an undo is called in the journal.
UNDO_LABEL: Final = "undo_changes"
#: Changes that may be looked at while an undo is worked out.
MAX_UNDO_WORK: Final = 200_000

_MARK: Final = re.compile(r"undo:([0-9]{1,19})-([0-9]{1,19})")
_POSITION: Final = "/position"
Family: TypeAlias = Literal["node", "edge", "diagram"]
_Place: TypeAlias = tuple[Family, str]


class Span(msgspec.Struct, frozen=True):
    """Revisions from the first to the base: what one undo has taken back of its author's."""

    first: int
    base: int

    def mark(self) -> str:
        """The ``client_id`` of the undo."""
        return f"undo:{self.first}-{self.base}"


def undone_by(entry: JournalEntry) -> Span | None:
    """What the entry has taken back, if it is an undo."""
    found = _MARK.fullmatch(entry.client_id or "") if entry.label == UNDO_LABEL else None
    return None if found is None else Span(int(found[1]), int(found[2]))


class OwnOperations:
    """Which of an author's operations still stand, of entries shown from the newest on."""

    def __init__(self, author: Author) -> None:
        self._author = author
        self._spans: list[Span] = []

    def stands(self, entry: JournalEntry) -> bool:
        """Whether this one could be undone now."""
        if not is_by(entry, self._author):
            return False
        span = undone_by(entry)
        if span is not None:
            self._spans.append(span)
            return False
        return not any(span.first <= entry.revision <= span.base for span in self._spans)


def is_by(entry: JournalEntry, author: Author) -> bool:
    return (entry.author.kind, entry.author.id) == (author.kind, author.id)


class Left(msgspec.Struct, frozen=True):
    """Something that an undo leaves as it is, because of what ``author`` has done to it since.

    ``path`` is ``""`` where the whole element is meant.
    """

    target: Family
    id: str
    path: str
    author: Author


class UndoPlan(msgspec.Struct, frozen=True):
    """The operation to submit on the head, and what it leaves."""

    operation: Operation
    left: list[Left]


class Undoing:
    """Works out what takes back the ``chosen`` revisions of an author.

    ``head`` is the diagram after ``entries``, which begin with the first of them; it is used up.
    """

    def __init__(
        self, author: Author, chosen: Iterable[int], head: Diagram, entries: Sequence[JournalEntry]
    ) -> None:
        self._author = author
        self._chosen = frozenset(chosen)
        self._first = min(self._chosen)
        self._entries = entries
        #: The diagram as it was, at the entry that is looked at.
        self._real = head
        self._left: dict[Left, None] = {}
        self._touched: set[_Place] = set()
        self._by = author

    def steps(self) -> Iterator[UndoPlan | None]:
        """Works it out in small steps; the plan comes last. Raises OperationError
        ``too_much_to_undo``."""
        if sum(_count(entry.operation) for entry in self._entries) > MAX_UNDO_WORK:
            message = "That is too much to undo at once; undo fewer operations."
            raise OperationError("too_much_to_undo", message, "last_n")
        for entry in reversed(self._entries):
            apply_in_place(self._real, invert(entry.operation))
            yield None
        #: The diagram as it would be.
        self._wanted = self._real.copy()
        for entry in self._entries:
            self._follow(entry)
            yield None
        yield UndoPlan(diff(self._real, self._wanted), list(self._left))

    def _follow(self, entry: JournalEntry) -> None:
        if self._takes_back(entry):
            apply_in_place(self._real, entry.operation)
            if entry.revision in self._chosen:
                self._touched |= {place for place, _ in _changes(entry.operation)}
            return
        changes = [
            (place, change, _at(self._real, place)) for place, change in _changes(entry.operation)
        ]
        apply_in_place(self._real, entry.operation)
        self._by = entry.author
        for place, change, was in changes:
            self._redo(place, change, was)
        gone = {key for key, change in entry.operation.nodes.items() if isinstance(change, Delete)}
        if gone:
            self._let_go(gone)

    def _takes_back(self, entry: JournalEntry) -> bool:
        """Own operations, and own undos of them: these were undone, and so is their undoing."""
        if not is_by(entry, self._author):
            return False
        span = undone_by(entry)
        return span is None or span.first >= self._first

    def _redo(self, place: _Place, change: Change, was: Element | None) -> None:
        """Does one change of others to the diagram as it would be."""
        real, wanted = _at(self._real, place), _at(self._wanted, place)
        if isinstance(change, Delete):
            if wanted is not None and not json_equal(wanted, was):
                self._leave(place)
            _put(self._wanted, place, None)
        elif isinstance(change, Create | Replace):
            if wanted is None or not json_equal(wanted, was):
                self._leave(place)
            self._adopt(place, change.element)
        elif wanted is None:
            assert real is not None, "what is updated is there"
            self._leave(place)
            self._adopt(place, real)
        else:
            assert real is not None, "what is updated is there"
            assert was is not None, "what is updated was there"
            self._adopt(place, self._rewritten(place, change, (wanted, was, real)))

    def _rewritten(
        self, place: _Place, update: Update, three: tuple[Element, Element, Element]
    ) -> Element:
        """The element as it would be, with what others have written in it."""
        wanted, was, real = three
        for path, write in update.writes.items():
            if isinstance(write, Text):
                merged = _merged_text(value_at(wanted, path), value_at(was, path), write)
                if merged is not None:
                    wanted = _with(wanted, path, merged)
                    continue
            if not _is_same(value_at(wanted, path), value_at(was, path)):
                self._leave(place, path)
            wanted = _like(wanted, path, real)
        placed = [path for path in update.writes if path == PARENT_REFERENCE or _is_position(path)]
        if placed and not _is_same(wanted.get("parentId"), was.get("parentId")):
            # A position says nothing without the parent that it is relative to.
            wanted = _like(_like(wanted, PARENT_REFERENCE, real), _POSITION, real)
        return wanted

    def _adopt(self, place: _Place, element: Element) -> None:
        """Puts an element there, with the nodes that it points at."""
        _put(self._wanted, place, element)
        family = place[0]
        waiting = list(_nodes_of(family, element))
        while waiting:
            node = waiting.pop()
            if node not in self._wanted.nodes and node in self._real.nodes:
                self._leave(("node", node))
                self._wanted.nodes[node] = self._real.nodes[node]
                waiting += _nodes_of("node", self._real.nodes[node])

    def _let_go(self, gone: set[str]) -> None:
        """Nodes that others have deleted take with them what would still point at them."""
        real, wanted = self._real, self._wanted
        for identifier, edge in list(wanted.edges.items()):
            if any(end in gone for end in _nodes_of("edge", edge)):
                self._leave(("edge", identifier))
                if identifier in real.edges:
                    self._adopt(("edge", identifier), real.edges[identifier])
                else:
                    del wanted.edges[identifier]
        for identifier, node in list(wanted.nodes.items()):
            if node.get("parentId") in gone:
                self._leave(("node", identifier), PARENT_REFERENCE)
                here = real.nodes.get(identifier, {})
                moved = _like(_like(node, PARENT_REFERENCE, here), _POSITION, here or node)
                self._adopt(("node", identifier), moved)

    def _leave(self, place: _Place, path: str = "") -> None:
        if place in self._touched:
            self._left[Left(*place, path, self._by)] = None


def _count(a: Operation) -> int:
    return 1 + len(a.nodes) + len(a.edges)


def _changes(a: Operation) -> Iterator[tuple[_Place, Change]]:
    """Nodes before edges: what is adopted for an edge should be up to date."""
    if a.diagram is not None:
        yield ("diagram", ""), a.diagram
    yield from ((("node", identifier), change) for identifier, change in a.nodes.items())
    yield from ((("edge", identifier), change) for identifier, change in a.edges.items())


def _at(S: Diagram, place: _Place) -> Element | None:
    family, identifier = place
    if family == "diagram":
        return S.properties()
    return (S.nodes if family == "node" else S.edges).get(identifier)


def _put(S: Diagram, place: _Place, element: Element | None) -> None:
    family, identifier = place
    if family == "diagram":
        assert element is not None, "properties always exist"
        S.title, S.description = element["title"], element["description"]
        S.kind, S.data = element["kind"], element["data"]
        return
    elements = S.nodes if family == "node" else S.edges
    if element is None:
        elements.pop(identifier, None)
    else:
        elements[identifier] = element


def _nodes_of(family: Family, element: Element) -> Iterator[str]:
    """The nodes that an element points at."""
    if family != "diagram":
        found = edge_references(element) if family == "edge" else node_references(element)
        yield from (node for node in found if isinstance(node, str))


def _is_same(x: Json, y: Json) -> bool:
    return x is y or (x is not UNSET and y is not UNSET and json_equal(x, y))


def _is_position(path: str) -> bool:
    return path == _POSITION or path.startswith(f"{_POSITION}/")


def _merged_text(wanted: Json, was: Json, write: Text) -> str | None:
    """A text edit of ``was`` done to the text that is wanted; ``None`` where that is no text."""
    if not isinstance(wanted, str) or not isinstance(was, str):
        return None
    edit = write.edit if wanted == was else transform_text(write.edit, diff_text(was, wanted), True)
    return apply_text(wanted, edit)


def _like(element: Element, path: str, model: Element) -> Element:
    """The element with what stands in ``model`` at the path, or around it where it lacks that."""
    keys = split(path)
    at: Json = element
    for depth, key in enumerate(keys[:-1], start=1):
        at = at.get(key)
        if not isinstance(at, dict):
            keys = keys[:depth]
            break
    value: Json = model
    for key in keys:
        value = value.get(key, UNSET) if isinstance(value, dict) else UNSET
    return _put_at(element, keys, value)


def _with(element: Element, path: str, value: Json) -> Element:
    return _put_at(element, split(path), value)


def _put_at(element: Element, keys: Sequence[str], value: Json) -> Element:
    """A new element; only the maps on the way are copied. An unset value removes the key."""
    out = dict(element)
    if len(keys) > 1:
        out[keys[0]] = _put_at(out[keys[0]], keys[1:], value)
    elif value is UNSET:
        out.pop(keys[0], None)
    else:
        out[keys[0]] = value
    return out
