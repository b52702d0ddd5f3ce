"""A layered layout of one connected graph: who is above whom, then where each stands."""

import itertools
from collections import defaultdict

from gateway.geometry.boxes import Point
from gateway.layout.graph import STEP, Centers, Direction, Graph, stepped, turned, turned_back
from gateway.layout.ordering import Layers, ordered_layers
from gateway.layout.ranks import acyclic
from gateway.layout.work import Work

#: Rounds in which nodes are drawn towards their neighbours, down and up.
ROUNDS = 4
#: How much straighter a long edge wants to run than a short one.
BEND_WEIGHT = 4.0
#: Room around the label of an edge, in pixels.
LABEL_MARGIN = 20.0


def layered(graph: Graph, direction: Direction, spacing: float, work: Work) -> Centers:
    """Middles of all nodes, multiples of STEP, with ``spacing`` between neighbours."""
    graph = turned(graph, direction)
    count = len(graph.sizes)
    pairs = acyclic(count, ((a, b) for a, b, _ in graph.links))
    work.enter("ordering")
    layers = ordered_layers(count, pairs, work)
    work.finish(count)
    work.enter("placing")
    across = _across(layers, graph, spacing, work)
    along = _along(layers, graph, spacing)
    work.finish(count)
    centers = [Point(across[node], along[node]) for node in range(count)]
    return turned_back(centers, direction)


def _along(layers: Layers, graph: Graph, spacing: float) -> dict[int, int]:
    """How far down each node stands: its layer's middle."""
    place: dict[int, int] = {}
    middle, half = 0, 0
    gaps = _gaps(layers, graph, spacing)
    for y, row in enumerate(layers.rows):
        heights = [graph.sizes[node].height for node in row if node < layers.nodes]
        half_of_row = stepped(max(heights, default=0) / 2)
        middle += half + gaps[y] + half_of_row
        half = half_of_row
        place.update((node, middle) for node in row)
    return place


def _gaps(layers: Layers, graph: Graph, spacing: float) -> list[int]:
    """The room above each layer: at least the spacing, more where labels of edges need it."""
    row_of = {node: y for y, row in enumerate(layers.rows) for node in row}
    gaps = [spacing] * len(layers.rows)
    for a, b, label in graph.links:
        upper, lower = sorted((row_of[a], row_of[b]))
        if label.height and upper < lower:
            # The label stands half way; the first gap and the last share the room it needs.
            need = (label.height + LABEL_MARGIN * 2) / (lower - upper)
            for y in (upper + 1, lower):
                gaps[y] = max(gaps[y], need)
    return [0, *(stepped(gap) for gap in gaps[1:])]


def _across(layers: Layers, graph: Graph, spacing: float, work: Work) -> list[int]:
    """How far right each node stands, as near to the middle of its neighbours as there is room."""
    gaps = [_row_gaps(layers, row, graph, spacing) for row in layers.rows]
    place = _packed(layers.rows, gaps)
    for turn in range(ROUNDS):
        work.check()
        _settle_rows(layers, gaps, place, range(1, len(layers.rows)), (layers.above,))
        _settle_rows(layers, gaps, place, range(len(layers.rows) - 2, -1, -1), (layers.below,))
        if turn == ROUNDS - 1:
            both = (layers.above, layers.below)
            _settle_rows(layers, gaps, place, range(len(layers.rows)), both)
    return _on_steps(layers, gaps, place)


def _row_gaps(layers: Layers, row: list[int], graph: Graph, spacing: float) -> list[int]:
    """From the middle of each in the row to the middle of the next."""

    def half(vertex: int) -> float:
        if vertex >= layers.nodes:
            return spacing / 8
        return stepped(graph.sizes[vertex].width / 2) + spacing / 2

    halves = [half(vertex) for vertex in row]
    return [stepped(a + b) for a, b in itertools.pairwise(halves)]


def _packed(rows: list[list[int]], gaps: list[list[int]]) -> dict[int, float]:
    """Each row as tight as may be, its middle at 0."""
    place: dict[int, float] = {}
    for row, between in zip(rows, gaps, strict=True):
        x = -sum(between) / 2
        for vertex, gap in zip(row, [*between, 0], strict=True):
            place[vertex] = x
            x += gap
    return place


def _settle_rows(
    layers: Layers,
    gaps: list[list[int]],
    place: dict[int, float],
    rows: range,
    sides: tuple[dict[int, list[int]], ...],
) -> None:
    for y in rows:
        row = layers.rows[y]
        wanted = [_wanted(vertex, layers.nodes, sides, place) for vertex in row]
        place.update(zip(row, settled(wanted, gaps[y]), strict=True))


def _wanted(
    vertex: int,
    count: int,
    sides: tuple[dict[int, list[int]], ...],
    place: dict[int, float],
) -> tuple[float, float]:
    """Where the vertex would stand if it were alone, and how much it wants to."""
    total = pull = 0.0
    for side in sides:
        for other in side.get(vertex, ()):
            weight = BEND_WEIGHT if vertex >= count and other >= count else 1.0
            total += weight * place[other]
            pull += weight
    if not pull:
        return place[vertex], 0.1
    return total / pull, pull


def settled(wanted: list[tuple[float, float]], gaps: list[int]) -> list[float]:
    """Places as near to the wanted ones as the gaps allow, in the sense of least squares.

    Isotonic regression by pooling adjacent violators, after the gaps are taken out.
    """
    offsets = [0.0]
    for gap in gaps:
        offsets.append(offsets[-1] + gap)
    pools: list[tuple[float, float, int]] = []
    for (want, weight), offset in zip(wanted, offsets, strict=False):
        mean, total, size = want - offset, weight, 1
        while pools and pools[-1][0] > mean:
            before, before_total, before_size = pools.pop()
            mean = (mean * total + before * before_total) / (total + before_total)
            total, size = total + before_total, size + before_size
        pools.append((mean, total, size))
    flat = [mean for mean, _, size in pools for _ in range(size)]
    return [x + offset for x, offset in zip(flat, offsets, strict=False)]


def _on_steps(layers: Layers, gaps: list[list[int]], place: dict[int, float]) -> list[int]:
    """The places rounded to steps, the gaps kept."""
    found: defaultdict[int, int] = defaultdict(int)
    for row, between in zip(layers.rows, gaps, strict=True):
        least: float = float("-inf")
        for vertex, gap in zip(row, [*between, 0], strict=True):
            x = int(max(round(place[vertex] / STEP) * STEP, least))
            found[vertex] = x
            least = x + gap
    return [found[node] for node in range(layers.nodes)]
