"""Texts made to cost much: refused by name, or read in time that grows with their length."""

import contextlib
import time
from collections.abc import Callable

import pytest

from gateway.mermaid import limits
from gateway.mermaid.document import import_mermaid, patch_mermaid
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.export import export_mermaid
from gateway.mermaid.flowchart import parse_flowchart
from gateway.mermaid.mindmap import parse_mindmap

#: How many times longer the longer text of a comparison is; what is quadratic takes 64 times.
GROWTH = 8
MAX_RATIO = 28

#: Texts by their length, each of which a careless reader looks through again from every place.
HOSTILE: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "graph TD\nA" + "[" * n,
    "spaces": lambda n: "graph TD\nA" + " " * n + "B",
    "line ends": lambda n: "graph TD\nA" + "\n" * n + "B",
    "link ids": lambda n: "graph TD\n" + "a@" * n,
    "directions": lambda n: "graph TD\n" + "a;" * n + "direction",
    "directions at the end": lambda n: "graph TD\n" + "a;" * n + "\ndirection TB",
    "lines of directions": lambda n: "graph TD\nA" + "\ndirection TB" * 4 * n,
    "dashes": lambda n: "graph TD\nA " + "-" * n,
    "tags": lambda n: "graph TD\nA" + "<a" * n,
    "attributes": lambda n: "graph TD\nA" + '<a ="' * n + ">",
    "dots": lambda n: "graph TD\nA -." + ". " * n,
    "colours": lambda n: "graph TD\n" + "style:#" * n,
    "comments": lambda n: "graph TD\n" + "\n" * n + "%%" + "\n %%x" * n,
    "front matter": lambda n: "---\n" + "\n" * n,
    "fences": lambda n: "---\n" + "\n--- x" * n,
    "directives": lambda n: "%%{a:" * n,
    "directives without a word": lambda n: "graph TD\nA" + "%%{" * 8 * n,
    "markdown": lambda n: 'graph TD\nA["' + '`"' * n,
    "braces": lambda n: "graph TD\n" + "} " * n,
    "text of an edge": lambda n: "graph TD\nA -- " + "x " * n,
    "white text of an edge": lambda n: "graph TD\nA -- " + " " * n,
    "text of an ellipse": lambda n: "graph TD\nA(-" + " x" * n,
    "data": lambda n: "graph TD\nA@{ " + "a: " * n + "}",
    "lists in data": lambda n: "graph TD\nA@{ a: " + "[" * n + "}",
    "lines of data": lambda n: "graph TD\nA@{\n" + "a:\n" * n + "}",
    "title": lambda n: "graph TD\nsubgraph " + "a " * n,
    "descriptions": lambda n: "graph TD\n" + "accDescr {" * n,
    "classes": lambda n: "graph TD\nA" + "\nclassDef a b:c" * n,
    "clicks": lambda n: "graph TD\nA" + "\nclick A b" * n,
    "subgraphs": lambda n: "graph TD\n" + "subgraph a\nb\nend\n" * n,
    "tabs in a label": lambda n: "graph TD\nA[x" + "\t" * 4 * n + "y]",
    "mindmap brackets": lambda n: "mindmap\n a" + "(" * n,
    "mindmap spaces": lambda n: "mindmap\n a" + "\n " * n,
    "mindmap labels": lambda n: "mindmap\n a" + "\n  b" * n,
}


#: As above, of what an export has to quote, to write and to compare.
WRITTEN: dict[str, Callable[[int], str]] = {
    "tabs": lambda n: "graph TD\nA[x" + "\t" * 4 * n + "y]",
    "colours": lambda n: 'graph TD\nA["' + ":" * 8 * n + '"]',
    "links": lambda n: 'graph TD\nA["' + "[" * 8 * n + '"]',
    "subgraphs": lambda n: "graph TD\n" + "subgraph a\nb\nend\n" * n,
}


def read(text: str) -> float:
    """Seconds of this process's own time, whether the text is accepted or not."""
    start = time.process_time()
    with contextlib.suppress(MermaidError):
        import_mermaid(text)
    return time.process_time() - start


def write(text: str) -> float:
    """Seconds of this process's own time to export what the text makes and a node more."""
    diagram = import_mermaid(text)
    diagram.nodes["new"] = {"type": "process"}
    start = time.process_time()
    export_mermaid(diagram)
    return time.process_time() - start


def patch(text: str) -> float:
    """Seconds of this process's own time to bring what the text makes to it with labels more."""
    diagram, other = import_mermaid(text), text.replace("-->", "-->|x|")
    start = time.process_time()
    patch_mermaid(diagram, other)
    return time.process_time() - start


def assert_linear(make: Callable[[int], str], cost: Callable[[str], float]) -> None:
    """No text is taken twice, as the last ones are remembered."""
    short = min(cost(make(500 + turn)) for turn in range(3))
    long = min(cost(make(500 * GROWTH + turn)) for turn in range(2))
    assert long < MAX_RATIO * max(short, 0.001)


@pytest.mark.parametrize("kind", HOSTILE)
def test_time_to_read_grows_with_the_length(kind: str) -> None:
    assert_linear(HOSTILE[kind], read)


@pytest.mark.parametrize("kind", WRITTEN)
def test_time_to_write_grows_with_the_length(kind: str) -> None:
    assert_linear(WRITTEN[kind], write)


def test_time_to_patch_grows_with_the_edges_between_two_nodes() -> None:
    assert_linear(lambda n: "graph TD\n" + "A-->B\n" * n, patch)


@pytest.mark.parametrize("sign", ["[", "(", "{", "A", "\n", " ", '"', "%%"])
def test_a_megabyte_is_refused_before_it_is_read(sign: str) -> None:
    with pytest.raises(MermaidError) as refused:
        import_mermaid("graph TD\n" + sign * 1_000_000)
    assert refused.value.code == "mermaid_too_large"
    assert str(limits.MAX_TEXT) in refused.value.message


def test_a_hundred_thousand_brackets_are_refused_at_the_first_that_is_too_much() -> None:
    with pytest.raises(MermaidError) as refused:
        parse_flowchart("graph TD\nA" + "[" * 100_000)
    assert (refused.value.code, refused.value.line) == ("mermaid_syntax", 2)
    assert refused.value.column < 30


def test_nesting_has_a_bound() -> None:
    def nested(depth: int) -> str:
        heads = "".join(f"subgraph s{i}\n" for i in range(depth))
        return f"graph TD\n{heads}a\n" + "end\n" * depth

    diagram = import_mermaid(nested(limits.MAX_NESTING))
    assert len(diagram.nodes) == limits.MAX_NESTING + 1
    with pytest.raises(MermaidError, match="deep") as refused:
        parse_flowchart(nested(limits.MAX_NESTING + 1))
    assert refused.value.code == "mermaid_too_large"
    assert refused.value.line == limits.MAX_NESTING + 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("graph TD\n" + "a & " * limits.MAX_MENTIONS + "a", "One statement"),
        ("graph TD\n" + " --> ".join(["a"] * (limits.MAX_MENTIONS + 2)), "One statement"),
        (
            "graph TD\n" + " & ".join("a" * 110) + " --> " + " & ".join("b" * 110),
            f"{limits.MAX_EDGES} edges",
        ),
        ("graph TD\n" + "\n".join(f"n{i}" for i in range(limits.MAX_NODES + 1)), "nodes"),
        ("graph TD\nA" + ";" * (limits.MAX_TOKENS + 1), "words and signs"),
    ],
)
def test_what_is_too_much_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(MermaidError, match=words) as refused:
        parse_flowchart(text)
    assert refused.value.code == "mermaid_too_large"


def test_a_mindmap_of_too_many_nodes_is_refused() -> None:
    with pytest.raises(MermaidError, match="nodes") as refused:
        parse_mindmap("mindmap\n a" + "\n  b" * limits.MAX_NODES)
    assert refused.value.code == "mermaid_too_large"


def test_a_thousand_nodes_go_both_ways() -> None:
    lines = [f'  n{i}["Node {i}"] -->|"to {i + 1}"| n{i + 1}' for i in range(1_000)]
    text = "\n".join(["flowchart TD", *lines, ""])
    diagram = import_mermaid(text)
    assert (len(diagram.nodes), len(diagram.edges)) == (1_001, 1_000)
    assert export_mermaid(diagram) == text
    changed = diagram.copy()
    changed.nodes["n7"] = {**changed.nodes["n7"], "data": {"label": "Seven"}}
    assert export_mermaid(changed) == text.replace('"Node 7"', '"Seven"')
