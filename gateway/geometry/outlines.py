"""Pieces of SVG paths (M, L, C and Z only) that the shapes of nodes are made of."""

import math

from gateway.geometry.fields import spelled_number

#: Bézier control distance for a quarter of an ellipse.
K = 0.5523


def path(*parts: str | float) -> str:
    """A path from its parts, numbers rounded to hundredths of a pixel."""
    return " ".join(part if isinstance(part, str) else _rounded(part) for part in parts)


def _rounded(number: float) -> str:
    return spelled_number(math.floor(number * 100 + 0.5) / 100)


def polygon(*points: tuple[float, float]) -> str:
    steps = (("M" if i == 0 else "L", x, y) for i, (x, y) in enumerate(points))
    return f"{path(*(part for step in steps for part in step))} Z"


def line(x1: float, y1: float, x2: float, y2: float) -> str:
    return path("M", x1, y1, "L", x2, y2)


def oval(x: float, y: float, w: float, h: float) -> str:
    """An ellipse in the box from (x, y)."""
    rx, ry, cx, cy = w / 2, h / 2, x + w / 2, y + h / 2
    kx, ky = rx * K, ry * K
    return path(
        "M", x, cy, "C", x, cy - ky, cx - kx, y, cx, y,
        "C", cx + kx, y, x + w, cy - ky, x + w, cy,
        "C", x + w, cy + ky, cx + kx, y + h, cx, y + h,
        "C", cx - kx, y + h, x, cy + ky, x, cy, "Z",
    )  # fmt: skip


def rounded(w: float, h: float, radius: float) -> str:
    """A box from the origin with rounded corners."""
    r = min(radius, w / 2, h / 2)
    k = r * (1 - K)
    return path(
        "M", r, 0, "L", w - r, 0, "C", w - k, 0, w, k, w, r,
        "L", w, h - r, "C", w, h - k, w - k, h, w - r, h,
        "L", r, h, "C", k, h, 0, h - k, 0, h - r,
        "L", 0, r, "C", 0, k, k, 0, r, 0, "Z",
    )  # fmt: skip


def cylinder(w: float, h: float, lid: float) -> str:
    """``lid`` is the height of half its lid."""
    rx, k = w / 2, (w / 2) * K
    return path(
        "M", 0, lid, "C", 0, lid - lid * K, rx - k, 0, rx, 0,
        "C", rx + k, 0, w, lid - lid * K, w, lid,
        "L", w, h - lid, "C", w, h - lid + lid * K, rx + k, h, rx, h,
        "C", rx - k, h, 0, h - lid + lid * K, 0, h - lid, "Z",
    )  # fmt: skip


def arc(w: float, y: float, depth: float) -> str:
    """The lower half of an ellipse as wide as the node, from (0, y) to (w, y)."""
    rx, k = w / 2, (w / 2) * K
    return path(
        "M", 0, y, "C", 0, y + depth * K, rx - k, y + depth, rx, y + depth,
        "C", rx + k, y + depth, w, y + depth * K, w, y,
    )  # fmt: skip


def wave(x: float, y: float, w: float, h: float) -> str:
    """The waved lower edge of a sheet in the box from (x, y), from its right to its left side."""
    a = h * 0.12
    low = y + h - a
    return path(
        "L", x + w, low,
        "C", x + w * 0.75, low - a * 1.3, x + w * 0.6, low - a * 0.4, x + w / 2, low,
        "C", x + w * 0.36, low + a * 0.6, x + w * 0.2, low + a * 1.3, x, low + a * 0.3,
    )  # fmt: skip


def brace(a: float, b: float, h: float) -> str:
    """A curly brace whose tip stands at ``a`` and whose ends stand at ``b``."""
    m, q = (a + b) / 2, h * 0.18
    return path(
        "M", b, q, "C", m, q, m, q, m, h * 0.32, "L", m, h * 0.42,
        "C", m, h * 0.48, m, h * 0.5, a, h / 2,
        "C", m, h * 0.5, m, h * 0.52, m, h * 0.58, "L", m, h * 0.68,
        "C", m, h - q, m, h - q, b, h - q,
    )  # fmt: skip
