"""The children of one container as blocks: parts that hang together, each laid out by itself."""

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from gateway.geometry.boxes import Box, Size, bounds
from gateway.layout.graph import STEP, Centers, Graph, Link, components, part_of, stepped
from gateway.layout.levels import Join
from gateway.layout.packing import packed

#: Lays one connected graph out.
Arrange: TypeAlias = Callable[[Graph], Centers]


class Block(NamedTuple):
    """Boxes by id from (0, 0), and the room they take; all in whole steps."""

    boxes: dict[str, Box]
    size: Size


def blocks_of(
    ids: list[str], sizes: dict[str, Size], joins: list[Join], arrange: Arrange
) -> list[Block]:
    """One block for each part of the children that hangs together, in their order."""
    number = {identifier: i for i, identifier in enumerate(ids)}
    links = [
        Link(number[join.source], number[join.target], join.label)
        for join in joins
        if join.source in number and join.target in number
    ]
    graph = Graph([sizes[identifier] for identifier in ids], links)
    return [
        _block([ids[node] for node in part], part_of(graph, part), arrange)
        for part in _parts(graph)
    ]


def _parts(graph: Graph) -> list[list[int]]:
    return components(len(graph.sizes), graph.links)


def _block(ids: list[str], graph: Graph, arrange: Arrange) -> Block:
    boxes = {
        identifier: Box(x - width / 2, y - height / 2, width, height)
        for identifier, (x, y), (width, height) in zip(
            ids, arrange(graph), graph.sizes, strict=True
        )
    }
    return at_origin(boxes)


def at_origin(boxes: dict[str, Box]) -> Block:
    """The boxes moved by whole steps so that they begin at (0, 0), or less than a step after."""
    around = bounds(boxes.values())
    dx, dy = -math.floor(around.x / STEP) * STEP, -math.floor(around.y / STEP) * STEP
    moved = {identifier: box.moved(dx, dy) for identifier, box in boxes.items()}
    return Block(moved, Size(stepped(around.right + dx), stepped(around.bottom + dy)))


def side_by_side(blocks: list[Block], gap: float) -> Block:
    """All blocks as one, in rows."""
    corners = packed([block.size for block in blocks], gap)
    boxes: dict[str, Box] = {}
    for block, (x, y) in zip(blocks, corners, strict=True):
        boxes.update((key, box.moved(x, y)) for key, box in block.boxes.items())
    return at_origin(boxes)


def one_by_one(ids: list[str], sizes: dict[str, Size], gap: float) -> Block:
    """Each child a block of its own: compact, whatever the edges say."""
    singles = [
        at_origin({key: Box(-width / 2, -height / 2, width, height)})
        for key in ids
        for width, height in (sizes[key],)
    ]
    return side_by_side(singles, gap)
