"""The editor's units, its client against the real server, and the scenes in a real browser."""

from pathlib import Path

import pytest

from building.editor import Editor
from tests.support.vitest import TESTS, run_vitest


def files(project: str) -> list[Path]:
    found = sorted((TESTS / project).glob("**/*.test.ts"))
    assert found, f"the project {project} has tests"
    return found


def named(path: Path) -> str:
    return path.name.removesuffix(".test.ts")


def test_the_units_pass(built_editor: Editor) -> None:
    run_vitest(built_editor, "unit")


@pytest.mark.parametrize("path", files("server"), ids=named)
def test_the_client_passes_against_the_real_server(built_editor: Editor, path: Path) -> None:
    run_vitest(built_editor, "server", str(path))


@pytest.mark.parametrize("path", files("e2e"), ids=named)
def test_the_scenes_pass_in_a_real_browser(built_editor: Editor, chromium: str, path: Path) -> None:
    run_vitest(built_editor, "e2e", str(path), more={"CHROMIUM": chromium})
