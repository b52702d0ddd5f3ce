"""Nodes as a text names them, with the labels and shapes that they have now."""

from gateway.mermaid.essence import node_essence
from gateway.mermaid.flow_tree import Mention, Statement, Subgraph, Vertices
from gateway.mermaid.flowchart import Flowchart
from gateway.mermaid.labels import quoted
from gateway.mermaid.shape_data import read_data
from gateway.mermaid.shapes import BRACKETS
from gateway.mermaid.writing import about, label_of, shape_of, write_data, written_label
from ot.diagram import Diagram, Element

#: What a node's data says about how it looks, which its brackets and label say afterwards.
_LOOKS = frozenset({"shape", "label", "labelType"})
#: Stands in for a label that is in its quotes already.
LABEL = "LABEL"


def merged(now: Element, before: Element) -> Element:
    """An element with what the import kept with it, also where an edit lost that."""
    kept = {**about(before), **about(now)}
    data = now.get("data")
    rest = data if isinstance(data, dict) else {}
    return {**now, "data": {**rest, "mermaid": kept}} if kept else now


class Mentions:
    """``written`` gives the text of a mention: as it was, unless the node's label or type changed.

    The label goes to the last mention that has one, or to the first of all. ``changed`` are the
    names of those nodes, ``dropped`` has the classes that nodes are in no more.
    """

    def __init__(
        self,
        chart: Flowchart,
        base: Diagram,
        diagram: Diagram,
        ids: dict[str, str],
        *,
        changed: set[str],
        dropped: dict[str, set[str]],
    ) -> None:
        self.chart, self.base, self.diagram, self.ids = chart, base, diagram, ids
        self.changed, self.dropped = changed, dropped
        self.home: dict[str, Mention] = {}
        if changed:
            self._find_homes(chart.tree.body)

    def _find_homes(self, statements: list[Statement]) -> None:
        for statement in statements:
            if isinstance(statement, Subgraph):
                self._find_homes(statement.body)
            elif isinstance(statement, Vertices):
                for mention in (m for group in statement.groups for m in group):
                    if mention.id in self.changed and (
                        mention.text is not None
                        or "label" in self._data(mention)
                        or mention.id not in self.home
                    ):
                        self.home[mention.id] = mention

    def _as_it_was(self, mention: Mention) -> str:
        """As it was written, but for a class that the node left."""
        start, end = mention.span
        out = mention.class_span
        if out is None or mention.class_name not in self.dropped.get(mention.id, ()):
            return self.chart.text[start:end]
        return self.chart.text[start : out[0]] + self.chart.text[out[1] : end]

    def _suffix(self, mention: Mention) -> str:
        out = mention.class_span
        if out is None or mention.class_name in self.dropped.get(mention.id, ()):
            return ""
        return self.chart.text[slice(*out)]

    def written(self, mention: Mention) -> str:
        if mention.id not in self.changed:
            return self._as_it_was(mention)
        element = self.diagram.nodes[self.ids[mention.id]]
        if element.get("type") == "group":
            return self._as_it_was(mention)
        data = {k: v for k, v in self._data(mention).items() if k not in _LOOKS}
        label = ""
        if mention is self.home[mention.id]:
            if self._data(mention).get("label") and self._same_type(mention, element):
                return self._with_label_in_data(mention, element)
            label, word = self._label(mention, element)
            data = ({"shape": word} if word else {}) | data
        return f"{mention.id}{label}{self._suffix(mention)}{write_data(data)}"

    def _data(self, mention: Mention) -> Element:
        data = read_data(mention.data) if mention.data is not None else None
        return data if isinstance(data, dict) else {}

    def _same_type(self, mention: Mention, element: Element) -> bool:
        before = self.base.nodes[self.ids[mention.id]]
        old, new = (node_essence(e, {}, False, {})[0] for e in (before, element))
        return old == new

    def _with_label_in_data(self, mention: Mention, element: Element) -> str:
        """The mention with another ``label:``; all else that its data says stays."""
        end = mention.data_span[0] if mention.data_span else mention.span[1]
        label = quoted(label_of(element))
        data = self._data(mention)
        data["label"] = LABEL
        written = write_data(data).replace(f"label: {LABEL}", f"label: {label}", 1)
        out = mention.class_span
        if out is not None and not self._suffix(mention):
            return self.chart.text[mention.span[0] : out[0]] + written
        return self.chart.text[mention.span[0] : end] + written

    def _label(self, mention: Mention, element: Element) -> tuple[str, str | None]:
        """Brackets with the label in them; a label that did not change stays as it was written."""
        before = self.base.nodes[self.ids[mention.id]]
        node = merged(element, before)
        brackets, word = shape_of(node)
        left, right = BRACKETS[brackets]
        label = written_label(node, label_of(node))
        old, new = (node_essence(e, {}, False, {})[1] for e in (before, element))
        vertex = self.chart.graph.vertices[mention.id]
        if old == new and mention.text is not None and not vertex.data.get("label"):
            label = self.chart.text[slice(*mention.text.span)]
        return f"{left}{label}{right}", word
