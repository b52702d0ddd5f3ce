"""A spatial index: which of many boxes lie near a box or near a straight line."""

import math
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping

from gateway.geometry.boxes import Box, Point

#: Edge of one square cell, in pixels; about the size of a node.
CELL = 200.0
#: Cells that one box is entered in; a larger one is kept apart and looked at every time.
MAX_CELLS = 256
#: Cells that one question walks through; a longer one looks at every box instead.
MAX_WALK = 4096


class Grid:
    """Boxes by key, in square cells. The same questions get the same answers in the same order."""

    def __init__(self, boxes: Mapping[str, Box] | None = None) -> None:
        self.boxes: dict[str, Box] = {}
        self._cells: defaultdict[tuple[int, int], dict[str, None]] = defaultdict(dict)
        self._large: dict[str, None] = {}
        for key, box in (boxes or {}).items():
            self._enter(key, box)

    def add(self, key: str, box: Box) -> None:
        """Adds the box, or puts it in the place of the one that has this key."""
        self.remove(key)
        self._enter(key, box)

    def _enter(self, key: str, box: Box) -> None:
        self.boxes[key] = box
        cells = _cells_of(box, MAX_CELLS)
        if cells is None:
            self._large[key] = None
        else:
            for cell in cells:
                self._cells[cell][key] = None

    def remove(self, key: str) -> None:
        box = self.boxes.pop(key, None)
        if box is None:
            return
        if key in self._large:
            del self._large[key]
            return
        for cell in _cells_of(box, MAX_CELLS) or ():
            del self._cells[cell][key]

    def overlapping(self, box: Box, tolerance: float = 0) -> Iterator[str]:
        """Keys of the boxes that share an area with ``box``."""
        boxes = self.boxes
        left, top = box.x + tolerance, box.y + tolerance
        right, bottom = box.x + box.width, box.y + box.height
        for key in self._near(_cells_of(box, MAX_WALK)):
            x, y, width, height = boxes[key]
            across = x + tolerance < right and left < x + width
            if across and y + tolerance < bottom and top < y + height:
                yield key

    def is_free(self, box: Box) -> bool:
        return next(self.overlapping(box), None) is None

    def crossed(
        self, a: Point, b: Point, margin: float = 0, ignored: Container[str] = ()
    ) -> Iterator[str]:
        """Keys of the boxes, ``margin`` smaller on each side, that the straight line meets."""
        for key in self._near(_cells_along(a, b)):
            if key not in ignored and meets(self.boxes[key], a, b, margin):
                yield key

    def _near(self, cells: list[tuple[int, int]] | None) -> list[str]:
        if cells is None:
            return list(self.boxes)
        found: dict[str, None] = dict(self._large)
        for cell in cells:
            inside = self._cells.get(cell)
            if inside:
                found.update(inside)
        return list(found)


def meets(box: Box, a: Point, b: Point, margin: float = 0) -> bool:
    """Whether the straight line from ``a`` to ``b`` runs inside the box less ``margin``.

    Clipping by Liang and Barsky.
    """
    left, right = box.x + margin, box.x + box.width - margin
    top, bottom = box.y + margin, box.y + box.height - margin
    if (a.x <= left and b.x <= left) or (a.x >= right and b.x >= right):
        return False
    if (a.y <= top and b.y <= top) or (a.y >= bottom and b.y >= bottom):
        return False
    if left >= right or top >= bottom:
        return False
    first, last = 0.0, 1.0
    for start, step, low, high in ((a.x, b.x - a.x, left, right), (a.y, b.y - a.y, top, bottom)):
        if step == 0:
            if not low < start < high:
                return False
            continue
        enter, leave = (low - start) / step, (high - start) / step
        if enter > leave:
            enter, leave = leave, enter
        first, last = max(first, enter), min(last, leave)
        if first >= last:
            return False
    return True


def _cells_of(box: Box, most: int) -> list[tuple[int, int]] | None:
    x, y, width, height = box
    left, right = math.floor(x / CELL), math.floor((x + width) / CELL)
    top, bottom = math.floor(y / CELL), math.floor((y + height) / CELL)
    if (right - left + 1) * (bottom - top + 1) > most:
        return None
    return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _cells_along(a: Point, b: Point) -> list[tuple[int, int]] | None:
    """The cells that a straight line passes, column by column."""
    if a.x > b.x:
        a, b = b, a
    left, right = math.floor(a.x / CELL), math.floor(b.x / CELL)
    height = abs(b.y - a.y) / CELL
    if right - left + height > MAX_WALK / 2:
        return None
    slope = (b.y - a.y) / (b.x - a.x) if b.x > a.x else 0.0
    cells = []
    for column in range(left, right + 1):
        y1 = a.y if column == left else a.y + slope * (column * CELL - a.x)
        y2 = b.y if column == right else a.y + slope * ((column + 1) * CELL - a.x)
        low, high = min(y1, y2), max(y1, y2)
        cells += [
            (column, row) for row in range(math.floor(low / CELL), math.floor(high / CELL) + 1)
        ]
    return cells
