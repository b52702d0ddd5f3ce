"""Brings the schema up to date: numbered SQL files, each applied once, in order.

Safe to run from several processes at once: an advisory lock lets one of them do the work.
"""

import hashlib
import re
from collections.abc import Sequence
from importlib import resources

import msgspec

from persistence.bridge import Bridge, run_blocking
from persistence.errors import PersistenceError
from persistence.limits import MIGRATE_TIMEOUT_SECONDS
from persistence.pool import Connection, Row, coded_errors, connect
from persistence.queries import sql

_FILE_NAME = re.compile(r"^(\d{4})_(\w+)\.sql$")


class Migration(msgspec.Struct, frozen=True):
    """One numbered file."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load_migrations() -> list[Migration]:
    """The migrations shipped with this program, in order. Raises ValueError on a gap."""
    found: list[Migration] = []
    for file in resources.files("persistence").joinpath("migrations").iterdir():
        if match := _FILE_NAME.match(file.name):
            text = file.read_text("utf-8").replace("\r\n", "\n")
            found.append(Migration(int(match[1]), match[2], text))
    found.sort(key=lambda migration: migration.version)
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations are not numbered 1, 2, 3, …")
    return found


async def migrate(bridge: Bridge) -> list[int]:
    """Applies what is missing and returns the versions applied now.

    Raises PersistenceError ``migration_changed`` where an applied file is no longer what it was,
    and ``schema_newer`` where the database knows migrations that this program does not.
    """
    return await bridge.run(_migrate_url, bridge.database.url, load_migrations())


def migrate_blocking(url: str) -> list[int]:
    """The same without a trio loop, for tools."""
    return run_blocking(_migrate_url, url, load_migrations())


async def _migrate_url(url: str, migrations: Sequence[Migration]) -> list[int]:
    with coded_errors():
        connection = await connect(url, {"application_name": "diagramai migrations"})
    try:
        with coded_errors(sent_write=True):
            async with connection.transaction():
                return await apply_migrations(connection, migrations)
    finally:
        connection.terminate()


async def apply_migrations(connection: Connection, migrations: Sequence[Migration]) -> list[int]:
    """Applies what is missing, inside the caller's transaction: all of it or nothing."""
    await connection.execute(sql("lock_migrations"), timeout=MIGRATE_TIMEOUT_SECONDS)
    await connection.execute(sql("create_migrations_table"))
    known = await connection.fetch(sql("list_migrations"))
    check_applied(known, migrations)
    missing = migrations[len(known) :]
    for migration in missing:
        await connection.execute(migration.sql, timeout=MIGRATE_TIMEOUT_SECONDS)
        await connection.fetch(
            sql("record_migration"), migration.version, migration.name, migration.sha256
        )
    return [migration.version for migration in missing]


def check_applied(known: Sequence[Row], migrations: Sequence[Migration]) -> None:
    """Holds the applied migrations against the files, by number and hash."""
    if len(known) > len(migrations):
        raise PersistenceError(
            "schema_newer",
            "The database was made by a newer version of this program: use that version.",
            f"schema_migrations/{known[len(migrations)]['version']}",
        )
    for row, migration in zip(known, migrations, strict=False):
        if row["version"] != migration.version or row["sha256"] != migration.sha256:
            raise PersistenceError(
                "migration_changed",
                "An applied migration is not the file that was applied: "
                "restore the file, and write the change as a new migration.",
                f"schema_migrations/{row['version']}",
            )
