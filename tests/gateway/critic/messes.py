"""Diagrams with everything wrong with them that a document allows, and some that none does."""

from random import Random

from gateway.critic import Finding
from ot.apply import apply
from ot.diagram import Diagram, Element

TYPE_SETS = (
    ["process"],
    ["process", "decision", "start", "end"],
    ["decision"],
    ["process", "decision", "start", "end", "note", "circle", "group", "default", "odd-type"],
    ["group", "process"],
    ["start", "end", "process", "database", "user", "multiple-documents", "circle"],
)
LENGTHS = (5, 20, 40, 90.5, 333, 20_000)


def mess(r: Random, *, most: int = 20) -> Diagram:
    """A diagram of at most ``most`` nodes; the same one for the same state of ``r``."""
    count = r.choice([n for n in (0, 1, 2, 3, 5, 8, 13, 20) if n <= most])
    spread, types = r.choice([5, 100, 500, 2_000]), r.choice(TYPE_SETS)
    nodes = {f"n{i}": _node(r, i, count, spread, types) for i in range(count)}
    links = r.randrange(2 * count + 1) if count else 0
    edges = {f"e{i}": _edge(r, count) for i in range(links)}
    return Diagram(kind=r.choice(["flowchart", "mindmap", "sequence"]), nodes=nodes, edges=edges)


def _node(r: Random, number: int, count: int, spread: int, types: list[str]) -> Element:
    node: Element = {"data": {"label": f"Node {number}"}}
    if r.random() < 0.95:
        node["type"] = r.choice(types)
    if r.random() < 0.97:
        x = r.choice([r.randrange(-spread, spread), r.uniform(-spread, spread)])
        node["position"] = {"x": x, "y": r.randrange(-spread, spread)}
    if r.random() < 0.5:
        texts = ["word " * r.randrange(30), 3, None, {"text": "kept"}, [], False, "\u200b\ufeff"]
        node["data"] = r.choice([*({"label": text} for text in texts), {}, "odd"])
    if number and r.random() < 0.3:
        node["parentId"] = f"n{r.randrange(count)}"
    if r.random() < 0.03:
        node["parentId"] = r.choice(["nobody", "", 5, f"n{number}"])
    for key in ("width", "height"):
        if r.random() < 0.2:
            node[key] = r.choice(LENGTHS)
    if r.random() < 0.1:
        node["style"] = {"width": 100, "height": 30}
    if r.random() < 0.04:
        node["hidden"] = True
    return node


def _edge(r: Random, count: int) -> Element:
    edge: Element = {"source": f"n{r.randrange(count)}", "target": f"n{r.randrange(count)}"}
    if r.random() < 0.8:
        edge["type"] = r.choice(["smoothstep", "default", "straight", "step", "odd-type"])
    if r.random() < 0.3:
        edge["label"] = r.choice(["Yes", "no", " \u00a0", "x", 4, {}, ["kept"]])
    if r.random() < 0.1:
        edge["data"] = r.choice([{"label": "Yes"}, {"label": {}}, {"accepted": "odd"}, "odd"])
    if r.random() < 0.05:
        edge[r.choice(["source", "target"])] = r.choice(["nobody", None, 7])
    if r.random() < 0.2:
        edge["sourceHandle"] = r.choice(["left", "r", "odd", None])
    if r.random() < 0.04:
        edge["hidden"] = True
    return edge


def mended(diagram: Diagram, findings: list[Finding]) -> Diagram:
    """The diagram after all mends; one that several findings share is done once."""
    done: set[int] = set()
    for finding in findings:
        assert finding.mend is not None
        if id(finding.mend) not in done:
            done.add(id(finding.mend))
            diagram, _ = apply(diagram, finding.mend)
    return diagram
