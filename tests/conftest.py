"""Fixtures that every test may use."""

from collections.abc import Iterator

import pytest

from tests.support import leaks
from tests.support.postgres import (
    _migrated_template,
    bridge,
    database_url,
    empty_database_url,
    own_data_dir,
    postgres_url,
)
from tests.support.shared_world import shared_server

__all__ = [
    "_migrated_template",
    "bridge",
    "database_url",
    "empty_database_url",
    "own_data_dir",
    "postgres_url",
    "shared_server",
]

#: In a run of everything by several processes these go first, so that none of them is the last
#: one that all wait for: scenes in a browser mostly wait themselves, the others compute for long.
LONGEST = (
    "tests/editor/test_vitest.py",
    "property_tests/test_exhaustive.py",
    "property_tests/test_mutants.py",
)

leaks.install()


@pytest.fixture(scope="session", autouse=True)
def _no_secret_is_written() -> Iterator[None]:
    """After the last test: what any of them has had logged, here or by a server of its own."""
    yield
    assert leaks.look_through() == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
