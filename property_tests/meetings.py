"""Which kinds of changes met in a set of pairs, counted without walking the pairs.

Of ``n`` operations every unordered pair is taken, so what ``x`` of them do meets what ``y`` others
do ``x * y`` times.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations_with_replacement

from ot.operation import Change, Create, Delete, Operation, Replace, Set, Update

Meetings = Counter[str]

_ELEMENT_PAIRS = (
    "create/create",
    "delete/delete",
    "delete/replace",
    "delete/update",
    "replace/replace",
    "replace/update",
    "update/update",
)
_PROPERTY_PAIRS = ("replace/replace", "replace/update", "update/update")
_WRITE_PAIRS = ("set/set", "set/text", "set/unset", "text/text", "text/unset", "unset/unset")
_ABOVE_PAIRS = tuple(f"{x} above {y}" for x in ("set", "unset") for y in ("set", "text", "unset"))
_CLOSURE_PAIRS = tuple(
    f"delete node/{kind} {what}"
    for what in ("edge to it", "child of it")
    for kind in ("create", "replace", "update")
)

#: Every meeting that an exhaustive run must have seen.
EXPECTED = (
    *(f"{family} {pair}" for family in ("node", "edge") for pair in _ELEMENT_PAIRS),
    *(f"diagram {pair}" for pair in _PROPERTY_PAIRS),
    *(f"write {pair}" for pair in (*_WRITE_PAIRS, *_ABOVE_PAIRS)),
    *_CLOSURE_PAIRS,
)


def count_meetings(operations: Iterable[Operation]) -> Meetings:
    """How often each kind met each over all unordered pairs of ``operations``."""
    changes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    writes: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    pointers: dict[str, Counter[str]] = defaultdict(Counter)
    for a in operations:
        for family, identifier, change in _targets(a):
            changes[family, identifier][_kind(change)] += 1
            if isinstance(change, Update):
                for path, write in change.writes.items():
                    writes[family, identifier, path][_kind(write)] += 1
        for node, pointing in _pointing(a).items():
            pointers[node].update(pointing)
    out: Meetings = Counter()
    for (family, _), kinds in changes.items():
        _count_pairs(out, family, kinds)
    for kinds in writes.values():
        _count_pairs(out, "write", kinds)
    _count_above(out, writes)
    for node, kinds in pointers.items():
        for kind, number in kinds.items():
            out[f"delete node/{kind}"] += number * changes["node", node]["delete"]
    return +out


def _targets(a: Operation) -> Iterable[tuple[str, str, Change]]:
    if a.diagram is not None:
        yield "diagram", "", a.diagram
    yield from (("node", name, change) for name, change in a.nodes.items())
    yield from (("edge", name, change) for name, change in a.edges.items())


def _kind(struct: object) -> str:
    return type(struct).__name__.lower()


def _pointing(a: Operation) -> dict[str, set[str]]:
    """By node: the kinds of changes by which ``a`` makes something point at it."""
    out: dict[str, set[str]] = defaultdict(set)
    for changes, keys, what in (
        (a.edges, ("source", "target"), "edge to it"),
        (a.nodes, ("parentId",), "child of it"),
    ):
        for change in changes.values():
            for node in _references(change, keys):
                out[node].add(f"{_kind(change)} {what}")
    return out


def _references(change: Change, keys: tuple[str, ...]) -> Iterable[str]:
    for key in keys:
        value = None
        if isinstance(change, Create | Replace):
            value = change.element.get(key)
        elif not isinstance(change, Delete):
            write = change.writes.get(f"/{key}")
            value = write.value if isinstance(write, Set) else None
        if isinstance(value, str):
            yield value


def _count_pairs(out: Meetings, family: str, kinds: Counter[str]) -> None:
    for x, y in combinations_with_replacement(sorted(kinds), 2):
        number = kinds[x] * (kinds[x] + 1) // 2 if x == y else kinds[x] * kinds[y]
        out[f"{family} {x}/{y}"] += number


def _count_above(out: Meetings, writes: dict[tuple[str, str, str], Counter[str]]) -> None:
    for (family, identifier, above), high in writes.items():
        for (family2, identifier2, below), low in writes.items():
            if (family, identifier) == (family2, identifier2) and below.startswith(above + "/"):
                for x, number in high.items():
                    for y, more in low.items():
                        out[f"write {x} above {y}"] += number * more
