"""What a script does with the Python client, on trio and on asyncio, against the real server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from client import (
    Change,
    ChangeFeed,
    ClientError,
    Connection,
    ConnectionFailed,
    Diagram,
    DiagramUnavailable,
    Draft,
    EditRefused,
    LiveDiagram,
    OperationError,
    Resync,
    connect,
    limits,
)
from gateway.identity import READ
from gateway.local_access import create_agent
from ot.operation import Changes, Create, Operation
from tests.client.conftest import Server
from tests.client.running import Backend, play
from tests.support.serving import PERSON, Site
from tests.support.waiting import wait_until


@asynccontextmanager
async def opened(site: Site, key: str | None = None) -> AsyncIterator[LiveDiagram]:
    async with (
        connect(site.serving.base_url, key=key or site.key) as connection,
        connection.open(site.diagram_id) as diagram,
    ):
        yield diagram


async def stored(server: Server, site: Site) -> Diagram:
    service = site.serving.service
    return (await server.call(lambda: service.read(PERSON, site.diagram_id))).diagram


async def next_change(feed: ChangeFeed) -> Change:
    news = await anext(feed)
    assert isinstance(news, Change)
    return news


async def test_an_edit_is_shown_at_once_and_durable_once_saved(
    server: Server, site: Site, backend: Backend
) -> None:
    async def program() -> tuple[str, Diagram]:
        async with opened(site) as diagram:
            before = diagram.revision
            ship = await diagram.add_node("Ship", position=(10, 20))
            assert diagram.view.nodes[ship]["data"]["label"] == "Ship"
            assert (diagram.revision, diagram.is_saved) == (before, False)
            await diagram.saved()
            assert (diagram.revision, diagram.is_saved) == (before + 1, True)
            await diagram.update_node(ship, label="Ship it", data={"note": "soon"}, width=90)
            await diagram.move_node(ship, 30, 40)
            pack = await diagram.add_node("Pack")
            edge = await diagram.add_edge(pack, ship, "then")
            await diagram.update_edge(edge, label="next", animated=True)
            await diagram.update_diagram(title="Parcels")
            lone = await diagram.add_node("Away", parent=pack)
            await diagram.delete_node(lone)
        # The end of the block has waited until all of it was saved.
        return ship, diagram.view

    ship, view = await play(backend, program)
    after = await stored(server, site)
    assert after == view
    assert after.title == "Parcels"
    assert after.nodes[ship]["position"] == {"x": 30, "y": 40}
    assert after.nodes[ship]["data"] == {"label": "Ship it", "note": "soon"}
    assert [edge["label"] for edge in after.edges.values() if edge["target"] == ship] == ["next"]


async def test_who_did_what_is_told_in_order_and_undo_leaves_others_work_alone(
    site: Site, backend: Backend
) -> None:
    async def program() -> None:
        async with opened(site) as mine, opened(site) as theirs:
            feed = mine.changes()
            node = await mine.add_node("Draft of a plan", id="plan")
            first = await next_change(feed)
            assert (first.is_mine, str(first)) == (True, "bot created node plan")
            while node not in theirs.view.nodes:
                await theirs.changed()
            await theirs.update_node(node, label="Draft of a good plan")
            second = await next_change(feed)
            assert (second.is_mine, second.revision) == (False, first.revision + 1)
            assert str(second) == "bot updated node plan (/data/label)"
            await mine.move_node(node, 7, 7)
            assert await mine.undo()
            assert mine.view.nodes[node]["position"] != {"x": 7, "y": 7}
            assert mine.view.nodes[node]["data"]["label"] == "Draft of a good plan"
            assert await mine.redo()
            assert mine.view.nodes[node]["position"] == {"x": 7, "y": 7}
            assert await mine.undo()
            # What others have built on is not taken away.
            await mine.undo()
            assert node in mine.view.nodes
            assert not await mine.undo()

    await play(backend, program)


async def test_one_change_of_a_draft_is_one_operation_and_one_step_of_undo(
    site: Site, backend: Backend
) -> None:
    def flow(draft: Draft) -> tuple[str, str]:
        start, end = draft.add_node("Start"), draft.add_node("End")
        draft.add_edge(start, end)
        return start, end

    async def program() -> None:
        async with opened(site) as diagram:
            before, revision = diagram.view, diagram.revision
            start, end = await diagram.change(flow)
            await diagram.saved()
            assert diagram.revision == revision + 1
            assert {start, end} <= diagram.view.nodes.keys()
            assert await diagram.undo()
            assert diagram.view == before
            with pytest.raises(OperationError) as refused:
                await diagram.delete_node(start)
            assert (refused.value.code, refused.value.at) == ("not_found", f"nodes/{start}")
            with pytest.raises(OperationError) as refused:
                await diagram.edit(Operation(nodes={"step": Create({"data": {}})}))
            assert (refused.value.code, refused.value.at) == ("already_exists", "nodes/step")
            assert diagram.view == before

    await play(backend, program)


async def test_where_mine_gives_way_is_told_with_both_values(site: Site, backend: Backend) -> None:
    async def program() -> None:
        async with opened(site) as mine, opened(site) as theirs:
            feed = mine.changes()
            await theirs.delete_node("step")
            # Not told of yet, so both are made on one revision.
            await mine.update_node("step", data={"owner": "me"})
            while not mine.conflicts:
                await mine.changed()
            (conflict,) = mine.conflicts
            assert (conflict.kind, conflict.id) == ("delete_while_editing", "step")
            assert conflict.by.name == "bot"
            assert conflict.dropped == {"/data/owner": "me"}
            assert not theirs.conflicts
            mine.dismiss(conflict)
            assert not mine.conflicts
            assert (await next_change(feed)).operation.nodes.keys() == {"step"}

    await play(backend, program)


async def test_others_are_seen_with_what_they_show(site: Site, backend: Backend) -> None:
    async def program() -> None:
        async with opened(site) as mine:
            async with opened(site) as theirs:
                theirs.show(activity="laying out")
                while not mine.peers or not mine.peers[0].state:
                    await mine.changed()
                assert mine.peers[0].state == {"activity": "laying out"}
                with pytest.raises(ClientError, match="presence_too_large"):
                    theirs.show(activity="x" * limits.MAX_PRESENCE_BYTES)
            while mine.peers:
                await mine.changed()

    await play(backend, program)


async def test_a_refused_edit_is_taken_back_and_what_came_after_it_stays(
    server: Server, site: Site, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.size.MAX_ELEMENTS", 50)
    element = {"position": {"x": 0, "y": 0}, "data": {}}
    too_many: Changes = {f"n{number}": Create(element) for number in range(50)}

    async def program() -> tuple[Diagram, Diagram]:
        async with opened(site) as diagram:
            before = diagram.view
            await diagram.edit(Operation(nodes=too_many))
            kept = await diagram.add_node("kept", position=(1, 1))
            with pytest.raises(EditRefused, match="diagram_too_large"):
                await diagram.saved()
            assert [problem.code for problem in diagram.problems] == ["diagram_too_large"]
            await diagram.saved()
            assert diagram.view.nodes.keys() == before.nodes.keys() | {kept}
            assert await diagram.undo()
            return before, diagram.view

    before, after = await play(backend, program)
    assert before == after == await stored(server, site)


async def test_a_key_that_may_only_read_is_told_so(
    server: Server, site: Site, backend: Backend
) -> None:
    credentials = site.serving.credentials
    reader = await server.call(lambda: create_agent(credentials, f"reader-{backend}", [READ]))

    async def program() -> None:
        async with opened(site, reader.key) as diagram:
            assert not diagram.may_edit
            with pytest.raises(ClientError, match="read_only"):
                await diagram.add_node("no")

    await play(backend, program)


async def test_what_is_not_there_or_not_allowed_is_told_by_its_code(
    site: Site, backend: Backend
) -> None:
    async def failure(connection: Connection, diagram_id: str) -> str:
        with pytest.raises(DiagramUnavailable) as refused:
            async with connection.open(diagram_id):
                pass
        return refused.value.code

    async def program() -> None:
        with pytest.raises(ConnectionFailed, match="unauthenticated"):
            async with connect(site.serving.base_url, key="dai_wrong"):
                pass
        with pytest.raises(ConnectionFailed, match="unreachable"):
            async with connect("http://127.0.0.1:9", key=site.key, patience_seconds=0.2):
                pass
        async with connect(site.serving.base_url, key=site.key) as connection:
            assert await failure(connection, "nowhere") == "not_found"
            assert await failure(connection, "x" * 1000) == "invalid_message"
            async with connection.open(site.diagram_uuid) as diagram:
                assert diagram.id == site.diagram_id
                async with connection.open(site.diagram_id) as same:
                    assert same is diagram
                await diagram.add_node("still open")
            async with connection.open(site.diagram_id):
                assert await failure(connection, site.diagram_uuid) == "already_open"
            async with connection.open(site.diagram_uuid):
                pass

    await play(backend, program)


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://a:b@x", "http://x/?key=1", "x"])
async def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ClientError, match="invalid_url"):
        async with connect(url, key="dai_key"):
            pass


@pytest.mark.parametrize("key", ["", "a b", "a\r\nHost: x", "ä", "x" * 2000])
async def test_a_key_that_is_none_never_reaches_a_header(key: str) -> None:
    with pytest.raises(ClientError, match="invalid_key"):
        async with connect("http://127.0.0.1:9", key=key):
            pass


async def test_a_deleted_diagram_ends_its_readers_with_the_reason(
    server: Server, site: Site, backend: Backend
) -> None:
    async def program() -> str:
        async with opened(site) as diagram:
            feed = diagram.changes()
            await diagram.add_node("last words")
            assert isinstance(await anext(feed), Change)
            with pytest.raises(DiagramUnavailable) as gone:
                await anext(feed)
            with pytest.raises(DiagramUnavailable):
                await diagram.add_node("too late")
            return gone.value.code

    async def said() -> bool:
        return "last words" in str((await stored(server, site)).nodes)

    async def delete() -> None:
        await wait_until(said)
        await server.call(lambda: site.serving.service.delete(PERSON, site.diagram_id))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(delete)
        assert await play(backend, program) == "deleted"


async def test_who_reads_changes_slowly_is_told_of_the_gap_and_holds_nobody_up(
    site: Site, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.changes.MAX_WAITING_CHANGES", 5)

    async def program() -> None:
        async with opened(site) as diagram:
            feed, start = diagram.changes(), diagram.revision
            for number in range(8):
                await diagram.move_node("step", number, number)
                await diagram.saved()
            assert diagram.revision == start + 8
            assert await anext(feed) == Resync(start + 6)
            assert [(await next_change(feed)).revision - start for _ in range(2)] == [7, 8]

    await play(backend, program)


async def test_what_the_body_raises_comes_out_as_it_is(site: Site, backend: Backend) -> None:
    async def program() -> None:
        async with opened(site):
            raise LookupError("of the script")

    with pytest.raises(LookupError, match="of the script"):
        await play(backend, program)
