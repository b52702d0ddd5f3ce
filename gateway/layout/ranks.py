"""Which layer a node belongs to: edges without cycles, and every edge leading down."""

from collections import defaultdict
from collections.abc import Iterable

Pairs = list[tuple[int, int]]


def acyclic(count: int, pairs: Iterable[tuple[int, int]]) -> Pairs:
    """Each pair once, without loops; the pairs that would close a cycle are turned round.

    A depth-first walk that starts where nothing leads to, in the order of the numbers: what leads
    back to a node still being walked is turned.
    """
    successors: defaultdict[int, list[int]] = defaultdict(list)
    entered = [0] * count
    for a, b in dict.fromkeys(pairs):
        if a != b:
            successors[a].append(b)
            entered[b] += 1
    order = _finishing_order(count, successors, entered)
    found = dict.fromkeys(
        (a, b) if order[a] > order[b] else (b, a) for a in range(count) for b in successors[a]
    )
    return list(found)


def _finishing_order(count: int, successors: dict[int, list[int]], entered: list[int]) -> list[int]:
    """When the walk leaves each node; it leaves a node after all that the node leads to."""
    left_at = [-1] * count
    seen = [False] * count
    time = 0
    for start in sorted(range(count), key=lambda node: entered[node] > 0):
        if seen[start]:
            continue
        seen[start] = True
        walk = [(start, iter(successors[start]))]
        while walk:
            node, rest = walk[-1]
            following = next((other for other in rest if not seen[other]), None)
            if following is None:
                left_at[node] = time
                time += 1
                walk.pop()
            else:
                seen[following] = True
                walk.append((following, iter(successors[following])))
    return left_at


def longest_path_ranks(count: int, pairs: Pairs) -> list[int]:
    """The layer of each node from 0, for pairs without cycles; short edges where it is easy."""
    successors: defaultdict[int, list[int]] = defaultdict(list)
    predecessors: defaultdict[int, list[int]] = defaultdict(list)
    for a, b in pairs:
        successors[a].append(b)
        predecessors[b].append(a)
    order = _topological(count, successors, predecessors)
    rank = [0] * count
    for node in order:
        rank[node] = max((rank[a] + 1 for a in predecessors[node]), default=0)
    for node in reversed(order):
        after, before = successors[node], predecessors[node]
        if after and len(after) > len(before):
            rank[node] = min(rank[b] for b in after) - 1
    return rank


def _topological(
    count: int, successors: dict[int, list[int]], predecessors: dict[int, list[int]]
) -> list[int]:
    open_ends = [len(predecessors[node]) for node in range(count)]
    order = [node for node in range(count) if not open_ends[node]]
    for node in order:
        for following in successors[node]:
            open_ends[following] -= 1
            if not open_ends[following]:
                order.append(following)
    return order
