"""The law of revocation: nothing is committed a second after it was taken away."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any, Final, TypeAlias

import pytest
import trio
import trio.testing
import trio_websocket

from gateway.access import Access
from gateway.identity import READ
from gateway.live_sessions import LiveSessions
from persistence.access_changes import AccessChanges
from persistence.bridge import Bridge
from persistence.catalogue import Asker, Catalogue
from tests.gateway.test_socket_session import set_label, submit
from tests.support.live import PROMPTLY_SECONDS, agent, agent_socket, http, join
from tests.support.postgres import read_sql
from tests.support.serving import PERSON, Site, open_site
from tests.support.socket_client import Socket
from tests.support.waiting import keep_pace, wait_until

#: Between two edits of one editor. Faster, and it is their own work that is late.
PACE_SECONDS: Final = 0.1

Take: TypeAlias = Callable[[Site, str], Awaitable[object]]


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with open_site(database_url) as opened:
        yield opened


async def _grant(site: Site, name: str) -> bool:
    async with http(site, cookie=site.cookie) as client:
        path = f"/api/diagrams/{site.diagram_id}/agents/{name}"
        return (await client.put(path, json={"permissions": [READ]})).is_success


TAKEN: Final[dict[str, Take]] = {
    "revoke": lambda site, name: site.serving.credentials.revoke(name),
    "rotate": lambda site, name: site.serving.credentials.rotate(
        name, key=f"dai_{name}_x", key_prefix=f"dai_{name}", overlap_seconds=0
    ),
    "permission": lambda site, name: site.serving.credentials.update(name, permissions=[READ]),
    "confine": lambda site, name: site.serving.credentials.update(name, all_diagrams=False),
    "owner": lambda site, name: site.serving.credentials.update(name, owner_id="jwt:nobody"),
    "grant": _grant,
}


class Editors:
    """Agents that edit one diagram by three doors all the time; ``heard`` are those who did."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.heard: set[str] = set()
        self._following = trio.Event()

    async def watch(self) -> None:
        async with self._site.person() as person:
            await join(person, self._site.diagram_id)
            while True:
                self._following.set()
                told = await person.receive_kind("diagram_updated")
                for change in told["changes"]:
                    self.heard.add(change["author"]["id"])

    async def start(self, nursery: trio.Nursery) -> None:
        nursery.start_soon(self.watch)
        await self._following.wait()
        for name in TAKEN:
            key = (await agent(self._site, name)).key
            for work in (self._by_following, self._by_socket, self._by_http):
                nursery.start_soon(_again_and_again, work, key)

    async def _by_following(self, key: str) -> None:
        async with agent_socket(self._site, key) as socket:
            await join(socket, self._site.diagram_id)
            await self._edit(socket)

    async def _by_socket(self, key: str) -> None:
        async with agent_socket(self._site, key) as socket:
            await self._edit(socket)

    async def _edit(self, socket: Socket) -> None:
        number = 0
        while True:
            number += 1
            await socket.send(submit(self._site, set_label(f"{number}"), sequence=number))
            with trio.move_on_after(PACE_SECONDS):
                await socket.connection.get_message()
            await keep_pace(PACE_SECONDS)

    async def _by_http(self, key: str) -> None:
        async with http(self._site, authorization=f"Bearer {key}") as client:
            number = 0
            while True:
                number += 1
                body = {"title": f"{key[:12]} {number}"}
                await client.put(f"/api/diagrams/{self._site.diagram_id}", json=body)
                await keep_pace(PACE_SECONDS)


async def _again_and_again(work: Callable[[str], Awaitable[None]], key: str) -> None:
    """Whoever is thrown out comes back at once."""
    while True:
        try:
            await work(key)
        except* (trio_websocket.ConnectionClosed, trio_websocket.ConnectionRejected):
            await trio.lowlevel.checkpoint()


async def test_nothing_is_committed_a_second_after_it_was_taken_away(
    site: Site, database_url: str
) -> None:
    """Whatever is taken, by whichever door the edits come, and whatever of it meets."""
    editors = Editors(site)
    taken_at: dict[str, datetime] = {}

    async def all_are_heard() -> bool:
        return editors.heard >= TAKEN.keys()

    async with trio.open_nursery() as nursery:
        await editors.start(nursery)
        await wait_until(all_are_heard)
        for name, take in TAKEN.items():
            assert await take(site, name), name
            taken_at[name] = datetime.now(UTC)
        with trio.move_on_after(PROMPTLY_SECONDS + 0.5):
            await trio.sleep_forever()
        nursery.cancel_scope.cancel()
    query = "SELECT author_id, max(committed_at) AS last FROM journal GROUP BY author_id"
    last = {row["author_id"]: row["last"] for row in await read_sql(database_url, query)}
    for name, at in taken_at.items():
        assert last[name] < at + timedelta(seconds=PROMPTLY_SECONDS), name


# In every order --------------------------------------------------------------------------------


class Gate:
    """Holds back an answer of the database, which was true when it was given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, agent_id: str) -> None:
        self.is_asked = trio.Event()
        self.may_answer = trio.Event()
        find = Catalogue.find_access

        async def held(
            catalogue: Catalogue, key: str, asker: Asker, *, in_trash: bool = False
        ) -> Access | None:
            found = await find(catalogue, key, asker, in_trash=in_trash)
            if asker.agent_id == agent_id and not self.is_asked.is_set():
                self.is_asked.set()
                await self.may_answer.wait()
            return found

        monkeypatch.setattr(Catalogue, "find_access", held)


STEPS: Final = ("answer", "take", "look")


@pytest.mark.parametrize("order", list(permutations(STEPS)), ids="-".join)
@pytest.mark.parametrize("what", ["subscribe", "submit"])
async def test_an_answer_that_comes_late_gives_nobody_what_was_taken_meanwhile(
    site: Site, monkeypatch: pytest.MonkeyPatch, what: str, order: tuple[str, ...]
) -> None:
    live = site.serving.live
    message: dict[str, Any] = {"type": "subscribe", "diagram_id": site.diagram_id}
    if what == "submit":
        message = submit(site, set_label("late"))
    async with site.agent() as socket:
        await socket.send({"type": "ping"})
        await socket.receive_kind("pong")
        await live.look()
        gate = Gate(monkeypatch, "bot")
        await socket.send(message)
        await gate.is_asked.wait()
        for step in order:
            if step == "answer":
                gate.may_answer.set()
                # Answered, for as far as it can be before the next step.
                await trio.testing.wait_all_tasks_blocked(0.01)
            elif step == "take":
                await site.serving.service.update_record(
                    PERSON, site.diagram_id, agent_accessible=False
                )
            else:
                await live.look()
        await live.look()
        await _is_out(site, socket)


async def _is_out(site: Site, socket: Socket) -> None:
    """Nothing of the diagram is theirs: no edit is taken, and nothing of it is told."""
    await socket.send(submit(site, set_label("after"), sequence=7))
    while True:
        told = await socket.receive()
        if told["type"] == "rejected" and told["sequence"] == 7:
            break
        assert told["type"] in ("snapshot", "diagram_closed", "error", "rejected", "acknowledged")
    assert told["code"] == "not_found"
    # What is open asks the database itself once it is told; that takes the time of an answer.
    await wait_until(partial(_nobody_of_them_watches, site))
    before = (await site.serving.service.read(PERSON, site.diagram_id)).revision
    async with site.person() as person:
        await join(person, site.diagram_id)
        await person.send(submit(site, set_label("person"), base=before))
        await person.receive_kind("diagram_updated")
    await socket.send({"type": "ping", "id": 9})
    while (told := await socket.receive()) != {"type": "pong", "id": 9}:
        assert told["type"] != "diagram_updated"


async def _nobody_of_them_watches(site: Site) -> bool:
    handles = site.serving.live.handles()
    return not any(site.diagram_id in each.watching for each in handles if each.opened_by.is_agent)


async def test_what_another_process_takes_is_found_with_the_next_look(
    site: Site, bridge: Bridge
) -> None:
    live = LiveSessions(AccessChanges(bridge), site.serving.authenticator)
    who = await site.serving.authenticator.identify({"authorization": f"Bearer {site.key}"})
    assert who is not None
    told: list[str] = []
    handle = live.register(who, lambda: told.append(str(handle.ended)))
    await live.look()
    assert told == []
    await site.serving.credentials.revoke("bot")
    await live.look()
    assert told == ["revoked"]
    assert handle.principal is None
    handle.close()
    assert live.handles() == []
