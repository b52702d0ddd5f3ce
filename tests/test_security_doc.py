"""docs/security.md tells of tests that there are, and the attacks are as many as promised."""

import ast
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
DOCUMENT: Final = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
#: Named attempts, each a function; most are tried in many ways.
MIN_ATTACKS: Final = 60


def attempts_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.name
        for node in tree.body
        if isinstance(node, functions) and node.name.startswith("test_")
    }


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", DOCUMENT)
    assert len(named) > 25
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not (ROOT / path).is_file() or (name and name not in attempts_in(ROOT / path))
    ]
    assert missing == []


def test_every_file_of_attacks_is_told_of() -> None:
    files = {path.name for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert {name for name in files if name not in DOCUMENT} == set()


def test_there_are_as_many_attacks_as_promised() -> None:
    attacks = [
        name
        for path in (ROOT / "tests" / "attacks").glob("test_*.py")
        for name in attempts_in(path)
    ]
    assert len(attacks) == len(set(attacks)), "each has a name of its own"
    assert len(attacks) >= MIN_ATTACKS


def test_the_image_runs_without_privileges() -> None:
    """Not root, a file system that cannot be written to, and nothing to gain."""
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = image.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!root|0\b)\w+$", last, re.MULTILINE)
    assert "--uid 10001" in last
    services = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    served = services.partition("\n  diagramai:\n")[2]
    for line in ("read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]'):
        assert line in served
    assert '- "127.0.0.1:' in served
