"""Ids that Mermaid can read: kept as they are where possible, unique where not."""

import re
from collections.abc import Iterable, Mapping

#: An id that Mermaid's flowchart grammar takes as one word.
_SAFE = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*", re.ASCII)
#: Words that the grammar reads as something else where a statement starts.
_RESERVED = frozenset({
    "accdescr", "acctitle", "bt", "br", "call", "class", "classdef", "click", "default",
    "direction", "end", "flowchart", "graph", "href", "interpolate", "linkstyle", "lr", "rl",
    "style", "subgraph", "swimlane", "tb", "td",
})  # fmt: skip
#: What every JavaScript object has; Mermaid's layout takes such ids for its own fields.
_INHERITED = frozenset({
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString",
    "toString", "valueOf",
})  # fmt: skip
#: The grammar looks for it anywhere in a line.
_STATEMENT = "direction"
#: Longer ids are shortened; Mermaid carries them into the ids of what it draws.
_MAX_LENGTH = 64


def mermaid_names(ids: Iterable[str], known: Mapping[str, str] | None = None) -> dict[str, str]:
    """A Mermaid-safe, unique name for every id, in order; a safe id is its own name.

    ``known`` has names that are there already, by id; those stay.
    """
    ids = list(ids)
    names = dict(known or {})
    taken = set(names.values())
    for identifier in ids:
        if identifier not in names and identifier not in taken and is_safe(identifier):
            names[identifier] = identifier
            taken.add(identifier)
    for identifier in ids:
        if identifier not in names:
            names[identifier] = _free_name(identifier, taken)
            taken.add(names[identifier])
    return names


def is_safe(identifier: str) -> bool:
    """Whether the grammar takes it for an id wherever one may stand."""
    if len(identifier) > _MAX_LENGTH or _SAFE.fullmatch(identifier) is None:
        return False
    if _STATEMENT in identifier or identifier in _INHERITED:
        return False
    return re.split("[-_]", identifier, maxsplit=1)[0].lower() not in _RESERVED


def _free_name(identifier: str, taken: set[str]) -> str:
    word = re.sub(r"[^A-Za-z0-9]+", "_", identifier.replace(_STATEMENT, "dir"), flags=re.ASCII)
    base = f"n_{word.strip('_')[:_MAX_LENGTH]}".rstrip("_")
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name
