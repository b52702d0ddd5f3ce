"""Diagrams at random, for Hypothesis: what a canvas, an agent or an import may have made."""

from typing import Any, Final

from hypothesis import strategies as st

from gateway.mermaid.shapes import WRITTEN
from ot.diagram import Diagram, Element

#: Labels that something in Mermaid would take for more than text.
ODD_LABELS: Final = [
    'a "quoted" b', "q#quot;x#35;y", "5 < 6 & 7 > 3", "a<br/>b", "`md`", "**bold** _it_", "1. one",
    "end", "subgraph x", "graph TD", "direction LR", "%% comment", "100%", "A-->B", "A|B", "[x](y)",
    "{a}", "((a))", "style a:#fff;", "click A call x()", "a;b", "$$x$$", "@{ shape: x }", "🎉",
    "two\nlines", "a\\nb", "x:::c", "--", "==", "-.-", "accTitle: x", "a#b;c", "}\n\nx", "",
    "classDef x:y#z;", "%%{init}%%", "#59;", "&lt;b&gt;", "~~~", "https://x.y", "fa:fa-user",
]  # fmt: skip
ODD_IDS: Final = [
    "end", "o", "x", "a b", "A", "B", "n1", "subgraph", 'q"q', "a\u00a0b", "🎉", "#", ";", "%%",
    "direction", "class", "é", "v", "1", "a.b", "default", "toString", "a@b", "_x", "a_b", "x-1",
    "style", "click", "日本", "graph", "A B C", "n-2", "a:b", "a,b", "constructor", "a-->b",
]  # fmt: skip
COLOURS: Final = ["#fff", "#10b981", "red", "rgb(1, 2, 3)", "var(--x)", "transparent", "url(x)"]

labels = st.one_of(
    st.sampled_from(ODD_LABELS),
    st.text(max_size=12),
    st.text("ab #;&<>\"'`%{}[]()|\\*_~:.-", max_size=9),
)
ids = st.sampled_from(ODD_IDS)
kinds = st.sampled_from([*WRITTEN, "my own", "process"])
markers = st.sampled_from(
    [None, {"type": "arrowclosed"}, {"type": "arrow"}, {"type": "circle"}, {"type": "cross"}]
)


@st.composite
def node_styles(draw: st.DrawFn) -> Element:
    style = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "backgroundColor": st.sampled_from(COLOURS),
                "borderColor": st.sampled_from(COLOURS),
                "color": st.sampled_from(COLOURS),
                "opacity": st.just(0.5),
            },
        )
    )
    return {"style": style} if style else {}


@st.composite
def edges(draw: st.DrawFn, names: list[str]) -> Element:
    edge: Element = {
        "source": draw(st.sampled_from(names)),
        "target": draw(st.sampled_from(names)),
    }
    extra: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "label": labels,
                "markerEnd": markers,
                "markerStart": markers,
                "animated": st.booleans(),
                "type": st.just("smoothstep"),
                "style": st.fixed_dictionaries(
                    {},
                    optional={
                        "stroke": st.sampled_from(COLOURS),
                        "strokeWidth": st.sampled_from([1, 2, 3.5, 4, "5px"]),
                        "strokeDasharray": st.sampled_from(["5 5", "3", "none", "8 2 4"]),
                    },
                ),
            },
        )
    )
    return edge | extra


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """Every group has something in it: Mermaid has no other way to say what a group is."""
    names = draw(st.lists(ids, min_size=1, max_size=7, unique=True))
    nodes: dict[str, Element] = {}
    for i, name in enumerate(names):
        node: Element = {"type": draw(kinds), "position": {"x": 10 * i, "y": i}, "data": {}}
        node["data"]["label"] = draw(labels)
        parents: list[str | None] = [None, None, *nodes]
        parent = draw(st.sampled_from(parents))
        if parent is not None:
            node["parentId"] = parent
        nodes[name] = node | draw(node_styles())
    groups = {node.get("parentId") for node in nodes.values()}
    for name in nodes.keys() & groups:
        nodes[name]["type"] = "group"
    drawn = draw(st.lists(edges(names), max_size=6))
    return Diagram(nodes=nodes, edges={f"e{i}": edge for i, edge in enumerate(drawn)})
