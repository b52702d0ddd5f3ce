"""The table of diagrams."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
import trio

from actors.ports import CommitOutcome
from ot.diagram import Diagram
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue, DiagramRecord, NewDiagram
from persistence.errors import PersistenceError
from persistence.postgres import PostgresStorage
from tests.support.commits import batch, commit

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def catalogue(bridge: Bridge) -> Catalogue:
    return Catalogue(bridge)


def new(title: str = "Flow", **fields: object) -> NewDiagram:
    return msgspec.structs.replace(NewDiagram(diagram=Diagram(title=title)), **fields)


async def insert(catalogue: Catalogue, diagram: NewDiagram) -> DiagramRecord:
    record = await catalogue.insert(diagram)
    assert record is not None
    return record


async def test_a_new_diagram_stands_at_revision_0_with_one_fresh_id_for_both(
    catalogue: Catalogue,
) -> None:
    record = await insert(catalogue, new("A title"))
    assert record.id == record.uuid == str(UUID(record.id))
    assert (record.title, record.kind, record.format) == ("A title", "flowchart", "reactflow")
    assert (record.revision, record.node_count, record.edge_count) == (0, 0, 0)
    assert (record.is_public, record.agent_accessible, record.created_by_agent) == (
        False,
        True,
        False,
    )
    assert (record.tags, record.extra, record.agent_metadata) == ([], None, None)
    assert (record.policy, record.agent_edit_count, record.last_agent_edit) == (
        "later_wins",
        0,
        None,
    )
    assert record.created_at == record.updated_at
    assert record.created_at.tzinfo is not None


async def test_everything_that_is_given_comes_back(catalogue: Catalogue) -> None:
    diagram = Diagram(
        title="T",
        description="d",
        kind="mermaid",
        data={"text": "graph TD"},
        nodes={"a": {}, "b": {}},
        edges={"e": {"source": "a", "target": "b"}},
    )
    given = NewDiagram(
        diagram=diagram,
        id="diagram-1717056000000",
        uuid="0b0f0f5e-6a54-4a1e-9a53-6d1c2a8f1d03",
        tags=["x", "ü", ""],
        is_public=True,
        user_id="u1",
        agent_accessible=False,
        created_by_agent=True,
        agent_metadata={"why": ["because", 1, None]},
        policy="humans_first",
        extra={"viewport": {"x": 1.5, "zoom": 1}, "nul": "\\u0000"},
        created_at=NOON,
        updated_at=NOON + timedelta(days=1),
    )
    record = await insert(catalogue, given)
    assert (record.id, record.uuid) == (given.id, given.uuid)
    assert (record.description, record.kind, record.format) == ("d", "mermaid", "mermaid")
    assert (record.node_count, record.edge_count) == (2, 1)
    assert (record.tags, record.user_id) == (["x", "ü", ""], "u1")
    assert (record.is_public, record.agent_accessible, record.created_by_agent) == (
        True,
        False,
        True,
    )
    assert (record.agent_metadata, record.extra) == (given.agent_metadata, given.extra)
    assert (record.policy, record.created_at) == ("humans_first", NOON)
    assert record.updated_at == NOON + timedelta(days=1)
    assert await catalogue.find(record.id) == record


async def test_a_diagram_is_found_by_either_of_its_ids(catalogue: Catalogue) -> None:
    record = await insert(catalogue, new(id="mine"))
    assert record.uuid != "mine"
    assert await catalogue.find("mine") == record
    assert await catalogue.find(record.uuid) == record
    assert await catalogue.find("other") is None


@pytest.mark.parametrize("key", ["", "\0", "\udfff", "x" * 100_000, "%"])
async def test_an_odd_id_finds_nothing(catalogue: Catalogue, key: str) -> None:
    assert await catalogue.find(key) is None


async def test_an_id_that_is_taken_is_not_taken_again(catalogue: Catalogue) -> None:
    record = await insert(catalogue, new(id="mine"))
    assert await catalogue.insert(new(id="mine")) is None
    assert await catalogue.insert(new(id="other", uuid=record.uuid)) is None
    # Neither may one diagram's id be another's uuid: they could not be told apart.
    assert await catalogue.insert(new(id=record.uuid)) is None
    assert await catalogue.insert(new(id="third", uuid="mine")) is None
    await catalogue.soft_delete("mine")
    assert await catalogue.insert(new(id="mine")) is None


async def test_of_many_who_create_one_id_at_once_one_does(catalogue: Catalogue) -> None:
    created: list[DiagramRecord | None] = []

    async def create() -> None:
        created.append(await catalogue.insert(new(id="mine")))

    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(create)
    assert len([record for record in created if record is not None]) == 1


@pytest.mark.parametrize(
    ("diagram", "code", "at"),
    [
        (new("a\0b"), "invalid", "title"),
        (new(id="a\0b"), "invalid", "id"),
        (new(extra={"x": ["\0"]}), "invalid", "extra"),
        (new(agent_metadata={"\\\0": 1}), "invalid", "agent_metadata"),
        (new("x" * 1001), "refused", "diagrams_title_check"),
        (new(id="x" * 129), "refused", "diagrams_id_check"),
        (new(policy="mine_first"), "refused", "diagrams_policy_check"),
    ],
)
async def test_what_no_row_can_hold_is_refused_and_nothing_is_stored(
    catalogue: Catalogue, diagram: NewDiagram, code: str, at: str
) -> None:
    with pytest.raises(PersistenceError) as caught:
        await catalogue.insert(diagram)
    assert (caught.value.code, caught.value.at) == (code, at)
    assert (await catalogue.list())[1] == 0


async def titles(catalogue: Catalogue, filter: str | None) -> set[str]:
    records, total = await catalogue.list(filter=filter)
    assert total == len(records)
    return {record.title for record in records}


async def test_a_list_is_paged_last_changed_first(catalogue: Catalogue) -> None:
    for n in range(7):
        await insert(catalogue, new(f"t{n}", created_at=NOON + timedelta(minutes=n)))
    pages = [await catalogue.list(limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [[record.title for record in records] for records, _ in pages] == [
        ["t6", "t5", "t4"],
        ["t3", "t2", "t1"],
        ["t0"],
        [],
    ]
    assert [total for _, total in pages] == [7, 7, 7, 7]


async def test_a_list_is_filtered_by_title_and_description_taken_literally(
    catalogue: Catalogue,
) -> None:
    for title in ("100% sure", "100 times", "under_score", "underXscore", "back\\slash", "Ärger"):
        await insert(catalogue, new(title))
    described = Diagram(title="other", description="has 100% of it")
    await insert(catalogue, NewDiagram(diagram=described))
    assert await titles(catalogue, "100%") == {"100% sure", "other"}
    assert await titles(catalogue, "under_") == {"under_score"}
    assert await titles(catalogue, "\\") == {"back\\slash"}
    assert await titles(catalogue, "ärg") == {"Ärger"}
    assert await titles(catalogue, "SURE") == {"100% sure"}
    assert await titles(catalogue, "'; DROP TABLE diagrams; --") == set()
    assert await titles(catalogue, "\0") == set()
    assert len(await titles(catalogue, "")) == 7


async def test_a_list_for_agents_leaves_out_what_they_may_not_see(catalogue: Catalogue) -> None:
    await insert(catalogue, new("open"))
    await insert(catalogue, new("closed", agent_accessible=False))
    records, total = await catalogue.list(agent_accessible_only=True)
    assert ([record.title for record in records], total) == (["open"], 1)


async def test_only_what_is_given_is_changed(catalogue: Catalogue) -> None:
    record = await insert(catalogue, new(tags=["a"], agent_metadata={"x": 1}, updated_at=NOON))
    changed = await catalogue.update_record(record.id, tags=[], is_public=True)
    assert changed is not None
    assert (changed.tags, changed.is_public) == ([], True)
    assert (changed.agent_metadata, changed.agent_accessible) == ({"x": 1}, True)
    assert changed.updated_at > record.updated_at
    changed = await catalogue.update_record(
        record.id, agent_accessible=False, agent_metadata={}, policy="agents_first"
    )
    assert changed is not None
    assert (changed.agent_accessible, changed.agent_metadata) == (False, {})
    assert (changed.policy, changed.is_public) == ("agents_first", True)
    assert await catalogue.update_record("nobody", tags=[]) is None


async def test_a_trashed_diagram_is_only_in_the_trash_until_it_is_restored(
    catalogue: Catalogue,
) -> None:
    record = await insert(catalogue, new(id="d"))
    trashed = await catalogue.soft_delete("d")
    assert trashed is not None
    assert trashed.deleted_at is not None
    assert await catalogue.find("d") is None
    assert await catalogue.find(record.uuid) is None
    assert await catalogue.update_record("d", tags=["x"]) is None
    assert await catalogue.soft_delete("d") is None
    assert (await catalogue.list())[1] == 0
    assert [each.id for each in (await catalogue.list(in_trash=True))[0]] == ["d"]
    restored = await catalogue.restore("d")
    assert restored == record
    assert await catalogue.restore("d") is None
    assert await catalogue.find("d") == record


async def test_a_diagram_is_trashed_only_at_the_expected_revision(
    bridge: Bridge, catalogue: Catalogue
) -> None:
    await insert(catalogue, new(id="d"))
    storage = PostgresStorage(bridge)
    assert await commit(storage, batch("d", 1, 3)) == [CommitOutcome.COMMITTED]
    assert await catalogue.soft_delete("d", 2) is None
    assert await catalogue.soft_delete("nobody", 0) is None
    trashed = await catalogue.soft_delete("d", 3)
    assert trashed is not None
    assert trashed.revision == 3
