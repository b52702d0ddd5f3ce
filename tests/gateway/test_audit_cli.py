"""``diagramai audit``: what it prints, its exit status, and what a spreadsheet gets to see."""

import csv
import hmac
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.alerts.webhook import sign
from gateway.audit_commands import as_cell
from gateway.cli import main
from tests.support.markdown import ROOT, Document
from tests.support.postgres import run_sql

EVIL = '=HYPERLINK("http://x","y")'


@pytest.fixture
def diagramai(database_url: str) -> Callable[..., Result]:
    """Runs ``diagramai audit`` on a database with some rows."""
    run_sql(
        database_url,
        'INSERT INTO agent_operations (agent_id, operation_type, "timestamp", operation_data) '
        "SELECT CASE n % 2 WHEN 0 THEN 'bot' ELSE '" + EVIL + "' END, 'op' || n, "
        "'2026-01-01'::timestamptz + interval '1 day' * n, '{\"n\": 1}' "
        "FROM generate_series(1, 10) AS n",
    )

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--database-url", database_url, "audit", *arguments])

    return run


def test_verify_export_and_prune_work_together(
    diagramai: Callable[..., Result], database_url: str, tmp_path: Path
) -> None:
    note = str(tmp_path / "note")
    seen = diagramai("verify", "--note", note)
    assert (seen.exit_code, "10 rows in 2 chains: in order" in seen.output) == (0, True)
    rows = list(csv.DictReader(io.StringIO(diagramai("export", "--format", "csv").output)))
    assert len(rows) == 10
    assert {row["agent_id"] for row in rows} == {"bot", f"'{EVIL}"}
    assert (rows[0]["timestamp"][:10], rows[0]["success"]) == ("2026-01-02", "true")
    lines = diagramai("export", "--agent", "bot", "--since", "2026-01-04").output.splitlines()
    assert [json.loads(line)["operation_type"] for line in lines] == ["op4", "op6", "op8", "op10"]
    assert diagramai("export", "--diagram", "nothing", "--until", "1d").output == ""
    assert "4 rows dropped" in diagramai("prune", "--older-than", "2026-01-06").output
    assert diagramai("verify", "--against", note).exit_code == 0
    run_sql(
        database_url,
        "SET session_replication_role = replica; "
        "UPDATE agent_operations SET operation_type = 'x' WHERE operation_type = 'op7'",
    )
    bad = diagramai("verify", "--against", note)
    assert bad.exit_code == 1
    assert f"changed: agent:{EVIL} at 4, row 7:" in bad.output
    wrong = tmp_path / "wrong"
    wrong.write_text("no note", encoding="utf-8")
    assert "no note" in diagramai("verify", "--against", str(wrong)).output
    assert diagramai("prune", "--older-than", "soon").exit_code == 2


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\uff1d", "\uff20"])
def test_no_cell_is_a_formula(first: str) -> None:
    assert as_cell(f"{first}1+1").startswith("'")


def test_numbers_and_texts_stay_what_they_are() -> None:
    cells = [as_cell(each) for each in (None, -3, True, "a=b", {"a": 1})]
    assert cells == ["", "-3", "true", "a=b", '{"a":1}']


def test_the_documented_way_to_check_a_signature_checks_it() -> None:
    (block,) = Document(ROOT / "docs" / "audit.md").blocks("python")
    namespace: dict[str, Callable[[str, str, str, bytes], bool]] = {}
    exec(block.text, namespace)
    is_genuine = namespace["is_from_diagramai"]
    now, body = int(time.time()), b'{"rule": "r"}'
    signature = sign("secret", now, body)
    assert hmac.compare_digest(signature[:3], "v1=")
    assert is_genuine("secret", str(now), signature, body)
    assert not is_genuine("secret", str(now), signature, body + b" ")
    assert not is_genuine("other", str(now), signature, body)
    assert not is_genuine("secret", str(now - 1), signature, body)
    assert not is_genuine("secret", str(now - 900), sign("secret", now - 900, body), body)
