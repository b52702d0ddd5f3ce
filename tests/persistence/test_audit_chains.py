"""The audit's chains: append-only, every tampering is found and named, and retention keeps them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import trio

from ot.diagram import Diagram
from persistence.audit import Audit, Filter, Note
from persistence.audit_chains import NotedHead, note_of, read_note, verify
from persistence.bridge import Bridge, open_bridge
from persistence.catalogue import Catalogue, NewDiagram
from persistence.errors import PersistenceError
from persistence.limits import MAX_WAITING_NOTES
from persistence.migrate import load_migrations, migrate
from persistence.postgres import PostgresStorage
from tests.support.commits import BOT, START, batch, commit
from tests.support.postgres import read_sql

Run = Callable[..., Awaitable[object]]
OPEN = "SET LOCAL session_replication_role = replica"


async def forge(bridge: Bridge, *statements: str) -> None:
    """Does what only the database's owner can do: past the triggers."""

    async def work() -> None:
        async with bridge.database.connection() as connection, connection.transaction():
            for statement in (OPEN, *statements):
                await connection.execute(statement)

    await bridge.run(work)


@pytest.fixture
async def audit(bridge: Bridge) -> Audit:
    """Five rows of bot, two of other, three committed edits of bot on the diagram d."""
    assert await Catalogue(bridge).insert(NewDiagram(diagram=Diagram(title="T"), id="d"))
    audit = Audit(bridge)
    for n in range(5):
        await audit.record("bot", f"t{n}", "d", error="forbidden", data={"n": [n, "é", None]})
    for _ in range(2):
        await audit.record("other", "list_diagrams", None, duration_ms=3, address="::1")
    await commit(PostgresStorage(bridge), batch("d", 1, 3, author=BOT))
    return audit


async def faults(bridge: Bridge, **noted: NotedHead) -> list[tuple[str, str, int]]:
    seen = await verify(bridge, noted)
    return [(f.fault, f.chain.partition(":")[0], f.position) for f in seen.findings]


async def test_a_whole_audit_is_in_order_and_counts_its_rows(bridge: Bridge, audit: Audit) -> None:
    seen = await verify(bridge)
    assert (seen.findings, seen.rows, len(seen.heads)) == ([], 10, 3)
    assert (await verify(bridge)).fingerprint == seen.fingerprint
    await audit.record("bot", "more", None)
    assert (await verify(bridge)).fingerprint != seen.fingerprint


_AT = "chain = 'agent:bot' AND position = "


CHANGES = (
    "agent_id = 'rob'",
    "operation_type = 'x'",
    "operation_data = NULL",
    "operation_data = '{\"n\": 2}'",
    '"timestamp" = "timestamp" + interval \'1 microsecond\'',
    "success = true",
    "error_message = NULL",
    "revision = 1",
    "duration_ms = 1",
    "address = '10.0.0.1'",
    "user_session_id = 's'",
    "diagram_uuid = NULL",
    "id = 1000",
    "hash = sha256('x')",
)
TAMPERINGS: list[tuple[list[str], list[tuple[str, int]]]] = [
    *(
        ([f"UPDATE agent_operations SET {change} WHERE {_AT} 3"], [("changed", 3)])
        for change in CHANGES
    ),
    ([f"DELETE FROM agent_operations WHERE {_AT} 3"], [("missing", 3)]),
    ([f"DELETE FROM agent_operations WHERE {_AT} 1"], [("missing", 1)]),
    ([f"DELETE FROM agent_operations WHERE {_AT} 5"], [("missing_last", 5)]),
    (["DELETE FROM agent_operations WHERE chain = 'agent:bot'"], [("missing_last", 1)]),
    (
        [
            f"UPDATE agent_operations SET position = 99 WHERE {_AT} 2",
            f"UPDATE agent_operations SET position = 2 WHERE {_AT} 4",
            f"UPDATE agent_operations SET position = 4 WHERE {_AT} 99",
        ],
        [("misplaced", 2), ("misplaced", 4)],
    ),
    (
        ["UPDATE audit_heads SET hash = sha256('x') WHERE chain = 'agent:bot'"],
        [("forged_head", 5)],
    ),
    (
        ["UPDATE audit_heads SET position = 4 WHERE chain = 'agent:bot'"],
        [("forged_head", 4), ("stray", 5)],
    ),
    (
        ["UPDATE audit_heads SET base_hash = 'x' WHERE chain = 'agent:bot'"],
        [("misplaced", 1)],
    ),
    (
        [
            "UPDATE agent_operations SET timestamp = 'infinity'"
            " WHERE chain = 'agent:bot' AND position = 2"
        ],
        [("changed", 2)],
    ),
    (
        ["DELETE FROM audit_heads WHERE chain = 'agent:bot'"],
        [("stray", n) for n in range(1, 6)],
    ),
]


async def test_whatever_is_tampered_with_is_found_and_named(bridge: Bridge, audit: Audit) -> None:
    assert len(await audit.list()) == 10
    tables = ("agent_operations", "audit_heads")
    await forge(bridge, *(f"CREATE TABLE kept_{table} AS TABLE {table}" for table in tables))
    restore = [
        statement
        for table in tables
        for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} TABLE kept_{table}")
    ]
    for statements, expected in TAMPERINGS:
        await forge(bridge, *statements)
        found = await faults(bridge)
        assert [(fault, position) for fault, _, position in found] == expected, statements
        assert {chain for _, chain, _ in found} == {"agent"}
        await forge(bridge, *restore)
        assert await faults(bridge) == []


async def test_a_chain_that_was_forged_as_a_whole_is_told_by_an_earlier_note(
    bridge: Bridge, audit: Audit
) -> None:
    noted = read_note(note_of((await verify(bridge)).heads))
    await audit.record("bot", "later", None)
    assert await faults(bridge, **noted) == []
    await forge(
        bridge,
        "DELETE FROM agent_operations WHERE chain = 'agent:other'",
        "DELETE FROM audit_heads WHERE chain = 'agent:other'",
        "UPDATE audit_heads SET position = 0, hash = '' WHERE chain = 'agent:bot'",
        "DELETE FROM agent_operations WHERE chain = 'agent:bot'",
    )
    assert await faults(bridge) == []
    assert sorted(await faults(bridge, **noted)) == [
        ("not_as_noted", "agent", 2),
        ("not_as_noted", "agent", 5),
    ]


async def test_a_forged_chain_that_looks_pruned_is_told_by_an_earlier_note(
    bridge: Bridge, audit: Audit
) -> None:
    """What is dropped by age leaves the hash of its last row, which a note has as well."""
    noted = read_note(note_of((await verify(bridge)).heads))
    await audit.prune(datetime.now(UTC) + timedelta(days=1))
    assert await faults(bridge, **noted) == []
    await forge(
        bridge,
        "UPDATE audit_heads SET hash = sha256('x'), base_hash = sha256('x')"
        " WHERE chain = 'agent:bot'",
    )
    assert await faults(bridge) == []
    assert await faults(bridge, **noted) == [("not_as_noted", "agent", 5)]


async def test_the_audit_is_append_only(bridge: Bridge, audit: Audit) -> None:
    for statement in (
        "UPDATE agent_operations SET success = true",
        "DELETE FROM agent_operations",
        "TRUNCATE agent_operations",
        "DELETE FROM audit_heads",
        "TRUNCATE audit_heads",
    ):
        with pytest.raises(PersistenceError):
            await bridge.write(statement)
    assert len(await audit.list()) == 10


async def test_rows_from_before_are_chained_by_the_migration(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = load_migrations()
    monkeypatch.setattr("persistence.migrate.load_migrations", lambda: every[:4])
    async with open_bridge(empty_database_url) as bridge:
        await migrate(bridge)
        await bridge.write(
            "INSERT INTO agent_operations (agent_id, operation_type, success) "
            "SELECT 'a' || n % 3, 'op', n % 2 = 0 FROM generate_series(1, 10) AS n"
        )
        monkeypatch.setattr("persistence.migrate.load_migrations", lambda: every)
        await migrate(bridge)
        # Where a row stands in its table tells how many versions were written before: one a head,
        # or else the migration of many rows takes a time that grows with their square.
        (places,) = await bridge.fetch(
            "SELECT max((ctid::text::point)[1]) AS last FROM audit_heads"
        )
        assert places["last"] == 3
        seen = await verify(bridge)
        assert (seen.findings, seen.rows, len(seen.heads)) == ([], 10, 3)
        await Audit(bridge).record("a0", "op", None)
        assert (await verify(bridge)).findings == []


async def test_retention_drops_the_beginnings_of_chains_and_keeps_them_whole(
    bridge: Bridge, audit: Audit
) -> None:
    old, young = START - timedelta(days=400), datetime.now(UTC)
    for at in (old, young, old):
        await audit.note(Note(agent_id="mixed", operation_type="op", at=at))
    noted = read_note(note_of((await verify(bridge)).heads))
    # The three committed edits were made in the past, and the first row of the mixed chain.
    assert await audit.prune(datetime(2026, 6, 1, tzinfo=UTC)) == 4
    assert await audit.prune(datetime(2026, 6, 1, tzinfo=UTC)) == 0
    seen = await verify(bridge, noted)
    assert (seen.findings, seen.rows) == ([], 9)
    await commit(PostgresStorage(bridge), batch("d", 4, author=BOT))
    assert (await verify(bridge)).findings == []
    await forge(bridge, "DELETE FROM agent_operations WHERE chain LIKE 'diagram:%'")
    assert [fault for fault, _, _ in await faults(bridge)] == ["missing_last"]


async def test_what_is_noted_is_written_in_the_order_of_noting_before_the_end(
    bridge: Bridge,
) -> None:
    audit = Audit(bridge)
    async with audit.running():
        for n in range(1_200):
            await audit.note(Note(agent_id=f"a{n % 7}", operation_type=f"t{n}"))
        assert len(await audit.list(limit=1)) == 1
        await audit.note(Note(agent_id="a0", operation_type="last"))
    rows = [row async for row in audit.export(Filter(agent_id="a0"))]
    assert [row.operation_type for row in rows] == [*(f"t{n}" for n in range(0, 1200, 7)), "last"]
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert (await verify(bridge)).findings == []


async def test_whoever_notes_more_than_can_wait_waits_and_nothing_is_dropped(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("persistence.audit.MAX_WAITING_NOTES", 4)
    audit = Audit(bridge)
    assert MAX_WAITING_NOTES > 4
    for n in range(4):
        assert audit.note_nowait(Note(agent_id="a", operation_type=f"t{n}"))
    assert not audit.note_nowait(Note(agent_id="a", operation_type="too many"))
    async with audit.running():
        for n in range(4, 40):
            await audit.note(Note(agent_id="a", operation_type=f"t{n}"))
    assert [row.operation_type for row in await audit.list()] == [
        f"t{n}" for n in range(39, -1, -1)
    ]


async def test_two_processes_that_write_to_the_same_chains_never_deadlock(
    database_url: str, bridge: Bridge
) -> None:
    catalogue = Catalogue(bridge)
    ids = [f"d{n}" for n in range(6)]
    for diagram_id in ids:
        assert await catalogue.insert(NewDiagram(diagram=Diagram(title="T"), id=diagram_id))
    agents = [f"a{n}" for n in range(8)]

    async def write(audit: Audit, names: list[str]) -> None:
        for _ in range(25):
            notes = [Note(agent_id=name, operation_type="op", diagram="d1") for name in names]
            await audit._write(notes)

    async with open_bridge(database_url) as other, trio.open_nursery() as nursery:
        nursery.start_soon(write, Audit(bridge), agents)
        nursery.start_soon(write, Audit(other), agents[::-1])
        for storage, mine in (
            (PostgresStorage(bridge), ids[:3]),
            (PostgresStorage(other), ids[3:]),
        ):
            for diagram_id in mine:
                nursery.start_soon(partial(_edit, storage, diagram_id))
    seen = await verify(bridge)
    assert (seen.findings, seen.rows) == ([], 2 * 25 * 8 + 6 * 10)
    (row,) = await read_sql(database_url, "SELECT deadlocks FROM pg_stat_database "
                            "WHERE datname = current_database()")  # fmt: skip
    assert row["deadlocks"] == 0


async def _edit(storage: PostgresStorage, diagram_id: str) -> None:
    for revision in range(1, 11):
        await commit(storage, batch(diagram_id, revision, author=BOT))
