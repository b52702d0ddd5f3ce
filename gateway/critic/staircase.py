"""An arrangement in which every edge has a way of its own, whatever it joins.

Nodes go down a staircase, each with a column and a row to itself, as in an N-squared chart. An edge
to a later node leaves to the right and comes in from above; one to an earlier node leaves to the
left and comes in from below. So it runs in the row of its source and the column of its target
alone, and crosses no other node. Groups are longer steps with a staircase inside.
"""

from collections.abc import Iterable

from gateway.critic.links import Link
from gateway.geometry.boxes import Box, Side, Size, bounds
from gateway.geometry.scene import Scene
from gateway.geometry.sizes import MAX_SIDE
from gateway.layout.graph import stepped
from gateway.layout.held import GROUP_PADDING, GROUP_TITLE
from gateway.layout.levels import Join, with_descendants
from gateway.layout.plan import even, with_label
from gateway.layout.ranks import acyclic, longest_path_ranks
from ot.operation import Set, Writes

#: Between one step and the next, in pixels; lines turn in it.
STEP_GAP = 60


def staircase(
    scene: Scene, roots: list[str], joins: dict[str | None, list[Join]]
) -> dict[str, Box]:
    """Boxes of the roots, from (0, 0), and of all inside them, relative to their group."""
    boxes: dict[str, Box] = {}
    sizes = {key: box.size for key, box in scene.boxes.items()}
    inside = [key for key in with_descendants(scene, roots) if scene.is_group(key)]
    # The deepest groups first: who is further down has more around it.
    for group in sorted(inside, key=lambda key: -len(list(scene.ancestors(key)))):
        placed = _steps(_ordered(scene.children[group], joins.get(group, [])), sizes)
        for key, box in placed.items():
            boxes[key] = box.moved(GROUP_PADDING, GROUP_TITLE)
        around = bounds(placed.values())
        width = min(even(around.right + 2 * GROUP_PADDING), MAX_SIDE)
        height = min(even(around.bottom + GROUP_TITLE + GROUP_PADDING), MAX_SIDE)
        sizes[group] = with_label(scene.nodes[group], width, height)
    placed = _steps(_ordered(roots, joins.get(None, [])), sizes)
    return {key: box.sized(sizes[key]) for key, box in {**boxes, **placed}.items()}


def _ordered(keys: Iterable[str], joins: list[Join]) -> list[str]:
    """What edges lead from before what they lead to."""
    number = {key: i for i, key in enumerate(keys)}
    pairs = [
        (number[join.source], number[join.target])
        for join in joins
        if join.source in number and join.target in number
    ]
    ranks = longest_path_ranks(len(number), acyclic(len(number), pairs))
    return sorted(number, key=lambda key: (ranks[number[key]], number[key]))


def _steps(keys: list[str], sizes: dict[str, Size]) -> dict[str, Box]:
    placed: dict[str, Box] = {}
    x = y = 0
    for key in keys:
        width, height = sizes[key]
        half_width, half_height = stepped(width / 2), stepped(height / 2)
        placed[key] = Box(x + half_width - width / 2, y + half_height - height / 2, width, height)
        x, y = x + 2 * half_width + STEP_GAP, y + 2 * half_height + STEP_GAP
    return placed


def way_of(scene: Scene, link: Link) -> Writes:
    """The sides and the line of an edge between two steps."""
    source, target = scene.boxes[link.source].center, scene.boxes[link.target].center
    sides = (Side.RIGHT, Side.TOP) if source.x <= target.x else (Side.LEFT, Side.BOTTOM)
    return {
        "/type": Set("smoothstep"),
        "/sourceHandle": Set(sides[0].value),
        "/targetHandle": Set(sides[1].value),
    }
