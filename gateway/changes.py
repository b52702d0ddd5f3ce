"""What was done to a diagram, in few words: by author, then by element, named by its label.

Consecutive operations of one author are one account. In it an element is named once, with what
became of it in the end: what was added and deleted again is not told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from actors.ports import Author, JournalEntry
from gateway.geometry.fields import edge_label_of, label_of, position_of, type_of
from ot.diagram import Diagram, Element, Json
from ot.operation import Change, Create, Delete, Operation, Replace, Set, Update, Write

#: Characters of a label or value inside a line.
MAX_QUOTED: Final = 60
#: Fields of one element that are named; the others are counted.
MAX_FIELDS: Final = 6

#: ``("node", id)``, ``("edge", id)``, ``("diagram", "")``.
Place: TypeAlias = tuple[str, str]
_ADDED, _CHANGED, _DELETED = "added", "changed", "deleted"
_Fields: TypeAlias = dict[str, Write | None]


class Account(msgspec.Struct):
    """What one author did from one revision to another; ``lines`` has one for each element."""

    author: Author
    first: int
    last: int
    at: datetime
    lines: list[str]


class Elements:
    """What is known of the elements that entries are about, be they deleted by now."""

    def __init__(self, S: Diagram, entries: Iterable[JournalEntry]) -> None:
        self._here: dict[str, Mapping[str, Element]] = {"node": S.nodes, "edge": S.edges}
        self._seen: dict[Place, Element] = {}
        for entry in entries:
            for place, change in changes_of(entry.operation):
                element = _element_in(change)
                if element is not None:
                    self._seen[place] = element

    def find(self, place: Place) -> Element | None:
        """The element as it is in the diagram, or as it was when it was last seen whole."""
        family, identifier = place
        here = self._here.get(family, {}).get(identifier)
        return self._seen.get(place) if here is None else here

    def name(self, place: Place) -> str:
        """``node a 'Pay'``, ``edge e 'Pay' -> 'Ship' 'yes'``, ``diagram``."""
        family, identifier = place
        if family == "diagram":
            return family
        element = self.find(place)
        if element is None:
            return f"{family} {identifier}"
        label = label_of(element) if family == "node" else edge_label_of(element)[0]
        ends = "" if family == "node" else f" {self._end(element, 'source')} -> "
        ends += "" if family == "node" else self._end(element, "target")
        return f"{family} {identifier}{ends}{f' {quoted(label)}' if label else ''}"

    def _end(self, edge: Element, key: str) -> str:
        node = edge.get(key)
        element = self.find(("node", node)) if isinstance(node, str) else None
        label = "" if element is None else label_of(element)
        return quoted(label) if label else str(node)


def accounts(entries: Sequence[JournalEntry], elements: Elements) -> Iterator[Account]:
    """The entries' accounts, in their order."""
    run: list[JournalEntry] = []
    for entry in entries:
        if run and _is_new(run[-1], entry):
            yield _account(run, elements)
            run = []
        run.append(entry)
    if run:
        yield _account(run, elements)


def _is_new(before: JournalEntry, entry: JournalEntry) -> bool:
    return (before.author.kind, before.author.id) != (entry.author.kind, entry.author.id)


def _account(run: Sequence[JournalEntry], elements: Elements) -> Account:
    folded: dict[Place, tuple[str, _Fields]] = {}
    for entry in run:
        for place, change in changes_of(entry.operation):
            became = _folded(folded.pop(place, None), change)
            if became is not None:
                folded[place] = became
    lines = [_line(place, *became, elements) for place, became in folded.items()]
    last = run[-1]
    return Account(last.author, run[0].revision, last.revision, last.committed_at, lines)


def changes_of(a: Operation) -> Iterator[tuple[Place, Change]]:
    """Every change with its place."""
    if a.diagram is not None:
        yield ("diagram", ""), a.diagram
    yield from ((("node", identifier), change) for identifier, change in a.nodes.items())
    yield from ((("edge", identifier), change) for identifier, change in a.edges.items())


def _element_in(change: Change) -> Element | None:
    if isinstance(change, Create | Replace):
        return change.element
    if isinstance(change, Delete) and isinstance(change.was, dict):
        return change.was
    return None


def _folded(before: tuple[str, _Fields] | None, change: Change) -> tuple[str, _Fields] | None:
    """What has become of an element after one more change; ``None`` for nothing to tell."""
    what = before[0] if before is not None else ""
    if isinstance(change, Delete):
        return None if what == _ADDED else (_DELETED, {})
    if isinstance(change, Create):
        return (_ADDED, {}) if before is None else (_CHANGED, {"": None})
    if what == _ADDED:
        return _ADDED, {}
    fields = before[1] if before is not None else {}
    if isinstance(change, Replace):
        return _CHANGED, {**fields, "": None}
    return _CHANGED, {**fields, **change.writes}


def _line(place: Place, what: str, fields: _Fields, elements: Elements) -> str:
    line = f"{what} {elements.name(place)}"
    element = elements.find(place)
    if what == _ADDED and element is not None and place[0] == "node":
        return f"{line} [{type_of(element)}]"
    if what != _CHANGED:
        return line
    told = list(dict.fromkeys(_field(place, path, fields[path], element) for path in fields))
    more = f", {len(told) - MAX_FIELDS} more" if len(told) > MAX_FIELDS else ""
    return f"{line}: {', '.join(told[:MAX_FIELDS])}{more}"


def _field(place: Place, path: str, write: Write | None, element: Element | None) -> str:
    """A changed field in a few words."""
    if path == "":
        return "replaced"
    if path == "/position" or path.startswith("/position/"):
        if path == "/position" and isinstance(write, Set):
            element = {"position": write.value}
        if element is None:
            return "moved"
        x, y = position_of(element)
        return f"moved to {round(x)},{round(y)}"
    name = path[1:].replace("/", ".").replace("~1", "/").replace("~0", "~")
    name = "label" if name == "data.label" else name
    if name == "label" and place[0] != "diagram":
        return f"{name}{_label(write, element)}"
    return f"{name}{_value(write)}"


def _label(write: Write | None, element: Element | None) -> str:
    """What it was; and what was written, where that is not what the element's name says."""
    if not isinstance(write, Set):
        return ""
    is_named = element is not None and write.value in (label_of(element), element.get("label"))
    now = "" if is_named else f" {quoted(write.value)}"
    return f"{now} (was {quoted(write.was)})" if isinstance(write.was, str) else now


def _value(write: Write | None) -> str:
    if not isinstance(write, Set):
        return ""
    if isinstance(write.value, str | int | float | None):
        return f" {quoted(write.value)}"
    return ""


def quoted(value: Json) -> str:
    """A value on one line and not too long: ``'Pay'``, ``12``, ``true``."""
    if not isinstance(value, str):
        text = msgspec.json.encode(value).decode()
        return text if len(text) <= MAX_QUOTED else f"{text[: MAX_QUOTED - 3]}..."
    text = " ".join(value.split())
    return f"'{text}'" if len(text) <= MAX_QUOTED else f"'{text[: MAX_QUOTED - 3]}...'"


def counts_of(a: Operation) -> dict[str, int]:
    """How many elements an operation adds, changes and deletes: ``nodes_added`` and so on."""
    kinds = {Create: _ADDED, Delete: _DELETED, Update: _CHANGED, Replace: _CHANGED}
    found: dict[str, int] = {}
    for (family, _), change in changes_of(a):
        key = "diagram_changed" if family == "diagram" else f"{family}s_{kinds[type(change)]}"
        found[key] = found.get(key, 0) + 1
    return found
