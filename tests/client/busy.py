"""Edits that follow from a seed: what a busy agent does to whatever diagram there is."""

from collections.abc import Sequence
from random import Random

from client import Draft, LiveDiagram


class Busy:
    """``name`` makes the ids and words of this one its own. ``rnd`` alone decides."""

    def __init__(self, name: str, rnd: Random) -> None:
        self.edits = 0
        self._name = name
        self._rnd = rnd

    async def act(self, diagram: LiveDiagram) -> None:
        """One edit, an undo or a redo, of the diagram as it is shown."""
        self.edits += 1
        dice = self._rnd.randrange(100)
        if dice < 8:
            await diagram.undo()
        elif dice < 12:
            await diagram.redo()
        else:
            await diagram.change(self._draw)

    def _draw(self, draft: Draft) -> None:
        rnd = self._rnd
        nodes, edges = sorted(draft.diagram.nodes), sorted(draft.diagram.edges)
        dice, fresh = rnd.randrange(90), f"{self._name}-{self.edits}"
        if len(nodes) < 3 or dice < 20:
            draft.add_node(f"the step of {self._name}", id=fresh, position=self._place())
            return
        node, other = rnd.choice(nodes), rnd.choice(nodes)
        if dice < 40:
            draft.move_node(node, *self._place())
        elif dice < 60:
            draft.update_node(node, label=self._typed(draft, node))
        elif dice < 75:
            draft.add_edge(node, other, id=fresh)
        elif dice < 81:
            draft.delete_node(node)
        elif dice < 86:
            draft.update_node(node, parentId=other)
        elif edges:
            draft.delete_edge(rnd.choice(edges))

    def _typed(self, draft: Draft, node: str) -> str:
        text = str(draft.diagram.nodes[node].get("data", {}).get("label", ""))
        at = self._rnd.randint(0, len(text))
        return text[:at] + self._name + "\U0001f600" + text[at + self._rnd.randrange(3) :]

    def _place(self) -> tuple[int, int]:
        return self._rnd.randrange(500), self._rnd.randrange(500)


def take_turns(rnd: Random, actors: Sequence[Busy], each: int) -> list[Busy]:
    """Every one of them so many times, in an order that chance decides."""
    turns = [actor for actor in actors for _ in range(each)]
    rnd.shuffle(turns)
    return turns
