"""Parts of a diagram that small moves do not mend: they are laid out anew, harder each time."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Final

from gateway.critic.draft import Draft, Key, Stopped, edge_keys, keys_of, node_keys
from gateway.critic.findings import ACCEPTED, Defect
from gateway.critic.places import outsiders
from gateway.critic.reroute import reroute
from gateway.critic.staircase import staircase, way_of
from gateway.critic.tidy import tidy
from gateway.critic.unions import Unions
from gateway.geometry.boxes import Box, bounds
from gateway.layout.graph import STEP, Direction, stepped
from gateway.layout.levels import joins_by_container, with_descendants
from gateway.layout.plan import plan_layout
from gateway.layout.work import LayoutError
from ot.operation import Set

#: Rounds of small moves before a part is laid out anew.
ROUNDS: Final = 3
#: Layouts that are tried, in turn: the direction (``None`` is the diagram's own) and the spacing.
LAYOUTS: Final[tuple[tuple[Direction | None, float], ...]] = (
    (None, 60.0),
    (None, 120.0),
    ("LR", 60.0),
    ("TB", 120.0),
)
#: A part of more nodes is not laid out anew only because edges cross nodes in it.
MAX_RELAID = 60
#: A part of more nodes does not become a staircase.
MAX_STAIRS = 24
#: Room between a staircase and everything else, in pixels: what lines may bulge out.
APART = 200


def mend_places(draft: Draft) -> None:
    """Changes nothing that a diagram says, and leaves no defect of place.

    Small moves come first. Where they do not do, a small part is laid out anew, and at last as a
    staircase. In a large part edges that have no way around are marked as accepted: to tear it
    apart for their sake would help nobody. Children for which their group has no room leave it,
    which may need another round.
    """
    _move_a_little(draft)
    for number, (direction, spacing) in enumerate(LAYOUTS):
        defects = defects_of(draft)
        if not defects:
            return
        roots = _parts_with(draft, defects, MAX_RELAID, whatever=number == 0)
        if roots:
            moved = _lay_out(draft, roots, defects, direction, spacing)
            reroute(draft, moved if number else None)
    defects = defects_of(draft)
    roots = _parts_with(draft, defects, MAX_STAIRS, whatever=False)
    if roots:
        _climb(draft, roots, defects)
    _release_outsiders(draft)
    _accept(draft)


def _move_a_little(draft: Draft) -> None:
    for _ in range(ROUNDS):
        before = draft.changes
        if draft.place_defects():
            tidy(draft)
        if draft.changes == before:
            break
    if not draft.place_defects():
        reroute(draft)


def _accept(draft: Draft) -> None:
    """Edges that still cross nodes may do so."""
    for defect in draft.crossings():
        edge = draft.diagram.edges[defect.edges[0]]
        if isinstance(edge.get("data"), dict):
            accepted = edge["data"].get(ACCEPTED)
            codes = accepted if isinstance(accepted, list) else []
            draft.write_edge(defect.edges[0], {f"/data/{ACCEPTED}": Set([*codes, defect.code])})
        else:
            draft.write_edge(defect.edges[0], {"/data": Set({ACCEPTED: [defect.code]})})


def defects_of(draft: Draft) -> list[Defect]:
    return [*draft.place_defects(), *draft.crossings()]


def _parts_with(draft: Draft, defects: list[Defect], most: int, *, whatever: bool) -> list[str]:
    """Everything on the canvas that hangs together with what has a defect.

    Parts of more than ``most`` nodes are left out, unless they have a defect other than an edge
    across a node and ``whatever`` is true.
    """
    scene = draft.scene
    parts: Unions[str] = Unions()
    root = {key: _root(draft, key) for key in scene.boxes}
    for join in joins_by_container(scene, draft.diagram.edges).get(None, []):
        parts.join(join.source, join.target)
    size = Counter(parts.find(at) for at in root.values())
    touched: set[str] = set()
    for defect in defects:
        ends = [end for edge in defect.edges for end in draft.links.all[edge][1:3]]
        of_it = {parts.find(root[key]) for key in (*defect.nodes, *ends)}
        is_place = defect.code != "edge_crosses_node"
        if (whatever and is_place) or sum(size[part] for part in of_it) <= most:
            touched |= of_it
    return [key for key in scene.children[None] if parts.find(key) in touched]


def _root(draft: Draft, key: str) -> str:
    return [key, *draft.scene.ancestors(key)][-1]


def _lay_out(
    draft: Draft,
    roots: list[str],
    defects: list[Defect],
    direction: Direction | None,
    spacing: float,
) -> set[str]:
    """Returns the nodes that have moved. Raises Stopped where these are too many."""
    nodes = with_descendants(draft.scene, roots)
    if draft.largest_layout is not None and len(nodes) > draft.largest_layout:
        raise Stopped
    whole = len(nodes) == len(draft.diagram.nodes)
    draft.pause()
    try:
        plan = plan_layout(
            draft.diagram,
            direction=direction,
            spacing=spacing,
            only=None if whole else nodes,
            should_stop=draft.should_stop,
        )
    except LayoutError:
        raise Stopped from None
    moved = draft.adopt(plan)
    _join_all(draft, defects, node_keys(moved))
    return {*moved, *with_descendants(draft.scene, moved)}


def _join_all(draft: Draft, defects: Iterable[Defect], keys: Iterable[Key]) -> None:
    draft.join(*keys, *(key for defect in defects for key in keys_of(defect)))


def _release_outsiders(draft: Draft) -> None:
    """Children for which their group has no room leave it."""
    scene = draft.scene
    for key, group in outsiders(scene):
        draft.release(key, scene.boxes[key])
        draft.join(*node_keys([group, key]))


def _climb(draft: Draft, roots: list[str], defects: list[Defect]) -> None:
    """These parts as a staircase below everything else, and their edges on its ways."""
    scene, links = draft.scene, draft.links
    lines, joins = draft.lines, joins_by_container(scene, draft.diagram.edges)
    boxes = staircase(scene, roots, joins)
    inside = set(with_descendants(scene, roots))
    others = [box for key, box in scene.boxes.items() if key not in inside]
    x, y = _corner(scene.boxes[key] for key in roots)
    if others:
        around = bounds(others)
        x, y = stepped(around.x), stepped(around.bottom + APART)
    for key, box in boxes.items():
        placed = box.moved(x, y) if scene.parents[key] is None else box
        draft.resize(key, scene.boxes[key].size, placed.size)
        draft.move(key, placed.x, placed.y)
    led = [
        link
        for link in links.all.values()
        if link.source in inside and link.target in inside and lines.judges(link)
    ]
    for link in led:
        draft.write_edge(link.edge, way_of(draft.scene, link))
    _join_all(draft, defects, [*node_keys(boxes), *edge_keys(link.edge for link in led)])


def _corner(boxes: Iterable[Box]) -> tuple[int, int]:
    around = bounds(boxes)
    return math.floor(around.x / STEP) * STEP, math.floor(around.y / STEP) * STEP
