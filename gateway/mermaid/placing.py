"""Positions for a diagram that has none: a plain grid by rank, until a layout is asked for.

A node's rank is its distance from the nodes that nothing points to. Each group is a grid of its
own, as large as what is in it; positions inside it are relative to it, as in React Flow.
"""

from collections import defaultdict, deque
from typing import Final

from ot.diagram import Element

#: React Flow's pixels.
NODE_WIDTH: Final = 160
NODE_HEIGHT: Final = 60
GAP: Final = 60
PADDING: Final = 40
#: Nodes beside each other; more of one rank go on in the next row.
MAX_ROW: Final = 12


def place(nodes: dict[str, Element], edges: dict[str, Element], direction: str) -> None:
    """Gives every node a ``position``, and every group its ``width`` and ``height``.

    ``nodes`` are new elements that nobody else has yet; parents come before their children.
    """
    ranks = _ranks(nodes, edges)
    children: dict[str | None, list[str]] = defaultdict(list)
    for identifier, node in nodes.items():
        children[node.get("parentId")].append(identifier)
    sizes: dict[str, tuple[int, int]] = {}
    for parent in [*reversed([i for i in nodes if i in children]), None]:
        sized = _grid(children[parent], nodes, ranks, sizes, direction)
        if parent is not None:
            sizes[parent] = sized
            nodes[parent]["width"], nodes[parent]["height"] = sized
            ranks[parent] = min(ranks[child] for child in children[parent])


def _ranks(nodes: dict[str, Element], edges: dict[str, Element]) -> dict[str, int]:
    targets: dict[str, list[str]] = defaultdict(list)
    waiting = dict.fromkeys(nodes, 0)
    for edge in edges.values():
        if edge["source"] != edge["target"]:
            targets[edge["source"]].append(edge["target"])
            waiting[edge["target"]] += 1
    ranks: dict[str, int] = {}
    # Where everything is on a cycle, the first in the text comes first.
    for start in [*(i for i in nodes if not waiting[i]), *nodes]:
        if start not in ranks:
            _spread(start, ranks, targets)
    return ranks


def _spread(start: str, ranks: dict[str, int], targets: dict[str, list[str]]) -> None:
    ranks[start] = 0
    line = deque([start])
    while line:
        node = line.popleft()
        for target in targets[node]:
            if target not in ranks:
                ranks[target] = ranks[node] + 1
                line.append(target)


def _grid(
    items: list[str],
    nodes: dict[str, Element],
    ranks: dict[str, int],
    sizes: dict[str, tuple[int, int]],
    direction: str,
) -> tuple[int, int]:
    """Places the items of one container; the size it needs."""
    rows: dict[int, list[str]] = defaultdict(list)
    for item in items:
        rows[ranks[item]].append(item)
    order = [rows[rank][i : i + MAX_ROW] for rank in sorted(rows)
             for i in range(0, len(rows[rank]), MAX_ROW)]  # fmt: skip
    across = direction in ("LR", "RL")
    along, widest = PADDING, 0
    for row in reversed(order) if direction in ("RL", "BT") else order:
        beside, deepest = PADDING, 0
        for item in row:
            width, height = sizes.get(item, (NODE_WIDTH, NODE_HEIGHT))
            x, y = (along, beside) if across else (beside, along)
            nodes[item]["position"] = {"x": x, "y": y}
            beside += (height if across else width) + GAP
            deepest = max(deepest, width if across else height)
        along += deepest + GAP
        widest = max(widest, beside)
    size = along - GAP + PADDING, widest - GAP + PADDING
    return size if across else (size[1], size[0])
