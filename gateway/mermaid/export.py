"""A diagram as the text of a Mermaid flowchart."""

from collections import defaultdict
from collections.abc import Iterator

from gateway.mermaid.labels import label_text, quoted
from gateway.mermaid.names import mermaid_names
from ot.diagram import Diagram, Element, Json

#: Levels of subgraphs that are indented.
_MAX_INDENT = 16

_RECTANGLE = ("[", "]")
_ROUNDED = ("(", ")")
_STADIUM = ("([", "])")
_CIRCLE = ("((", "))")
_RHOMBUS = ("{", "}")
_HEXAGON = ("{{", "}}")
_CYLINDER = ("[(", ")]")
_SUBROUTINE = ("[[", "]]")
_FLAG = (">", "]")
_SLANTED_RIGHT = ("[/", "/]")
_SLANTED_LEFT = ("[\\", "\\]")
_TRAPEZOID = ("[/", "\\]")
_TRAPEZOID_UPSIDE_DOWN = ("[\\", "/]")

#: The brackets Mermaid draws a node type with; other types are rectangles.
SHAPES: dict[str, tuple[str, str]] = {
    "start": _STADIUM,
    "end": _STADIUM,
    "delay": _STADIUM,
    "user": _STADIUM,
    "decision": _RHOMBUS,
    "diamond": _RHOMBUS,
    "input": _SLANTED_RIGHT,
    "output": _SLANTED_LEFT,
    "manual-input": _SLANTED_RIGHT,
    "manual-operation": _TRAPEZOID_UPSIDE_DOWN,
    "extract": _TRAPEZOID,
    "database": _CYLINDER,
    "stored-data": _CYLINDER,
    "internal-storage": _SUBROUTINE,
    "predefined-process": _SUBROUTINE,
    "cloud": _ROUNDED,
    "circle": _CIRCLE,
    "connector": _CIRCLE,
    "ellipse": _CIRCLE,
    "sequential-data": _CIRCLE,
    "hexagon": _HEXAGON,
    "note": _FLAG,
    "off-page-connector": _FLAG,
}


def export_mermaid(diagram: Diagram) -> str:
    """The diagram as Mermaid text; a Mermaid diagram is its own text, untouched."""
    if diagram.kind == "mermaid":
        text = diagram.data.get("text")
        return text if isinstance(text, str) else ""
    names = mermaid_names(diagram.nodes)
    lines = ["flowchart TD", *_node_lines(diagram, names), *_edge_lines(diagram, names)]
    return "\n".join(lines) + "\n"


def _node_lines(diagram: Diagram, names: dict[str, str]) -> Iterator[str]:
    """Nodes in the order they came in, children inside the subgraph of their parent."""
    children = _children(diagram)
    written: set[str] = set()
    # After the roots come those that only a cycle of parents would leave out.
    for root in [*children[None], *diagram.nodes]:
        if root not in written:
            yield from _tree_lines(diagram, names, children, root, written)


def _children(diagram: Diagram) -> defaultdict[str | None, list[str]]:
    """Ids by the id of their parent; ``None`` has the nodes without one."""
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for identifier, node in diagram.nodes.items():
        parent = node.get("parentId")
        known = isinstance(parent, str) and parent in diagram.nodes
        children[parent if known else None].append(identifier)
    return children


def _tree_lines(
    diagram: Diagram,
    names: dict[str, str],
    children: defaultdict[str | None, list[str]],
    root: str,
    written: set[str],
) -> Iterator[str]:
    """One node and everything below it; without recursion, as nesting has no bound."""
    open_groups = [iter([root])]
    while open_groups:
        indent = "  " * min(len(open_groups), _MAX_INDENT)
        identifier = next(open_groups[-1], None)
        if identifier is None:
            open_groups.pop()
            if open_groups:
                yield f"{indent[2:]}end"
        elif identifier not in written:
            written.add(identifier)
            name, node = names[identifier], diagram.nodes[identifier]
            if identifier in children:
                yield f"{indent}subgraph {name} [{quoted(_label(node))}]"
                open_groups.append(iter(children[identifier]))
            else:
                yield f"{indent}{name}{_shape(node)}"


def _label(element: Element) -> str:
    data = element.get("data")
    return label_text(data.get("label")) if isinstance(data, dict) else ""


def _shape(node: Element) -> str:
    kind: Json = node.get("type")
    left, right = SHAPES.get(kind, _RECTANGLE) if isinstance(kind, str) else _RECTANGLE
    return f"{left}{quoted(_label(node))}{right}"


def _edge_lines(diagram: Diagram, names: dict[str, str]) -> Iterator[str]:
    for edge in diagram.edges.values():
        source, target = _name(edge, "source", names), _name(edge, "target", names)
        if source is not None and target is not None:
            label = label_text(edge.get("label")).strip()
            text = f"|{quoted(label)}|" if label else ""
            arrow = "-.->" if _is_dashed(edge) else "-->"
            yield f"  {source} {arrow}{text} {target}"


def _name(edge: Element, end: str, names: dict[str, str]) -> str | None:
    identifier = edge.get(end)
    return names.get(identifier) if isinstance(identifier, str) else None


def _is_dashed(edge: Element) -> bool:
    """Animated edges are drawn dashed, as are those whose style says so."""
    style = edge.get("style")
    dashes = style.get("strokeDasharray") if isinstance(style, dict) else None
    return edge.get("animated") is True or (bool(dashes) and dashes not in ("0", "none"))
