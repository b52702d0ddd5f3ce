"""Mermaid itself, run without a browser: what a text really shows when it is drawn."""

import html
import re

import mermaidx  # type: ignore[import-untyped]

_NODE = re.compile(
    r'<g class="node[^"]*" id="[^"]*?flowchart-([^"]+?)-\d+"[^>]*>(.*?)</foreignObject>', re.S
)
_EDGE_LABEL = re.compile(r'<span class="edgeLabel[^"]*">(.*?)</span>', re.S)
_CLUSTER = re.compile(r'<g class="cluster-label[^"]*"[^>]*>(.*?)</foreignObject>', re.S)
_LABEL = re.compile(r'<span class="[^"]*abel[^"]*">(.*?)</span>', re.S)


class Drawn:
    """What one drawing shows, with white space made single. Raises where Mermaid refuses."""

    def __init__(self, text: str) -> None:
        svg = mermaidx.render(text).svg()
        self.nodes = {name: _shown(_inside(box)) for name, box in _NODE.findall(svg)}
        self.edges = [label for label in map(_shown, _EDGE_LABEL.findall(svg)) if label]
        self.groups = [_shown(_inside(box)) for box in _CLUSTER.findall(svg)]
        self.arrows = len(re.findall(r'<path [^>]*class="[^"]*edge-thickness', svg))


def _inside(box: str) -> str:
    found = _LABEL.search(box)
    assert found is not None, box
    return found[1]


def _shown(markup: str) -> str:
    """The plain text of a label; any markup but line breaks is left to be seen in the test."""
    plain = re.sub(r"</?p>", "", re.sub(r"<br\s*/?>", "\n", markup))
    assert "<" not in plain, f"markup in {markup!r}"
    return single_spaced(html.unescape(plain))


def single_spaced(text: str) -> str:
    return " ".join(text.split())
