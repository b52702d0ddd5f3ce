"""Groups that stay where they are while some of their children are laid out anew.

Such a group may grow to the right and down, as far as nothing that stays is in the way.
"""

from gateway.geometry.boxes import Box, Size, bounds
from gateway.geometry.grid import Grid
from gateway.geometry.scene import Scene
from gateway.layout.blocks import Block
from gateway.layout.free import free_spot
from gateway.layout.levels import with_descendants

#: Room between a group's edge and its children, and for its title, in pixels.
GROUP_PADDING = 20
GROUP_TITLE = 40


class Held:
    """The absolute boxes of all that may be in the way of such a group, as far as it is settled."""

    def __init__(self, scene: Scene, free: frozenset[str]) -> None:
        self._scene = scene
        self._free = free
        #: Free nodes for which there was no room.
        self._kept: set[str] = set()
        self._grown_to: dict[str, Size] = {}
        #: Not those that are free with all around them: they find a place around what stays.
        self.grid = Grid({
            identifier: box
            for identifier, box in scene.boxes.items()
            if not free.issuperset((identifier, *scene.ancestors(identifier)))
        })  # fmt: skip

    def box(self, identifier: str) -> Box:
        """As it was, or as large as it has become."""
        found = self.grid.boxes.get(identifier) or self._scene.boxes[identifier]
        return found.sized(self._grown_to.get(identifier, found.size))

    def standing(self, container: str | None) -> dict[str, Box]:
        """What stays inside the container, however deep, relative to it as it stood before.

        Those inside a node that moves are left out: they are within it, wherever it goes.
        """
        found: dict[str, Box] = {}
        x, y = (0.0, 0.0) if container is None else self._scene.boxes[container][:2]
        waiting = [key for key in self._scene.children[container] if key not in self._free]
        while waiting:
            key = waiting.pop()
            found[key] = self.box(key).moved(-x, -y)
            if key not in self._free or key in self._kept:
                waiting += self._scene.children.get(key, [])
        return found

    def keep(self, nodes: list[str]) -> None:
        """These nodes stay exactly as they were, for want of room."""
        for key in nodes:
            self._kept.add(key)
            self._grown_to.pop(key, None)
            self.grid.add(key, self._scene.boxes[key])

    def place(self, container: str, blocks: list[Block], gap: float) -> dict[str, Box] | None:
        """Absolute boxes of the blocks' nodes inside the group, which grows where it must.

        ``None`` where there is no room: then everything stays as it was.
        """
        movers = with_descendants(self._scene, [key for block in blocks for key in block.boxes])
        before, sizes_before = dict(self.grid.boxes), dict(self._grown_to)
        for identifier in movers:
            self.grid.remove(identifier)
        placed: dict[str, Box] = {}
        for block in blocks:
            spot = self._spot(container, block, gap)
            if spot is None:
                self._restore(before)
                self._grown_to = sizes_before
                return None
            boxes = {key: box.moved(spot.x, spot.y) for key, box in block.boxes.items()}
            placed.update(boxes)
            for identifier, box in boxes.items():
                self.grid.add(identifier, box)
        return placed

    def _restore(self, before: dict[str, Box]) -> None:
        for identifier, box in before.items():
            if self.grid.boxes.get(identifier) != box:
                self.grid.add(identifier, box)

    def _spot(self, container: str, block: Block, gap: float) -> Box | None:
        """Where the block goes; the group and those around it have grown to hold it."""
        siblings = Grid({
            key: self.grid.boxes[key]
            for key in self._scene.children[container]
            if key in self.grid.boxes
        })  # fmt: skip
        spot = free_spot(
            self._wanted(container, block),
            siblings,
            gap,
            lambda box: self._may_stand(container, box),
        )
        if spot is not None:
            for identifier, box in (self._grown(container, spot) or {}).items():
                self.grid.add(identifier, box)
                self._grown_to[identifier] = box.size
        return spot

    def _wanted(self, container: str, block: Block) -> Box:
        old = bounds(self._scene.boxes[key] for key in block.boxes)
        around = self.box(container)
        width, height = block.size
        x, y = old.center.x - width / 2, old.center.y - height / 2
        return Box(
            max(x, around.x + GROUP_PADDING + 10),
            max(y, around.y + GROUP_TITLE + 10),
            width,
            height,
        )

    def _may_stand(self, container: str, box: Box) -> bool:
        around = self.box(container)
        if box.x < around.x + GROUP_PADDING or box.y < around.y + GROUP_TITLE:
            return False
        above = {container, *self._scene.ancestors(container)}
        if any(key not in above for key in self.grid.overlapping(box)):
            return False
        return self._grown(container, box) is not None

    def _grown(self, container: str, inside: Box) -> dict[str, Box] | None:
        """The groups that must grow, with their new boxes; ``None`` where one cannot."""
        grown: dict[str, Box] = {}
        at: str | None = container
        while at is not None and at not in self._free:
            old = self.box(at)
            room = Box(
                old.x,
                old.y,
                inside.right + GROUP_PADDING - old.x,
                inside.bottom + GROUP_PADDING - old.y,
            )
            new = Box(old.x, old.y, max(old.width, room.width), max(old.height, room.height))
            if new == old:
                break
            if self._hits(at, new):
                return None
            grown[at] = inside = new
            at = self._scene.parents[at]
            if at is not None and not self.box(at).contains(old):
                # It stood out of its own group before, which has no part in it then.
                break
        return grown

    def _hits(self, group: str, new: Box) -> bool:
        allowed = {*with_descendants(self._scene, [group]), *self._scene.ancestors(group)}
        return any(key not in allowed for key in self.grid.overlapping(new))
