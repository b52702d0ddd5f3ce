"""The import contracts of pyproject.toml, and the purity of what decides, checked as tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent

#: Whatever could make two replicas differ, or a test slow: I/O, the clock, chance, other tasks.
IMPURE = frozenset(
    {
        "anyio", "asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random",
        "secrets", "socket", "subprocess", "tempfile", "threading", "time", "trio", "uuid",
    }
)  # fmt: skip


def imported_modules(source: str) -> Iterator[str]:
    """Every module the source names in an import, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def path_of(module: str) -> Path | None:
    base = ROOT.joinpath(*module.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def deciders() -> set[Path]:
    """All of ot, the actors' core, and whatever of our own the core is made of."""
    reached: set[Path] = set()
    waiting = [*(ROOT / "ot").rglob("*.py"), *(ROOT / "actors").glob("core*.py")]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for module in imported_modules(path.read_text(encoding="utf-8")):
            found = path_of(module) if module.split(".")[0] in {"ot", "actors"} else None
            waiting += [found] if found else []
    return reached


def test_the_import_contracts_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    # It would switch off every logger there is, for the tests that follow.
    monkeypatch.setattr("logging.config.dictConfig", lambda _: None)
    status = lint_imports(no_cache=True, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_what_decides_is_found() -> None:
    names = {str(path.relative_to(ROOT)) for path in deciders()}
    assert {"ot/transform.py", "actors/core.py", "actors/commands.py"} <= names
    assert not {"actors/task.py", "actors/registry.py"} & names


def test_what_decides_imports_nothing_impure() -> None:
    found = {
        str(path.relative_to(ROOT)): impure
        for path in deciders()
        if (
            impure := IMPURE
            & {name.split(".")[0] for name in imported_modules(path.read_text(encoding="utf-8"))}
        )
    }
    assert found == {}


def test_what_decides_never_waits() -> None:
    waits = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in deciders()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, waits)
    ]
    assert found == []
