"""The storage in Postgres keeps the contract."""

import pytest
import trio

from actors.ports import Policy
from ot.diagram import Diagram
from persistence.bridge import Bridge
from persistence.catalogue import Catalogue, NewDiagram
from persistence.postgres import PostgresStorage
from tests.contracts.storage_contract import StorageContract, StoreUnderTest
from tests.support.postgres import wait_until


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
