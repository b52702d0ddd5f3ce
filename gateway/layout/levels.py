"""Edges between the children of one container: those of its own, and those of what is inside."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gateway.geometry.boxes import Size
from gateway.geometry.edge_labels import edge_label_size
from gateway.geometry.scene import Scene
from ot.diagram import Element


class Join(NamedTuple):
    """An edge as one container sees it: between two of its children."""

    source: str
    target: str
    label: Size


def joins_by_container(scene: Scene, edges: Mapping[str, Element]) -> dict[str | None, list[Join]]:
    """The edges by the innermost container (``None``: the canvas) that holds both ends.

    Edges between a node and what it is inside of belong nowhere.
    """
    depth: dict[str, int] = {}
    for identifier in scene.outermost_first():
        parent = scene.parents[identifier]
        depth[identifier] = 0 if parent is None else depth[parent] + 1
    found: defaultdict[str | None, list[Join]] = defaultdict(list)
    for edge in edges.values():
        source, target = edge.get("source"), edge.get("target")
        if not isinstance(source, str) or not isinstance(target, str):
            continue
        if source in scene.boxes and target in scene.boxes:
            a, b = _siblings(scene, depth, source, target)
            if a != b:
                found[scene.parents[a]].append(Join(a, b, edge_label_size(edge)))
    return found


def _siblings(scene: Scene, depth: dict[str, int], a: str, b: str) -> tuple[str, str]:
    """The nodes with one parent that hold ``a`` and ``b``; twice the same where one holds both."""
    while a != b:
        above_a, above_b = scene.parents[a], scene.parents[b]
        if above_a == above_b:
            break
        if depth[a] >= depth[b] and above_a is not None:
            a = above_a
        elif above_b is not None:
            b = above_b
    return a, b


def with_descendants(scene: Scene, roots: Iterable[str]) -> list[str]:
    """The nodes and everything inside them."""
    found: dict[str, None] = {}
    waiting = list(roots)
    while waiting:
        identifier = waiting.pop()
        if identifier not in found:
            found[identifier] = None
            waiting += scene.children.get(identifier, [])
    return list(found)
