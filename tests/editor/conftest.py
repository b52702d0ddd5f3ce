"""What the editor's tests share."""

from pathlib import Path
from typing import Final

import pytest

from tests.support.vitest import VitestRuns, built_editor

__all__ = ["built_editor"]

#: A run of so many other tests is one of everything, and has time for vitest meanwhile.
MANY_TESTS: Final = 500

_runs = VitestRuns()


def _file_of(item: pytest.Item) -> Path | None:
    """The file of vitest's tests that this test stands for."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return None
    path = item.callspec.params.get("vitest_file")
    return path if isinstance(path, Path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ahead = [path for item in items if (path := _file_of(item)) is not None]
    if len(items) - len(ahead) < MANY_TESTS:
        return
    items.sort(key=lambda item: _file_of(item) is not None)
    _runs.start(ahead)


@pytest.fixture(scope="session")
def vitest_runs() -> VitestRuns:
    """The files that run, or ran, in the background."""
    return _runs


def pytest_unconfigure() -> None:
    _runs.stop()
