"""How many bytes a PNG will have, guessed before it is drawn: drawing takes most of the time.

The lines decide: each pixel along a slanted one costs several bytes, one along an upright or level
one little, and where many cover each other they cost less. The numbers were fitted to pictures of
20 to 2,000 nodes and up to 1,000 lines of all kinds, nearly all of which have between three and
six fifths of what is guessed, or the other way round.
"""

import math
from itertools import pairwise
from typing import NamedTuple

from gateway.geometry.boxes import Box
from gateway.geometry.paths import Path

_BYTES_OF_A_NODE = 3_200.0
_BYTES_OF_A_SLANTED_PIXEL = 5.0
_BYTES_OF_A_STRAIGHT_PIXEL = 0.85
#: Pixels to both sides that a line covers.
_COVERED = 1.75
#: Flow units that a straight line may lean.
_LEAN = 1.0


class Bulk(NamedTuple):
    """What a picture holds; one of a Mermaid text or of nothing holds nothing to speak of."""

    #: At one pixel for one flow unit, were there room for all beside each other.
    bytes: float = 0.0
    #: Of all lines, in flow units, and the area that they share.
    length: float = 0.0
    area: float = 1.0

    def guess(self, scale: float) -> float:
        """About so many bytes at ``scale`` pixels for one flow unit."""
        cover = self.length * _COVERED / (self.area * scale)
        return self.bytes * scale * (-math.expm1(-cover) / cover if cover > 0 else 1.0)


def bulk_of(nodes: int, lines: list[tuple[Path, Box]], frame: Box) -> Bulk:
    """The bulk of so many nodes and of these lines, each with its box, as far as they are shown."""
    total, length = _BYTES_OF_A_NODE * nodes, 0.0
    for line, box in lines:
        share = _share(box, frame)
        for a, b in pairwise(command[-1] for command in line.commands):
            across, down = abs(a.x - b.x), abs(a.y - b.y)
            is_straight = min(across, down) < _LEAN
            shown = max(across, down) * share
            cost = _BYTES_OF_A_STRAIGHT_PIXEL if is_straight else _BYTES_OF_A_SLANTED_PIXEL
            total += shown * cost
            length += shown
    return Bulk(total, length, frame.width * frame.height)


def _share(box: Box, frame: Box) -> float:
    """The share of a line in this box that is inside the frame, about."""
    across = min(box.right, frame.right) - max(box.x, frame.x)
    down = min(box.bottom, frame.bottom) - max(box.y, frame.y)
    return max(0.0, min(across / max(box.width, 1.0), down / max(box.height, 1.0), 1.0))
