"""Which changes of a draft depend on each other, apart from those that were made together.

Each mend is applied alone as well. So a node that moves to where another one only stands as long as
that has not moved, goes with it; and an edge that is led anew goes with the nodes around its way.
"""

from itertools import pairwise

from gateway.critic.draft import Draft
from gateway.geometry.boxes import Box
from gateway.geometry.grid import Grid
from gateway.geometry.routes import ends_of, route_edge
from ot.operation import Operation


def tie_changes(draft: Draft, changes: Operation) -> None:
    """Joins the elements of ``changes`` that are only right together."""
    before = draft.scene_before()
    moved = {
        key: before.boxes[key]
        for key in changes.nodes
        if key in before.boxes and before.boxes[key] != draft.scene.boxes[key]
    }
    old_places = Grid(moved)
    for key in moved:
        for other in old_places.overlapping(draft.scene.boxes[key]):
            draft.join(("node", key), ("node", other))
    for key in changes.edges:
        _tie_edge(draft, key, moved, old_places)
    _tie_pairs(draft, changes)
    for key in draft.links.all:
        if ("edge", key) in draft.together and key in draft.before.edges:
            _tie_ends(draft, key, moved)


def _tie_edge(draft: Draft, key: str, moved: dict[str, Box], old_places: Grid) -> None:
    if key not in draft.links.all:
        return
    # An edge that is changed names its sides, so its turn does not matter.
    route = route_edge(draft.scene, draft.diagram.edges[key])
    if route is not None:
        for a, b in pairwise(route.points()):
            for other in old_places.crossed(a, b):
                draft.join(("edge", key), ("node", other))
    _tie_ends(draft, key, moved)


def _tie_pairs(draft: Draft, changes: Operation) -> None:
    """Edges between the same nodes make way for each other: what is done to one moves the rest."""
    changed: dict[frozenset[str], str] = {}
    for key in changes.edges:
        edge = draft.diagram.edges.get(key) or draft.before.edges[key]
        first = changed.setdefault(frozenset(ends_of(edge)), key)
        draft.join(("edge", first), ("edge", key))
    for key, link in draft.links.all.items():
        pair = frozenset((link.source, link.target))
        if pair in changed and ("edge", key) in draft.together:
            draft.join(("edge", changed[pair]), ("edge", key))


def _tie_ends(draft: Draft, key: str, moved: dict[str, Box]) -> None:
    """An edge with a finding or a new way goes with its nodes, and with what these are in."""
    link = draft.links.all[key]
    for end in (link.source, link.target):
        for node in (end, *draft.scene.ancestors(end)):
            if node in moved:
                draft.join(("edge", key), ("node", node))
