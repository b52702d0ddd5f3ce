"""The nearest of many nodes, by their middles."""

import math
from collections.abc import Iterable

from gateway.geometry.boxes import Box
from gateway.geometry.grid import Grid
from gateway.geometry.scene import Scene

#: How far is looked first, in pixels; four times as far each further time.
FIRST_REACH = 300.0
MAX_LOOKS = 4


class Nearest:
    """``candidates`` are at least one node; of several equally near the first counts."""

    def __init__(self, scene: Scene, candidates: Iterable[str]) -> None:
        self._scene = scene
        self._order = {key: place for place, key in enumerate(candidates)}
        self._grid = Grid({key: scene.boxes[key] for key in self._order})

    def to(self, identifier: str) -> str:
        """The candidate nearest to the node, itself left out unless it is the only one."""
        x, y = self._scene.boxes[identifier].center
        reach = FIRST_REACH
        for _ in range(MAX_LOOKS):
            around = Box(x - reach, y - reach, 2 * reach, 2 * reach)
            found = [key for key in self._grid.overlapping(around) if key != identifier]
            if found:
                return self._best(identifier, found)
            reach *= 4
        return self._best(identifier, [key for key in self._order if key != identifier])

    def _best(self, identifier: str, found: list[str]) -> str:
        middle = self._scene.boxes[identifier].center
        return min(
            found,
            key=lambda key: (math.dist(middle, self._scene.boxes[key].center), self._order[key]),
            default=identifier,
        )
