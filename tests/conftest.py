"""Fixtures that every test may use."""

from tests.support.postgres import (
    _migrated_template,
    bridge,
    database_url,
    empty_database_url,
    own_data_dir,
    postgres_url,
)

__all__ = [
    "_migrated_template",
    "bridge",
    "database_url",
    "empty_database_url",
    "own_data_dir",
    "postgres_url",
]
