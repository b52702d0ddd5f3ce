"""A whole server on the embedded Postgres, while that is killed or hangs."""

from pathlib import Path

import httpx2
import trio

from gateway.settings import Settings
from ot.operation import Operation, Set, Update
from tests.support.postgres import hang_server, server_process
from tests.support.serving import Site, open_site_with
from tests.support.socket_client import Replica
from tests.support.waiting import keep_pace, wait_until

#: Seconds in which health is told, however badly off the database is, on a busy machine.
HEALTH_SECONDS = 4


async def edit_until(replica: Replica, done: trio.Event) -> None:
    assert replica.client is not None
    node = next(iter(replica.client.diagram.nodes))
    while not done.is_set():
        place = Set({"x": replica.client.sequence, "y": 0})
        await replica.edit(Operation(nodes={node: Update({"/position": place})}))
        await keep_pace(0.01)


async def health(site: Site) -> int:
    async with httpx2.AsyncClient(base_url=site.serving.base_url, trust_env=False) as client:
        with trio.fail_after(HEALTH_SECONDS):
            return (await client.get("/api/health", timeout=60)).status_code


async def test_a_killed_postgres_is_started_again_and_edits_go_on_without_loss(
    own_data_dir: Path,
) -> None:
    settings = Settings(port=0, data_dir=own_data_dir)
    replica, joined, done = Replica("", "c-1"), trio.Event(), trio.Event()
    async with open_site_with(settings) as site, site.person() as socket:
        replica.diagram_id = site.diagram_id
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: replica.serve(socket, joined=joined))
            await joined.wait()
            nursery.start_soon(edit_until, replica, done)
            for _ in range(2):
                await wait_acknowledged(replica, replica.acknowledged + 20)
                killed = server_process(own_data_dir)
                assert killed is not None
                killed.kill()
                await trio.to_thread.run_sync(killed.wait, 10)
                await wait_acknowledged(replica, replica.acknowledged + 20)
                assert server_process(own_data_dir) not in (None, killed)
            done.set()
            assert replica.client is not None
            await replica.wait_revision(replica.client.revision)
            nursery.cancel_scope.cancel()
        assert await health(site) == 200
        stored = await site.serving.storage.load_diagram(site.diagram_id)
    assert stored is not None
    assert [entry.sequence for entry in stored.tail][-1] == replica.client.sequence


async def wait_acknowledged(replica: Replica, count: int) -> None:
    async def is_acknowledged() -> bool:
        return replica.acknowledged >= count

    await wait_until(is_acknowledged, timeout_seconds=60)


async def test_health_is_told_soon_while_postgres_hangs(own_data_dir: Path) -> None:
    async with open_site_with(Settings(port=0, data_dir=own_data_dir)) as site:
        assert await health(site) == 200
        with hang_server(own_data_dir):
            assert [await health(site) for _ in range(3)] == [503] * 3
        assert await health(site) == 200
