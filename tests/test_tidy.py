"""The style of this code base, executed. A rule that a tool can hold is not left to a reviewer."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from building.backend import NODE

ROOT = Path(__file__).parent.parent
SOURCES = (
    "ot", "client", "actors", "persistence", "gateway", "building", "property_tests", "tests",
    "benchmarks",
)  # fmt: skip
RUNTIME_SOURCES = ("ot", "client", "actors", "persistence", "gateway")
TEST_SOURCES = ("property_tests", "tests")
MAX_FILE_LINES = 600
MAX_FUNCTION_LINES = 70

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
#: A number that means something only to whoever can open the tracker.
TRACKER_NUMBER = re.compile(
    r"\b(?:issue|ticket|bug|PR|pull request)s? #?\d+\b"
    r"|\b(?:fix(?:es|ed)?|clos(?:es|ed)|refs?|see) #\d+\b"
    r"|(?:^|[\s(])#(?:\d{1,2}|\d{4,5})(?=[\s).,:]|$)",
    re.IGNORECASE,
)
REGISTRY = re.compile(
    r"https?://|pypi\.|pythonhosted|registry\.|-index-url|--find-links|--trusted-host"
)
SKIPS = frozenset({"skip", "skipif", "xfail", "importorskip"})
SLEEP = re.compile(r"\b(?:time|trio|anyio|asyncio)\.sleep(?:_until)?\(")
#: Polling with a bound, or the pace of somebody who is played; the line says which.
BOUNDED_WAIT = re.compile(r"# bounded wait(: \S.*)?$")
#: Where a line may sleep: in what other tests wait with, and where whole systems are played with.
MAY_SLEEP = ("support", "end_to_end", "faults")


def python_files(folders: tuple[str, ...] = SOURCES) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def text_files() -> Iterator[Path]:
    yield from python_files()
    yield from ROOT.glob("*.md")
    yield from (ROOT / "docs").rglob("*.md")
    yield from (ROOT / "persistence").rglob("*.sql")
    yield from (ROOT / name for name in ("Makefile", "Dockerfile", "compose.yaml"))
    yield from (ROOT / ".ci").iterdir()
    editor = ROOT / "editor" / "src"
    yield from (path for path in editor.rglob("*") if path.suffix in {".ts", ".tsx", ".css"})


def lock_files() -> list[Path]:
    found = [*ROOT.glob("requirements*.txt"), *ROOT.rglob("package-lock.json")]
    return [path for path in found if not {"node_modules", ".venv"} & set(path.parts)]


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def matching_lines(pattern: re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    """Where the pattern is found, except in this file, which names what it looks for."""
    return [
        f"{place(path, number)}: {line.strip()}"
        for path in paths
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def long_functions(source: str) -> list[tuple[int, str]]:
    """Line and name of each function whose code, decorators apart, is too long."""
    return [
        (node.lineno, node.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    ]


def skipped_tests(source: str) -> list[int]:
    """Lines that skip a test or expect it to fail."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (
            isinstance(node, ast.Attribute)
            and node.attr in SKIPS
            and ast.unparse(node.value) in {"pytest", "pytest.mark", "mark", "unittest"}
        )
        or (
            isinstance(node, ast.ImportFrom)
            and node.module in {"pytest", "unittest"}
            and any(name.name in SKIPS for name in node.names)
        )
    ]


def normalised(requirement: str) -> str:
    """The name in a requirement, spelt the one way in which names are compared."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def third_party_imports(source: str) -> set[str]:
    """Top-level names of imported modules that are neither ours nor Python's own."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - set(SOURCES)


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines())
        for path in text_files()
        if path.suffix in {".py", ".sql", ".ts", ".tsx"}
    }
    assert lengths
    assert {path: n for path, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        f"{place(path, line)}: {name}"
        for path in python_files()
        for line, name in long_functions(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    assert matching_lines(UNFINISHED, text_files()) == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    found = [
        place(path, line)
        for path in python_files(TEST_SOURCES)
        for line in skipped_tests(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_test_sleeps_and_hopes() -> None:
    allowed = [ROOT / "tests" / name for name in MAY_SLEEP]
    found = [
        line
        for path in python_files(TEST_SOURCES)
        for line in matching_lines(SLEEP, [path])
        if not (any(map(path.is_relative_to, allowed)) and BOUNDED_WAIT.search(line))
    ]
    assert found == []


def test_the_text_can_be_understood_without_a_tracker() -> None:
    assert matching_lines(TRACKER_NUMBER, text_files()) == []


def test_lock_files_name_no_registry() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in lock_files()}
    assert names >= {"requirements.txt", "requirements-build.txt", "editor/package-lock.json"}
    assert matching_lines(REGISTRY, ROOT.glob("requirements*.txt")) == []
    for path in lock_files():
        if path.suffix == ".json":
            packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
            assert packages
            assert [name for name, package in packages.items() if "resolved" in package] == []


def test_every_locked_package_has_its_version_and_hash() -> None:
    for path in ROOT.glob("requirements*.txt"):
        text = path.read_text(encoding="utf-8").replace("\\\n", "")
        entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert entries
        assert [
            line for line in entries if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:", line)
        ] == []


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime, dev = project["dependencies"], project["optional-dependencies"]["dev"]
    locks = {
        "requirements.txt": runtime,
        "requirements-build.txt": [NODE],
        "requirements-dev.txt": runtime + dev,
    }
    for name, declared in locks.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        locked = set(re.findall(r"^([\w.-]+)==", text, re.MULTILINE))
        wanted = {normalised(requirement) for requirement in declared}
        assert wanted - locked == set()


def test_the_image_is_given_all_that_it_copies() -> None:
    copies = re.findall(
        r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.M
    )
    wanted = {path.split("/")[0] for line in copies for path in line.split()}
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    given = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert wanted >= set(RUNTIME_SOURCES)
    assert wanted - given == set()


@pytest.mark.parametrize(
    ("folders", "extra"), [(RUNTIME_SOURCES, ()), (SOURCES, ("dev",))], ids=["runtime", "dev"]
)
def test_every_imported_package_is_declared(
    folders: tuple[str, ...], extra: tuple[str, ...]
) -> None:
    described = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, declared = described["project"], [*described["build-system"]["requires"]]
    declared += project["dependencies"]
    for name in extra:
        declared += project["optional-dependencies"][name]
    names = {normalised(requirement) for requirement in declared}
    providers = packages_distributions()
    found = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in python_files(folders)
        for module in third_party_imports(path.read_text(encoding="utf-8"))
        if not names & {normalised(name) for name in providers.get(module, [])}
    }
    assert found == set()


@pytest.mark.parametrize(
    ("pattern", "line", "matches"),
    [
        (UNFINISHED, "# TODO: later", True),
        (UNFINISHED, "todos = []", False),
        (TRACKER_NUMBER, "# see issue 12", True),
        (TRACKER_NUMBER, "as in #7.", True),
        (TRACKER_NUMBER, "(#1234)", True),
        (TRACKER_NUMBER, "color: #333; fill:#10b981", False),
        (TRACKER_NUMBER, "closes 1009 frames", False),
        (TRACKER_NUMBER, "[one](#1-first)", False),
        (SLEEP, "await trio.sleep(0.1)", True),
        (SLEEP, "await trio.sleep_forever()", False),
        (REGISTRY, "--index-url x", True),
        (REGISTRY, "trio==0.35.0", False),
    ],
)
def test_the_patterns_find_what_they_are_for(
    pattern: re.Pattern[str], line: str, matches: bool
) -> None:
    assert bool(pattern.search(line)) is matches


def test_a_function_of_seventy_lines_passes_and_one_more_does_not() -> None:
    body = "@decorated\ndef f():\n" + "    pass\n" * 69
    assert long_functions(body) == []
    assert long_functions(body + "    pass\n") == [(2, "f")]


@pytest.mark.parametrize(
    "source",
    ["@pytest.mark.skip\ndef f(): ...", "pytest.xfail('x')", "from pytest import importorskip"],
)
def test_a_skipped_test_is_found(source: str) -> None:
    assert skipped_tests(source) == [1]
