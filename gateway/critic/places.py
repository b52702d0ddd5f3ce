"""Where nodes stand: what overlaps, sticks out, does not fit, or is nearly in line."""

from collections.abc import Iterator
from itertools import islice

from gateway.critic.findings import Defect
from gateway.critic.links import Links
from gateway.critic.unions import Unions
from gateway.geometry.grid import Grid
from gateway.geometry.scene import Scene
from gateway.geometry.sizes import needed_height, stored_length
from ot.diagram import Element

#: Nodes may share so much of each other before they count as overlapping, and stand out of their
#: group by so much; pixels.
TOLERANCE = 1.0
#: Joined nodes whose middles differ by more than the first and up to the second are nearly in line.
MIN_STEP = 0.5
MAX_STEP = 6.0
#: Neighbours looked at for one node; a pile of more is found through them all the same.
MAX_NEIGHBOURS = 50


def is_hidden(node: Element) -> bool:
    return node.get("hidden") is True


def place_defects(scene: Scene, links: Links) -> Iterator[Defect]:
    yield from (Defect("label_overflow", (key,)) for key in overflowing(scene))
    yield from (Defect("outside_group", pair) for pair in outsiders(scene))
    yield from (Defect("overlap", tuple(pile)) for pile in piles(scene))
    yield from (Defect("nearly_aligned", pair) for pair in nearly_aligned(scene, links))


def overflowing(scene: Scene) -> list[str]:
    return [key for key, node in scene.nodes.items() if overflows(node, *scene.boxes[key].size)]


def overflows(node: Element, width: float, height: float) -> bool:
    """Whether the label needs more height than the node was given."""
    if is_hidden(node) or stored_length(node, "height") is None:
        return False
    return needed_height(node, width) > height + TOLERANCE


def outsiders(scene: Scene) -> list[tuple[str, str]]:
    """Nodes that are not inside their group, each with the group."""
    found = []
    for key, parent in scene.parents.items():
        if parent is None or is_hidden(scene.nodes[key]) or is_hidden(scene.nodes[parent]):
            continue
        if not scene.boxes[parent].contains(scene.boxes[key], TOLERANCE):
            found.append((key, parent))
    return found


def piles(scene: Scene) -> list[list[str]]:
    """Nodes that overlap, those that hang together through others in one list."""
    unions: Unions[str] = Unions()
    grid = scene.visible
    for key in grid.boxes:
        for other in islice(overlapping(scene, grid, key), MAX_NEIGHBOURS):
            unions.join(key, other)
    return [pile for pile in unions.sets() if len(pile) > 1]


def overlapping(scene: Scene, grid: Grid, key: str) -> Iterator[str]:
    """Nodes that the node overlaps, apart from what it is inside of and what is inside it."""
    above = set(scene.ancestors(key))
    for other in grid.overlapping(scene.boxes[key], TOLERANCE):
        if other == key or other in above:
            continue
        if not scene.is_group(key) or key not in scene.ancestors(other):
            yield other


def nearly_aligned(scene: Scene, links: Links) -> list[tuple[str, str]]:
    """Neighbours in one container, joined by an edge that would be straight but for a little."""
    found: dict[tuple[str, str], None] = {}
    for link in links.all.values():
        a, b = sorted((link.source, link.target))
        if a == b or scene.parents[a] != scene.parents[b] or (a, b) in found:
            continue
        hidden = is_hidden(scene.nodes[a]) or is_hidden(scene.nodes[b])
        if not hidden and nearly_in_line(scene, a, b) is not None:
            found[a, b] = None
    return list(found)


def nearly_in_line(scene: Scene, a: str, b: str) -> str | None:
    """The axis, ``x`` or ``y``, on which the middles of nodes that are apart differ by a little.

    Not where their left or upper edges are in line: somebody lined them up that way.
    """
    first, second = scene.boxes[a], scene.boxes[b]
    dx = abs(first.center.x - second.center.x)
    dy = abs(first.center.y - second.center.y)
    if MIN_STEP < dx <= MAX_STEP and dy >= (first.height + second.height) / 2:
        return None if abs(first.x - second.x) < MIN_STEP else "x"
    if MIN_STEP < dy <= MAX_STEP and dx >= (first.width + second.width) / 2:
        return None if abs(first.y - second.y) < MIN_STEP else "y"
    return None
