"""The laws of text edits, by the letters of ``docs/algebra.md``."""

from ot.apply import apply
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import Operation, Text, TextEdit, Update
from ot.text import (
    apply_text,
    check_text,
    compose_text,
    diff_text,
    invert_text,
    log_text,
    normalise,
    transform_text,
)
from ot.transform import transform
from property_tests.laws import Broken, is_normal_text, law, same
from property_tests.model import Invalid, model_text


def _fits(text: str, edit: TextEdit) -> bool:
    try:
        check_text(edit, len(text), "")
    except OperationError:
        return False
    return True


def _is_normal(edit: TextEdit) -> bool:
    return not edit or is_normal_text(edit)


@law("XA", "text: apply agrees with the model")
def text_applies(text: str, edit: TextEdit) -> None:
    """Code point by code point the same; what does not fit is refused by both."""
    expected: str | None
    try:
        expected = model_text(text, edit)
    except Invalid:
        expected = None
    found = apply_text(text, edit) if _fits(text, edit) else None
    if found != expected:
        raise Broken("XA", "not what the model says", text=text, edit=edit, found=found)


@law("XN", "text: normal form")
def text_normalised(text: str, edit: TextEdit) -> None:
    """``normalise`` keeps what an edit does and gives normal form, its own fixed point."""
    normal = normalise(edit)
    if not _is_normal(normal) or not same(normalise(normal), normal):
        raise Broken("XN", "not normal", edit=edit, normal=normal)
    if apply_text(text, normal) != apply_text(text, edit):
        raise Broken("XN", "the normal form does something else", text=text, edit=edit)


@law("XD", "text: diamond (TP1)")
def text_diamond(text: str, a: TextEdit, b: TextEdit, w: bool) -> None:
    """Both roads meet, every edit on them fits, and what ``transform`` gives is normal."""
    a1, b1 = transform_text(a, b, w), transform_text(b, a, not w)
    A, B = apply_text(text, a), apply_text(text, b)
    if not (_fits(B, a1) and _fits(A, b1) and _is_normal(a1) and _is_normal(b1)):
        raise Broken("XD", "out of range or not normal", text=text, a=a, b=b, w=w, a1=a1, b1=b1)
    if apply_text(A, b1) != apply_text(B, a1):
        raise Broken("XD", "the roads do not meet", text=text, a=a, b=b, w=w, a1=a1, b1=b1)


@law("XK", "text: nothing inserted is lost")
def text_keeps(text: str, a: TextEdit, b: TextEdit, w: bool) -> None:
    """The merge holds every inserted code point and each old one that neither side deleted."""
    merged = apply_text(apply_text(text, a), transform_text(b, a, not w))
    inserted = "".join(part for part in (*a, *b) if isinstance(part, str))
    kept = "".join(
        point for point, x, y in zip(text, _kept(text, a), _kept(text, b), strict=True) if x and y
    )
    if sorted(merged) != sorted(inserted + kept):
        raise Broken("XK", "letters are lost or doubled", text=text, a=a, b=b, w=w, merged=merged)


def _kept(text: str, edit: TextEdit) -> list[bool]:
    """For each code point of ``text``, whether the edit leaves it there."""
    out: list[bool] = []
    for part in edit:
        if isinstance(part, int):
            out += [True] * part
        elif not isinstance(part, str):
            out += [False] * (part.d if isinstance(part.d, int) else len(part.d))
    return out + [True] * (len(text) - len(out))


@law("W", "the winner's letters come first")
def winner_first(text: str, a: TextEdit, b: TextEdit, w: bool) -> None:
    """Between any two old code points stand the winner's letters, then the loser's.

    The same in a diagram whose title is ``text``, where the operations decide it.
    """
    expected = _merged(text, a, b) if w else _merged(text, b, a)
    found = apply_text(apply_text(text, a), transform_text(b, a, not w))
    if found != expected:
        raise Broken("W", "the loser's letters come first", text=text, a=a, b=b, w=w, found=found)
    if not (a and b):
        return
    x, y = (Operation(diagram=Update({"/title": Text(edit)})) for edit in (a, b))
    left = apply(apply(Diagram(title=text), x)[0], transform(y, x, not w))[0]
    if left.title != expected:
        raise Broken("W", "the loser's letters come first", text=text, a=x, b=y, w=w, left=left)


def _merged(text: str, first: TextEdit, second: TextEdit) -> str:
    """Both edits done, place by place; at each one the letters of ``first`` come first."""
    x, y = _inserted(text, first), _inserted(text, second)
    kept = zip(text, _kept(text, first), _kept(text, second), strict=True)
    old = [point if here and there else "" for point, here, there in kept]
    return "".join(map("".join, zip(x, y, [*old, ""], strict=True)))


def _inserted(text: str, edit: TextEdit) -> list[str]:
    """What the edit inserts before each code point of ``text``, and last, after all of them."""
    out = [""] * (len(text) + 1)
    at = 0
    for part in edit:
        if isinstance(part, str):
            out[at] += part
        elif isinstance(part, int):
            at += part
        else:
            at += part.d if isinstance(part.d, int) else len(part.d)
    return out


@law("XC", "text: compose")
def text_composed(text: str, a: TextEdit, b: TextEdit) -> None:
    """One edit does ``a`` and then ``b``, in normal form."""
    ab = compose_text(a, b)
    if not (_fits(text, ab) and _is_normal(ab)):
        raise Broken("XC", "out of range or not normal", text=text, a=a, b=b, ab=ab)
    if apply_text(text, ab) != apply_text(apply_text(text, a), b):
        raise Broken("XC", "not what one after the other gives", text=text, a=a, b=b, ab=ab)


@law("XCA", "text: compose is associative")
def text_associative(a: TextEdit, b: TextEdit, c: TextEdit) -> None:
    """The brackets do not matter, component for component."""
    left, right = compose_text(compose_text(a, b), c), compose_text(a, compose_text(b, c))
    if not same(left, right):
        raise Broken("XCA", "the brackets matter", a=a, b=b, c=c, left=left, right=right)


@law("XI", "text: invert")
def text_inverted(text: str, edit: TextEdit) -> None:
    """The logged edit does the same, and its inverse takes it back."""
    log = log_text(text, edit)
    after = apply_text(text, edit)
    back = invert_text(log)
    if apply_text(text, log) != after or not _is_normal(log):
        raise Broken("XI", "the log form does something else", text=text, edit=edit, log=log)
    if apply_text(after, back) != text or not same(log_text(after, back), back):
        raise Broken("XI", "the inverse leads elsewhere", text=text, edit=edit, back=back)


@law("XF", "text: diff")
def text_differs(before: str, after: str) -> None:
    """The edit leads from one to the other, is normal, and is empty for equal texts."""
    edit = diff_text(before, after)
    if not (_fits(before, edit) and _is_normal(edit)) or apply_text(before, edit) != after:
        raise Broken("XF", "the difference leads elsewhere", before=before, after=after, edit=edit)
    if bool(edit) != (before != after):
        raise Broken("XF", "empty for other than equal texts", before=before, edit=edit)
