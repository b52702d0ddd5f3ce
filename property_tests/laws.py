"""The laws of the operation type, one function each, by the letters of ``docs/algebra.md``.

A law takes diagrams and operations that meet its premises and raises :class:`Broken` where it does
not hold. ``same`` means equal as JSON: ``true`` is not ``1``; the order of keys says nothing.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

import msgspec

from ot.apply import apply
from ot.compose import compose
from ot.conflicts import find_lost
from ot.diagram import Diagram
from ot.diff import diff
from ot.errors import OperationError
from ot.footprint import Footprints
from ot.invert import invert
from ot.operation import Change, Changes, Operation, Text, TextEdit, Unset, Update, Write
from ot.policy import AuthorKind, Policy, later_wins_over
from ot.transform import transform
from property_tests.exceptions import exception
from property_tests.model import Invalid, alike, check_references, is_log_form, model_apply

Check: TypeAlias = Callable[..., object]
_F = TypeVar("_F", bound=Check)


class Law(msgspec.Struct, frozen=True):
    letter: str
    name: str
    check: Check


class Broken(AssertionError):
    """A law does not hold; the message holds the operands as JSON."""

    def __init__(self, letter: str, why: str, **operands: Any) -> None:
        shown = "\n".join(f"  {name} = {show(value)}" for name, value in operands.items())
        super().__init__(f"law {letter}: {why}\n{shown}")
        self.letter = letter


LAWS: dict[str, Law] = {}


def law(letter: str, name: str) -> Callable[[_F], _F]:
    """Enters a function into LAWS under its letter."""

    def enter(check: _F) -> _F:
        assert letter not in LAWS, letter
        LAWS[letter] = Law(letter, name, check)
        return check

    return enter


def encoded(value: Any) -> bytes:
    """The one encoding of a value; equal for equal values and only for those."""
    return msgspec.json.encode(value, order="sorted")


def same(x: Any, y: Any) -> bool:
    return encoded(x) == encoded(y)


def show(value: Any) -> str:
    return value if isinstance(value, str) else encoded(value).decode()


@law("A", "apply agrees with the model")
def applies(S: Diagram, a: Operation) -> None:
    """Both refuse ``a``, or both give the same diagram; ``S`` stays as it was."""
    before = encoded(S)
    expected = _or_none(lambda: model_apply(S, a), Invalid)
    found = _or_none(lambda: apply(S, a)[0], OperationError)
    if not same(found, expected):
        raise Broken("A", "not what the model says", S=S, a=a, found=found, expected=expected)
    if encoded(S) != before:
        raise Broken("A", "apply changed the diagram it was given", S=before.decode(), a=a)


def _or_none(make: Callable[[], Diagram], error: type[Exception]) -> Diagram | None:
    try:
        return make()
    except error:
        return None


@law("N", "normal form")
def normal(a: Operation) -> None:
    """No empty update, no path above another, every text edit in normal form."""
    for update in _updates(a):
        paths = sorted(update.writes)
        if not paths:
            raise Broken("N", "an update of nothing", a=a)
        if any(low.startswith(high + "/") for high in paths for low in paths):
            raise Broken("N", "one path above another", a=a)
    for write in _writes(a):
        if isinstance(write, Text) and not is_normal_text(write.edit):
            raise Broken("N", "a text edit out of normal form", a=a)


def _updates(a: Operation) -> list[Update]:
    changes: list[Change | None] = [*a.nodes.values(), *a.edges.values(), a.diagram]
    return [change for change in changes if isinstance(change, Update)]


def _writes(a: Operation) -> list[Write]:
    return [write for update in _updates(a) for write in update.writes.values()]


def is_normal_text(edit: TextEdit) -> bool:
    """Something to do, nothing empty, neighbours of different kinds, no skip at the end."""
    kinds = [type(part) for part in edit]
    spans = [part if isinstance(part, int) else getattr(part, "d", part) for part in edit]
    return (
        bool(edit)
        and all(spans)
        and all(x is not y for x, y in pairwise(kinds))
        and kinds[-1] is not int
    )


@law("L", "log form")
def logged(S: Diagram, a: Operation) -> None:
    """The log form names exactly what it replaced, and applies as the wire form does."""
    A, log = apply(S, a)
    if not is_log_form(S, a, log):
        raise Broken("L", "the log form does not say what was there", S=S, a=a, log=log)
    again, log_again = apply(S, log)
    if not (same(again, A) and same(log_again, log)):
        raise Broken("L", "the log form applies differently", S=S, a=a, log=log)


@law("I", "invert")
def inverted(S: Diagram, a: Operation) -> None:
    """``apply(apply(S, a), invert(a)) == S``; what ``invert`` gives is in log form itself."""
    A, log = apply(S, a)
    back = invert(log)
    home, back_log = apply(A, back)
    if not same(home, S):
        raise Broken("I", "the inverse leads elsewhere", S=S, a=a, back=back, home=home)
    if not same(back_log, back):
        raise Broken("I", "the inverse is not in log form", S=S, a=a, back=back, log=back_log)
    if any(write == Unset() for write in _writes(back)):
        raise Broken("I", "the inverse removes what is not there", S=S, a=a, back=back)
    forth, _ = apply(S, invert(back))
    if not same(forth, A):
        raise Broken("I", "the inverse of the inverse leads elsewhere", S=S, a=a, back=back)


@law("C", "compose")
def composed(S: Diagram, a: Operation, b: Operation) -> None:
    """``apply(S, compose(a, b)) == apply(apply(S, a), b)``, in normal form."""
    AB = apply(apply(S, a)[0], b)[0]
    ab = compose(a, b)
    normal(ab)
    found = apply(S, ab)[0]
    if not same(found, AB):
        raise Broken("C", "not what one after the other gives", S=S, a=a, b=b, ab=ab)


@law("CA", "compose is associative")
def associative(S: Diagram, a: Operation, b: Operation, c: Operation) -> None:
    """``compose(compose(a, b), c) == compose(a, compose(b, c))``, component for component."""
    left, right = compose(compose(a, b), c), compose(a, compose(b, c))
    if not same(left, right):
        raise Broken("CA", "the brackets matter", S=S, a=a, b=b, c=c, left=left, right=right)


@law("D", "diamond (TP1)")
def diamond(S: Diagram, a: Operation, b: Operation, w: bool) -> Diagram:
    """Both roads meet, every step on them is valid, and the transformed ones stay normal."""
    a1, b1 = transform(a, b, w), transform(b, a, not w)
    normal(a1)
    normal(b1)
    try:
        left = apply(apply(S, a)[0], b1)[0]
        right = apply(apply(S, b)[0], a1)[0]
        check_references(left)
    except (OperationError, Invalid) as error:
        raise Broken("D", f"a step is not valid: {error}", S=S, a=a, b=b, w=w, a1=a1, b1=b1) from (
            error
        )
    if not same(left, right):
        raise Broken(
            "D", "the roads do not meet", S=S, a=a, b=b, w=w, a1=a1, b1=b1, left=left, right=right
        )
    return left


@law("T", "transform over parts")
def over_parts(S: Diagram, a: Operation, b: Operation, c: Operation, w: bool) -> None:
    """Over ``compose(b, c)`` is over ``b``, then over ``c``, and so the other way round.

    Component for component; ``c`` is valid after ``b``. Says nothing for an ``exception``.
    """
    if exception(a, b, c) is not None:
        return
    bc = compose(b, c)
    a1 = transform(a, b, w)
    a2 = transform(a1, c, w)
    if not same(transform(a, bc, w), a2):
        raise Broken("T", "the parts matter", S=S, a=a, b=b, c=c, w=w, a2=a2)
    parts = compose(transform(b, a, not w), transform(c, a1, not w))
    if not same(transform(bc, a, not w), parts):
        raise Broken("T", "the parts matter to the other", S=S, a=a, b=b, c=c, w=w, parts=parts)


@law("M", "who cannot meet passes by")
def passes_by(a: Operation, earlier: list[Operation], later: list[Operation], w: bool) -> bool:
    """``a`` is valid after ``earlier``; ``later`` follow those too. Whether they may meet.

    If the footprints say that ``a`` meets none of ``later``, neither side changes or loses.
    """
    footprints = Footprints()
    for revision, b in enumerate((*earlier, *later), 1):
        footprints.add(b, revision)
    if footprints.may_meet(a, len(earlier)):
        return True
    for b in later:
        unchanged = same(transform(a, b, w), a) and same(transform(b, a, not w), b)
        if not unchanged or find_lost(a, b, w):
            raise Broken("M", "they met", a=a, b=b, w=w)
    return False


@law("P", "policy")
def policy_decides(
    S: Diagram, a: Operation, b: Operation, policy: Policy, kinds: tuple[AuthorKind, AuthorKind]
) -> None:
    """Whoever commits second, one of the two wins, the favourite if there is just one."""
    first, second = kinds
    w = later_wins_over(policy, second, first)
    favourite = {"humans_first": "user", "agents_first": "agent"}.get(policy)
    if (first == favourite) != (second == favourite):
        if w != (second == favourite):
            raise Broken("P", "the favourite loses", policy=policy, kinds=kinds)
    elif not w:
        raise Broken("P", "the later one loses", policy=policy, kinds=kinds)
    diamond(S, b, a, w)


@law("F", "diff")
def differs(S: Diagram, T: Diagram) -> None:
    """``apply(S, diff(S, T)) == T``, in normal form, naming only targets that differ."""
    d = diff(S, T)
    normal(d)
    found = apply(S, d)[0]
    if not alike(msgspec.structs.asdict(found), msgspec.structs.asdict(T)):
        raise Broken("F", "the difference leads elsewhere", S=S, T=T, d=d, found=found)
    if _changed(S, T) != _named(d):
        raise Broken("F", "the difference touches what is equal", S=S, T=T, d=d)
    if not diff(T, T).is_empty():
        raise Broken("F", "a diagram differs from itself", T=T, d=diff(T, T))


def _changed(S: Diagram, T: Diagram) -> set[tuple[str, str]]:
    out = {
        (family, name)
        for family, x, y in (("node", S.nodes, T.nodes), ("edge", S.edges, T.edges))
        for name in {*x, *y}
        if name not in x or name not in y or not alike(x[name], y[name])
    }
    return out if alike(S.properties(), T.properties()) else {*out, ("diagram", "")}


def _named(a: Operation) -> set[tuple[str, str]]:
    families: tuple[tuple[str, Changes], ...] = (("node", a.nodes), ("edge", a.edges))
    out = {(family, name) for family, changes in families for name in changes}
    return out if a.diagram is None else {*out, ("diagram", "")}
