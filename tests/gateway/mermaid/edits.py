"""What somebody may do to a diagram on the canvas, at random."""

import copy
import random
from collections.abc import Callable
from typing import Final

from gateway.mermaid.shapes import WRITTEN
from ot.diagram import Diagram, Element
from tests.gateway.mermaid.documents import COLOURS, ODD_LABELS

DIRECTIONS: Final = ("TB", "BT", "LR", "RL")
ODD_TITLES: Final = (
    "Orders", "a: b", 'say "hi" # no', "7", "true", "- x", "<b class=\"c\">x</b>", "a\\b",
    "日本 🎉", "it's", "---", "%% c", "[x]", " two  words ", "{a: b}", "#35;",
)  # fmt: skip


class Canvas:
    """A diagram that may be changed; the one it is made of stays as it is."""

    def __init__(self, diagram: Diagram, chance: random.Random) -> None:
        self.diagram = diagram.copy()
        self.diagram.nodes = copy.deepcopy(diagram.nodes)
        self.diagram.edges = copy.deepcopy(diagram.edges)
        self.chance = chance
        self.count = 0

    def edit(self) -> str:
        """One edit; its name."""
        name = self.chance.choice(list(EDITS))
        EDITS[name](self)
        return name

    def node(self) -> Element | None:
        return self.chance.choice(list(self.diagram.nodes.values())) if self.diagram.nodes else None

    def edge(self) -> Element | None:
        return self.chance.choice(list(self.diagram.edges.values())) if self.diagram.edges else None

    def groups(self) -> list[str]:
        return [i for i, node in self.diagram.nodes.items() if node["type"] == "group"]

    def relabel(self) -> None:
        if node := self.node():
            node["data"] = {**node["data"], "label": self.chance.choice(ODD_LABELS)}

    def retype(self) -> None:
        node = self.node()
        if node and node["type"] != "group":
            node["type"] = self.chance.choice(list(WRITTEN))

    def recolour(self) -> None:
        if node := self.node():
            node["style"] = {"backgroundColor": self.chance.choice(COLOURS[:3])}

    def add_node(self) -> None:
        self.count += 1
        parent = self.chance.choice([None, *self.groups()])
        node: Element = {"type": "process", "data": {"label": f"New {self.count}"}}
        node["position"] = {"x": 1, "y": 2}
        self.diagram.nodes[f"new {self.count}"] = node | ({"parentId": parent} if parent else {})

    def add_edge(self) -> None:
        if self.diagram.nodes:
            self.count += 1
            ends = [self.chance.choice(list(self.diagram.nodes)) for _ in "ab"]
            edge: Element = {"source": ends[0], "target": ends[1], "label": "new"}
            self.diagram.edges[f"edge {self.count}"] = edge

    def delete_node(self) -> None:
        """With its edges; what stood in it stands where it stood."""
        if not self.diagram.nodes:
            return
        gone = self.chance.choice(list(self.diagram.nodes))
        parent = self.diagram.nodes.pop(gone).get("parentId")
        for node in self.diagram.nodes.values():
            if node.get("parentId") == gone:
                del node["parentId"]
                if parent is not None:
                    node["parentId"] = parent
        self.diagram.edges = {
            i: edge for i, edge in self.diagram.edges.items()
            if gone not in (edge["source"], edge["target"])
        }  # fmt: skip

    def delete_edge(self) -> None:
        if self.diagram.edges:
            del self.diagram.edges[self.chance.choice(list(self.diagram.edges))]

    def move(self) -> None:
        node = self.node()
        if node and node["type"] != "group":
            node.pop("parentId", None)
            if self.groups() and self.chance.random() < 0.6:
                node["parentId"] = self.chance.choice(self.groups())

    def relabel_edge(self) -> None:
        if edge := self.edge():
            edge["label"] = self.chance.choice(ODD_LABELS)

    def redraw_edge(self) -> None:
        if edge := self.edge():
            edge["markerEnd"] = self.chance.choice([None, {"type": "circle"}, {"type": "arrow"}])

    def recolour_edge(self) -> None:
        if edge := self.edge():
            edge["style"] = {"stroke": self.chance.choice(COLOURS[:3])}

    def retitle(self) -> None:
        self.diagram.title = self.chance.choice(ODD_TITLES)
        self.diagram.description = self.chance.choice([None, "How it goes", "one\ntwo"])

    def redirect(self) -> None:
        if isinstance(about := self.diagram.data.get("mermaid"), dict):
            direction = self.chance.choice(DIRECTIONS)
            self.diagram.data = {**self.diagram.data, "mermaid": {**about, "direction": direction}}

    def redirect_group(self) -> None:
        if groups := self.groups():
            data = self.diagram.nodes[self.chance.choice(groups)]["data"]
            direction = self.chance.choice(DIRECTIONS)
            data["mermaid"] = {**data.get("mermaid", {}), "direction": direction}

    def reroute_edge(self) -> None:
        if edge := self.edge():
            edge["type"] = self.chance.choice(["default", "smoothstep", "step", "straight"])

    def animate_edge(self) -> None:
        if edge := self.edge():
            edge["animated"] = not edge.get("animated")

    def retarget_edge(self) -> None:
        if edge := self.edge():
            edge["target"] = self.chance.choice(list(self.diagram.nodes))

    def clear_colour(self) -> None:
        """Of whatever has one, as an edit picked at random seldom finds one."""
        elements = [*self.diagram.nodes.values(), *self.diagram.edges.values()]
        if coloured := [element for element in elements if element.get("style")]:
            style = self.chance.choice(coloured)["style"]
            del style[self.chance.choice(list(style))]

    def move_group(self) -> None:
        """Into another that is not inside it, or out of all."""
        groups, nodes = self.groups(), self.diagram.nodes
        if not groups:
            return
        moved = self.chance.choice(groups)
        inside = {moved}
        while more := {i for i in groups if nodes[i].get("parentId") in inside} - inside:
            inside |= more
        nodes[moved].pop("parentId", None)
        if others := [i for i in groups if i not in inside]:
            nodes[moved]["parentId"] = self.chance.choice(others)


EDITS: Final[dict[str, Callable[[Canvas], None]]] = {
    "relabel": Canvas.relabel, "retype": Canvas.retype, "recolour": Canvas.recolour,
    "add node": Canvas.add_node, "add edge": Canvas.add_edge, "delete node": Canvas.delete_node,
    "delete edge": Canvas.delete_edge, "move": Canvas.move, "relabel edge": Canvas.relabel_edge,
    "redraw edge": Canvas.redraw_edge, "recolour edge": Canvas.recolour_edge,
    "retitle": Canvas.retitle, "redirect": Canvas.redirect, "redirect group": Canvas.redirect_group,
    "reroute edge": Canvas.reroute_edge, "animate edge": Canvas.animate_edge,
    "retarget edge": Canvas.retarget_edge, "clear colour": Canvas.clear_colour,
    "move group": Canvas.move_group,
}  # fmt: skip
