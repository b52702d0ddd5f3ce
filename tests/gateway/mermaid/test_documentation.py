"""docs/mermaid.md: every row of its tables of constructs is executed."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.mermaid.document import import_mermaid
from gateway.mermaid.errors import MermaidError
from gateway.mermaid.export import export_mermaid
from ot.diagram import Diagram, Element
from tests.support.mermaid_oracle import compare

PAGE = Path(__file__).parents[3] / "docs" / "mermaid.md"
_CELL = re.compile(r"(?<!\\)\|")


class Row(msgspec.Struct, frozen=True):
    construct: str
    text: str
    read: str
    kept: str
    drawn: str


def rows() -> list[Row]:
    """The rows of every table with an example."""
    found = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in _CELL.split(line)[1:-1]]
        if len(cells) == 5 and "`" in cells[1]:
            text = cells[1].strip("`").strip() if "``" not in cells[1] else cells[1][3:-3]
            text = text.replace("⏎", "\n").replace("\\|", "|") + "\n"
            found.append(Row(cells[0], text, *(cell.strip("`") for cell in cells[2:])))
    return found


ROWS = rows()
GOOD = [row for row in ROWS if row.read == "yes"]


def name(row: Row) -> str:
    return row.construct


def test_there_is_a_row_for_every_construct() -> None:
    assert len(ROWS) > 90
    assert {row.kept for row in GOOD} == {"yes"}


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_it_is_read_as_by_mermaid(row: Row) -> None:
    assert compare(row.text) == ""
    if row.read != "yes":
        with pytest.raises(MermaidError) as refused:
            import_mermaid(row.text)
        assert refused.value.code == row.read


@pytest.mark.parametrize("row", GOOD, ids=name)
def test_it_is_kept(row: Row) -> None:
    diagram = import_mermaid(row.text)
    assert export_mermaid(diagram) == row.text
    exported = export_mermaid(with_a_new_node(diagram))
    assert [line for line in row.text.splitlines() if line not in exported.splitlines()] == []
    assert "Brand new" in exported


def with_a_new_node(diagram: Diagram) -> Diagram:
    changed = diagram.copy()
    node: Element = {"type": "rectangle", "data": {"label": "Brand new"}}
    if diagram.kind == "mindmap":
        changed.edges["new"] = {"source": next(iter(changed.nodes)), "target": "new one"}
    changed.nodes["new one"] = node
    return changed


@pytest.mark.parametrize("row", [row for row in GOOD if row.drawn != "—"], ids=name)
def test_it_is_drawn(row: Row) -> None:
    path, _, value = row.drawn.partition(" = ")
    diagram = import_mermaid(row.text)
    assert found_at(diagram, path) == json.loads(value)


def found_at(diagram: Diagram, path: str) -> Any:
    """``A.type`` of a node, ``A→B.label`` of an edge, else of the diagram."""
    first, *steps = path.split(".")
    value: Any
    if "→" in first:
        ends = first.split("→")
        value = next(e for e in diagram.edges.values() if [e["source"], e["target"]] == ends)
    elif first in diagram.nodes:
        value = diagram.nodes[first]
    else:
        value = diagram.properties()[first]
    for step in steps:
        value = value[step]
    return value
