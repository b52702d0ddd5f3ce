"""Over a link that delays, doubles, loses and cuts, all clients end with the server's diagram."""

from contextlib import AsyncExitStack
from functools import partial
from random import Random

import anyio
import trio

from client import Diagram, LiveDiagram, connect
from persistence.bridge import run_blocking
from tests.client.busy import Busy
from tests.client.conftest import Server
from tests.client.running import Backend, play
from tests.support.bad_link import BadLink, Weather, open_bad_link
from tests.support.replay import Replayed, read_journal, replay
from tests.support.serving import PERSON, Site

CLIENTS = 4
EDITS = 40
ROUGH = Weather(cut=0.015, twice=0.15, withheld=0.005, delay_seconds=0.005)
LONGEST_PAUSE_SECONDS = 0.1
SEEDS: dict[Backend, int] = {"trio": 1, "asyncio": 2}
LAST_TITLE = "everybody is done"


async def edit_at_random(diagram: LiveDiagram, name: str, seed: int) -> None:
    rnd = Random(seed)
    busy = Busy(name, rnd)
    for _ in range(EDITS):
        await busy.act(diagram)
        with anyio.move_on_after(LONGEST_PAUSE_SECONDS * rnd.random()):
            await diagram.saved()


async def edit_together(link: BadLink, site: Site, seed: int) -> list[tuple[int, Diagram]]:
    """What each client has in the end, as revision and diagram."""
    async with AsyncExitStack() as stack:
        diagrams = []
        for _ in range(CLIENTS):
            connection = await stack.enter_async_context(connect(link.url, key=site.key))
            diagrams.append(await stack.enter_async_context(connection.open(site.diagram_id)))
        link.weather = ROUGH
        async with anyio.create_task_group() as tasks:
            for number, diagram in enumerate(diagrams):
                tasks.start_soon(edit_at_random, diagram, "abcd"[number], seed * 100 + number)
        link.weather = Weather()
        for diagram in diagrams:
            await diagram.saved()
        await diagrams[0].update_diagram(title=LAST_TITLE)
        for diagram in diagrams:
            while diagram.view.title != LAST_TITLE or not diagram.is_saved:
                await diagram.changed()
        return [(diagram.revision, diagram.view) for diagram in diagrams]


async def replayed(database_url: str, site: Site) -> Replayed:
    """What the journal says, read with nothing but ``ot``."""
    read = partial(run_blocking, read_journal, database_url, site.diagram_id)
    return replay(*await trio.to_thread.run_sync(read))


async def test_all_clients_end_with_the_servers_diagram_and_the_journals(
    server: Server, site: Site, backend: Backend
) -> None:
    seed = SEEDS[backend]
    async with open_bad_link(site.serving.base_url, seed) as link:
        ends = await play(backend, lambda: edit_together(link, site, seed))
        assert link.cuts > 0
        assert link.doubled > 0
    service = site.serving.service
    stored = await server.call(lambda: service.read(PERSON, site.diagram_id))
    journal = await replayed(server.database_url, site)
    assert journal.revision == stored.revision
    assert journal.diagram == stored.diagram
    assert ends == [(stored.revision, stored.diagram)] * CLIENTS
    assert stored.revision > CLIENTS * EDITS / 4
