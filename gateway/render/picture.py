"""A diagram as SVG."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from gateway.geometry.boxes import Box, Point, bounds
from gateway.geometry.fields import type_of
from gateway.geometry.kinds import FONT_SIZE
from gateway.geometry.shapes import drawing_of
from gateway.render.bulk import Bulk, bulk_of
from gateway.render.cards import empty_card, text_card
from gateway.render.colours import Colour, read_colour
from gateway.render.edges import edge_line, svg_path
from gateway.render.fonts import FAMILIES
from gateway.render.frame import frame_of, longer_side, node_box
from gateway.render.labels import edge_label
from gateway.render.limits import MAX_TITLE
from gateway.render.looks import edge_look_of, look_of
from gateway.render.marks import (
    Change,
    Changes,
    badge,
    badge_place,
    edge_ghost,
    ghost,
    halo,
    legend,
    legend_below,
    with_removed,
    with_room_for_legend,
)
from gateway.render.markup import element_of, escaped, number, opacity, paint, rectangle
from gateway.render.nodes import node_shape, node_texts
from gateway.render.options import (
    DEFAULT_OPTIONS,
    Around,
    Marks,
    RenderError,
    RenderOptions,
    check_options,
)
from gateway.render.paint_order import LABEL_HEIGHT, by_id, edge_height, node_depths, node_heights
from gateway.render.palette import PALETTES, Palette
from gateway.render.stage import Stage
from ot.diagram import Diagram

#: Of what a view is not about.
_FAINT = 0.3
#: Room for strokes, arrowheads and halos beyond what an element covers, in flow units.
_OVERHANG = 30.0


class Picture(NamedTuple):
    """What is drawn, before it has a size in pixels."""

    frame: Box
    body: str
    title: str
    back: Colour
    bulk: Bulk = Bulk()

    def svg(self, scale: float) -> str:
        """The document, ``scale`` pixels for one flow unit."""
        x, y, width, height = self.frame
        size = f'width="{max(1, round(width * scale))}" height="{max(1, round(height * scale))}"'
        box = " ".join(map(number, (x, y, width, height)))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{box}" role="img" '
            f'xml:space="preserve" font-family="{FAMILIES}" font-size="{FONT_SIZE}" '
            'text-anchor="middle" stroke-linejoin="round" stroke-linecap="round" '
            'style="font-kerning:none;font-variant-ligatures:none">'
            f"<title>{escaped(self.title[:MAX_TITLE])}</title>"
            f"{rectangle(self.frame, paint('fill', self.back))}{self.body}</svg>"
        )


def render_svg(diagram: Diagram, options: RenderOptions = DEFAULT_OPTIONS) -> str:
    """The picture as an SVG document, the same text for the same input. Raises RenderError."""
    picture = compose(diagram, options)
    return picture.svg(min(1.0, options.max_side_px / longer_side(picture.frame)))


def compose(diagram: Diagram, options: RenderOptions) -> Picture:
    """The picture without its size. Raises RenderError."""
    check_options(options)
    palette = PALETTES[options.theme]
    back = _background(options, palette)
    shown = diagram if options.marks is None else with_removed(diagram, options.marks)
    if shown.nodes:
        painter = _Painter(shown, options, back)
        return Picture(*painter.paint(), diagram.title, back, painter.bulk())
    if diagram.kind == "mermaid":
        frame, body = text_card(diagram, palette)
    else:
        frame, body = empty_card(palette)
    return Picture(frame, body, diagram.title, back)


def _background(options: RenderOptions, palette: Palette) -> Colour:
    if options.background is None:
        return palette.paper
    colour = read_colour(options.background)
    if colour is None:
        raise RenderError("bad_option", "Give a colour, or transparent.", "background")
    return colour


class _Layer(NamedTuple):
    """Something to be painted; the smallest first, by the height, then what it is, then its id."""

    height: float
    #: At the same height halos lie below lines, those below labels, and those below nodes.
    rank: int
    depth: int
    #: Of what lies at one height the faint lies below, so that all of it is one group.
    is_clear: bool
    key: bytes
    draw: Callable[[str], str]
    identifier: str


class _Painter:
    """Paints one diagram."""

    def __init__(self, diagram: Diagram, options: RenderOptions, back: Colour) -> None:
        self.palette = PALETTES[options.theme]
        self.plate_colour = back if back.alpha >= 1 else self.palette.paper
        self.marked = options.marks is not None
        self.changes = Changes(options.marks or Marks())
        self.stage = Stage(diagram)
        self.view = options.view
        self.focus: frozenset[str] | None = None
        if isinstance(self.view, Around):
            self.focus = frozenset(self.stage.around(self.view))
        self.frame = frame_of(self.stage, self.view, self.focus)
        #: Flow units of a pixel, at least 1: marks are as large in the picture of a large diagram.
        self.unit = max(1.0, longer_side(self.frame) / options.max_side_px)
        if self.marked:
            self.frame = with_room_for_legend(self.frame, self.changes, self.unit)

    def paint(self) -> tuple[Box, str]:
        layers = sorted(self._layers(), key=lambda layer: layer[:5])
        runs = groupby(layers, key=lambda layer: layer.is_clear)
        body = "".join(_run(run, is_clear=is_clear) for is_clear, run in runs)
        if not self.marked:
            return self.frame, body
        strip = legend_below(self.frame, self.unit)
        below = legend(self.changes, strip, self.palette, self.unit)
        return bounds((self.frame, strip)), body + below

    def bulk(self) -> Bulk:
        """What decides how many bytes the picture has."""
        stage, frame = self.stage, self.frame
        nodes = sum(stage.scene.boxes[key].overlaps(frame) for key in stage.nodes)
        lines = [(stage.routes[key].path, box) for key, box in stage.edge_boxes.items()]
        return bulk_of(nodes, lines, frame)

    def _layers(self) -> Iterator[_Layer]:
        stage, scene = self.stage, self.stage.scene
        heights, depths = node_heights(scene), node_depths(scene)
        seen = self.frame.grown(_OVERHANG)
        for key in stage.nodes:
            if node_box(stage, key).overlaps(seen):
                clear, at = self.focus is None or key in self.focus, by_id(key)
                yield _Layer(heights[key], 2, depths[key], clear, at, self._node, key)
                if key in self.changes.nodes:
                    yield _Layer(heights[key], -1, 0, True, at, self._halo, key)
        for key, box in stage.edge_boxes.items():
            if box.grown(1).overlaps(seen):
                height = edge_height(stage.elements[key], scene, heights)
                clear, at = self.focus is None or stage.joins(key, self.focus), by_id(key)
                yield _Layer(height, 0, 0, clear, at, self._edge, key)
                if stage.labels[key] or key in self.changes.edges:
                    yield _Layer(LABEL_HEIGHT, 1, 0, clear, at, self._edge_label, key)

    def _halo(self, key: str) -> str:
        """Below the edges, whose arrowheads it would cover."""
        box = self.stage.scene.boxes[key]
        outline = drawing_of(type_of(self.stage.scene.nodes[key]), box.width, box.height).outline
        glow = halo(outline, self.changes.nodes[key], self.palette, self.unit, is_edge=False)
        return f'<g transform="translate({number(box.x)} {number(box.y)})">{glow}</g>'

    def _node(self, key: str) -> str:
        scene = self.stage.scene
        element, box = scene.nodes[key], scene.boxes[key]
        change = self.changes.nodes.get(key)
        look = look_of(element, self.palette)
        if change is Change.REMOVED:
            look = ghost(look, self.palette)
        drawing = drawing_of(type_of(element), box.width, box.height)
        holds_others = scene.is_group(key)
        dim = self.palette.ink_dim
        parts = [node_shape(drawing, box.size, look)]
        parts.append(node_texts(element, box.size, look, dim, holds_others=holds_others))
        if change is not None:
            parts.append(
                badge(change, badge_place(type_of(element), box.size), self.palette, self.unit)
            )
        place = f' transform="translate({number(box.x)} {number(box.y)})"'
        share = opacity(look.opacity)
        return f"<g {element_of('node', key)}{place}{share}{_struck(change)}>{''.join(parts)}</g>"

    def _edge(self, key: str) -> str:
        element, route = self.stage.elements[key], self.stage.routes[key]
        look = edge_look_of(element, self.palette)
        change = self.changes.edges.get(key)
        glow = ""
        if change is Change.REMOVED:
            look = edge_ghost(look, self.palette)
        elif change is not None:
            glow = halo(svg_path(route.path), change, self.palette, self.unit, is_edge=True)
        line = edge_line(route.path, element, look)
        share = opacity(look.opacity)
        return f"<g {element_of('edge', key)}{share}>{glow}{line}</g>"

    def _edge_label(self, key: str) -> str:
        change, plate = self.changes.edges.get(key), self.stage.plate(key)
        parts = []
        if plate is not None:
            lines = self.stage.labels[key]
            ink = self.palette.removed if change is Change.REMOVED else self.palette.ink
            parts.append(edge_label(lines, plate, ink, self.plate_colour))
        if change is not None:
            middle = self.stage.routes[key].path.label
            at = middle if plate is None else Point(plate.right, plate.y)
            parts.append(badge(change, at, self.palette, self.unit))
        return f"<g {element_of('label', key)}{_struck(change)}>{''.join(parts)}</g>"


def _run(layers: Iterable[_Layer], *, is_clear: bool) -> str:
    """Layers that lie on each other. A group that lets something through is drawn on a sheet of its
    own, which takes a millisecond or two: so the faint ones share one."""
    body = "".join(layer.draw(layer.identifier) for layer in layers)
    return body if is_clear else f"<g{opacity(_FAINT)}>{body}</g>"


def _struck(change: Change | None) -> str:
    return ' text-decoration="line-through"' if change is Change.REMOVED else ""
