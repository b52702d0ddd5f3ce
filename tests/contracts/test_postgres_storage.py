"""The storage in Postgres keeps the contract."""

import pytest
import trio

from actors.ports import Policy
from ot.diagram import Diagram
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue, NewDiagram
from persistence.errors import Corrupt, PersistenceError
from persistence.postgres import PostgresStorage
from tests.contracts.storage_contract import StorageContract, StoreUnderTest
from tests.support.commits import batch, commit, empty_diagram
from tests.support.waiting import wait_until


class PostgresStore:
    """The storage in Postgres as the contract's tests see it."""

    def __init__(self, bridge: Bridge) -> None:
        self.storage = PostgresStorage(bridge)
        self._catalogue = Catalogue(bridge)

    async def create(
        self, diagram_id: str, diagram: Diagram, policy: Policy = "later_wins"
    ) -> None:
        new = NewDiagram(diagram=diagram, id=diagram_id, policy=policy)
        assert await self._catalogue.insert(new) is not None

    async def trash(self, diagram_id: str) -> None:
        assert await self._catalogue.soft_delete(diagram_id) is not None

    async def restore(self, diagram_id: str) -> None:
        assert await self._catalogue.restore(diagram_id) is not None

    async def wait_snapshot(self, diagram_id: str, revision: int) -> None:
        async def is_stored() -> bool:
            stored = await self.storage.load_diagram(diagram_id)
            return stored is not None and stored.snapshot_revision == revision

        await wait_until(is_stored)


class TestPostgresStorage(StorageContract):
    @pytest.fixture
    async def store(self, bridge: Bridge) -> StoreUnderTest:
        await trio.lowlevel.checkpoint()
        return PostgresStore(bridge)

    async def test_only_the_first_and_the_newest_two_snapshots_are_kept(
        self, bridge: Bridge, store: StoreUnderTest
    ) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1, 9))
        for revision in (3, 5, 4, 9):
            store.storage.save_snapshot_nowait("d", revision, empty_diagram())
        await store.wait_snapshot("d", 9)
        rows = await bridge.fetch("SELECT revision FROM snapshots ORDER BY revision")
        assert [row["revision"] for row in rows] == [0, 5, 9]

    async def test_a_stored_row_that_cannot_be_read_is_named(
        self, bridge: Bridge, store: StoreUnderTest
    ) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1, 2))
        await bridge.write("UPDATE journal SET operation = '[]' WHERE revision = 2")
        with pytest.raises(PersistenceError) as caught:
            await store.storage.load_diagram("d")
        assert (caught.value.code, caught.value.at) == ("corrupt", "journal/d/2")

    @pytest.mark.parametrize(("missing", "first"), [(2, 2), (5, 5)])
    async def test_a_journal_with_a_gap_or_without_its_end_is_not_taken_for_the_whole(
        self, bridge: Bridge, store: StoreUnderTest, missing: int, first: int
    ) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1, 5))
        await bridge.write("DELETE FROM journal WHERE revision = $1", missing)
        with pytest.raises(Corrupt) as caught:
            await store.storage.load_diagram("d")
        assert caught.value.at == f"journal/d/{first}"
        assert [entry.revision for entry in await store.storage.read_entries("d", first, 4)] == [
            revision for revision in (3, 4) if revision > first
        ]

    async def test_a_snapshot_that_cannot_be_read_is_passed_over_for_an_older_one(
        self, bridge: Bridge, store: StoreUnderTest, caplog: pytest.LogCaptureFixture
    ) -> None:
        await store.create("d", empty_diagram())
        await commit(store.storage, batch("d", 1, 3))
        store.storage.save_snapshot_nowait("d", 2, empty_diagram())
        await store.wait_snapshot("d", 2)
        await bridge.write("UPDATE snapshots SET document = '[]' WHERE revision = 2")
        stored = await store.storage.load_diagram("d")
        assert stored is not None
        assert (stored.snapshot_revision, [entry.revision for entry in stored.tail]) == (
            0,
            [1, 2, 3],
        )
        assert ["snapshots/d/2" in record.getMessage() for record in caplog.records] == [True]

    @pytest.mark.parametrize(
        ("damage", "at"),
        [
            ("UPDATE snapshots SET document = '[]'", "snapshots/d/0"),
            ("DELETE FROM snapshots", "snapshots/d"),
        ],
    )
    async def test_a_diagram_without_a_snapshot_that_can_be_read_is_damaged_and_not_gone(
        self, bridge: Bridge, store: StoreUnderTest, damage: str, at: str
    ) -> None:
        await store.create("d", empty_diagram())
        await bridge.write(damage)
        with pytest.raises(Corrupt) as caught:
            await store.storage.load_diagram("d")
        assert caught.value.at == at
