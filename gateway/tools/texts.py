"""How agents write texts: short ones whole, longer ones as edits that are merged.

An agent does not type, it sets what a label becomes. Where two rewrite the same label at a time,
their edits woven together letter by letter would be what neither has written, so the later one wins
there, and what gave way is told. Words that are only added to a label, and edits of longer texts,
are merged with what others type, as between people; what came out is then told.
"""

import re
from collections import deque
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from msgspec import UNSET

from gateway.tools.limits import MAX_TOLD_TEXTS
from gateway.tools.replies import MergedText
from gateway.tools.telling import told_value
from ot.conflicts import value_at
from ot.diagram import Diagram, Element, Json
from ot.operation import Change, Changes, Operation, Set, Text, TextEdit, Update
from ot.text import append, apply_text, trim

#: Characters of a label, a title or any other text that is written whole.
MAX_SHORT_TEXT: Final = 120

_WORDS: Final = re.compile(r"\s+|\S+")

Target: TypeAlias = Literal["node", "edge", "diagram"]


def with_short_texts_whole(a: Operation, before: Diagram) -> Operation:
    """The same operation on ``before``, with a Set for each edit of a text that is short or becomes
    so, unless it only adds words. The text of a Mermaid diagram is prose, however short."""
    nodes, edges = _whole(a.nodes, before.nodes), _whole(a.edges, before.edges)
    own = a.diagram
    if isinstance(own, Update):
        own = _whole_writes(own, before.properties(), spared="/data/")
    return Operation(own, nodes, edges)


def _whole(changes: Changes, before: dict[str, Element]) -> Changes:
    return {
        identifier: _whole_writes(change, before[identifier])
        if isinstance(change, Update)
        else change
        for identifier, change in changes.items()
    }


def _whole_writes(update: Update, before: Element, *, spared: str | None = None) -> Update:
    writes = dict(update.writes)
    for path, write in update.writes.items():
        if isinstance(write, Text) and not (spared and path.startswith(spared)):
            was = value_at(before, path)
            assert isinstance(was, str), "only a text is edited as one"
            becomes = apply_text(was, write.edit)
            if min(len(was), len(becomes)) <= MAX_SHORT_TEXT:
                added = added_words(was, becomes)
                writes[path] = Set(becomes) if added is None else Text(added)
    return Update(writes)


def added_words(was: str, becomes: str) -> TextEdit | None:
    """The edit from one text to the other that inserts whole words; ``None`` where words go."""
    left = deque(_WORDS.findall(was))
    edit: TextEdit = []
    for word in _WORDS.findall(becomes):
        if left and word == left[0]:
            append(edit, len(left.popleft()))
        else:
            append(edit, word)
    return None if left else trim(edit)


def merged_texts(
    sent: Operation, before: Diagram, done: Operation, after: Diagram
) -> list[MergedText]:
    """The texts that came out other than they were ``sent``, since others have edited them too.

    ``done`` is what became of ``sent``, and ``after`` the diagram with it.
    """
    found = []
    edited = set(_texts(done))
    for target, identifier, path in _texts(sent):
        if (target, identifier, path) in edited:
            was = _value(before, target, identifier, path)
            write = _update(sent, target, identifier).writes[path]
            came_out = _value(after, target, identifier, path)
            assert isinstance(write, Text), "found as a text edit"
            assert isinstance(was, str), "only a text is edited as one"
            if came_out is not UNSET and came_out != apply_text(was, write.edit):
                found.append(MergedText(target, identifier, path, told_value(came_out)))
    return found[:MAX_TOLD_TEXTS]


def has_texts(a: Operation) -> bool:
    return next(_texts(a), None) is not None


def _texts(a: Operation) -> Iterator[tuple[Target, str, str]]:
    """Where an operation edits a text."""
    for target, identifier, change in _changes(a):
        if isinstance(change, Update):
            for path, write in change.writes.items():
                if isinstance(write, Text):
                    yield target, identifier, path


def _changes(a: Operation) -> Iterator[tuple[Target, str, Change]]:
    if a.diagram is not None:
        yield "diagram", "", a.diagram
    yield from (("node", identifier, change) for identifier, change in a.nodes.items())
    yield from (("edge", identifier, change) for identifier, change in a.edges.items())


def _update(a: Operation, target: Target, identifier: str) -> Update:
    if target == "diagram":
        change: Change | None = a.diagram
    else:
        change = (a.nodes if target == "node" else a.edges)[identifier]
    assert isinstance(change, Update), "found as one"
    return change


def _value(S: Diagram, target: Target, identifier: str, path: str) -> Json:
    if target == "diagram":
        return value_at(S.properties(), path)
    element = (S.nodes if target == "node" else S.edges).get(identifier)
    return UNSET if element is None else value_at(element, path)
