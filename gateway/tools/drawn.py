"""A picture, together with what there is to say about it. For a worker process: it takes long."""

from typing import Literal, TypeAlias

import msgspec

from gateway.engine.jobs import to_draw
from gateway.geometry.boxes import Box
from gateway.geometry.scene import Scene
from gateway.render.frame import longer_side
from gateway.render.marks import Changes
from gateway.render.options import Marks, RenderOptions
from gateway.render.picture import compose
from gateway.render.png import png_of
from ot.diagram import Diagram

PictureFormat: TypeAlias = Literal["png", "svg"]

#: Where a PNG keeps its width and its height, four bytes each.
_PNG_WIDTH, _PNG_HEIGHT = slice(16, 20), slice(20, 24)


class Drawing(msgspec.Struct, frozen=True):
    """``content`` is a PNG or the text of an SVG; ``region`` is what it shows, in flow units."""

    content: bytes | str
    width_px: int
    height_px: int
    region: Box
    nodes_seen: int
    #: Nodes and edges that are marked, by ``added``, ``changed`` and ``removed``.
    marked: dict[str, int]


def draw(
    diagram: Diagram, options: RenderOptions, before: Diagram | None, wanted: PictureFormat
) -> Drawing:
    """``before``: what has changed since then is marked. Raises RenderError."""
    drawn, options = to_draw(diagram, options, before)
    picture = compose(drawn, options)
    content: bytes | str
    if wanted == "png":
        content = png_of(picture, options)
        width, height = (int.from_bytes(content[at]) for at in (_PNG_WIDTH, _PNG_HEIGHT))
    else:
        scale = min(1.0, options.max_side_px / longer_side(picture.frame))
        content = picture.svg(scale)
        width, height = (max(1, round(side * scale)) for side in picture.frame.size)
    return Drawing(
        content=content,
        width_px=width,
        height_px=height,
        region=picture.frame,
        nodes_seen=_nodes_in(drawn, picture.frame),
        marked={str(change): n for change, n in Changes(options.marks or Marks()).counts()},
    )


def _nodes_in(diagram: Diagram, region: Box) -> int:
    """How many nodes are at least partly inside; hidden ones are not seen."""
    boxes = Scene(diagram.nodes).boxes
    return sum(
        box.overlaps(region) and diagram.nodes[key].get("hidden") is not True
        for key, box in boxes.items()
    )
