"""A diagram being mended: what it has become, and which changes belong together."""

from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from gateway.critic.crossings import Crossings
from gateway.critic.findings import Defect
from gateway.critic.lines import Lines
from gateway.critic.links import Links, Looks
from gateway.critic.places import place_defects
from gateway.critic.structure import Structure
from gateway.critic.unions import Unions
from gateway.geometry.boxes import Box, Size
from gateway.geometry.scene import Scene
from gateway.geometry.sizes import node_size
from gateway.layout.work import never
from gateway.layout.writes import position_write, size_writes
from ot.apply import apply, write_element
from ot.diagram import Diagram, Element
from ot.operation import Operation, Set, Unset, Writes

#: An element: of which family, and its id.
Key: TypeAlias = tuple[Literal["node", "edge"], str]


def node_keys(ids: Iterable[str]) -> list[Key]:
    return [("node", identifier) for identifier in ids]


def edge_keys(ids: Iterable[str]) -> list[Key]:
    return [("edge", identifier) for identifier in ids]


def keys_of(defect: Defect) -> list[Key]:
    return [*node_keys(defect.nodes), *edge_keys(defect.edges)]


class Stopped(Exception):
    """The mending was stopped; what was mended until then stands."""


class Draft:
    """``diagram`` is replaced by each change; the one that was checked stays as it is."""

    def __init__(self, diagram: Diagram, should_stop: Callable[[], bool] = never) -> None:
        self.should_stop = should_stop
        #: Nodes that may be laid out anew together; ``None`` for any number.
        self.largest_layout: int | None = None
        self.before = diagram
        self.diagram = diagram.copy()
        self.together: Unions[Key] = Unions()
        #: Writes to elements so far.
        self.changes = 0
        self._scene: Scene | None = None
        self._scene_before: Scene | None = None
        self._links: Links | None = None
        self._lines: Lines | None = None
        self._places: list[Defect] | None = None
        self._crossings = Crossings()
        self._sizes: dict[int, tuple[Element, Size]] = {}
        self._looks: Looks = {}
        self._next_edge = len(diagram.edges)

    @property
    def scene(self) -> Scene:
        """Where the nodes stand now."""
        if self._scene is None:
            self._scene = Scene(self.diagram.nodes, self._size_of)
        return self._scene

    @property
    def links(self) -> Links:
        if self._links is None:
            self._links = Links(self.diagram.nodes, self.diagram.edges, self._looks)
        return self._links

    @property
    def lines(self) -> Lines:
        if self._lines is None:
            self._lines = Lines(self.scene, self.diagram.edges)
        return self._lines

    def scene_before(self) -> Scene:
        """Where the nodes stood in the diagram that was checked."""
        if self._scene_before is None:
            self._scene_before = Scene(self.before.nodes, self._size_of)
        return self._scene_before

    def anew(self) -> "Draft":
        """The diagram as it was checked, with all that is known of it."""
        other = Draft(self.before, self.should_stop)
        other._sizes, other._looks = self._sizes, self._looks
        other._scene_before = self._scene_before
        return other

    def _size_of(self, node: Element) -> Size:
        """Elements are replaced when they change, so one that is the same has the same size."""
        known = self._sizes.get(id(node))
        if known is None:
            known = self._sizes[id(node)] = (node, node_size(node))
        return known[1]

    def pause(self) -> None:
        """Raises Stopped where nobody wants to wait any longer."""
        if self.should_stop():
            raise Stopped

    def place_defects(self) -> list[Defect]:
        """What is wrong with where nodes stand now."""
        if self._places is None:
            self._places = list(place_defects(self.scene, self.links))
        return self._places

    def crossings(self) -> list[Defect]:
        """The edges that run across nodes now."""
        return self._crossings.defects(self.lines, self.links, self.pause)

    def defects(self) -> list[Defect]:
        """All that is wrong now."""
        structure = Structure(self.scene, self.links).defects()
        return [*structure, *self.place_defects(), *self.crossings()]

    def become(self, diagram: Diagram) -> None:
        """Another diagram, of which as much is known as it shares elements with this one."""
        self.diagram = diagram.copy()
        self._nodes_changed()
        self._edges_changed()

    def _nodes_changed(self) -> None:
        self._scene = self._lines = self._places = None

    def _edges_changed(self) -> None:
        self._links = self._lines = self._places = None

    def join(self, *keys: Key) -> None:
        """These belong together: a change to one of them mends the others."""
        self.together.join(*keys)

    def write_node(self, identifier: str, writes: Writes) -> None:
        if writes:
            self.diagram.nodes[identifier], _ = write_element(
                self.diagram.nodes[identifier], writes
            )
            self._nodes_changed()
            self.changes += 1

    def write_edge(self, identifier: str, writes: Writes) -> None:
        self.diagram.edges[identifier], _ = write_element(self.diagram.edges[identifier], writes)
        self._edges_changed()
        self.changes += 1

    def add_edge(self, source: str, target: str) -> str:
        """A new edge as the editor makes them; returns its id."""
        self._next_edge += 1
        while (identifier := f"edge-{self._next_edge}") in self.diagram.edges:
            self._next_edge += 1
        edge: Element = {"source": source, "target": target, "type": "smoothstep"}
        self.diagram.edges[identifier] = {**edge, "markerEnd": {"type": "arrowclosed"}}
        self._edges_changed()
        return identifier

    def remove_edge(self, identifier: str) -> None:
        del self.diagram.edges[identifier]
        self._edges_changed()

    def resize(self, identifier: str, old: Size, new: Size) -> None:
        self.write_node(identifier, size_writes(self.diagram.nodes[identifier], old, new))

    def move(self, identifier: str, x: float, y: float) -> None:
        """The node to a place relative to its parent."""
        self.write_node(identifier, {"/position": position_write(x, y)})

    def release(self, identifier: str, box: Box) -> None:
        """The node out of its group, to this place on the canvas."""
        writes: Writes = {"/parentId": Unset(), "/position": position_write(box.x, box.y)}
        if self.diagram.nodes[identifier].get("extent") == "parent":
            writes["/extent"] = Unset()
        self.write_node(identifier, writes)

    def adopt(self, a: Operation) -> list[str]:
        """Does the operation, which only changes nodes; returns their ids."""
        self.diagram, _ = apply(self.diagram, a)
        self._nodes_changed()
        return list(a.nodes)


def set_text(path: str, element: Element, text: str) -> Writes:
    """Writes the text at the path, ``/label`` or ``/data/label``, whatever stands there."""
    if path == "/data/label" and not isinstance(element.get("data"), dict):
        return {"/data": Set({"label": text})}
    return {path: Set(text)}
