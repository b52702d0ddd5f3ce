"""Text edits in the JSON form of ``ot-text-unicode``: counted in Unicode code points.

An edit is a list of components: a positive int skips that many code points, a string inserts
itself, ``TextDelete(n)`` removes n code points (``TextDelete("abc")`` exactly those, the form that
can be inverted). What follows the last component stays. Normal form: neighbours of one kind are
merged, nothing is empty, and no skip ends the edit.

The transform and compose rules are those of the public type (github.com/ottypes/text-unicode),
which this module is tested against.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from ot.errors import OperationError
from ot.operation import TextDelete, TextEdit

Component = int | str | TextDelete

#: Words compared by :func:`diff_text`; beyond it lines are, and beyond that only both ends.
MAX_DIFF_TOKENS = 2_000


def length_of(component: Component) -> int:
    """Code points the component spans (of the document, or inserted)."""
    if isinstance(component, TextDelete):
        return component.d if isinstance(component.d, int) else len(component.d)
    return component if isinstance(component, int) else len(component)


def check_text(edit: TextEdit, length: int, at: str) -> None:
    """Refuses an edit that is malformed or reaches past ``length`` code points."""
    used = 0
    for component in edit:
        span = length_of(component)
        if span <= 0 or isinstance(component, bool):
            message = "Every component skips, inserts or deletes at least one code point."
            raise OperationError("invalid_text_edit", message, at)
        if not isinstance(component, str):
            used += span
    if used > length:
        message = f"The edit reaches {used} code points, the text has {length}."
        raise OperationError("text_out_of_range", message, at)


def apply_text(text: str, edit: TextEdit) -> str:
    """The text after the edit, which must fit it (:func:`check_text`)."""
    return _run(text, edit)[0]


def log_text(text: str, edit: TextEdit) -> TextEdit:
    """The edit in normal form, with every deletion naming what it removes from ``text``."""
    return _run(text, edit)[1]


def _run(text: str, edit: TextEdit) -> tuple[str, TextEdit]:
    out: list[str] = []
    logged: TextEdit = []
    at = 0
    for component in edit:
        if isinstance(component, str):
            out.append(component)
            append(logged, component)
            continue
        span = length_of(component)
        piece = text[at : at + span]
        at += span
        if isinstance(component, int):
            out.append(piece)
            append(logged, component)
        else:
            append(logged, TextDelete(piece))
    out.append(text[at:])
    return "".join(out), trim(logged)


def append(edit: TextEdit, component: Component) -> None:
    """Adds a component at the end, merging it with the last one where both are of a kind."""
    if length_of(component) == 0:
        return
    match edit[-1] if edit else None, component:
        case (str(last), str(more)):
            edit[-1] = last + more
        case (int(skipped), int(further)):
            edit[-1] = skipped + further
        case (TextDelete() as first, TextDelete() as second):
            edit[-1] = _join_deletes(first, second)
        case _:
            edit.append(component)


def _join_deletes(first: TextDelete, second: TextDelete) -> TextDelete:
    if isinstance(first.d, str) and isinstance(second.d, str):
        return TextDelete(first.d + second.d)
    return TextDelete(length_of(first) + length_of(second))


def trim(edit: TextEdit) -> TextEdit:
    """Drops a skip at the end, which says nothing."""
    while edit and isinstance(edit[-1], int):
        edit.pop()
    return edit


def normalise(edit: TextEdit) -> TextEdit:
    """The same edit in normal form."""
    out: TextEdit = []
    for component in edit:
        append(out, component)
    return trim(out)


class _Reader:
    """Hands out an edit piece by piece."""

    def __init__(self, edit: TextEdit) -> None:
        self._components: Iterator[Component] = iter(edit)
        self._rest: Component | None = next(self._components, None)

    def peek(self) -> Component | None:
        return self._rest

    def take_whole(self) -> Component | None:
        taken = self._rest
        self._rest = next(self._components, None)
        return taken

    def take(self, span: int, *, whole: type) -> Component:
        """At most ``span`` code points; components of type ``whole`` come in one piece.

        Past the end the document goes on, so what comes is a skip.
        """
        taken = self._rest
        if taken is None:
            return span
        if isinstance(taken, whole) or length_of(taken) <= span:
            self.take_whole()
            return taken
        head, self._rest = _split(taken, span)
        return head


def _split(component: Component, at: int) -> tuple[Component, Component]:
    if isinstance(component, int):
        return at, component - at
    if isinstance(component, str):
        return component[:at], component[at:]
    if isinstance(component.d, str):
        return TextDelete(component.d[:at]), TextDelete(component.d[at:])
    return TextDelete(at), TextDelete(component.d - at)


def transform_text(a: TextEdit, b: TextEdit, a_first: bool) -> TextEdit:
    """``a`` as it reads after ``b``, both made on the same text.

    Where both insert at one place, the text of ``a`` comes first if ``a_first``.
    """
    out: TextEdit = []
    reader = _Reader(a)
    for theirs in b:
        if isinstance(theirs, str):
            if a_first and isinstance(reader.peek(), str):
                append(out, _taken(reader))
            append(out, len(theirs))
        else:
            _pass_over(reader, length_of(theirs), out, deleted=isinstance(theirs, TextDelete))
    while reader.peek() is not None:
        append(out, _taken(reader))
    return trim(out)


def _taken(reader: _Reader) -> Component:
    component = reader.take_whole()
    assert component is not None, "the caller has peeked"
    return component


def _pass_over(reader: _Reader, span: int, out: TextEdit, *, deleted: bool) -> None:
    """Moves over ``span`` code points of the document, which the other side may have deleted."""
    while span > 0:
        mine = reader.take(span, whole=str)
        if not isinstance(mine, str):
            span -= length_of(mine)
        if isinstance(mine, str) or not deleted:
            append(out, mine)


def compose_text(a: TextEdit, b: TextEdit) -> TextEdit:
    """One edit that does ``a`` and then ``b``."""
    out: TextEdit = []
    reader = _Reader(a)
    for then in b:
        if isinstance(then, str):
            append(out, then)
        elif isinstance(then, int):
            _keep(reader, then, out)
        else:
            _remove(reader, then, out)
    while reader.peek() is not None:
        append(out, _taken(reader))
    return trim(out)


def _keep(reader: _Reader, span: int, out: TextEdit) -> None:
    while span > 0:
        mine = reader.take(span, whole=TextDelete)
        append(out, mine)
        if not isinstance(mine, TextDelete):
            span -= length_of(mine)


def _remove(reader: _Reader, then: TextDelete, out: TextEdit) -> None:
    """Deletes from the text after ``a``: what ``a`` inserted vanishes, the rest is deleted."""
    rest: Component = then
    span = length_of(then)
    while span > 0:
        mine = reader.take(span, whole=TextDelete)
        if isinstance(mine, TextDelete):
            append(out, mine)
            continue
        taken = length_of(mine)
        head, rest = _split(rest, taken) if taken < span else (rest, TextDelete(0))
        span -= taken
        if isinstance(mine, int):
            append(out, head)


def invert_text(edit: TextEdit) -> TextEdit:
    """The edit that takes the log form ``edit`` back."""
    out: TextEdit = []
    for component in edit:
        if isinstance(component, int):
            append(out, component)
        elif isinstance(component, str):
            append(out, TextDelete(component))
        else:
            if not isinstance(component.d, str):
                raise OperationError("not_invertible", "A log form deletion names its text.")
            append(out, component.d)
    return trim(out)


def diff_text(before: str, after: str) -> TextEdit:
    """A small edit from ``before`` to ``after`` that leaves common words and lines alone."""
    head = _common_prefix(before, after)
    tail = _common_prefix(before[head:][::-1], after[head:][::-1])
    out: TextEdit = []
    append(out, head)
    middle = (before[head : len(before) - tail], after[head : len(after) - tail])
    for old, new in _differing_runs(*middle):
        if old == new:
            append(out, len(old))
        else:
            append(out, TextDelete(len(old)))
            append(out, new)
    return trim(out)


def _common_prefix(x: str, y: str) -> int:
    low, high = 0, min(len(x), len(y))
    while low < high:
        middle = (low + high + 1) // 2
        if x[low:middle] == y[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _differing_runs(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Pairs that line up: equal where nothing changed, else a piece and what replaces it."""
    for pattern in (r"\w+|\W", r"[^\n]*\n|[^\n]+"):
        olds, news = re.findall(pattern, old, re.S), re.findall(pattern, new, re.S)
        if len(olds) <= MAX_DIFF_TOKENS and len(news) <= MAX_DIFF_TOKENS:
            matcher = SequenceMatcher(None, olds, news, autojunk=False)
            for _, i1, i2, j1, j2 in matcher.get_opcodes():
                yield "".join(olds[i1:i2]), "".join(news[j1:j2])
            return
    yield old, new
