"""Layers with an order inside: which node stands left of which, so that few edges cross.

Small graphs go through fast-sugiyama. What it gives is checked, and what it may be given is
bounded, because it can neither be interrupted nor let other threads run: larger graphs are ordered
here, by sweeps of the barycentre heuristic (Sugiyama, Tagawa, Toda 1981).
"""

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from fast_sugiyama import from_edges

from gateway.layout.ranks import Pairs, longest_path_ranks
from gateway.layout.work import Work

#: Nodes plus bends of long edges that the library is given, some 0.1 s of its time.
MAX_LIBRARY_VERTICES = 1_000
#: Up to so many it also exchanges neighbours, which takes several times as long.
MAX_TRANSPOSED_VERTICES = 300
#: Bends that stand for long edges; beyond it the longest edges have no say in the order.
MAX_BENDS = 30_000
#: Sweeps of the heuristic, down and up.
SWEEPS = 8


class Layers(NamedTuple):
    """Nodes by layer, from left to right. Numbers from ``nodes`` on are bends of long edges."""

    nodes: int
    rows: list[list[int]]
    #: Neighbours in the layer above, and in the one below, by number.
    above: dict[int, list[int]]
    below: dict[int, list[int]]


def ordered_layers(count: int, pairs: Pairs, work: Work) -> Layers:
    """Layers of a connected graph whose pairs have no cycle."""
    ranks = longest_path_ranks(count, pairs)
    vertices = count + sum(ranks[b] - ranks[a] - 1 for a, b in pairs)
    if pairs and vertices <= MAX_LIBRARY_VERTICES:
        found = _library_layers(count, pairs, transpose=vertices <= MAX_TRANSPOSED_VERTICES)
        if found is not None:
            return found
    layers = _with_bends(count, pairs, ranks)
    _sweep(layers, work)
    return layers


def _library_layers(count: int, pairs: Pairs, *, transpose: bool) -> Layers | None:
    """As fast-sugiyama lays it out; ``None`` where an edge of its result does not lead down.

    It ends the whole process on a loop, so what comes here has neither loops nor cycles.
    """
    ((positions, _, _, steps),) = from_edges(
        pairs,
        minimum_length=1,
        vertex_spacing=10,
        dummy_vertices=True,
        dummy_size=5,
        ranking_type="minimize",
        crossing_minimization="barycenter",
        transpose=transpose,
        check_layout=False,
    )
    place = {int(vertex): point for vertex, point in positions}
    if any(place[a][1] <= place[b][1] for a, b in pairs):
        return None
    bends = sorted(number for number in place if number >= count)
    number = {bend: count + i for i, bend in enumerate(bends)}
    rows: defaultdict[float, list[int]] = defaultdict(list)
    for vertex in sorted(place, key=lambda vertex: (place[vertex][0], vertex)):
        rows[-place[vertex][1]].append(number.get(vertex, vertex))
    ends = [(int(a), int(b)) for a, b in steps or ()]
    short = [(number.get(a, a), number.get(b, b)) for a, b in ends]
    return _layers(count, _read_forwards(count, [rows[y] for y in sorted(rows)]), short)


def _read_forwards(count: int, rows: list[list[int]]) -> list[list[int]]:
    """The rows, or all of them mirrored, which crosses as few edges: as more neighbours then stand
    in the order of their numbers, so that what a diagram says first is on the left."""
    forwards = 0
    for row in rows:
        nodes = [vertex for vertex in row if vertex < count]
        forwards += sum(1 if a < b else -1 for a, b in pairwise(nodes))
    return [row[::-1] for row in rows] if forwards < 0 else rows


def _layers(count: int, rows: list[list[int]], pairs: Pairs) -> Layers:
    above: defaultdict[int, list[int]] = defaultdict(list)
    below: defaultdict[int, list[int]] = defaultdict(list)
    row_of = {vertex: y for y, row in enumerate(rows) for vertex in row}
    for a, b in pairs:
        upper, lower = (a, b) if row_of[a] < row_of[b] else (b, a)
        below[upper].append(lower)
        above[lower].append(upper)
    return Layers(count, rows, above, below)


def _with_bends(count: int, pairs: Pairs, ranks: list[int]) -> Layers:
    """Layers in the order of the numbers, long edges cut into steps of one layer."""
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=0) + 1)]
    for node in range(count):
        rows[ranks[node]].append(node)
    steps: Pairs = []
    following = count
    for a, b in sorted(pairs, key=lambda pair: ranks[pair[1]] - ranks[pair[0]]):
        between = range(ranks[a] + 1, ranks[b])
        if following - count + len(between) > MAX_BENDS:
            break
        at = a
        for rank in between:
            rows[rank].append(following)
            steps.append((at, following))
            at, following = following, following + 1
        steps.append((at, b))
    return _layers(count, rows, steps)


def _sweep(layers: Layers, work: Work) -> None:
    """Orders each layer by the middle of its neighbours in the layer before, down and up."""
    place = {vertex: float(x) for row in layers.rows for x, vertex in enumerate(row)}
    for sweep in range(SWEEPS):
        work.check()
        rows = layers.rows if sweep % 2 == 0 else layers.rows[::-1]
        neighbours = layers.above if sweep % 2 == 0 else layers.below
        for row in rows[1:]:
            wanted = {vertex: _mean(vertex, neighbours, place) for vertex in row}
            row.sort(key=wanted.__getitem__)
            place.update((vertex, float(x)) for x, vertex in enumerate(row))


def _mean(vertex: int, neighbours: dict[int, list[int]], place: dict[int, float]) -> float:
    found = neighbours.get(vertex)
    if not found:
        return place[vertex]
    return sum(map(place.__getitem__, found)) / len(found)
