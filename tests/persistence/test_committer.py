"""The committer when Postgres is well: what a commit writes, and how commits share transactions."""

from datetime import timedelta

import msgspec
import pytest

from actors.ports import CommitBatch, CommitOutcome, DiagramSummary
from ot.operation import Delete, Operation, Set, Text, TextDelete, Unset, Update
from persistence import committer as committer_module
from persistence.bridge import Bridge, open_bridge
from persistence.catalogue import Catalogue, NewDiagram
from persistence.limits import MAX_GROUP_BATCHES
from persistence.pool import Row
from persistence.postgres import PostgresStorage
from persistence.writer import WRITER_SETTINGS
from tests.support.commits import (
    ANN,
    BOT,
    START,
    Answers,
    batch,
    batch_of,
    commit,
    empty_diagram,
    entry,
)
from tests.support.postgres import hold_row

COMMITTED, FAILED, FENCED = CommitOutcome.COMMITTED, CommitOutcome.FAILED, CommitOutcome.FENCED
REFUSED = CommitOutcome.REFUSED


@pytest.fixture
async def storage(bridge: Bridge) -> PostgresStorage:
    """A storage with the diagrams d0, d1, …, each at revision 0."""
    await create_diagrams(bridge, 4)
    return PostgresStorage(bridge)


async def create_diagrams(bridge: Bridge, count: int) -> None:
    catalogue = Catalogue(bridge)
    for n in range(count):
        assert await catalogue.insert(NewDiagram(diagram=empty_diagram(), id=f"d{n}")) is not None


async def row_of(bridge: Bridge, diagram_id: str) -> Row:
    row = await bridge.fetch_row("SELECT * FROM diagrams WHERE id = $1", diagram_id)
    assert row is not None
    return row


async def count_transactions(bridge: Bridge) -> int:
    """In how many transactions the journal was written: each row bears the number of its own."""
    row = await bridge.fetch_row("SELECT count(DISTINCT xmin::text) AS n FROM journal")
    assert row is not None
    count: int = row["n"]
    return count


async def test_a_commit_brings_the_diagrams_row_up_to_date(
    bridge: Bridge, storage: PostgresStorage
) -> None:
    summary = DiagramSummary(
        title="New", description="what", kind="mermaid", node_count=3, edge_count=2
    )
    entries = [entry("d0", 1), entry("d0", 2, author=BOT), entry("d0", 3, author=BOT)]
    handed_over = CommitBatch(diagram_id="d0", entries=entries, summary=summary)
    assert await commit(storage, handed_over) == [COMMITTED]
    row = await row_of(bridge, "d0")
    assert row["revision"] == 3
    assert (row["title"], row["description"], row["kind"]) == ("New", "what", "mermaid")
    assert (row["format"], row["node_count"], row["edge_count"]) == ("mermaid", 3, 2)
    assert row["updated_at"] == START + timedelta(seconds=3)
    assert (row["agent_edit_count"], row["last_agent_edit"]) == (2, START + timedelta(seconds=3))


async def test_a_persons_commit_leaves_the_agents_fields_alone(
    bridge: Bridge, storage: PostgresStorage
) -> None:
    await commit(storage, batch("d0", 1, author=BOT))
    await commit(storage, batch("d0", 2, author=ANN))
    row = await row_of(bridge, "d0")
    assert (row["agent_edit_count"], row["last_agent_edit"]) == (1, START + timedelta(seconds=1))


async def test_an_agents_edit_is_audited_in_the_same_transaction(
    bridge: Bridge, storage: PostgresStorage
) -> None:
    log_form = Operation(
        diagram=Update({"/title": Text([1, TextDelete("öö")])}),
        nodes={
            "a": Delete(was={"type": "x"}),
            "b": Update({"/x": Set(1, was=2), "/y": Unset(was=3)}),
        },
    )
    edits = [
        entry("d0", 1),
        entry("d0", 2, author=BOT, client=("tab", 4), operation=log_form, label="delete_node"),
        entry("d0", 3, author=BOT, label="l" * 60),
    ]
    await commit(storage, batch_of(edits), batch("d1", 1))
    rows = await bridge.fetch(
        "SELECT o.*, o.xmin::text = j.xmin::text AS together FROM agent_operations AS o "
        "JOIN journal AS j ON j.diagram_id = 'd0' AND j.revision = o.revision ORDER BY o.id"
    )
    first, second = rows
    assert first["diagram_uuid"] == (await row_of(bridge, "d0"))["uuid"]
    assert (first["agent_id"], first["operation_type"]) == ("bot", "delete_node")
    assert (first["success"], first["error_message"], first["revision"]) == (True, None, 2)
    assert first["timestamp"] == START + timedelta(seconds=2)
    assert first["user_session_id"] == "tab"
    assert first["together"]
    assert msgspec.json.decode(first["operation_data"]) == {
        "diagram": {
            "type": "update",
            "writes": {"/title": {"type": "text", "edit": [1, {"d": 2}]}},
        },
        "nodes": {
            "a": {"type": "delete"},
            "b": {
                "type": "update",
                "writes": {"/x": {"type": "set", "value": 1}, "/y": {"type": "unset"}},
            },
        },
    }
    assert second["operation_type"] == "l" * 50


async def test_the_journal_can_be_read_with_sql(bridge: Bridge, storage: PostgresStorage) -> None:
    await commit(storage, batch("d0", 1))
    row = await bridge.fetch_row("SELECT operation #>> '{nodes,n1,type}' AS type FROM journal")
    assert row is not None
    assert row["type"] == "create"


async def test_a_hundred_diagrams_that_commit_at_once_share_two_transactions(
    bridge: Bridge, storage: PostgresStorage
) -> None:
    await create_more(bridge, 100)
    # The first one finds the committer idle and goes alone; the others gather behind it.
    outcomes = await commit(storage, *(batch(f"e{n}", 1, 3) for n in range(100)))
    assert outcomes == [COMMITTED] * 100
    assert await count_transactions(bridge) <= 2
    statistics = storage.statistics()
    assert statistics.statements <= 2
    assert (statistics.batches, statistics.entries) == (100, 300)


async def create_more(bridge: Bridge, count: int) -> None:
    await bridge.write(
        "INSERT INTO diagrams (id) SELECT 'e' || n FROM generate_series(0, $1 - 1) AS n", count
    )


async def test_a_group_has_a_bound(bridge: Bridge, storage: PostgresStorage) -> None:
    count = 3 * MAX_GROUP_BATCHES
    await create_more(bridge, count)
    outcomes = await commit(storage, *(batch(f"e{n}", 1) for n in range(count)))
    assert outcomes == [COMMITTED] * count
    sizes = await bridge.fetch("SELECT count(*) AS n FROM journal GROUP BY xmin::text")
    assert max(row["n"] for row in sizes) == MAX_GROUP_BATCHES


async def test_a_group_stops_growing_at_a_number_of_bytes(
    bridge: Bridge, storage: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer_module, "MAX_GROUP_BYTES", 1)
    assert await commit(storage, *(batch(f"d{n}", 1) for n in range(4))) == [COMMITTED] * 4
    assert await count_transactions(bridge) == 4


async def test_a_refused_batch_fails_alone(bridge: Bridge, storage: PostgresStorage) -> None:
    """Its title is longer than a row takes, which Postgres finds only on writing it."""
    too_long = batch_of([entry("d1", 1)], title="x" * 1001)
    outcomes = await commit(storage, batch("d0", 1), too_long, batch("d2", 9), batch("d3", 1))
    assert outcomes == [COMMITTED, REFUSED, FENCED, COMMITTED]
    assert (await row_of(bridge, "d1"))["revision"] == 0
    assert await commit(storage, batch("d1", 1)) == [COMMITTED]


async def test_a_revision_that_is_in_the_journal_already_is_fenced(
    bridge: Bridge, storage: PostgresStorage
) -> None:
    """The primary key is the last line of defence, should a diagram's row ever be set back."""
    await commit(storage, batch("d0", 1))
    await bridge.write("UPDATE diagrams SET revision = 0 WHERE id = 'd0'")
    assert await commit(storage, batch("d0", 1), batch("d1", 1)) == [FENCED, COMMITTED]


@pytest.mark.parametrize("label", ["\0", "\ud800"])
async def test_a_text_that_no_row_can_hold_fails_its_own_batch(
    storage: PostgresStorage, label: str
) -> None:
    bad = batch_of([entry("d1", 1, label=label)])
    assert await commit(storage, batch("d0", 1), bad) == [COMMITTED, REFUSED]


async def test_an_operation_that_cannot_be_encoded_fails_its_own_batch(
    storage: PostgresStorage,
) -> None:
    bad = batch_of([entry("d1", 1, operation=Operation(nodes={"n": Delete(was={"x": object()})}))])
    assert await commit(storage, batch("d0", 1), bad) == [COMMITTED, REFUSED]


async def test_a_diagram_that_another_connection_holds_does_not_hold_up_the_others(
    bridge: Bridge, storage: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITER_SETTINGS, "lock_timeout", "200ms")
    await commit(storage, batch("d3", 1))
    async with hold_row(bridge.database.url, "d1"):
        outcomes = await commit(storage, batch("d0", 1), batch("d1", 1), batch("d2", 1))
        assert outcomes == [COMMITTED, FAILED, COMMITTED]
    assert await commit(storage, batch("d1", 1)) == [COMMITTED]


async def test_more_batches_than_can_wait_fail_at_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committer_module, "MAX_WAITING_BATCHES", 2)
    async with open_bridge(database_url) as bridge:
        storage = PostgresStorage(bridge)
        await create_diagrams(bridge, 4)
        outcomes = await commit(storage, *(batch(f"d{n}", 1) for n in range(4)))
    assert outcomes.count(FAILED) >= 1
    assert outcomes[:2] == [COMMITTED, COMMITTED]


async def test_commits_under_way_are_made_and_answered_when_the_bridge_closes(
    database_url: str,
) -> None:
    async with open_bridge(database_url) as bridge:
        await create_diagrams(bridge, 3)
        storage = PostgresStorage(bridge)
        answers = Answers(storage, [batch(f"d{n}", 1) for n in range(3)])
    assert await answers.wait_all() == [COMMITTED] * 3


async def test_a_commit_after_the_end_fails(database_url: str) -> None:
    async with open_bridge(database_url) as bridge:
        await create_diagrams(bridge, 1)
        storage = PostgresStorage(bridge)
    assert await commit(storage, batch("d0", 1)) == [FAILED]


async def test_an_answer_that_raises_does_not_keep_the_others_from_theirs(
    storage: PostgresStorage, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(outcome: CommitOutcome) -> None:
        raise RuntimeError("a defect of the receiver")

    storage.commit_nowait(batch("d0", 1), fail)
    assert await commit(storage, batch("d1", 1), batch("d2", 1)) == [COMMITTED] * 2
    assert "a callback failed" in caplog.text


async def test_many_commits_of_one_diagram_update_its_row_in_place(
    bridge: Bridge, storage: PostgresStorage
) -> None:
    """No index is touched by a commit, so the row's versions stay in their page."""
    for revision in range(1, 101):
        await commit(storage, batch("d0", revision))
    row = await bridge.fetch_row(
        "SELECT pg_stat_force_next_flush(), pg_relation_size('diagrams') AS bytes"
    )
    assert row is not None
    assert row["bytes"] <= 3 * 8192
