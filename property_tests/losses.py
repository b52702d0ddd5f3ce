"""What two concurrent operations lose, found by looking at the merged diagram.

A *wish* is one thing that a side wrote: a whole element, its deletion, or one path of an update.
A wish is lost where the merged diagram does not hold it. Law K holds ``ot.conflicts`` to that.
"""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET

from ot.conflicts import Lost, Side, TargetKind, find_lost
from ot.diagram import Diagram, Element
from ot.operation import (
    Change,
    Delete,
    Operation,
    Set,
    Text,
    Unset,
    Update,
    Write,
)
from ot.transform import may_meet
from property_tests.laws import Broken, diamond, law
from property_tests.model import alike, value_at


class Wish(msgspec.Struct, frozen=True):
    """``path`` is ``""`` for a whole element; ``others`` is what the other side does to it."""

    side: Side
    target: TargetKind
    id: str
    path: str
    wanted: Write | Element | None
    others: Change | None


@law("K", "losses are told")
def losses_told(S: Diagram, a: Operation, b: Operation, w: bool) -> None:
    """``find_lost`` names every lost wish, names nothing else, and says what stands there now.

    A report tells what two changes of one target made of it. Where that was a node whose parent
    the other side deletes, the node is a root in the end, and a report of its own says so.
    """
    T = diamond(S, a, b, w)
    reports = find_lost(a, b, w)
    if reports and not may_meet(a, b):
        raise Broken("K", "they do not meet, and still lose", S=S, a=a, b=b, reports=reports)
    wishes = [*_wishes("a", a, b), *_wishes("b", b, a)]
    lost = [wish for wish in wishes if not _granted(T, wish)]
    for wish in lost:
        if not any(_covers(report, wish) for report in reports):
            raise Broken("K", "lost and not told", S=S, a=a, b=b, w=w, wish=wish, reports=reports)
    for report in reports:
        if not any(_covers(report, wish) for wish in lost) and not _names_lost_parent(T, report):
            raise Broken("K", "told, but not lost", S=S, a=a, b=b, w=w, report=report, T=T)
        if not _is_kept(T, report):
            raise Broken("K", "something else was kept", S=S, a=a, b=b, w=w, report=report, T=T)


def _wishes(side: Side, mine: Operation, theirs: Operation) -> Iterator[Wish]:
    if mine.diagram is not None:
        yield from _wishes_of(side, "diagram", "", mine.diagram, theirs.diagram)
    for identifier, change in mine.nodes.items():
        yield from _wishes_of(side, "node", identifier, change, theirs.nodes.get(identifier))
    for identifier, change in mine.edges.items():
        yield from _wishes_of(side, "edge", identifier, change, theirs.edges.get(identifier))


def _wishes_of(
    side: Side, target: TargetKind, identifier: str, change: Change, others: Change | None
) -> Iterator[Wish]:
    if isinstance(change, Update):
        for path, write in change.writes.items():
            yield Wish(side, target, identifier, path, write, others)
    elif isinstance(change, Delete):
        yield Wish(side, target, identifier, "", None, others)
    else:
        yield Wish(side, target, identifier, "", change.element, others)


def _granted(T: Diagram, wish: Wish) -> bool:
    here = _element(T, wish.target, wish.id)
    if wish.wanted is None:
        return here is None
    if here is None:
        return False
    if isinstance(wish.wanted, Text):
        return _text_stays(wish.path, wish.others)
    if isinstance(wish.wanted, Set):
        return alike(value_at(here, wish.path), wish.wanted.value)
    if isinstance(wish.wanted, Unset):
        return value_at(here, wish.path) is UNSET
    return alike(here, wish.wanted)


def _text_stays(path: str, others: Change | None) -> bool:
    """Text merges with text; any other write there, or above, replaces it."""
    if others is None:
        return True
    if not isinstance(others, Update):
        return False
    above = {at for at in others.writes if path == at or path.startswith(at + "/")}
    return all(isinstance(others.writes[at], Text) for at in above)


def _covers(report: Lost, wish: Wish) -> bool:
    """A report on a whole element covers each wish for it; one on a path, that path.

    A whole element may also have lost one key alone: its parent.
    """
    if (report.loser, report.target, report.id) != (wish.side, wish.target, wish.id):
        return False
    whole = isinstance(wish.wanted, dict)
    return report.path in {"", wish.path} or (whole and report.path == "/parentId")


def _is_kept(T: Diagram, report: Lost) -> bool:
    """What a report says was kept stands there, where the element still exists."""
    here = _element(T, report.target, report.id)
    if here is None or _names_lost_parent(T, report):
        return True
    found = value_at(here, report.path) if report.path else here
    if report.kept is UNSET or found is UNSET:
        return found is report.kept
    return alike(found, report.kept)


def _names_lost_parent(T: Diagram, report: Lost) -> bool:
    """Whether what was kept has a parent that is gone in the end."""
    if report.target != "node":
        return False
    kept = report.kept.get("parentId") if isinstance(report.kept, dict) else report.kept
    at_parent = report.path in {"", "/parentId"}
    return at_parent and isinstance(kept, str) and kept not in T.nodes


def _element(T: Diagram, target: TargetKind, identifier: str) -> Element | None:
    if target == "diagram":
        return T.properties()
    return (T.nodes if target == "node" else T.edges).get(identifier)
