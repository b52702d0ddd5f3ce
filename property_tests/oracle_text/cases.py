"""Edits of small texts, astral characters among them, and what ``ot.text`` makes of each."""

from random import Random

import msgspec

from ot.operation import TextDelete, TextEdit
from ot.text import (
    apply_text,
    compose_text,
    invert_text,
    log_text,
    normalise,
    transform_text,
)
from property_tests.generate import make_text, make_text_edit

_encode = msgspec.json.Encoder().encode


class Given(msgspec.Struct, frozen=True):
    """``a`` and ``b`` edit ``text``, ``then`` what ``a`` left; ``loose`` is in no normal form."""

    text: str
    a: TextEdit
    b: TextEdit
    then: TextEdit
    loose: TextEdit


class Found(msgspec.Struct, frozen=True, rename="camel"):
    """Our answers, in the order and by the names of ``check.mjs``."""

    after: str
    a_first: TextEdit
    a_last: TextEdit
    b_first: TextEdit
    b_last: TextEdit
    composed: TextEdit
    log: TextEdit
    inverse: TextEdit
    normal: TextEdit


class Question(msgspec.Struct, frozen=True):
    given: Given
    found: Found


def make_question(rnd: Random) -> Question:
    text = make_text(rnd, 12)
    a, b = _make_edit(rnd, text), _make_edit(rnd, text)
    after = apply_text(text, a)
    given = Given(text, a, b, _make_edit(rnd, after), _loosened(rnd, a))
    log = log_text(text, a)
    found = Found(
        after=after,
        a_first=transform_text(a, b, True),
        a_last=transform_text(a, b, False),
        b_first=transform_text(b, a, True),
        b_last=transform_text(b, a, False),
        composed=compose_text(a, given.then),
        log=log,
        inverse=invert_text(log),
        normal=normalise(given.loose),
    )
    return Question(given, found)


def make_line(rnd: Random) -> bytes:
    """One question as a line of JSON, without its end."""
    return _encode(make_question(rnd))


def _make_edit(rnd: Random, text: str) -> TextEdit:
    """An edit in normal form; one in eight names what it deletes."""
    edit = make_text_edit(rnd, text)
    return log_text(text, edit) if rnd.getrandbits(3) == 0 else edit


def _loosened(rnd: Random, edit: TextEdit) -> TextEdit:
    """The same edit with components cut in two, empty ones between and a skip at the end."""
    out: TextEdit = []
    for part in edit:
        if isinstance(part, TextDelete):
            d = part.d
            out += [TextDelete(d[:1]), TextDelete(d[1:])] if isinstance(d, str) else [part]
        elif isinstance(part, str):
            out += [part[:1], part[1:]]
        else:
            out += [1, part - 1]
    return [*out, rnd.getrandbits(2)]
