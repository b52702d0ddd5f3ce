"""Which element of a diagram is meant by which of a text."""

from collections import defaultdict

from gateway.mermaid.essence import edge_essence
from gateway.mermaid.writing import about, text_at
from ot.diagram import Diagram, Element, json_equal

_Ends = tuple[str | None, str | None]


def match_nodes(names: dict[str, str], own: dict[str, str], diagram: Diagram) -> dict[str, str]:
    """The id in the diagram of each new node: that of the same name, or a free one.

    ``names`` are those of the new nodes, ``own`` has the ids of the diagram's by their names.
    """
    ids = {i: own[name] for i, name in names.items() if name in own}
    taken = {*ids.values(), *diagram.nodes}
    for identifier in names:
        if identifier not in ids:
            ids[identifier] = _free(identifier, taken)
    return ids


def _free(identifier: str, taken: set[str]) -> str:
    """The id, or one like it that is not taken; it then is."""
    free, number = identifier, 2
    while free in taken:
        free, number = f"{identifier}-{number}", number + 1
    taken.add(free)
    return free


def _ends(edge: Element) -> _Ends:
    return text_at(edge, "source"), text_at(edge, "target")


def matched_edges_of_export(made: dict[str, Element], diagram: Diagram) -> dict[str, str]:
    """The edge of the diagram for each that its own text makes: of those with the same ends the
    one that looks the same, and of these the one with the same id."""
    names = {identifier: identifier for identifier in diagram.nodes}
    waiting: dict[_Ends, list[str]] = defaultdict(list)
    for identifier, edge in diagram.edges.items():
        waiting[_ends(edge)].append(identifier)
    looks = {i: edge_essence(edge, names) for i, edge in diagram.edges.items()}
    matched: dict[str, str] = {}
    for by_look in (True, False):
        for identifier, edge in made.items():
            same = waiting[_ends(edge)]
            if identifier in matched or not same:
                continue
            look = edge_essence(edge, names)
            alike = [other for other in same if looks[other] == look] if by_look else same
            if alike:
                matched[identifier] = identifier if identifier in alike else alike[0]
                same.remove(matched[identifier])
    return matched


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
        i: (own[before[i]], before[i]) if before.get(i) in own else (_free(i, taken), "")
        for i in new
    }


def _matched_texts(new: dict[str, Element], base: dict[str, Element]) -> dict[str, str]:
    named = {_name(edge): i for i, edge in base.items() if _name(edge) is not None}
    matched = {i: named[_name(edge)] for i, edge in new.items() if _name(edge) in named}
    waiting: dict[_Ends, list[str]] = defaultdict(list)
    used = set(matched.values())
    for identifier, edge in base.items():
        if identifier not in used:
            waiting[_ends(edge)].append(identifier)
    for is_exact in (True, False):
        for identifier, edge in new.items():
            same = waiting[_ends(edge)]
            if identifier in matched:
                continue
            alike = [i for i in same if json_equal(base[i], edge)] if is_exact else same
            if alike:
                matched[identifier] = alike[0]
                same.remove(alike[0])
    return matched


def _name(edge: Element) -> str | None:
    return text_at(about(edge), "id")
