"""A layout as one operation: moves, and sizes of groups."""

import math
from collections.abc import Callable, Collection
from typing import Literal, TypeAlias

from gateway.geometry.boxes import Box, Size, bounds
from gateway.geometry.fields import position_of
from gateway.geometry.grid import Grid
from gateway.geometry.scene import Scene
from gateway.geometry.sizes import MAX_SIDE, needed_height
from gateway.layout.blocks import Block, at_origin, blocks_of, one_by_one, side_by_side
from gateway.layout.free import free_spot
from gateway.layout.graph import STEP, Centers, Direction, Graph, stepped
from gateway.layout.held import GROUP_PADDING, GROUP_TITLE, Held
from gateway.layout.layered import layered
from gateway.layout.levels import Join, joins_by_container, with_descendants
from gateway.layout.tree import is_tree, tree
from gateway.layout.work import LayoutError, Stage, Work, never, nobody, unheard
from gateway.layout.writes import position_write, size_writes
from ot.diagram import Diagram, Element
from ot.operation import NOTHING, Changes, Operation, Update

Algorithm: TypeAlias = Literal["auto", "layered", "tree"]

#: Between neighbours, in pixels.
DEFAULT_SPACING = 60.0
MIN_SPACING = 10.0
MAX_SPACING = 1_000.0
#: Blocks that each look for a spot of their own around what stays; more go together.
MAX_BLOCKS = 40


def plan_layout(
    diagram: Diagram,
    *,
    direction: Direction | None = None,
    spacing: float = DEFAULT_SPACING,
    only: Collection[str] | None = None,
    pinned: Collection[str] = (),
    keep_placed: bool = True,
    algorithm: Algorithm = "auto",
    should_stop: Callable[[], bool] = never,
    progress: Callable[[float], None] = nobody,
    stage: Callable[[Stage], None] = unheard,
) -> Operation:
    """Moves nodes so that none overlap, edges run one way and groups hold their children.

    ``direction`` is where the flow goes; ``None`` keeps the way the diagram mostly runs, and lets a
    mindmap grow to both sides. ``only`` names the nodes to move; a group among them takes along
    what is inside. ``pinned`` are nodes that stay where they are, such as those that people placed,
    unless ``keep_placed`` is false. What stays is never covered; where a group that stays has no
    room, its children stay too.

    Pure and synchronous. ``should_stop`` and ``progress`` (0 to 1) are called often, from here;
    ``stage`` with whatever begins.
    Raises LayoutError ``stopped``, ``unknown_node`` or ``invalid_spacing``.
    """
    if not MIN_SPACING <= spacing <= MAX_SPACING:
        message = f"The spacing is {MIN_SPACING:g} to {MAX_SPACING:g} pixels."
        raise LayoutError("invalid_spacing", message, "spacing")
    # A node is ordered, drawn to its place, and put with the others of its container.
    work = Work(3 * len(diagram.nodes), should_stop, progress, stage)
    work.check()
    scene = Scene(diagram.nodes)
    free = _free_nodes(scene, only, pinned if keep_placed else ())
    if not free:
        return NOTHING
    kind: Algorithm = algorithm
    if algorithm == "auto" and diagram.kind == "mindmap":
        kind = "tree"
    is_strict = algorithm == "tree"

    def arrange(graph: Graph) -> Centers:
        if kind == "tree" and (is_strict or is_tree(graph)):
            return tree(graph, direction, spacing, work)
        return layered(graph, direction or prevailing, spacing, work)

    joins = joins_by_container(scene, diagram.edges)
    prevailing = _prevailing(scene, joins)
    return Planner(scene, free, joins, arrange, spacing=spacing, work=work).operation()


def _free_nodes(
    scene: Scene, only: Collection[str] | None, pinned: Collection[str]
) -> frozenset[str]:
    """The nodes that may move: not what is pinned, and not the groups around it."""
    unknown = next((key for key in only or () if key not in scene.boxes), None)
    if unknown is not None:
        raise LayoutError("unknown_node", "There is no node with this id.", f"only/{unknown}")
    stay = {key for key in pinned if key in scene.boxes}
    for key in list(stay):
        stay.update(scene.ancestors(key))
    return frozenset(scene.boxes if only is None else only) - stay


def _prevailing(scene: Scene, joins: dict[str | None, list[Join]]) -> Direction:
    """Left to right where the edges mostly run across, else top to bottom."""
    across = down = 0.0
    for found in joins.values():
        for source, target, _ in found:
            a, b = scene.boxes[source].center, scene.boxes[target].center
            across += abs(b.x - a.x)
            down += abs(b.y - a.y)
    return "LR" if across > 1.5 * down else "TB"


class Planner:
    """One layout under way, from the innermost groups out. ``free`` are the nodes that may move."""

    def __init__(
        self,
        scene: Scene,
        free: frozenset[str],
        joins: dict[str | None, list[Join]],
        arrange: Callable[[Graph], Centers],
        *,
        spacing: float,
        work: Work,
    ) -> None:
        self._scene = scene
        self._free = free
        self._joins = joins
        self._arrange = arrange
        self._gap = spacing
        self._work = work
        self._held = Held(scene, free)
        #: New boxes, relative to the container; nodes without one stay as they are.
        self._boxes: dict[str, Box] = {}
        self._sizes = {key: box.size for key, box in scene.boxes.items()}

    def operation(self) -> Operation:
        order = [key for key in self._scene.outermost_first() if self._scene.is_group(key)]
        for container in [*reversed(order), None]:
            children = self._scene.children[container]
            movers = [key for key in children if key in self._free]
            if container is None:
                self._fill_canvas(movers)
            elif container in self._free:
                self._fill_free_group(container, movers)
            elif movers:
                self._fill_held_group(container, movers)
            self._work.enter("joining")
            self._work.finish(len(children))
        return self._changes()

    def _blocks(self, container: str | None, movers: list[str]) -> list[Block]:
        found = blocks_of(movers, self._sizes, self._joins.get(container, []), self._arrange)
        return found if len(found) <= MAX_BLOCKS else [side_by_side(found, self._gap)]

    def _whole(self, container: str | None, movers: list[str]) -> Block:
        """All children of a container as one block; compact where a group would be too large."""
        blocks = blocks_of(movers, self._sizes, self._joins.get(container, []), self._arrange)
        whole = side_by_side(blocks, self._gap)
        most = MAX_SIDE - GROUP_TITLE - 2 * GROUP_PADDING
        if container is not None and max(whole.size) > most:
            return one_by_one(movers, self._sizes, self._gap)
        return whole

    def _fill_canvas(self, movers: list[str]) -> None:
        taken = self._held.standing(None)
        if taken:
            self._boxes.update(self._around(self._blocks(None, movers), taken))
        elif movers:
            old = bounds(self._scene.boxes[key] for key in movers)
            x, y = (math.floor(at / STEP) * STEP for at in (old.x, old.y))
            whole = self._whole(None, movers)
            self._boxes.update((key, box.moved(x, y)) for key, box in whole.boxes.items())

    def _around(self, blocks: list[Block], taken: dict[str, Box]) -> dict[str, Box]:
        """The blocks at free spots near where they were; boxes in the coordinates of ``taken``."""
        grid = Grid(taken)
        placed: dict[str, Box] = {}
        for block in blocks:
            self._work.check()
            old = bounds(self._old_box(key) for key in block.boxes).center
            width, height = block.size
            wanted = Box(old.x - width / 2, old.y - height / 2, width, height)
            spot = free_spot(wanted, grid, self._gap / 2)
            assert spot is not None, "below everything there is room"
            for key, box in block.boxes.items():
                placed[key] = box.moved(spot.x, spot.y)
                grid.add(key, placed[key])
        return placed

    def _old_box(self, identifier: str) -> Box:
        x, y = self._scene.origin(identifier)
        return self._scene.boxes[identifier].moved(-x, -y)

    def _fill_free_group(self, group: str, movers: list[str]) -> None:
        """Also what stands out of a child that is carried along gets its room in the group."""
        boxes = self._held.standing(group)
        if not boxes:
            boxes = self._whole(group, movers).boxes
        elif movers:
            boxes = {**boxes, **self._around(self._blocks(group, movers), boxes)}
        if movers or not _fits(boxes, self._sizes[group]):
            self._wrap(group, boxes)

    def _wrap(self, group: str, boxes: dict[str, Box]) -> None:
        """The group as large as its children need, which begin below its title."""
        block = at_origin(boxes)
        width = max(block.size.width + 2 * GROUP_PADDING, _MIN_GROUP.width)
        height = max(block.size.height + GROUP_TITLE + GROUP_PADDING, _MIN_GROUP.height)
        self._sizes[group] = with_label(self._scene.nodes[group], even(width), even(height))
        for key in self._scene.children[group]:
            self._boxes[key] = block.boxes[key].moved(GROUP_PADDING, GROUP_TITLE)

    def _fill_held_group(self, group: str, movers: list[str]) -> None:
        placed = self._held.place(group, self._blocks(group, movers), self._gap / 2)
        if placed is None:
            self._keep(movers)
            return
        origin = self._scene.boxes[group]
        for key, box in placed.items():
            self._boxes[key] = box.moved(-origin.x, -origin.y)

    def _keep(self, movers: list[str]) -> None:
        """Takes back whatever was planned inside these nodes, which stay as they were."""
        stay = with_descendants(self._scene, movers)
        for key in stay:
            self._boxes.pop(key, None)
            self._sizes[key] = self._scene.boxes[key].size
        self._held.keep(stay)

    def _changes(self) -> Operation:
        nodes: Changes = {}
        for key, old in self._scene.boxes.items():
            size = self._sizes[key] if key in self._free else self._held.box(key).size
            writes = size_writes(self._scene.nodes[key], old.size, size)
            box = self._boxes.get(key)
            if box is not None and (box.x, box.y) != position_of(self._scene.nodes[key]):
                writes["/position"] = position_write(box.x, box.y)
            if writes:
                nodes[key] = Update(writes)
        return Operation(nodes=nodes)


#: A group is never smaller than this, so that its title can be read.
_MIN_GROUP = Size(120, 80)


def _fits(boxes: dict[str, Box], size: Size) -> bool:
    return all(Box(0, 0, *size).contains(box) for box in boxes.values())


def with_label(element: Element, width: float, height: float) -> Size:
    """The size of a container, higher where it has a text inside that needs it."""
    return Size(width, max(height, even(needed_height(element, width))))


def even(length: float) -> int:
    """A multiple of two steps, so that the middle stands on a step."""
    return stepped(length / 2) * 2
