"""A diagram that came from a mindmap as the text of one.

Where the tree is the same, labels and shapes are replaced where they stand; lines of deleted nodes
go, and new ones come after the last line below their parent. Where nodes hang elsewhere than they
did, the tree is printed anew; and where it is no tree any more, there is no mindmap of it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.mermaid.counterparts import node_ids
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.essence import label_key
from gateway.mermaid.mindmap import BRACKETS, Mindmap, parse_mindmap
from gateway.mermaid.mindmap_import import TYPES, mindmap_diagram, mindmap_ids
from gateway.mermaid.text_edits import TextEdits
from gateway.mermaid.writing import about, label_of, text_at, written_label
from ot.diagram import Diagram, Element

_SHAPES: Final = {kind: shape for shape, kind in TYPES.items()} | {
    "ellipse": "circle", "start": "circle", "end": "circle", "connector": "circle",
    "user": "rounded", "database": "rect",
}  # fmt: skip
#: Labels that need no quotes, having none of the signs that mean something.
_PLAIN: Final = re.compile(r"(?!mindmap|end\b)[^\W_][\w ,.'!?]*", re.I)
_WORD: Final = re.compile(r"[A-Za-z][\w-]*(?: [\w-]+)*")

Tree = dict[str | None, list[str]]


def export_mindmap(diagram: Diagram, source: str) -> tuple[str, Tree] | None:
    """The mindmap of the diagram, and its tree in the order of the text; ``None`` where it has
    none, as it is no tree."""
    try:
        mindmap = parse_mindmap(source)
    except MermaidError:
        tree = tree_of(diagram)
        return None if tree is None else (print_mindmap(diagram, tree), tree)
    ids = _own_ids(mindmap, diagram)
    tree = tree_of(diagram, ids)
    if tree is None:
        return None
    return _text_of(mindmap, ids, diagram, tree), tree


def _text_of(mindmap: Mindmap, ids: list[str], diagram: Diagram, tree: Tree) -> str:
    made = mindmap_diagram(mindmap)
    essence = _essence(diagram, tree)
    if _essence(made, tree_of(made) or {}) == essence:
        return mindmap.text
    patched = _patched(mindmap, ids, made, diagram, tree)
    if patched is not None and _means(patched, essence):
        return patched
    return "".join(_comments(mindmap)) + print_mindmap(diagram, tree)


def _own_ids(mindmap: Mindmap, diagram: Diagram) -> list[str]:
    """The id in the diagram of each node of the text."""
    made = mindmap_ids(mindmap)
    own = node_ids({identifier: identifier for identifier in made}, diagram)
    return [own[identifier] for identifier in made]


def mindmap_names(tree: Tree, text: str) -> dict[str, str]:
    """The id that each node of the tree gets when the text that was made of it is read."""
    made = mindmap_diagram(parse_mindmap(text))
    walks = zip(_walk(tree), _walk(tree_of(made) or {}), strict=False)
    return {identifier: name for (identifier, _), (name, _) in walks}


def tree_of(diagram: Diagram, order: Iterable[str] = ()) -> Tree | None:
    """Children by parent, the root under ``None``; ``None`` where it is no tree with one root.

    Children come in ``order``, as nodes of a document have none, and after them those not in it.
    """
    parents: dict[str, str] = {}
    children: Tree = defaultdict(list)
    for edge in diagram.edges.values():
        source, target = text_at(edge, "source"), text_at(edge, "target")
        if source is None or target is None or target in parents:
            return None
        if source not in diagram.nodes or target not in diagram.nodes:
            return None
        parents[target] = source
    known = [identifier for identifier in order if identifier in diagram.nodes]
    for identifier in dict.fromkeys((*known, *diagram.nodes)):
        children[parents.get(identifier)].append(identifier)
    if len(children[None]) != min(1, len(diagram.nodes)) or len(list(_walk(children))) != len(
        diagram.nodes
    ):
        return None
    return children


def _walk(tree: Tree) -> Iterator[tuple[str, int]]:
    """Ids with their depth, parents before children."""
    waiting = [(root, 0) for root in tree.get(None, [])]
    while waiting:
        identifier, depth = waiting.pop()
        yield identifier, depth
        waiting += [(child, depth + 1) for child in reversed(tree.get(identifier, []))]


def _essence(diagram: Diagram, tree: Tree) -> list[tuple[int, str, str]]:
    """Depth, shape and label, from the top down: what a mindmap says."""
    return [(depth, *_look(diagram.nodes[i])) for i, depth in _walk(tree)]


def _look(element: Element) -> tuple[str, str]:
    return shape_of(element), label_key(label_of(element))


def _means(text: str, essence: list[tuple[int, str, str]]) -> bool:
    try:
        diagram = mindmap_diagram(parse_mindmap(text))
    except MermaidError:
        return False
    return _essence(diagram, tree_of(diagram) or {}) == essence


def shape_of(element: Element) -> str:
    kind, kept = element.get("type"), about(element).get("shape")
    if isinstance(kept, str) and TYPES.get(kept) == kind:
        return kept
    return _SHAPES.get(kind, "rect") if isinstance(kind, str) else "rect"


def write_mindmap_node(element: Element, name: str) -> str:
    """A node without its indentation; ``name`` is its id where it has brackets."""
    shape, label = shape_of(element), label_of(element)
    if shape != "default":
        left, right = BRACKETS[shape]
        return f"{name}{left}{written_label(element, label)}{right}"
    if _PLAIN.fullmatch(label) and label == label.strip():
        return label
    return f"-){written_label(element, label)}(-"


def print_mindmap(diagram: Diagram, tree: Tree) -> str:
    lines = ["mindmap"]
    for number, (identifier, depth) in enumerate(_walk(tree)):
        element, indent = diagram.nodes[identifier], "  " * (depth + 1)
        name = identifier if _WORD.fullmatch(identifier) else f"n{number}"
        lines.append(indent + write_mindmap_node(element, _not_a_keyword(name, number)))
        icon, named = about(element).get("icon"), about(element).get("class")
        if isinstance(icon, str) and _WORD.fullmatch(icon):
            lines.append(f"{indent}::icon({icon})")
        if isinstance(named, str) and _WORD.fullmatch(named):
            lines.append(f"{indent}:::{named}")
    return "\n".join(lines) + "\n"


def _not_a_keyword(name: str, number: int) -> str:
    return f"n{number}" if name.lower().startswith("mindmap") else name


def _comments(mindmap: Mindmap) -> Iterator[str]:
    """Front matter, directives and comments of the text, before everything else."""
    for piece in sorted(mindmap.pieces, key=lambda piece: (piece.kind != "front", piece.start)):
        yield mindmap.text[piece.start : piece.end].strip() + "\n"


def _patched(
    mindmap: Mindmap, ids: list[str], made: Diagram, diagram: Diagram, tree: Tree
) -> str | None:
    made_nodes = list(made.nodes.values())
    places = {identifier: i for i, identifier in enumerate(ids)}
    parents = {child: parent for parent, group in tree.items() for child in group}
    text = TextEdits(mindmap.text)
    fresh: dict[int, list[str]] = defaultdict(list)
    for identifier, place in places.items():
        node = mindmap.nodes[place]
        if identifier not in diagram.nodes:
            for span in (node.span, node.icon_span, node.class_span):
                _remove_line(text, span)
            continue
        old = ids[node.parent] if node.parent is not None else None
        if parents[identifier] != old:
            return None
        now, before = diagram.nodes[identifier], made_nodes[place]
        if _look(now) != _look(before):
            name = "" if node.text_span[0] == node.span[0] else node.id
            text.replace(node.span, write_mindmap_node(now, name or f"n{place}"))
    for identifier, _ in _walk(tree):
        parent = parents[identifier]
        if identifier not in places:
            if parent not in places:
                return None
            place = places[parent]
            indent = text.indent(mindmap.nodes[place].span[0]) + "  "
            written = write_mindmap_node(diagram.nodes[identifier], f"n{len(fresh)}x{place}")
            fresh[_last_below(mindmap, place)].append(indent + written)
    for last, lines in fresh.items():
        end = mindmap.text.find("\n", _end_of(mindmap, last))
        end = len(mindmap.text) if end < 0 else end
        text.edits.append((end, end, "".join(f"\n{line}" for line in lines)))
    return text.applied("")


def _remove_line(text: TextEdits, span: tuple[int, int] | None) -> None:
    if span is not None:
        start = text.line_start(span[0])
        end = text.text.find("\n", span[1])
        text.edits.append((start, len(text.text) if end < 0 else end + 1, ""))


def _last_below(mindmap: Mindmap, place: int) -> int:
    """The last node of the subtree, which is contiguous in the text."""
    last, level = place, mindmap.nodes[place].level
    while last + 1 < len(mindmap.nodes) and mindmap.nodes[last + 1].level > level:
        last += 1
    return last


def _end_of(mindmap: Mindmap, place: int) -> int:
    node = mindmap.nodes[place]
    spans = (node.span, node.icon_span, node.class_span)
    return max(span[1] for span in spans if span is not None)
