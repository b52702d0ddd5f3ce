"""Migrations: each once, in order, checked by hash, whoever else migrates at the same time."""

from functools import partial

import msgspec
import pytest
import trio

from persistence.bridge import Bridge, open_bridge
from persistence.errors import PersistenceError
from persistence.migrate import (
    Migration,
    apply_migrations,
    load_migrations,
    migrate,
    migrate_blocking,
)
from tests.support.postgres import read_sql

FIRST = Migration(1, "first", "CREATE TABLE first (x int);")
SECOND = Migration(2, "second", "CREATE TABLE second (x int); INSERT INTO second VALUES (1);")


async def apply(bridge: Bridge, migrations: list[Migration]) -> list[int]:
    async def work() -> list[int]:
        async with bridge.database.connection() as connection, connection.transaction():
            return await apply_migrations(connection, migrations)

    return await bridge.run(work)


async def tables(url: str) -> set[str]:
    rows = await read_sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {row["tablename"] for row in rows}


async def test_an_empty_database_gets_the_whole_schema_and_then_nothing_more(
    empty_database_url: str,
) -> None:
    async with open_bridge(empty_database_url) as bridge:
        assert await migrate(bridge) == [each.version for each in load_migrations()]
        assert await migrate(bridge) == []
    assert await tables(empty_database_url) >= {
        "diagrams",
        "journal",
        "snapshots",
        "agent_operations",
        "agent_credentials",
        "diagram_permissions",
        "sign_in_codes",
        "person_sessions",
        "schema_migrations",
    }


async def test_the_indexes_bear_the_names_that_other_programs_expect(database_url: str) -> None:
    rows = await read_sql(database_url, "SELECT indexname FROM pg_indexes")
    assert {row["indexname"] for row in rows} >= {
        "idx_diagrams_uuid",
        "idx_diagrams_agent_accessible",
        "idx_agent_operations_diagram",
        "idx_agent_operations_timestamp",
    }


async def test_of_many_who_migrate_at_once_one_does_the_work(empty_database_url: str) -> None:
    applied: list[list[int]] = []

    async def migrate_once() -> None:
        work = partial(migrate_blocking, empty_database_url)
        applied.append(await trio.to_thread.run_sync(work))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(migrate_once)
    assert sorted(applied) == [[], [], [], [], [each.version for each in load_migrations()]]


async def test_a_later_migration_is_applied_after_the_earlier_ones(
    empty_database_url: str,
) -> None:
    async with open_bridge(empty_database_url) as bridge:
        assert await apply(bridge, [FIRST]) == [1]
        assert await apply(bridge, [FIRST, SECOND]) == [2]
    assert await tables(empty_database_url) == {"schema_migrations", "first", "second"}


async def test_a_migration_that_was_changed_after_it_was_applied_is_refused(
    empty_database_url: str,
) -> None:
    changed = msgspec.structs.replace(FIRST, sql=FIRST.sql + " -- harmless")
    async with open_bridge(empty_database_url) as bridge:
        await apply(bridge, [FIRST])
        with pytest.raises(PersistenceError) as caught:
            await apply(bridge, [changed, SECOND])
    assert (caught.value.code, caught.value.at) == ("migration_changed", "schema_migrations/1")
    assert "second" not in await tables(empty_database_url)


async def test_a_database_from_a_newer_program_is_refused(empty_database_url: str) -> None:
    async with open_bridge(empty_database_url) as bridge:
        await apply(bridge, [FIRST, SECOND])
        with pytest.raises(PersistenceError) as caught:
            await apply(bridge, [FIRST])
    assert (caught.value.code, caught.value.at) == ("schema_newer", "schema_migrations/2")


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    broken = Migration(2, "broken", "CREATE TABLE half (x int); SELECT 1 / 0;")
    async with open_bridge(empty_database_url) as bridge:
        with pytest.raises(Exception, match="division by zero"):
            await apply(bridge, [FIRST, broken])
    assert await tables(empty_database_url) == set()


def test_the_shipped_migrations_are_numbered_without_a_gap() -> None:
    assert [each.version for each in load_migrations()] == list(
        range(1, len(load_migrations()) + 1)
    )
