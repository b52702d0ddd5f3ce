"""Connections end, on purpose; edits do not."""

import threading

import anyio
import pytest
import trio

from client import Change, ConnectionFailed, Draft, NotSaved, Resync, connect, limits
from gateway.identity import FULL_ACCESS
from gateway.local_access import create_agent
from ot.errors import OperationError
from tests.client.conftest import Server
from tests.client.running import PATIENCE_SECONDS, Backend, play
from tests.support.bad_link import Weather, open_bad_link
from tests.support.serving import PERSON, Site
from tests.support.waiting import wait_until

NOTICED_SECONDS = 8


async def test_what_is_edited_without_a_connection_is_sent_once_there_is_one(
    server: Server, site: Site, backend: Backend
) -> None:
    """Both sides edit while they are apart; each edit is there once in the end."""

    async def program() -> str:
        async with (
            connect(link.url, key=site.key) as connection,
            connection.open(site.diagram_id) as diagram,
            connect(site.serving.base_url, key=site.key) as other,
            other.open(site.diagram_id) as theirs,
        ):
            feed = diagram.changes()
            await diagram.update_diagram(description="one")
            link.down()
            while connection.state == "online":
                await diagram.changed()
            await diagram.update_diagram(description="one two")
            node = await diagram.add_node("made alone")
            await theirs.move_node("step", 1, 2)
            await theirs.saved()
            assert not diagram.is_saved
            link.mend()
            await diagram.saved()
            assert diagram.view.nodes["step"]["position"] == {"x": 1, "y": 2}
            while theirs.revision < diagram.revision:
                await theirs.changed()
            assert theirs.view == diagram.view
            told: list[int] = []
            while not told or told[-1] < diagram.revision:
                news = await anext(feed)
                assert isinstance(news, Change)
                told.append(news.revision)
            assert told == list(range(told[0], diagram.revision + 1))
            return node

    async with open_bad_link(site.serving.base_url, 1) as link:
        node = await play(backend, program)
    service = site.serving.service
    stored = await server.call(lambda: service.read(PERSON, site.diagram_id))
    assert stored.diagram.description == "one two"
    assert node in stored.diagram.nodes


async def test_a_submission_whose_answer_was_lost_is_not_applied_twice(
    site: Site, backend: Backend
) -> None:
    async def program() -> None:
        async with (
            connect(link.url, key=site.key) as connection,
            connection.open(site.diagram_id) as diagram,
        ):
            start = diagram.revision
            for number in range(2):
                # Whatever comes next is cut after it has passed: the submission, then its answer.
                link.weather = Weather(cut=1)
                await diagram.add_node(str(number))
                while connection.state == "online":
                    await diagram.changed()
                link.weather = Weather()
                await diagram.saved()
                assert diagram.revision == start + number + 1

    async with open_bad_link(site.serving.base_url, 1) as link:
        await play(backend, program)
        assert link.cuts >= 2


async def test_who_was_away_for_long_starts_over_from_a_snapshot(
    site: Site, backend: Backend
) -> None:
    """Where the missed operations are larger than the diagram, it comes whole."""

    async def program() -> None:
        async with (
            connect(link.url, key=site.key) as connection,
            connection.open(site.diagram_id) as diagram,
            connect(site.serving.base_url, key=site.key) as other,
            other.open(site.diagram_id) as theirs,
        ):
            feed = diagram.changes()
            link.down()
            while connection.state == "online":
                await diagram.changed()
            for number in range(20):
                await theirs.update_node("step", note=str(number) * 500)
                await theirs.saved()
            link.mend()
            assert await anext(feed) == Resync(theirs.revision)
            assert diagram.view == theirs.view

    async with open_bad_link(site.serving.base_url, 1) as link:
        await play(backend, program)


async def test_a_dead_connection_is_noticed_by_the_ping_that_nobody_answers(
    site: Site, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WELCOME_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(limits, "PONG_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(limits, "PING_INTERVAL_SECONDS", 0.15)

    async def program() -> None:
        async with (
            connect(link.url, key=site.key) as connection,
            connection.open(site.diagram_id) as diagram,
        ):
            link.weather = Weather(delay_seconds=1000)
            # Sooner than the server would notice.
            with anyio.fail_after(NOTICED_SECONDS):
                while connection.state == "online":
                    await diagram.changed()
            link.weather = Weather()
            await diagram.add_node("after that")
            await diagram.saved()

    async with open_bad_link(site.serving.base_url, 1) as link:
        await play(backend, program)


async def test_what_the_server_refuses_for_now_is_sent_again_until_it_is_taken(
    site: Site, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def program() -> None:
        async with (
            connect(site.serving.base_url, key=site.key) as connection,
            connection.open(site.diagram_id) as diagram,
        ):
            revision = diagram.revision
            monkeypatch.setattr("actors.core.MAX_UNCOMMITTED", 0)
            await diagram.add_node("in time")
            with anyio.move_on_after(0.3) as waiting:
                await diagram.saved()
            assert waiting.cancelled_caught
            monkeypatch.undo()
            await diagram.saved()
            assert diagram.revision == revision + 1
            assert connection.state == "online"

    await play(backend, program)


async def test_more_than_goes_into_one_message_waits_for_its_turn(
    site: Site, backend: Backend
) -> None:
    """Without a connection an edit beyond that waits too; with one it is sent after the others."""
    text = "x" * 400_000

    async def program() -> None:
        async with (
            connect(link.url, key=site.key) as connection,
            connection.open(site.diagram_id) as diagram,
        ):
            with pytest.raises(OperationError, match="too_large"):
                await diagram.change(too_much)
            link.down()
            while connection.state == "online":
                await diagram.changed()
            with anyio.move_on_after(0.3) as waiting:
                for number in range(20):
                    await diagram.add_node(text, id=f"n{number}")
            assert waiting.cancelled_caught
            there = len(diagram.view.nodes)
            link.mend()
            await diagram.add_node(text)
            await diagram.saved()
            assert len(diagram.view.nodes) == there + 1

    def too_much(draft: Draft) -> None:
        for _ in range(12):
            draft.add_node(text)

    async with open_bad_link(site.serving.base_url, 1) as link:
        await play(backend, program)


async def test_a_key_that_was_revoked_ends_the_connection_and_says_what_is_lost(
    server: Server, site: Site, backend: Backend
) -> None:
    credentials, name = site.serving.credentials, f"short-lived-{backend}"
    key = (await server.call(lambda: create_agent(credentials, name, [FULL_ACCESS]))).key
    away = threading.Event()

    async def program() -> None:
        async with connect(link.url, key=key) as connection:
            with pytest.raises(NotSaved, match="unauthenticated"):
                async with connection.open(site.diagram_id) as diagram:
                    link.down()
                    while connection.state == "online":
                        await diagram.changed()
                    await diagram.add_node("lost")
                    away.set()
            assert connection.state == "failed"
            with pytest.raises(ConnectionFailed, match="unauthenticated"):
                async with connection.open(site.diagram_id):
                    pass

    async def is_revoked() -> bool:
        try:
            async with connect(site.serving.base_url, key=key):
                return False
        except ConnectionFailed:
            return True

    async def revoke() -> None:
        await trio.to_thread.run_sync(away.wait, PATIENCE_SECONDS)
        await server.call(lambda: credentials.revoke(name))
        await wait_until(is_revoked)
        link.mend()

    async with open_bad_link(site.serving.base_url, 1) as link, trio.open_nursery() as nursery:
        nursery.start_soon(revoke)
        await play(backend, program)
