"""Mends what a diagram says: edges that lead on, labels, and nothing twice or into the void."""

from collections.abc import Iterable, Iterator
from itertools import chain, count

from gateway.critic.draft import Draft, edge_keys, node_keys, set_text
from gateway.critic.links import Link
from gateway.critic.nearest import Nearest
from gateway.critic.structure import STEPS, Structure
from gateway.geometry.fields import edge_label_of
from gateway.geometry.kinds import KINDS
from ot.operation import Unset

#: What the branches of a decision are called where nobody said it.
_FIRST_BRANCHES = ("Yes", "No")


def mend_structure(draft: Draft) -> None:
    """Leaves no defect of structure, and changes no place or size."""
    before = Structure(draft.scene, draft.links)
    _drop_edges(draft)
    for key in before.lost_children():
        draft.write_node(key, {"/parentId": Unset()})
    for key in before.empty():
        _name(draft, key, before.types[key])
    _join_lonely(draft, before)
    _reach(draft, before)
    _lead_on(draft, before)
    _label_branches(draft)


def _drop_edges(draft: Draft) -> None:
    links = draft.links
    for key in links.dangling:
        draft.remove_edge(key)
    for same in links.repeated:
        for key in same[1:]:
            draft.remove_edge(key)


def _name(draft: Draft, key: str, kind: str) -> None:
    """A node without text gets the name of its kind."""
    node = draft.diagram.nodes[key]
    text = KINDS[kind].label if kind in KINDS and kind != "default" else "Node"
    draft.write_node(key, set_text("/data/label", node, text))


def _join_lonely(draft: Draft, before: Structure) -> None:
    """A lonely node is joined to the nearest that is not."""
    lonely = before.lonely()
    if not lonely:
        return
    joined = {end for link in before.links.all.values() for end in link[1:3]}
    nearest = Nearest(before.scene, (key for key in before.scene.nodes if key in joined))
    others = {*before.dead_ends(), *before.unreachable()}
    for key in lonely:
        other = nearest.to(key)
        first = before.types[key] == "start" or before.types[other] == "end"
        edge = draft.add_edge(*((key, other) if first else (other, key)))
        draft.join(*edge_keys([edge]), *node_keys([key]))
        if other in others:
            draft.join(*edge_keys([edge]), *node_keys([other]))


def _reach(draft: Draft, before: Structure) -> None:
    """Steps out of reach are led to from the nearest step that was in reach from the first."""
    now = Structure(draft.scene, draft.links)
    unreachable = now.unreachable()
    if not unreachable:
        return
    lonely, dead_ends = set(before.lonely()), set(before.dead_ends())
    reached = before.reached()
    good = [key for key in reached if before.types[key] in STEPS and key not in lonely]
    nearest = Nearest(before.scene, sorted(good) or before.starts)
    reached = now.reached()
    for key in sorted(unreachable, key=lambda key: bool(now.links.into.get(key))):
        if key in reached:
            continue
        source = nearest.to(key)
        known = set(reached)
        edge = draft.add_edge(source, key)
        now.reached_from([key], reached)
        ends = [source] if source in dead_ends else []
        draft.join(*edge_keys([edge]), *node_keys([*sorted(reached - known), *ends]))


def _lead_on(draft: Draft, before: Structure) -> None:
    """Dead ends are led to the nearest end."""
    now = Structure(draft.scene, draft.links)
    dead_ends = now.dead_ends()
    if dead_ends:
        nearest = Nearest(before.scene, before.ends)
        for key in dead_ends:
            edge = draft.add_edge(key, nearest.to(key))
            draft.join(*edge_keys([edge]), *node_keys([key]))


def _label_branches(draft: Draft) -> None:
    now = Structure(draft.scene, draft.links)
    for key in now.decisions():
        links = now.links.out[key]
        bare = [link for link in links if link.is_bare]
        for link, label in zip(bare, _free_labels(links), strict=False):
            edge = draft.diagram.edges[link.edge]
            draft.write_edge(link.edge, set_text(edge_label_of(edge)[1], edge, label))
        draft.join(*node_keys([key]), *edge_keys(link.edge for link in bare))


def _free_labels(links: Iterable[Link]) -> Iterator[str]:
    """Labels that no other branch has."""
    taken = {link.label.lower() for link in links}
    further = (f"Option {number}" for number in count(len(_FIRST_BRANCHES) + 1))
    for label in chain(_FIRST_BRANCHES, further):
        if label.lower() not in taken:
            yield label
