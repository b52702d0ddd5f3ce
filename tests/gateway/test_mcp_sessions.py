"""Sessions of clients that use the handshake: whose they are, how many, and how they end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import httpx2
import msgspec
import pytest
import trio

from gateway.identity import Principal
from gateway.mcp.server import DiagramServer
from gateway.mcp.sessions import Sessions
from gateway.tools.context import ToolContext, principal_of
from gateway.tools.registry import as_tool
from tests.support.mcp import post
from tests.support.mcp_door import Door, key_is_name, open_door

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "1"},
    },
}
CALL = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "who", "arguments": {}},
}
SUBSCRIBE = {
    "jsonrpc": "2.0",
    "id": 3,
    "method": "resources/subscribe",
    "params": {"uri": "diagram://none"},
}
STREAM = {"accept": "text/event-stream"}


class Name(msgspec.Struct):
    name: str


async def who(*, context: ToolContext) -> Name:
    """Says who calls."""
    return Name(principal_of(context).author.name)


def new_server() -> DiagramServer:
    return DiagramServer([as_tool(who, "Who", reads=True)])


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door(new_server()) as opened:
        yield opened


def key(name: str, session: str | None = None) -> dict[str, str]:
    named = {} if session is None else {"mcp-session-id": session}
    return {"authorization": f"Bearer {name}", **named}


async def open_session(door: Door, name: str = "ann") -> str:
    answer = await post(door.url, INITIALIZE, key(name))
    assert answer.status_code == 200
    session: str = answer.headers["mcp-session-id"]
    return session


def said(answer: httpx2.Response) -> Any:
    return answer.json()["result"]["structuredContent"]


async def test_a_session_is_its_owners_alone(door: Door) -> None:
    session = await open_session(door, "ann")
    assert said(await post(door.url, CALL, key("ann", session))) == {"name": "ann"}
    for method, body in (("POST", CALL), ("GET", b""), ("DELETE", b"")):
        refused = await post(door.url, body, key("bob", session), method)
        assert (refused.status_code, refused.json()["error"]["data"]["code"]) == (404, "no_session")
    assert said(await post(door.url, CALL, key("ann", session))) == {"name": "ann"}


async def test_what_names_a_session_that_is_gone_is_served_all_the_same(door: Door) -> None:
    answer = await post(door.url, CALL, key("ann", "of-an-earlier-server"))
    assert said(answer) == {"name": "ann"}
    for method, body in (("POST", SUBSCRIBE), ("GET", b""), ("DELETE", b"")):
        answer = await post(door.url, body, {**key("ann", "gone"), "accept": "*/*"}, method)
        assert (answer.status_code, answer.json()["error"]["data"]["code"]) == (404, "no_session")


async def test_a_session_that_its_client_has_ended_is_over(door: Door) -> None:
    session = await open_session(door)
    assert (await post(door.url, b"", key("ann", session), "DELETE")).status_code == 200
    for body in (CALL, SUBSCRIBE):
        assert (await post(door.url, body, key("ann", session))).status_code == 404
    assert len(door.app.sessions) == 0
    assert await open_session(door) != session


async def test_without_a_stream_accepted_no_session_is_opened(door: Door) -> None:
    headers = {**key("ann"), "accept": "application/json"}
    answer = await post(door.url, INITIALIZE, headers)
    assert (answer.status_code, "mcp-session-id" in answer.headers) == (200, False)
    assert len(door.app.sessions) == 0


async def test_a_newer_stream_takes_over(door: Door) -> None:
    session = await open_session(door)
    headers = {**key("ann", session), **STREAM}
    async with (
        httpx2.AsyncClient(timeout=10, trust_env=False) as http,
        http.stream("GET", door.url, headers=headers) as old,
        http.stream("GET", door.url, headers=headers) as new,
    ):
        assert (old.status_code, new.status_code) == (200, 200)
        # The end of the old one; the new one stays open.
        await old.aread()
        assert not new.is_closed


async def test_a_shutdown_ends_open_streams(door: Door) -> None:
    session = await open_session(door)
    headers = {**key("ann", session), **STREAM}
    async with (
        httpx2.AsyncClient(timeout=10, trust_env=False) as http,
        http.stream("GET", door.url, headers=headers) as stream,
    ):
        assert stream.status_code == 200
        door.app.end_streams()
        await stream.aread()


async def test_a_stream_ends_with_the_key_that_opened_it() -> None:
    is_good = True

    async def authenticate(headers: Mapping[str, str]) -> Principal | None:
        return await key_is_name(headers) if is_good else None

    async with (
        open_door(new_server(), authenticate, key_check_seconds=0.01) as door,
        httpx2.AsyncClient(timeout=10, trust_env=False) as http,
    ):
        session = await open_session(door)
        headers = {**key("ann", session), **STREAM}
        async with http.stream("GET", door.url, headers=headers) as stream:
            assert stream.status_code == 200
            assert said(await post(door.url, CALL, key("ann", session))) == {"name": "ann"}
            is_good = False
            with suppress(httpx2.RemoteProtocolError), trio.fail_after(10):
                await stream.aread()


async def principal(name: str) -> Principal:
    found = await key_is_name({"authorization": f"Bearer {name}"})
    assert found is not None
    return found


@pytest.fixture
async def sessions(nursery: trio.Nursery) -> Sessions:
    opened = Sessions(new_server().lower, max_sessions=3, max_of_one=2, idle_seconds=100)
    await nursery.start(opened.run)
    return opened


async def test_a_new_session_ends_the_longest_idle_one_of_its_owner(sessions: Sessions) -> None:
    ann, bob = await principal("ann"), await principal("bob")
    others = sessions.open(bob)
    first, second = sessions.open(ann), sessions.open(ann)
    with sessions.using(first):
        pass
    third = sessions.open(ann)
    assert sessions.find(second.identifier) is None
    assert {first, third, others} == {
        sessions.find(each.identifier) for each in (first, third, others)
    }
    assert second.is_over


async def test_in_all_there_are_not_too_many_and_a_busy_one_stays(sessions: Sessions) -> None:
    opened = [sessions.open(await principal(name)) for name in ("ann", "bob", "cid")]
    with sessions.using(opened[0]):
        sessions.open(await principal("dan"))
        assert sessions.find(opened[0].identifier) is opened[0]
        assert sessions.find(opened[1].identifier) is None
    assert len(sessions) == 3


async def test_an_idle_session_ends(sessions: Sessions) -> None:
    ann = await principal("ann")
    idle, busy, fresh = sessions.open(ann), sessions.open(await principal("bob")), None
    for session in (idle, busy):
        session.used_at -= 101
    fresh = sessions.open(ann)
    with sessions.using(busy):
        sessions.end_idle()
        assert sessions.find(idle.identifier) is None
        assert sessions.find(busy.identifier) is busy
    assert sessions.find(fresh.identifier) is fresh
