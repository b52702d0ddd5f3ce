"""Small moves that mend places: nodes that overlap part, those outside their group come in."""

import math
from typing import Final

from gateway.critic.draft import Draft, node_keys
from gateway.critic.places import (
    MAX_STEP,
    TOLERANCE,
    is_hidden,
    nearly_aligned,
    nearly_in_line,
    overflowing,
)
from gateway.critic.unions import Unions
from gateway.geometry.boxes import Box, Size
from gateway.geometry.fields import position_of, type_of
from gateway.geometry.grid import Grid
from gateway.geometry.kinds import kind_of
from gateway.geometry.scene import Scene
from gateway.geometry.sizes import MAX_SIDE, needed_height
from gateway.layout.free import free_spot
from gateway.layout.held import GROUP_PADDING, GROUP_TITLE

#: Room between nodes that were moved apart, in pixels.
GAP: Final = 20.0
#: Nodes of one container that are moved one by one; where more overlap, it is laid out anew.
MAX_PUSHED = 8
#: A child larger than this fits into no group, in pixels.
MAX_CHILD = MAX_SIDE - GROUP_TITLE - 2 * GROUP_PADDING


def tidy(draft: Draft) -> None:
    """One round of small moves. It may leave defects, or make others."""
    _make_room(draft)
    _straighten(draft)
    _release_giants(draft)
    scene = draft.scene
    sizes = {key: box.size for key, box in scene.boxes.items()}
    order = [key for key in scene.outermost_first() if scene.is_group(key)]
    for group in [*reversed(order), None]:
        draft.pause()
        _Container(draft, scene, sizes, group).settle()


def _make_room(draft: Draft) -> None:
    """Nodes whose text does not fit become as wide as their kind is, and as high as it needs."""
    scene = draft.scene
    for key in overflowing(scene):
        node, old = scene.nodes[key], scene.boxes[key].size
        width = max(old.width, kind_of(type_of(node)).width)
        height = max(old.height, math.ceil(needed_height(node, width)))
        draft.resize(key, old, Size(width, height))


def _straighten(draft: Draft) -> None:
    """Nodes that are nearly in line get one middle."""
    scene = draft.scene
    lines: Unions[tuple[str, str]] = Unions()
    for a, b in nearly_aligned(scene, draft.links):
        axis = nearly_in_line(scene, a, b) or ""
        lines.join((axis, a), (axis, b))
    for line in lines.sets():
        axis, keys = line[0][0], [key for _, key in line]
        middles = sorted(_middle(scene.boxes[key], axis) for key in keys)
        middle = middles[len(middles) // 2]
        if middles[-1] - middles[0] > 2 * MAX_STEP:
            # A long row that leans is a slope; straightened, it would run into others.
            continue
        for key in keys:
            _shift(draft, key, axis, middle - _middle(scene.boxes[key], axis))
        draft.join(*node_keys(keys))


def _middle(box: Box, axis: str) -> float:
    return box.center.x if axis == "x" else box.center.y


def _shift(draft: Draft, key: str, axis: str, by: float) -> None:
    """Nodes of one line may be of two lines, across and down: the draft has the last place."""
    x, y = position_of(draft.diagram.nodes[key])
    if by:
        draft.move(key, *((x + by, y) if axis == "x" else (x, y + by)))


def _release_giants(draft: Draft) -> None:
    """Children that fit into no group leave it."""
    scene = draft.scene
    for key, parent in scene.parents.items():
        if parent is not None and max(scene.boxes[key].size) > MAX_CHILD:
            draft.release(key, scene.boxes[key])
            draft.join(*node_keys([parent, key]))


class _Container:
    """The children of one group, or of the canvas, by boxes relative to it."""

    def __init__(
        self, draft: Draft, scene: Scene, sizes: dict[str, Size], group: str | None
    ) -> None:
        self._draft = draft
        #: Sizes of all nodes, with what the groups inside have grown.
        self._sizes = sizes
        self._group = None if group is None or is_hidden(scene.nodes[group]) else group
        x, y = (0.0, 0.0) if group is None else scene.boxes[group][:2]
        self._boxes = {
            key: scene.boxes[key].moved(-x, -y).sized(sizes[key])
            for key in scene.children.get(group, [])
            if not is_hidden(scene.nodes[key])
        }
        self._old = dict(self._boxes)

    def settle(self) -> None:
        if self._group is not None:
            for key in self._boxes:
                self._bring_in(self._group, key)
        self._part()
        for key, box in self._boxes.items():
            if box != self._old[key]:
                self._draft.move(key, box.x, box.y)
        if self._group is not None:
            self._wrap(self._group)

    def _bring_in(self, group: str, key: str) -> None:
        """A child that sticks out to the left or top, or stands far off, moves in."""
        box, (width, height) = self._boxes[key], self._sizes[group]
        if Box(0, 0, width, height).contains(box, TOLERANCE):
            return
        x, y = max(box.x, GROUP_PADDING), max(box.y, GROUP_TITLE)
        if x > width or y > height:
            x = min(x, max(width - box.width - GROUP_PADDING, GROUP_PADDING))
            y = min(y, max(height - box.height - GROUP_PADDING, GROUP_TITLE))
        self._boxes[key] = Box(x, y, box.width, box.height)
        self._draft.join(*node_keys([group, key]))

    def _part(self) -> None:
        """Of children that overlap the largest stay; the others find a free spot near by."""
        kept = Grid()
        pushed: dict[str, list[str]] = {}
        for key in sorted(self._boxes, key=self._area, reverse=True):
            under = list(kept.overlapping(self._boxes[key], TOLERANCE))
            if under:
                pushed[key] = under
            else:
                kept.add(key, self._boxes[key])
        if len(pushed) > MAX_PUSHED:
            return
        for key, under in pushed.items():
            spot = free_spot(self._boxes[key], kept, GAP, self._is_allowed)
            self._draft.join(*node_keys([key, *under]))
            if spot is not None:
                self._boxes[key] = spot
            kept.add(key, self._boxes[key])

    def _area(self, key: str) -> float:
        return self._boxes[key].width * self._boxes[key].height

    def _is_allowed(self, box: Box) -> bool:
        return self._group is None or (box.x >= GROUP_PADDING and box.y >= GROUP_TITLE)

    def _wrap(self, group: str) -> None:
        """The group grows until it holds its children."""
        old = self._sizes[group]
        need = [
            (box.right + GROUP_PADDING, box.bottom + GROUP_PADDING)
            for key, box in self._boxes.items()
            if not Box(0, 0, *old).contains(box, TOLERANCE)
        ]
        if need:
            width = max(old.width, math.ceil(max(width for width, _ in need)))
            height = max(old.height, math.ceil(max(height for _, height in need)))
            self._sizes[group] = Size(min(width, MAX_SIDE), min(height, MAX_SIDE))
            self._draft.resize(group, old, self._sizes[group])
            moved = [key for key, box in self._boxes.items() if box != self._old[key]]
            self._draft.join(*node_keys([group, *moved]))
