"""Points, boxes and sides, in flow coordinates: pixels, x to the right and y down."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Side(StrEnum):
    """A side of a node, as React Flow names its handles' positions."""

    LEFT = "left"
    TOP = "top"
    RIGHT = "right"
    BOTTOM = "bottom"


class Point(NamedTuple):
    x: float
    y: float


class Size(NamedTuple):
    width: float
    height: float


class Box(NamedTuple):
    """A rectangle by its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def center(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    def sized(self, size: Size) -> "Box":
        return Box(self.x, self.y, size.width, size.height)

    def grown(self, by: float) -> "Box":
        """The box with ``by`` more on every side; less where it is negative."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def moved(self, dx: float, dy: float) -> "Box":
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def overlaps(self, other: "Box", tolerance: float = 0) -> bool:
        """Whether they share an area more than ``tolerance`` wide and high."""
        return (
            self.x + tolerance < other.x + other.width
            and other.x + tolerance < self.x + self.width
            and self.y + tolerance < other.y + other.height
            and other.y + tolerance < self.y + self.height
        )

    def contains(self, other: "Box", tolerance: float = 0) -> bool:
        return (
            other.x >= self.x - tolerance
            and other.y >= self.y - tolerance
            and other.right <= self.right + tolerance
            and other.bottom <= self.bottom + tolerance
        )


def bounds(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; an empty one at the origin where there is none."""
    found = list(boxes)
    if not found:
        return Box(0, 0, 0, 0)
    left, top = min(box.x for box in found), min(box.y for box in found)
    right, bottom = max(box.right for box in found), max(box.bottom for box in found)
    return Box(left, top, right - left, bottom - top)
