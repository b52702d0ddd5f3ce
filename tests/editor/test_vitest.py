"""The editor's units, its client against the real server, and the scenes in a real browser."""

from pathlib import Path

import pytest

from tests.support.vitest import TESTS, files, run_file, run_vitest


def named(path: Path) -> str:
    return str(path.relative_to(TESTS)).removesuffix(".test.ts")


@pytest.mark.usefixtures("built_editor")
def test_the_units_pass() -> None:
    run_vitest("unit")


@pytest.mark.parametrize("vitest_file", [*files("server"), *files("e2e")], ids=named)
def test_clients_and_scenes_pass_against_the_real_server(vitest_file: Path) -> None:
    run_file(vitest_file)
