"""Which element of a diagram is meant by which of a text."""

import json
from collections import defaultdict
from collections.abc import Hashable

from gateway.mermaid.counterparts import ends, free_id
from gateway.mermaid.writing import about, text_at
from ot.diagram import Diagram, Element


def match_nodes(names: dict[str, str], own: dict[str, str], diagram: Diagram) -> dict[str, str]:
    """The id in the diagram of each new node: that of the same name, or a free one.

    ``names`` are those of the new nodes, ``own`` has the ids of the diagram's by their names.
    """
    ids = {i: own[name] for i, name in names.items() if name in own}
    taken = {*ids.values(), *diagram.nodes}
    for identifier in names:
        if identifier not in ids:
            ids[identifier] = free_id(identifier, taken)
    return ids


def match_edges(
    new: dict[str, Element], base: dict[str, Element], own: dict[str, str], diagram: Diagram
) -> dict[str, tuple[str, str]]:
    """The id in the diagram for each edge of a new text, and the edge of the old text that it was.

    It is the one with the same id in the text; else, of those with the same ends, one that is all
    the same, or the first that is left. New edges get a free id.
    """
    before = _matched_texts(new, base)
    taken = set(diagram.edges)
    return {
        i: (own[before[i]], before[i]) if before.get(i) in own else (free_id(i, taken), "")
        for i in new
    }


def _matched_texts(new: dict[str, Element], base: dict[str, Element]) -> dict[str, str]:
    named = {_name(edge): i for i, edge in base.items() if _name(edge) is not None}
    matched = {i: named[_name(edge)] for i, edge in new.items() if _name(edge) in named}
    used = set(matched.values())
    for key in (_whole, ends):
        waiting: dict[Hashable, list[str]] = defaultdict(list)
        for identifier in reversed(base):
            if identifier not in used:
                waiting[key(base[identifier])].append(identifier)
        for identifier, edge in new.items():
            if identifier not in matched and waiting.get(same := key(edge)):
                matched[identifier] = waiting[same].pop()
                used.add(matched[identifier])
    return matched


def _whole(edge: Element) -> Hashable:
    return json.dumps(edge, sort_keys=True)


def _name(edge: Element) -> str | None:
    return text_at(about(edge), "id")
