"""Which part of the plane a picture shows, and how large it is."""

from gateway.geometry.boxes import Box, bounds
from gateway.geometry.fields import type_of
from gateway.geometry.kinds import KINDS
from gateway.render.limits import MARGIN, MIN_ASPECT
from gateway.render.nodes import TYPE_NAME_HEIGHT
from gateway.render.options import Around, Region
from gateway.render.stage import Stage


def frame_of(stage: Stage, view: Region | Around | None, focus: frozenset[str] | None) -> Box:
    """The rectangle that is shown, in flow units; never empty."""
    if isinstance(view, Region):
        return _not_too_narrow(Box(view.x, view.y, view.width, view.height))
    nodes = stage.nodes if focus is None else [key for key in stage.nodes if key in focus]
    boxes = [node_box(stage, key) for key in nodes]
    margin = view.padding if isinstance(view, Around) else MARGIN
    boxes += [
        box for key, box in stage.edge_boxes.items() if focus is None or stage.joins(key, focus)
    ]
    return _not_too_narrow(bounds(boxes).grown(max(margin, 1)))


def node_box(stage: Stage, identifier: str) -> Box:
    """What a node covers, its type's name included."""
    box = stage.scene.boxes[identifier]
    if type_of(stage.scene.nodes[identifier]) in KINDS:
        return box
    return Box(box.x, box.y, box.width, box.height + TYPE_NAME_HEIGHT)


def _not_too_narrow(box: Box) -> Box:
    least = max(box.width, box.height) * MIN_ASPECT
    width, height = max(box.width, least), max(box.height, least)
    return Box(box.x - (width - box.width) / 2, box.y - (height - box.height) / 2, width, height)


def longer_side(frame: Box) -> float:
    return max(frame.width, frame.height)
