"""JSON values as a reader takes them: short, on one line, and only what differs."""

import json
from collections.abc import Iterator
from typing import Any

#: Characters of a value on one line.
MAX_VALUE_LENGTH = 2_000
#: Differences that are named one by one.
MAX_DIFFERENCES = 12


def shown(value: Any, most: int = MAX_VALUE_LENGTH) -> str:
    """Compact JSON, cut at ``most`` characters; nothing in it that a terminal or XML minds."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=repr)
    text = plain(text)
    return text if len(text) <= most else text[: most - 1] + "…"


def plain(text: str) -> str:
    """The text with escapes for what a terminal or XML would mind."""
    if text.isprintable():
        return text
    return "".join(x if x.isprintable() else f"\\u{ord(x):04x}" for x in text)


class Nothing:
    """What stands where the other side has something."""


NOTHING = Nothing()


def differences(left: Any, right: Any, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """A path and what stands there on each side, ``NOTHING`` included, for all that differs."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in [*left, *(key for key in right if key not in left)]:
            here = f"{at}/{key}"
            yield from differences(left.get(key, NOTHING), right.get(key, NOTHING), here)
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (x, y) in enumerate(zip(left, right, strict=True)):
            yield from differences(x, y, f"{at}/{index}")
    elif left is NOTHING or right is NOTHING or shown(left) != shown(right):
        yield at, left, right


def difference_lines(left: Any, right: Any, names: tuple[str, str]) -> list[str]:
    """A line for each difference, the first ones."""
    found = list(differences(left, right))
    lines = [
        f"{at or 'the whole'}: {_side(names[0], x)}; {_side(names[1], y)}"
        for at, x, y in found[:MAX_DIFFERENCES]
    ]
    if len(found) > MAX_DIFFERENCES:
        lines.append(f"and {len(found) - MAX_DIFFERENCES} more")
    return lines


def _side(name: str, value: Any) -> str:
    return f"{name} has nothing" if value is NOTHING else f"{name} has {shown(value, 200)}"
