"""diff(S, T): the operation that leads from one diagram to another, touching as little as it can.

Whole-document writers go through it against the revision they read, so that they overwrite only
what they changed.
"""

import re

from ot.diagram import Diagram, Element, Json, json_equal
from ot.operation import (
    Changes,
    Create,
    Delete,
    Operation,
    Set,
    Text,
    Unset,
    Update,
    Write,
    Writes,
)
from ot.pointer import MAX_PATH_LENGTH, MAX_PATH_STEPS, join
from ot.text import diff_text

#: Shorter strings are set whole: merging "Yes" and "No" letter by letter helps nobody.
MIN_TEXT_LENGTH = 8
#: Other strings are treated as prose from this length on, if they hold white space.
MIN_PROSE_LENGTH = 24
#: Keys whose strings are prose; ``type``, ``color`` and the like are values, not text.
TEXT_KEYS = frozenset({"label", "title", "description", "text", "notes", "content"})
#: Values that only make sense whole, though they are objects.
WHOLE_PATHS = frozenset({"/position", "/source", "/target", "/parentId"})


def diff(S: Diagram, T: Diagram) -> Operation:
    """Valid on ``S`` wherever both diagrams are; ``apply(S, diff(S, T)) == T``."""
    properties = diff_element(S.properties(), T.properties())
    return Operation(
        Update(properties) if properties else None,
        _diff_elements(S.nodes, T.nodes),
        _diff_elements(S.edges, T.edges),
    )


def _diff_elements(before: dict[str, Element], after: dict[str, Element]) -> Changes:
    out: Changes = {identifier: Delete() for identifier in before if identifier not in after}
    for identifier, element in after.items():
        old = before.get(identifier)
        if old is None:
            out[identifier] = Create(element)
        elif old is not element and (writes := diff_element(old, element)):
            out[identifier] = Update(writes)
    return out


def diff_element(before: Element, after: Element) -> Writes:
    """The writes that lead from one element to the other."""
    out: Writes = {}
    _diff_maps(before, after, "", out)
    return out


def _diff_maps(before: Element, after: Element, at: str, out: Writes) -> None:
    for key in before:
        if key not in after:
            out[join(at, key)] = Unset()
    for key, value in after.items():
        path = join(at, key)
        if key not in before:
            out[path] = Set(value)
        elif not json_equal(before[key], value):
            _diff_values(before[key], value, path, out)


def _diff_values(before: Json, after: Json, path: str, out: Writes) -> None:
    if isinstance(before, dict) and isinstance(after, dict) and _may_go_inside(path):
        inside: Writes = {}
        _diff_maps(before, after, path, inside)
        if all(len(deeper) <= MAX_PATH_LENGTH for deeper in inside):
            out.update(inside)
            return
    out[path] = write_for(before, after, path)


def _may_go_inside(path: str) -> bool:
    return path not in WHOLE_PATHS and path.count("/") < MAX_PATH_STEPS


def write_for(before: Json, after: Json, path: str) -> Write:
    """How a changed value at ``path`` is written: prose as a text edit, all else whole."""
    if isinstance(before, str) and isinstance(after, str) and is_prose(before, path):
        return Text(diff_text(before, after))
    return Set(after)


def is_prose(text: str, path: str) -> bool:
    """Whether two people's changes of this string should be merged as text."""
    if path in WHOLE_PATHS or len(text) < MIN_TEXT_LENGTH:
        return False
    if path.rsplit("/", 1)[-1] in TEXT_KEYS:
        return True
    return len(text) >= MIN_PROSE_LENGTH and re.search(r"\s", text) is not None
