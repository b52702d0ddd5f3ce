"""Attempts by what texts can be made to mean: SQL, paths, formulas, lines of a log."""

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from tests.attacks.test_tokens import session_cookie
from tests.gateway.test_permission_table import ROUTES
from tests.support.attacked import ACCEPT, Target, code_of
from tests.support.postgres import run_sql
from tests.support.server import environment

SQL: Final = (
    "' OR '1'='1",
    "'; DROP TABLE diagrams; --",
    '" OR ""="',
    "1) UNION SELECT api_key FROM agent_credentials --",
    "\\'; SELECT pg_sleep(30); --",
    "$1",
    "%",
    "_",
    "%' ESCAPE '",
    "E'\\x27'",
    "$$; SELECT 1; $$",
    "\N{FULLWIDTH APOSTROPHE} OR 1=1",
)


@pytest.mark.parametrize("text", SQL)
def test_sql_in_every_text(target: Target, text: str) -> None:
    """What comes in is a value: nothing is found by it, and nothing fails by it."""
    before = target.rows("SELECT count(*) AS n FROM diagrams")[0]["n"]
    written, other = quote(text, safe=""), target.diagrams["other"]
    searches = (f"/api/diagrams?filter={written}", f"/api/people?search={written}")
    for path in searches:
        answer = target.ask("mallory", "GET", path)
        assert answer.status_code in (200, 400), (path, answer.text)
        assert "secret" not in answer.text
        assert target.keys["full"] not in answer.text
    paths: tuple[tuple[str, str, Any], ...] = (
        ("GET", f"/api/diagrams/{written}", None),
        ("GET", f"/api/diagrams/{written}/export?format={written}", None),
        ("GET", f"/api/diagrams/{other}/export?format={written}", None),
        ("PUT", f"/api/diagrams/{other}/members/{written}", {"role": "viewer"}),
        ("PUT", f"/api/diagrams/{other}/agents/{written}", {"permissions": ["read"]}),
        ("DELETE", f"/api/diagrams/{other}/share-links/{written}", {}),
        ("POST", "/api/share-links/redeem", {"token": text, "name": text}),
        ("GET", f"/api/diagrams?limit={written}&offset={written}&sort={written}", None),
    )
    for method, path, sent in paths:
        answer = target.ask("olga", method, path, json=sent)
        assert answer.status_code in (200, 400, 404), (method, path, answer.text)
    told = target.tool("confined", "list_diagrams", search=text)
    assert "secret" not in json.dumps(told)
    for tool in ("read_diagram", "get_diagram_info"):
        assert target.tool("full", tool, diagram_id=text)["error"]["code"] in (
            "not_found",
            "invalid_arguments",
        )
    with target.socket("mallory") as wire:
        assert wire.refusal(type="subscribe", diagram_id=text) == "not_found"
        assert wire.refusal(type="hello", client_id="x' OR 1=1 --") != "internal_error"
    made = target.ask("olga", "POST", "/api/diagrams", json={"title": text, "description": text})
    assert made.json()["data"]["title"] == text
    assert target.rows("SELECT count(*) AS n FROM diagrams")[0]["n"] == before + 1


def test_a_search_by_a_wildcard_finds_the_sign_itself(target: Target) -> None:
    assert target.ask("mallory", "GET", "/api/diagrams?filter=%25").json()["data"] == []


PATHS: Final = (
    "/../../../etc/passwd",
    "/assets/../../settings.py",
    "/assets/%2e%2e/%2e%2e/settings.py",
    "/assets/..%2f..%2fsettings.py",
    "/assets/%2e%2e%2f%2e%2e%2fcli.py",
    "/assets/..%5c..%5csettings.py",
    "/assets/....//....//settings.py",
    "/assets/%252e%252e/settings.py",
    "/assets/%c0%ae%c0%ae/settings.py",
    "/assets//etc/passwd",
    "//etc/passwd",
    "/assets/index.js%00.png",
    "/.built-from",
    "/.git/config",
    "/assets/.env",
    "/static/../cli.py",
    "/index.html.gz",
    "/file:///etc/passwd",
    "/C:%5cWindows%5cwin.ini",
    "/api/../../etc/passwd",
    "/d/../../../etc/passwd",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_file_that_is_none_of_the_editors(target: Target, path: str) -> None:
    """Which files there are was settled at the start; no path is ever looked up."""
    said = f"GET {path} HTTP/1.1\r\nHost: {target.host}\r\nConnection: close\r\n\r\n"
    answer = _raw(target, said.encode("latin-1"))
    assert b" 200 " not in answer.split(b"\r\n", 1)[0] or b'id="root"' in answer
    for sign in (b"root:x:", b"DIAGRAMAI_", b"import ", b"[core]"):
        assert sign not in answer, answer[:500]


def _raw(target: Target, said: bytes) -> bytes:
    import socket

    with socket.create_connection(("127.0.0.1", target.port), 10) as plain:
        plain.sendall(said)
        answer = b""
        while chunk := plain.recv(65_536):
            answer += chunk
    return answer


TITLES: Final = (
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "a\r\nSet-Cookie: diagramai_session=chosen",
    "a\nX-Injected: yes",
    'a"; filename="evil.exe',
    "\u202egpj.exe",
    ".htaccess",
    "con",
    "a/b:c*d?e",
    "%2e%2e%2f",
)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_as_the_name_of_a_file_and_in_a_header(target: Target, title: str) -> None:
    made = target.ask("olga", "POST", "/api/diagrams", json={"title": title})
    if made.status_code == 400:
        return
    path = f"/api/diagrams/{made.json()['data']['id']}"
    for wanted in ("json", "svg", "mermaid"):
        answer = target.ask("olga", "GET", f"{path}/export?format={wanted}")
        assert answer.status_code == 200, answer.text
        assert "set-cookie" not in answer.headers
        assert "x-injected" not in answer.headers
        said = answer.headers["content-disposition"]
        assert said.startswith("attachment; ")
        name = said.partition('filename="')[2].partition('"')[0]
        assert not set(name) & set('/\\:*?"<>|%;\r\n')
        assert not name.startswith(".")
        assert "\u202e" not in said
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_file_to_import_names_another_file(target: Target) -> None:
    """The command reads what it is told to, and an upload has no name at all."""
    document = {"title": "X", "content": {"nodes": [], "edges": []}, "source": "file:///etc/passwd"}
    for name in ("../../etc/passwd", "/etc/passwd", "\x00"):
        headers = {"content-disposition": f"attachment; filename={quote(name)}"}
        answer = target.ask(
            "olga", "POST", "/api/diagrams/import?new_ids=true", json=document, headers=headers
        )
        assert answer.status_code in (201, 400)
        assert "root:x" not in answer.text
    for text in (
        'graph TD\n a["<!-- @include /etc/passwd -->"]',
        "---\nconfig: {file: /etc/passwd}\n---\ngraph TD\n a-->b",
    ):
        answer = target.ask(
            "olga",
            "POST",
            "/api/diagrams/import",
            content=text.encode(),
            headers={"content-type": "text/vnd.mermaid"},
        )
        assert answer.status_code in (201, 400)
        assert "root:x" not in answer.text


FORMULAS: Final = ('=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(1)", "\t=1", "  =1")


def test_a_formula_in_the_export_of_the_audit(target: Target) -> None:
    """What a spreadsheet would run is made a text."""
    for formula in FORMULAS:
        target.tool("full", "read_diagram", diagram_id=formula)
    target.wait_for(lambda: formula_rows(target))
    rows = list(csv.reader(io.StringIO(command(target, "audit", "export", "--format", "csv"))))
    assert len(rows) > len(FORMULAS)
    cells = [cell for row in rows[1:] for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    for cell in cells:
        assert not cell.lstrip(" ").startswith(("=", "+", "@", "\t", "\r")), cell
        assert not cell.startswith("-") or cell.removeprefix("-").isdigit()


def formula_rows(target: Target) -> bool:
    found = target.rows(
        "SELECT count(*) AS n FROM agent_operations WHERE operation_data::text LIKE '%HYPERLINK%'"
    )
    return bool(found[0]["n"])


LINES: Final = "x\n2026-01-01 00:00:00 CRITICAL diagramai: forged line\r\nnext\x1b[2J\u2028third"


def test_a_line_of_the_log_is_forged(target: Target) -> None:
    """Whatever is logged of what was sent stands in one line, without signs that steer a screen."""
    for name in ("full", "mallory"):
        target.ask(name, "GET", f"/api/diagrams/{quote(LINES)}")
        target.ask(name, "POST", "/api/diagrams", json={"title": LINES})
    target.tool("full", "read_diagram", diagram_id=LINES)
    headers = {"user-agent": "x forged line", "x-forwarded-for": "forged line"}
    target.ask(None, "GET", "/api/diagrams", headers={**headers, "authorization": "Bearer forged"})
    with target.socket("full") as wire:
        wire.refusal(type="subscribe", diagram_id=LINES)
        wire.refusal(type="agent_operation", operation=LINES, data={})
    told = target.ask(f"mallory{LINES}", "GET", "/api/session")
    assert told.status_code == 401, "a subject has printable characters only"
    log = target.log_file.read_bytes()
    assert b"\nnext" not in log
    assert b"CRITICAL diagramai: forged" not in log
    assert b"\x1b" not in log


def test_a_row_of_the_audit_is_changed_or_removed(target: Target) -> None:
    """The database refuses; who gets around that is found out by the chain."""
    target.tool("reader", "read_diagram", diagram_id="nothing")
    row = target.audited("reader", "not_found")
    for statement in (
        f"UPDATE agent_operations SET error_message = NULL WHERE id = {row['id']}",
        f"DELETE FROM agent_operations WHERE id = {row['id']}",
        "TRUNCATE agent_operations CASCADE",
        "DELETE FROM audit_heads",
    ):
        with pytest.raises(Exception, match="append-only"):
            run_sql(target.database_url, statement)
    assert "in order" in command(target, "audit", "verify")
    trigger = "ALTER TABLE agent_operations {} TRIGGER audit_keep"
    change = "UPDATE agent_operations SET success = NOT success WHERE id = {}".format(row["id"])
    run_sql(target.database_url, trigger.format("DISABLE"), change)
    told = command(target, "audit", "verify", fails=True)
    run_sql(target.database_url, change, trigger.format("ENABLE"))
    assert f"row {row['id']}" in told
    assert "in order" in command(target, "audit", "verify")


def test_an_agent_writes_no_row_of_another(target: Target) -> None:
    """Whose call it was is who proved it, not what was sent."""
    meta = {"agent_id": "full", "user_session_id": "session:root"}
    told = target.mcp(
        "reader",
        "tools/call",
        {"name": "create_diagram", "arguments": {"title": "x"}, "_meta": meta},
    )
    assert told["result"]["structuredContent"]["error"]["code"] == "forbidden"
    row = target.audited("reader", "forbidden", "create_diagram")
    assert row["user_session_id"].startswith("key:")
    headers = {**ACCEPT, "x-agent-id": "full", "x-forwarded-user": "root"}
    answer = target.ask("reader", "POST", "/api/diagrams", json={"title": "x"}, headers=headers)
    assert answer.status_code == 403


def command(target: Target, *arguments: str, fails: bool = False) -> str:
    """What ``diagramai ARGUMENTS`` says on the same database."""
    run = [sys.executable, "-c", "from gateway.cli import main; main()", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            run,
            env=environment(Path(folder)) | {"DATABASE_URL": target.database_url},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert (done.returncode != 0) is fails, done.stdout + done.stderr
    return done.stdout


ADMIN: Final = sorted((method, rule) for method, rule in ROUTES if rule.startswith("/api/admin/"))


@pytest.mark.parametrize(("method", "rule"), ADMIN)
def test_nobody_but_an_admin_uses_the_admins_routes(target: Target, method: str, rule: str) -> None:
    """Not even the owner of what it is about; and an agent never, whatever its key."""
    path = rule.replace("<diagram_id>", target.diagrams["other"])
    path = re.sub(r"<(?:path:)?\w+>", "reader", path)
    for name in ("olga", "edgar", "mallory", "full", "of-mallory"):
        answer = target.ask(name, method, path, json={})
        assert (answer.status_code, code_of(answer)) == (403, "forbidden"), (name, answer.text)
    nobody = target.ask(None, method, path, json={})
    assert (nobody.status_code, code_of(nobody)) == (401, "unauthenticated")
    # A form of another site does nothing with an admin's cookie.
    if method != "GET":
        cookie = session_cookie(target, "root")
        forged = {**cookie, "origin": "https://evil.example"}
        answer = target.ask(None, method, path, content=b"{}", headers=forged)
        assert answer.status_code == 403
        assert target.ask("reader", "GET", "/api/diagrams").status_code == 200
