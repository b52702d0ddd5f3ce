"""What is to be laid out: boxes without a place, joined by edges. Nodes are numbers from 0."""

import math
from collections import defaultdict
from typing import Literal, NamedTuple, TypeAlias

from gateway.geometry.boxes import Point, Size

#: Where the flow goes: top to bottom, bottom to top, left to right, right to left.
Direction: TypeAlias = Literal["TB", "BT", "LR", "RL"]

#: Middles of nodes stand on multiples of it, so that what is nearly in line is in line; pixels.
STEP = 10


class Link(NamedTuple):
    """An edge between two nodes, and the room its label takes."""

    source: int
    target: int
    label: Size = Size(0, 0)


class Graph(NamedTuple):
    sizes: list[Size]
    links: list[Link]


#: The middle of every node, by its number.
Centers: TypeAlias = list[Point]


def stepped(length: float) -> int:
    """The length, made longer to a multiple of STEP."""
    return math.ceil(length / STEP) * STEP


def components(count: int, links: list[Link]) -> list[list[int]]:
    """The nodes that hang together, each part in the order of its numbers."""
    neighbours: defaultdict[int, list[int]] = defaultdict(list)
    for link in links:
        neighbours[link.source].append(link.target)
        neighbours[link.target].append(link.source)
    seen = [False] * count
    parts = []
    for start in range(count):
        if seen[start]:
            continue
        seen[start] = True
        part = [start]
        for node in part:
            for other in neighbours[node]:
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        parts.append(sorted(part))
    return parts


def part_of(graph: Graph, nodes: list[int]) -> Graph:
    """The graph of these nodes alone, numbered anew; ``nodes`` holds both ends of their links."""
    number = {node: i for i, node in enumerate(nodes)}
    links = [Link(number[a], number[b], label) for a, b, label in graph.links if a in number]
    return Graph([graph.sizes[node] for node in nodes], links)


def turned(graph: Graph, direction: Direction) -> Graph:
    """The graph as it is laid out from top to bottom: sizes lie down where the flow does."""
    if direction in ("TB", "BT"):
        return graph
    sizes = [Size(height, width) for width, height in graph.sizes]
    links = [Link(a, b, Size(label.height, label.width)) for a, b, label in graph.links]
    return Graph(sizes, links)


def turned_back(centers: Centers, direction: Direction) -> Centers:
    """Middles of a layout from top to bottom, for the direction that was wanted."""
    if direction == "TB":
        return centers
    if direction == "BT":
        return [Point(x, -y) for x, y in centers]
    if direction == "LR":
        return [Point(y, x) for x, y in centers]
    return [Point(-y, x) for x, y in centers]
