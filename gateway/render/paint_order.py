"""What is painted above what: React Flow's rules for ``zIndex``."""

from gateway.geometry.fields import finite, string_at
from gateway.geometry.scene import Scene
from ot.diagram import Element

_MAX_Z = 1e9
#: Of the labels of edges: above nodes, so that they can be read.
LABEL_HEIGHT = 1_000.0


def by_id(identifier: str) -> bytes:
    """A key that sorts as the editor does, by UTF-16 units."""
    return identifier.encode("utf-16-be", "surrogatepass")


def node_heights(scene: Scene) -> dict[str, float]:
    """How high each node lies: its own ``zIndex``, and always above its parent."""
    heights: dict[str, float] = {}
    for identifier in scene.outermost_first():
        own = z_index(scene.nodes[identifier])
        parent = scene.parents[identifier]
        if parent is not None and heights[parent] >= own:
            own = heights[parent] + 1
        heights[identifier] = own
    return heights


def node_depths(scene: Scene) -> dict[str, int]:
    """How many nodes each one is inside of."""
    depths: dict[str, int] = {}
    for identifier in scene.outermost_first():
        parent = scene.parents[identifier]
        depths[identifier] = 0 if parent is None else depths[parent] + 1
    return depths


def edge_height(edge: Element, scene: Scene, heights: dict[str, float]) -> float:
    """An edge lies as high as the higher of its ends, where that is inside another node."""
    ends = (string_at(edge, "source") or "", string_at(edge, "target") or "")
    lift = [heights[end] for end in ends if scene.parents.get(end) is not None]
    return z_index(edge) + max([0.0, *lift])


def z_index(element: Element) -> float:
    return min(_MAX_Z, max(-_MAX_Z, finite(element.get("zIndex")) or 0.0))
