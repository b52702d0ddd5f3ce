"""Parts that do not hang together, side by side in rows."""

import math

from gateway.geometry.boxes import Size
from gateway.layout.graph import stepped

#: Width of the whole for one of its height.
ASPECT = 1.6


def packed(sizes: list[Size], gap: float) -> list[tuple[int, int]]:
    """The top left corner of each part, from (0, 0); the highest parts come first.

    Shelves of about the width that makes the whole ASPECT times as wide as high.
    """
    area = sum((width + gap) * (height + gap) for width, height in sizes)
    limit = max(math.sqrt(area * ASPECT), max((width for width, _ in sizes), default=0))
    corners = [(0, 0)] * len(sizes)
    x, y, shelf = 0, 0, 0
    for i in sorted(range(len(sizes)), key=lambda i: (-sizes[i].height, i)):
        width, height = sizes[i]
        if x and x + width > limit:
            x, y, shelf = 0, y + shelf, 0
        corners[i] = (x, y)
        x += stepped(width + gap)
        shelf = max(shelf, stepped(height + gap))
    return corners
