"""What is drawn for a node of each type, and where edges meet it; the editor's own shapes."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from gateway.geometry.boxes import Point, Side
from gateway.geometry.outlines import (
    K,
    arc,
    brace,
    cylinder,
    line,
    oval,
    path,
    polygon,
    rounded,
    wave,
)

#: Drawings that are remembered; most nodes of a diagram share a few sizes.
MAX_REMEMBERED = 2_048
#: Corners of plain boxes, of sharp ones and of groups, in pixels.
CORNER = 6
SHARP_CORNER = 2
GROUP_CORNER = 10

Ports: TypeAlias = dict[Side, Point]


class Drawing(NamedTuple):
    """SVG paths in the node's own pixels from (0, 0)."""

    #: Closed; filled and stroked.
    outline: str
    #: Lines on top of it, not filled; "" for none.
    detail: str
    #: Where edges begin and end, by side.
    ports: Ports


class _Shape(NamedTuple):
    outline: str
    detail: str = ""
    ports: Ports | None = None


def _box(w: float, h: float) -> _Shape:
    return _Shape(rounded(w, h, CORNER))


def _sharp_box(w: float, h: float) -> _Shape:
    return _Shape(rounded(w, h, SHARP_CORNER))


def _group(w: float, h: float) -> _Shape:
    return _Shape(rounded(w, h, GROUP_CORNER))


def _pill(w: float, h: float) -> _Shape:
    return _Shape(rounded(w, h, h / 2))


def _ellipse(w: float, h: float) -> _Shape:
    return _Shape(oval(0, 0, w, h))


def _diamond(w: float, h: float) -> _Shape:
    return _Shape(polygon((w / 2, 0), (w, h / 2), (w / 2, h), (0, h / 2)))


def _slanted_ports(w: float, h: float, slant: float) -> Ports:
    return {Side.LEFT: Point(slant / 2, h / 2), Side.RIGHT: Point(w - slant / 2, h / 2)}


def _parallelogram(w: float, h: float) -> _Shape:
    s = min(w * 0.12, h * 0.5)
    outline = polygon((s, 0), (w, 0), (w - s, h), (0, h))
    return _Shape(outline, ports=_slanted_ports(w, h, s))


def _leaning(w: float, h: float) -> _Shape:
    s = min(w * 0.12, h * 0.5)
    outline = polygon((0, 0), (w - s, 0), (w, h), (s, h))
    return _Shape(outline, ports=_slanted_ports(w, h, s))


def _manual_operation(w: float, h: float) -> _Shape:
    s = w * 0.12
    outline = polygon((0, 0), (w, 0), (w - s, h), (s, h))
    return _Shape(outline, ports=_slanted_ports(w, h, s))


def _manual_input(w: float, h: float) -> _Shape:
    outline = polygon((0, h * 0.3), (w, 0), (w, h), (0, h))
    return _Shape(outline, ports={Side.TOP: Point(w / 2, h * 0.15)})


def _hexagon(w: float, h: float) -> _Shape:
    s = min(w * 0.16, h * 0.5)
    return _Shape(polygon((s, 0), (w - s, 0), (w, h / 2), (w - s, h), (s, h), (0, h / 2)))


def _extract(w: float, h: float) -> _Shape:
    ports = {Side.LEFT: Point(w / 4, h / 2), Side.RIGHT: Point(w * 3 / 4, h / 2)}
    return _Shape(polygon((w / 2, 0), (w, h), (0, h)), ports=ports)


def _off_page(w: float, h: float) -> _Shape:
    return _Shape(polygon((0, 0), (w, 0), (w, h * 0.68), (w / 2, h), (0, h * 0.68)))


def _delay(w: float, h: float) -> _Shape:
    r = min(h / 2, w / 2)
    k, q = r * K, (h / 2) * K
    return _Shape(path(
        "M", 0, 0, "L", w - r, 0, "C", w - r + k, 0, w, h / 2 - q, w, h / 2,
        "C", w, h / 2 + q, w - r + k, h, w - r, h, "L", 0, h, "Z",
    ))  # fmt: skip


def _database(w: float, h: float) -> _Shape:
    lid = h * 0.11
    return _Shape(cylinder(w, h, lid), arc(w, lid, lid))


def _router(w: float, h: float) -> _Shape:
    lid = h * 0.16
    dx, dy, cx, cy = w * 0.16, lid * 0.5, w / 2, lid
    cross = f"{line(cx - dx, cy - dy, cx + dx, cy + dy)} {line(cx - dx, cy + dy, cx + dx, cy - dy)}"
    return _Shape(cylinder(w, h, lid), f"{arc(w, lid, lid)} {cross}")


def _document(w: float, h: float) -> _Shape:
    outline = f"{path('M', 0, 0, 'L', w, 0)} {wave(0, 0, w, h)} Z"
    return _Shape(outline, ports={Side.BOTTOM: Point(w / 2, h * 0.88)})


def _documents(w: float, h: float) -> _Shape:
    """A sheet in front of two others, of which the upper and the right edges show."""
    s = min(w * 0.07, h * 0.1)
    front, height = w - 2 * s, h - 2 * s
    low, step = height * 0.88, front + s
    behind = path(
        "M", 0, 2 * s, "L", s, 2 * s, "L", s, s, "L", 2 * s, s, "L", 2 * s, 0, "L", w, 0,
        "L", w, low, "L", step, low, "L", step, low + s, "L", front, low + s,
    )  # fmt: skip
    edges = path(
        "M", 2 * s, s, "L", step, s, "L", step, low,
        "M", s, 2 * s, "L", front, 2 * s, "L", front, low + s,
    )  # fmt: skip
    outline = f"{behind} {wave(0, 2 * s, front, height)} Z"
    return _Shape(outline, edges, {Side.BOTTOM: Point(front / 2, 2 * s + low)})


def _note(w: float, h: float) -> _Shape:
    f = min(16, w * 0.3, h * 0.3)
    outline = polygon((0, 0), (w - f, 0), (w, f), (w, h), (0, h))
    return _Shape(outline, path("M", w - f, 0, "L", w - f, f, "L", w, f))


def _stored_data(w: float, h: float) -> _Shape:
    d = min(w * 0.1, h * 0.3)
    right, left = w - d * 1.33, -d * 0.33
    outline = path(
        "M", d, 0, "L", w, 0, "C", right, h * 0.2, right, h * 0.8, w, h,
        "L", d, h, "C", left, h * 0.8, left, h * 0.2, d, 0, "Z",
    )  # fmt: skip
    return _Shape(outline, ports={Side.RIGHT: Point(w - d, h / 2)})


def _internal_storage(w: float, h: float) -> _Shape:
    detail = f"{line(w * 0.1, 0, w * 0.1, h)} {line(0, h * 0.17, w, h * 0.17)}"
    return _Shape(rounded(w, h, SHARP_CORNER), detail)


def _predefined(w: float, h: float) -> _Shape:
    detail = f"{line(w * 0.08, 0, w * 0.08, h)} {line(w * 0.92, 0, w * 0.92, h)}"
    return _Shape(rounded(w, h, SHARP_CORNER), detail)


def _sequential(w: float, h: float) -> _Shape:
    return _Shape(oval(0, 0, w, h), line(w / 2, h, w, h))


def _server(w: float, h: float) -> _Shape:
    slots = (h * 0.17, h * 0.34)
    lines = [line(0, y, w, y) for y in slots]
    lamps = [oval(w - h * 0.14, y - h * 0.11, h * 0.05, h * 0.05) for y in slots]
    return _Shape(rounded(w, h, CORNER), " ".join([*lines, *lamps]))


def _api(w: float, h: float) -> _Shape:
    near, far = w * 0.045, w * 0.085
    detail = f"{brace(near, far, h)} {brace(w - near, w - far, h)}"
    return _Shape(rounded(w, h, CORNER), detail)


def _cloud(w: float, h: float) -> _Shape:
    outline = path(
        "M", w * 0.22, h, "C", w * 0.08, h, 0, h * 0.88, 0, h * 0.72,
        "C", 0, h * 0.56, w * 0.07, h * 0.44, w * 0.17, h * 0.42,
        "C", w * 0.16, h * 0.2, w * 0.3, h * 0.06, w * 0.44, h * 0.14,
        "C", w * 0.52, -h * 0.05, w * 0.8, -h * 0.04, w * 0.82, h * 0.3,
        "C", w * 0.94, h * 0.32, w, h * 0.46, w, h * 0.66,
        "C", w, h * 0.86, w * 0.92, h, w * 0.78, h, "Z",
    )  # fmt: skip
    return _Shape(outline, ports={Side.TOP: Point(w * 0.5, h * 0.06)})


def _user(w: float, h: float) -> _Shape:
    """A head over shoulders."""
    r = min(h * 0.2, w * 0.25)
    top = min(h * 0.44, 2 * r + 3)
    bend = min(w * 0.3, (h - top) * 0.8)
    k = bend * (1 - K)
    shoulders = path(
        "M", 0, h, "L", 0, top + bend, "C", 0, top + k, k, top, bend, top,
        "L", w - bend, top, "C", w - k, top, w, top + k, w, top + bend, "L", w, h, "Z",
    )  # fmt: skip
    ports = {Side.LEFT: Point(0, h * 0.78), Side.RIGHT: Point(w, h * 0.78)}
    return _Shape(f"{oval(w / 2 - r, 0, 2 * r, 2 * r)} {shoulders}", ports=ports)


_SHAPES: dict[str, Callable[[float, float], _Shape]] = {
    "start": _pill,
    "end": _pill,
    "process": _box,
    "decision": _diamond,
    "predefined-process": _predefined,
    "manual-operation": _manual_operation,
    "delay": _delay,
    "connector": _ellipse,
    "off-page-connector": _off_page,
    "extract": _extract,
    "input": _parallelogram,
    "output": _leaning,
    "manual-input": _manual_input,
    "document": _document,
    "multiple-documents": _documents,
    "note": _note,
    "database": _database,
    "stored-data": _stored_data,
    "internal-storage": _internal_storage,
    "sequential-data": _sequential,
    "server": _server,
    "router": _router,
    "api": _api,
    "cloud": _cloud,
    "user": _user,
    "rectangle": _sharp_box,
    "default": _box,
    "circle": _ellipse,
    "ellipse": _ellipse,
    "diamond": _diamond,
    "hexagon": _hexagon,
    "group": _group,
}


@lru_cache(MAX_REMEMBERED)
def drawing_of(type_: str, width: float, height: float) -> Drawing:
    """The drawing of a node of this type and size in pixels; unknown types get a box."""
    outline, detail, ports = _SHAPES.get(type_, _box)(width, height)
    return Drawing(outline, detail, {**_middles(width, height), **(ports or {})})


def _middles(w: float, h: float) -> Ports:
    return {
        Side.TOP: Point(w / 2, 0),
        Side.RIGHT: Point(w, h / 2),
        Side.BOTTOM: Point(w / 2, h),
        Side.LEFT: Point(0, h / 2),
    }
