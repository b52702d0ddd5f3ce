"""The free spot nearest to a wanted one, around boxes that stay where they are."""

from collections.abc import Callable, Iterator

from gateway.geometry.boxes import Box, bounds
from gateway.geometry.grid import Grid
from gateway.layout.graph import STEP, stepped

#: Rings of spots that are tried around the wanted one, each further out than the last.
MAX_RINGS = 16
#: The first ring's distance, in pixels; the distance grows by a quarter from ring to ring.
FIRST_RING = 20.0


def anywhere(_: Box) -> bool:
    return True


def free_spot(
    wanted: Box, taken: Grid, gap: float, allowed: Callable[[Box], bool] = anywhere
) -> Box | None:
    """The box moved to the nearest spot tried that is allowed and ``gap`` away from all taken.

    The last spots tried are below and right of everything, which are free wherever they are
    allowed. ``None`` where no spot is.
    """
    for spot in _spots(wanted, taken, gap):
        if taken.is_free(spot.grown(gap)) and allowed(spot):
            return spot
    return None


def _spots(wanted: Box, taken: Grid, gap: float) -> Iterator[Box]:
    start = Box(_on_step(wanted.x), _on_step(wanted.y), wanted.width, wanted.height)
    yield start
    distance = FIRST_RING
    for _ in range(MAX_RINGS):
        reach = stepped(distance)
        offsets = [stepped(reach * part / 4) for part in (0, 1, -1, 2, -2, 3, -3, 4, -4)]
        for along in offsets:
            for x, y in ((along, reach), (reach, along), (along, -reach), (-reach, along)):
                yield start.moved(x, y)
        distance *= 1.25
    around = bounds(taken.boxes.values())
    below = stepped(around.bottom + gap) + STEP
    yield Box(start.x, below, wanted.width, wanted.height)
    yield Box(stepped(around.right + gap) + STEP, start.y, wanted.width, wanted.height)
    yield Box(stepped(around.x), below, wanted.width, wanted.height)


def _on_step(value: float) -> int:
    return round(value / STEP) * STEP
