"""What a diagram says, apart from where anything stands: what is missing, repeated or cut off."""

from collections.abc import Iterable, Iterator
from typing import Final

from gateway.critic.findings import Defect
from gateway.critic.links import Links
from gateway.critic.unions import Unions
from gateway.critic.words import lacks_text
from gateway.geometry.fields import type_of
from gateway.geometry.scene import Scene
from ot.diagram import Element

DECISIONS: Final = frozenset({"decision", "diamond"})
#: Types that are a step of a flow: something leads to them, and on from them.
STEPS: Final = frozenset({
    "start", "process", "decision", "diamond", "input", "output", "manual-input",
    "manual-operation", "delay", "predefined-process",
})  # fmt: skip
#: Types that make sense without any text.
SILENT: Final = frozenset({"group", "connector"})
#: Types that make sense without an edge.
APART: Final = frozenset({"group", "note"})


class Structure:
    """The nodes and links of one diagram, and what is wrong with them."""

    def __init__(self, scene: Scene, links: Links) -> None:
        self.scene = scene
        self.links = links
        self.types = {key: type_of(node) for key, node in scene.nodes.items()}
        self.starts = [key for key, kind in self.types.items() if kind == "start"]
        self.ends = [key for key, kind in self.types.items() if kind == "end"]

    def defects(self) -> Iterator[Defect]:
        yield from (Defect("dangling_reference", edges=(key,)) for key in self.links.dangling)
        yield from (Defect("dangling_reference", (key,)) for key in self.lost_children())
        yield from (Defect("duplicate_edge", edges=tuple(same)) for same in self.links.repeated)
        yield from (Defect("empty_label", (key,)) for key in self.empty())
        yield from (Defect("lonely_node", (key,)) for key in self.lonely())
        yield from (Defect("unreachable", tuple(region)) for region in self.regions())
        yield from (Defect("dead_end", (key,)) for key in self.dead_ends())
        for key in self.decisions():
            bare = tuple(link.edge for link in self.links.out[key] if link.is_bare)
            if bare:
                yield Defect("unlabelled_branch", (key,), bare)

    def lost_children(self) -> list[str]:
        """Nodes whose parent is missing, or that contain themselves."""
        return [
            key
            for key, node in self.scene.nodes.items()
            if node.get("parentId") is not None and self.scene.parents[key] is None
        ]

    def empty(self) -> list[str]:
        return [key for key, node in self.scene.nodes.items() if is_empty(node)]

    def lonely(self) -> list[str]:
        """Nodes on the canvas without an edge, in a diagram that has edges."""
        if not self.links.all:
            return []
        return [key for key in self.scene.children[None] if self._is_lonely(key)]

    def _is_lonely(self, key: str) -> bool:
        return not (
            self.links.out.get(key)
            or self.links.into.get(key)
            or self.types[key] in APART
            or self.scene.is_group(key)
        )

    def reached(self) -> set[str]:
        """What can be got at from a start, or from anything that is no step of a flow."""
        begin = (key for key, kind in self.types.items() if kind == "start" or not _is_step(kind))
        return self.reached_from(begin)

    def reached_from(self, begin: Iterable[str], known: set[str] | None = None) -> set[str]:
        """What edges lead to, ``known`` included; who reaches a group reaches what is inside it."""
        found = set() if known is None else known
        waiting = [key for key in begin if key not in found]
        found.update(waiting)
        while waiting:
            key = waiting.pop()
            around = [link.target for link in self.links.out.get(key, ())]
            around += self.scene.children.get(key, ())
            parent = self.scene.parents[key]
            for other in (*around, *(() if parent is None else (parent,))):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return found

    def unreachable(self) -> list[str]:
        """Steps that no way leads to from a start, where there is one; the lonely left out."""
        if not self.starts or not self.links.all:
            return []
        reached, lonely = self.reached(), set(self.lonely())
        return [key for key in self.scene.nodes if key not in reached and key not in lonely]

    def regions(self) -> list[list[str]]:
        """The unreachable steps, those that hang together in one list."""
        unreachable = self.unreachable()
        inside = set(unreachable)
        unions: Unions[str] = Unions()
        for key in unreachable:
            unions.find(key)
            for link in self.links.out.get(key, ()):
                if link.target in inside:
                    unions.join(key, link.target)
        return unions.sets()

    def dead_ends(self) -> list[str]:
        """Steps that something leads to and nothing on from, where there is an end; and starts."""
        if not self.ends or not self.links.all:
            return []
        lonely = set(self.lonely())
        return [
            key
            for key, kind in self.types.items()
            if kind in STEPS and key not in lonely and self._is_led_to(key)
            if not self._leads_on(key)
        ]

    def _is_led_to(self, key: str) -> bool:
        return self.types[key] == "start" or bool(self.links.into.get(key))

    def _leads_on(self, key: str) -> bool:
        if self.scene.is_group(key):
            return True
        return any(self.links.out.get(at) for at in (key, *self.scene.ancestors(key)))

    def decisions(self) -> list[str]:
        """Decisions with a choice to make."""
        return [
            key
            for key, kind in self.types.items()
            if kind in DECISIONS and len(self.links.out.get(key, ())) > 1
        ]


def _is_step(kind: str) -> bool:
    return kind in STEPS or kind == "end"


def is_empty(node: Element) -> bool:
    return type_of(node) not in SILENT and lacks_text(node)
