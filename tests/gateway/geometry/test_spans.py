"""Sets of bits against looking at every box."""

from random import Random

import pytest

from gateway.geometry import spans as spans_module
from gateway.geometry.boxes import Box
from gateway.geometry.spans import Spans


def boxes_of(r: Random, count: int) -> dict[str, Box]:
    """Many with edges in line, so that what only touches is asked for as well."""
    return {
        f"n{i}": Box(r.randrange(-9, 9) * 10, r.randrange(-9, 9) * 10, r.randrange(4) * 10, 10)
        for i in range(count)
    }


@pytest.mark.parametrize("kept", [2_048, 7])
def test_the_sets_are_what_looking_at_every_box_finds(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans_module, "MAX_KEPT", kept)
    r = Random(4)
    for count in (0, 1, 8, 60):
        boxes = boxes_of(r, count)
        spans = Spans(boxes)
        for _ in range(100):
            left, right = sorted(r.randrange(-10, 10) * 10 for _ in "ab")
            top, bottom = sorted(r.randrange(-10, 10) * 10 for _ in "ab")
            found = [key for _, key in spans.named(spans.sharing(left, top, right, bottom))]
            assert found == [
                key
                for key, box in boxes.items()
                if box.x < right and box.right > left and box.y < bottom and box.bottom > top
            ]


def test_keys_without_a_box_are_in_no_set() -> None:
    spans = Spans({"a": Box(0, 0, 10, 10), "b": Box(20, 0, 10, 10)})
    everything = spans.sharing(-1, -1, 99, 99)
    assert [key for _, key in spans.named(everything & ~spans.bits(["a", "gone"]))] == ["b"]
