"""A tree laid out with subtrees as close as their outlines allow, parents above the middle.

After Reingold and Tilford (1981), for nodes of any size, without recursion and in linear time: the
outline of a subtree is kept from its deepest level up, and the shorter outline is merged into the
longer one.
"""

from collections import defaultdict
from typing import NamedTuple

from gateway.geometry.boxes import Point
from gateway.layout.graph import (
    STEP,
    Centers,
    Direction,
    Graph,
    Link,
    part_of,
    stepped,
    turned,
    turned_back,
)
from gateway.layout.work import Work


class Tree(NamedTuple):
    root: int
    children: dict[int, list[int]]
    #: Every node after its parent.
    order: list[int]
    depth: list[int]


class Outline(NamedTuple):
    """Left and right ends of a subtree by level, the deepest first, and the middle of its root."""

    left: list[int]
    right: list[int]
    middle: int


def is_tree(graph: Graph) -> bool:
    """Whether a connected graph has no two ways between the same nodes."""
    joined = {frozenset(link[:2]) for link in graph.links if link.source != link.target}
    return len(joined) == len(graph.sizes) - 1


def tree(graph: Graph, direction: Direction | None, spacing: float, work: Work) -> Centers:
    """Middles of the nodes of one connected graph, multiples of STEP.

    Edges that are not of the tree are left out of account. Without a direction the branches go to
    both sides of the root, half to the right and half to the left.
    """
    if direction is not None:
        return _one_sided(graph, direction, spacing, work)
    return _two_sided(graph, spacing, work)


def _one_sided(graph: Graph, direction: Direction, spacing: float, work: Work) -> Centers:
    graph = turned(graph, direction)
    found = spanning_tree(graph)
    work.enter("placing")
    work.finish(2 * len(graph.sizes))
    across, along = _across(found, graph, spacing), _along(found, graph, spacing)
    return turned_back([Point(x, y) for x, y in zip(across, along, strict=True)], direction)


def _two_sided(graph: Graph, spacing: float, work: Work) -> Centers:
    found = spanning_tree(graph)
    centers = [Point(0, 0)] * len(graph.sizes)
    for branches, direction in zip(_halves(found), ("LR", "RL"), strict=True):
        nodes = [found.root, *branches]
        part = part_of(_tree_alone(graph, found, set(nodes)), nodes)
        side: Direction = "LR" if direction == "LR" else "RL"
        places = _one_sided(part, side, spacing, work)
        for node, (x, y) in zip(nodes, places, strict=True):
            centers[node] = Point(x - places[0].x, y - places[0].y)
    return centers


def _tree_alone(graph: Graph, found: Tree, nodes: set[int]) -> Graph:
    """The graph with the links of the tree alone, from parent to child, among these nodes."""
    label = {frozenset(link[:2]): link.label for link in graph.links}
    links = [
        Link(parent, child, label[frozenset((parent, child))])
        for parent, children in found.children.items()
        for child in children
        if parent in nodes and child in nodes
    ]
    return Graph(graph.sizes, links)


def _halves(found: Tree) -> tuple[list[int], list[int]]:
    """The nodes below the root in two sides of about the same number, branches kept whole."""
    branch: dict[int, int] = {}
    members: defaultdict[int, list[int]] = defaultdict(list)
    for node in found.order:
        for child in found.children.get(node, ()):
            branch[child] = child if node == found.root else branch[node]
            members[branch[child]].append(child)
    right: list[int] = []
    left: list[int] = []
    for child in found.children.get(found.root, ()):
        if 2 * len(right) + len(members[child]) <= len(found.order) or not right:
            right += members[child]
        else:
            left += members[child]
    return right, left


def spanning_tree(graph: Graph) -> Tree:
    """The tree of shortest ways from the root: the first node nothing leads to, else the first."""
    count = len(graph.sizes)
    neighbours: defaultdict[int, dict[int, None]] = defaultdict(dict)
    entered = [0] * count
    for a, b, _ in graph.links:
        neighbours[a][b] = None
        entered[b] += a != b
    for a, b, _ in graph.links:
        neighbours[b].setdefault(a, None)
    root = min(range(count), key=lambda node: (entered[node] > 0, -len(neighbours[node]), node))
    depth = [-1] * count
    depth[root] = 0
    order = [root]
    children: dict[int, list[int]] = {}
    for node in order:
        for other in neighbours[node]:
            if depth[other] < 0:
                depth[other] = depth[node] + 1
                children.setdefault(node, []).append(other)
                order.append(other)
    return Tree(root, children, order, depth)


def _along(found: Tree, graph: Graph, spacing: float) -> list[int]:
    """How far down each node stands: the middle of its level."""
    deepest = max(found.depth)
    half = [0] * (deepest + 1)
    for node, depth in enumerate(found.depth):
        half[depth] = max(half[depth], stepped(graph.sizes[node].height / 2))
    gap = [spacing] * (deepest + 1)
    for a, b, label in graph.links:
        lower = max(found.depth[a], found.depth[b])
        if label.height and abs(found.depth[a] - found.depth[b]) == 1:
            gap[lower] = max(gap[lower], label.height + spacing / 2)
    middle = [0] * (deepest + 1)
    for depth in range(1, deepest + 1):
        middle[depth] = middle[depth - 1] + half[depth - 1] + stepped(gap[depth]) + half[depth]
    return [middle[depth] for depth in found.depth]


def _across(found: Tree, graph: Graph, spacing: float) -> list[int]:
    """How far right each node stands, from the outlines of all subtrees."""
    gap = stepped(spacing)
    outlines: dict[int, Outline] = {}
    #: Where the frame of a child's outline lies in the frame of its parent's.
    offset = [0] * len(graph.sizes)
    middle = [0] * len(graph.sizes)
    for node in reversed(found.order):
        children = found.children.get(node, [])
        parts = [outlines.pop(child) for child in children]
        left, right, center, offsets = _joined(parts, gap)
        for child, by in zip(children, offsets, strict=True):
            offset[child] = by
        half = stepped(graph.sizes[node].width / 2)
        left.append(center - half)
        right.append(center + half)
        outlines[node] = Outline(left, right, center)
        middle[node] = center
    frame = [0] * len(graph.sizes)
    for node in found.order:
        for child in found.children.get(node, ()):
            frame[child] = frame[node] + offset[child]
    return [frame[node] + middle[node] for node in range(len(middle))]


def _joined(parts: list[Outline], gap: int) -> tuple[list[int], list[int], int, list[int]]:
    """Outlines side by side as one, in the frame of the deepest of them.

    Returns both ends by level, the middle between the first root and the last, and where the frame
    of each part lies in the frame of the result.
    """
    if not parts:
        return [], [], 0, []
    left, right, base = parts[0].left, parts[0].right, 0
    places = [0]
    for part in parts[1:]:
        levels = range(1, min(len(left), len(part.left)) + 1)
        place = max(right[-i] + base - part.left[-i] for i in levels) + gap
        places.append(place)
        if len(part.left) > len(left):
            for i in levels:
                part.left[-i] = left[-i] + base - place
            left, right, base = part.left, part.right, place
        else:
            for i in levels:
                right[-i] = part.right[-i] + place - base
    first, last = places[0] + parts[0].middle, places[-1] + parts[-1].middle
    center = (first + last) // (2 * STEP) * STEP - base
    return left, right, center, [place - base for place in places]
