"""Which of many boxes share an area with another, answered by sets of bits.

Each box is one bit. For each of the four edges the boxes are sorted by it once, and the bits of the
first one, the first two and so on are kept. Where an edge falls is found by bisection; four such
sets, put together, are the answer. It takes about a microsecond for thousands of boxes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gateway.geometry.boxes import Box

#: Sets that are kept for one edge; of more boxes only every second, third, … set is.
MAX_KEPT = 2_048


class Spans:
    """Boxes by key, not to be changed. Answers are in the order of the keys."""

    def __init__(self, boxes: Mapping[str, Box]) -> None:
        self.boxes = boxes
        self._keys = list(boxes)
        self._bits = {key: 1 << place for place, key in enumerate(self._keys)}
        found = boxes.values()
        #: A box has its left edge before the right one of what it reaches into, and so on.
        self._edges = (
            _ranked([box.x for box in found]),
            _ranked([box.y for box in found]),
            _ranked([box.x + box.width for box in found]),
            _ranked([box.y + box.height for box in found]),
        )
        self._step = _step(len(self._keys))

    def bits(self, keys: Iterable[str]) -> int:
        """The set of those keys that have a box."""
        found = 0
        for key in keys:
            found |= self._bits.get(key, 0)
        return found

    def sharing(self, left: float, top: float, right: float, bottom: float) -> int:
        """The set of the boxes that reach into this one, which may be a line or a point."""
        lefts, tops, rights, bottoms = self._edges
        ranks = (
            bisect_left(lefts.values, right),
            bisect_left(tops.values, bottom),
            bisect_right(rights.values, left),
            bisect_right(bottoms.values, top),
        )
        if self._step == 1:
            a, b, c, d = ranks
            return lefts.sets[a] & tops.sets[b] & ~(rights.sets[c] | bottoms.sets[d])
        step = self._step
        a, b, c, d = (edge.first(rank, step) for edge, rank in zip(self._edges, ranks, strict=True))
        return a & b & ~(c | d)

    def named(self, bits: int) -> list[tuple[int, str]]:
        """The keys of a set, each with its bit."""
        found = []
        while bits:
            lowest = bits & -bits
            found.append((lowest, self._keys[lowest.bit_length() - 1]))
            bits ^= lowest
        return found


class _Ranked(NamedTuple):
    """Numbers in order, where each stood before, and the sets of the first of them."""

    values: list[float]
    places: list[int]
    sets: list[int]

    def first(self, rank: int, step: int) -> int:
        """The set of the first so many, where only every ``step``-th is kept."""
        kept = rank // step
        bits = self.sets[kept]
        for place in self.places[kept * step : rank]:
            bits |= 1 << place
        return bits


def _step(count: int) -> int:
    return 1 + count // MAX_KEPT


def _ranked(values: list[float]) -> _Ranked:
    step = _step(len(values))
    places = sorted(range(len(values)), key=values.__getitem__)
    sets, bits = [0], 0
    for rank, place in enumerate(places, 1):
        bits |= 1 << place
        if rank % step == 0:
            sets.append(bits)
    return _Ranked([values[place] for place in places], places, sets)
