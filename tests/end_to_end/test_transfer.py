"""Import and export by the command line: everything that the old app stores comes back whole."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

from gateway.settings import Settings
from gateway.transfer import export_diagram
from persistence.legacy import read_legacy_diagrams
from tests.support.postgres import run_sql
from tests.support.server import run_command

SAMPLES = Path(__file__).parents[1] / "fixtures" / "samples"
ROW_FILES = sorted(SAMPLES.glob("*.json"))
MERMAID_FILES = sorted((SAMPLES / "mermaid").glob("*.mmd"))

OLD_TABLE = """
CREATE TABLE diagrams (
    id uuid PRIMARY KEY, uuid uuid UNIQUE, user_id uuid, title varchar(255) NOT NULL,
    description text, content json NOT NULL, format varchar(20) NOT NULL,
    content_hash varchar(64), tags text[], is_public boolean, is_template boolean,
    template_category text, agent_accessible boolean DEFAULT false, view_count int DEFAULT 0,
    fork_count int DEFAULT 0, like_count int DEFAULT 0, created_at timestamp,
    updated_at timestamp, last_accessed_at timestamp
)
"""
OLD_ROWS = """
INSERT INTO diagrams VALUES
('5b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d01', '0b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d01',
 '00000000-0000-0000-0000-000000000000', 'Flow', 'An old one',
 '{"nodes":[{"id":"1","type":"start","position":{"x":1,"y":2},"data":{"label":"Start"},
   "selected":true,"measured":{"width":10,"height":20}},
  {"id":"2","position":{"x":1.5,"y":-2},"data":{"label":"Änd 😀","extra":{"deep":[1,null]}}}],
  "edges":[{"id":"e","source":"1","target":"2","sourceHandle":null},
   {"id":"e","source":"2","target":"1"},{"id":"lost","source":"1","target":"gone"}],
  "viewport":{"x":0,"y":0,"zoom":1}}',
 'react_flow', 'abc', '{a,"b c"}', true, false, NULL, true, 7, 1, 2,
 '2025-05-30 09:00:00', '2025-05-30 09:34:00.349', NULL),
('6b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d02', NULL, NULL, 'Text', NULL,
 '{"syntax":"graph TD\\n A-->B"}', 'mermaid', NULL, '{}', false, false, NULL, false, 0, 0, 0,
 '2025-05-30 09:00:00', '2025-05-30 09:34:00.349', NULL)
"""


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a sample file, whichever of its shapes it has."""
    value = msgspec.json.decode(path.read_bytes())
    if isinstance(value, list):
        return value
    return [value] if "content" in value else list(value.values())


def imported_ids(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines() if not line.startswith(" ")]


@pytest.mark.parametrize("path", ROW_FILES, ids=lambda path: path.stem)
async def test_every_stored_row_comes_back_as_it_was(
    path: Path, tmp_path: Path, database_url: str
) -> None:
    output = await run_command(tmp_path, ["import", str(path)], database_url=database_url)
    for row, diagram_id in zip(rows_of(path), imported_ids(output), strict=True):
        text = await run_command(tmp_path, ["export", diagram_id], database_url=database_url)
        exported = msgspec.json.decode(text)
        assert without_new(exported, row) == row


def without_new(exported: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """What of the export stood in the row; the rest are fields that rows have since gained."""
    return {key: value for key, value in exported.items() if key in row}


async def test_every_mermaid_text_comes_back_to_the_letter(
    tmp_path: Path, database_url: str
) -> None:
    names = [str(path) for path in MERMAID_FILES]
    output = await run_command(tmp_path, ["import", *names], database_url=database_url)
    for path, diagram_id in zip(MERMAID_FILES, imported_ids(output), strict=True):
        text = await export_diagram(Settings(database_url=database_url), diagram_id)
        assert msgspec.json.decode(text)["content"] == path.read_text(encoding="utf-8")


async def test_a_mermaid_file_becomes_a_canvas_and_is_exported_in_every_format(
    tmp_path: Path, database_url: str
) -> None:
    chart = "flowchart LR\n  a[Order] --> b{Paid?}\n"
    file = tmp_path / "chart.mmd"
    file.write_text(chart, encoding="utf-8")
    output = await run_command(
        tmp_path, ["import", str(file), "--as", "canvas"], database_url=database_url
    )
    assert "chart  (2 nodes, 1 edges)" in output
    (diagram_id,) = imported_ids(output)
    starts = {"json": b"{", "mmd": chart.encode(), "svg": b"<svg", "png": b"\x89PNG"}
    for ending, start in starts.items():
        made = tmp_path / f"made.{ending}"
        await run_command(
            tmp_path, ["export", diagram_id, "-o", str(made)], database_url=database_url
        )
        assert made.read_bytes().startswith(start)
    dark = tmp_path / "dark.jpg"
    await run_command(
        tmp_path, ["export", diagram_id, "-o", str(dark), "--format", "svg", "--theme", "dark"],
        database_url=database_url,
    )  # fmt: skip
    assert dark.read_bytes().startswith(b"<svg")
    assert dark.read_bytes() != (tmp_path / "made.svg").read_bytes()
    row = msgspec.json.decode((tmp_path / "made.json").read_bytes())
    a, b = row["content"]["nodes"]
    assert a["position"]["x"] < b["position"]["x"]


async def test_a_mermaid_file_with_a_mistake_becomes_no_canvas(
    tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "bad.mmd"
    file.write_text("flowchart LR\n  a[Order --> b\n", encoding="utf-8")
    command = ["import", str(file), "--as", "canvas"]
    with pytest.raises(subprocess.CalledProcessError) as caught:
        await run_command(tmp_path, command, database_url=database_url)
    assert str(file).encode() in caught.value.stderr
    assert b"line 3" in caught.value.stderr


async def test_the_old_apps_own_database_is_imported_and_nothing_is_lost_but_what_is_reported(
    tmp_path: Path, database_url: str, empty_database_url: str
) -> None:
    run_sql(empty_database_url, OLD_TABLE, OLD_ROWS)
    output = await run_command(
        tmp_path, ["import", "--from-database", empty_database_url], database_url=database_url
    )
    assert "lost" in output
    flow_id, text_id = imported_ids(output)
    old_flow, old_text = await trio.to_thread.run_sync(read_legacy_diagrams, empty_database_url)
    assert old_text.pop("uuid") is None, "a row without a second id is given one"
    text = await run_command(tmp_path, ["export", text_id], database_url=database_url)
    assert without_new(msgspec.json.decode(text), old_text) == old_text
    exported = msgspec.json.decode(
        await run_command(tmp_path, ["export", flow_id], database_url=database_url)
    )
    content = exported.pop("content")
    expected = old_flow.pop("content")
    assert without_new(exported, old_flow) == old_flow
    expected["nodes"][0].pop("selected")
    hint = expected["nodes"][0].pop("measured")
    expected["nodes"][0] |= {"initialWidth": hint["width"], "initialHeight": hint["height"]}
    assert content["nodes"] == expected["nodes"]
    kept, renamed = content["edges"]
    assert kept == expected["edges"][0]
    assert {**renamed, "id": "e"} == expected["edges"][1]
    assert renamed["id"] != "e"
    assert content["viewport"] == expected["viewport"]


async def test_a_corrupt_file_is_refused_whole_with_the_place_of_what_is_wrong(
    tmp_path: Path, database_url: str
) -> None:
    good = rows_of(ROW_FILES[0])[0]
    bad = {**good, "id": "other", "content": {"nodes": [{"id": "1", "position": {"x": "?"}}]}}
    file = tmp_path / "bad.json"
    file.write_bytes(msgspec.json.encode([good, bad]))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        await run_command(tmp_path, ["import", str(file)], database_url=database_url)
    assert b"nodes[0].position" in caught.value.stderr
    with pytest.raises(subprocess.CalledProcessError):
        await run_command(tmp_path, ["export", good["id"]], database_url=database_url)


@pytest.mark.parametrize("field", ["kind", "title"])
async def test_a_value_that_no_diagram_can_hold_is_refused_with_file_and_place(
    field: str, tmp_path: Path, database_url: str
) -> None:
    good = {"content": {"nodes": []}, "title": "Good"}
    file = tmp_path / "long.json"
    for rows, place in (
        ([good | {field: "x" * 1_001}], ""),
        ([good, good | {field: "x" * 1_001}], "[1]"),
    ):
        file.write_bytes(msgspec.json.encode(rows))
        with pytest.raises(subprocess.CalledProcessError) as caught:
            await run_command(tmp_path, ["import", str(file)], database_url=database_url)
        assert str(file).encode() in caught.value.stderr
        assert place.encode() in caught.value.stderr
        assert field.encode() in caught.value.stderr


async def test_importing_twice_is_refused_and_new_ids_make_a_copy(
    tmp_path: Path, database_url: str
) -> None:
    command = ["import", str(ROW_FILES[0])]
    await run_command(tmp_path, command, database_url=database_url)
    with pytest.raises(subprocess.CalledProcessError) as caught:
        await run_command(tmp_path, command, database_url=database_url)
    assert b"--new-ids" in caught.value.stderr
    output = await run_command(tmp_path, [*command, "--new-ids"], database_url=database_url)
    assert imported_ids(output)


async def test_agents_are_created_listed_and_revoked(tmp_path: Path, database_url: str) -> None:
    key = await run_command(tmp_path, ["agents", "create", "helper"], database_url=database_url)
    assert key.startswith("dai_")
    listed = await run_command(tmp_path, ["agents", "list"], database_url=database_url)
    assert "helper" in listed
    assert key.strip() not in listed
    await run_command(tmp_path, ["agents", "revoke", "helper"], database_url=database_url)
    listed = await run_command(tmp_path, ["agents", "list"], database_url=database_url)
    assert "revoked" in listed
