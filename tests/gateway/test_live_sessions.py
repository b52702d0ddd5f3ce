"""What is taken from somebody is gone within a second, whatever they have open."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
import trio_websocket

from gateway import live_sessions, socket_door
from gateway.errors import ServiceError
from gateway.identity import EDIT, READ
from gateway.jwt_identity import CLOCK_LEEWAY_SECONDS
from gateway.local_access import issue_link
from gateway.session import SIGNED_OUT
from gateway.settings import JwtSettings, Settings
from gateway.templates import make_template
from ot.operation import Operation
from tests.gateway.test_socket_session import set_label, submit
from tests.support.live import (
    PROMPTLY_SECONDS,
    SLACK_SECONDS,
    agent,
    agent_socket,
    closed,
    http,
    join,
    rejected_socket,
)
from tests.support.server import run_command, sign_in
from tests.support.serving import PERSON, Site, open_site_with
from tests.support.socket_client import open_socket
from tests.support.tokens import AUDIENCE, ISSUER, SECRET, signed

JWT = JwtSettings(secret=SECRET, issuer=ISSUER, audience=AUDIENCE)


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with open_site_with(Settings(port=0, database_url=database_url, jwt=JWT)) as opened:
        yield opened


async def test_a_revoked_key_closes_its_sockets_and_no_others(site: Site) -> None:
    other = await agent(site, "other")
    async with site.agent() as mine, agent_socket(site, other.key) as theirs:
        await join(mine, site.diagram_id)
        await join(theirs, site.diagram_id)
        assert await site.serving.credentials.revoke("bot")
        assert await closed(mine) == (SIGNED_OUT, "revoked")
        await theirs.send({"type": "ping", "id": 1})
        assert await theirs.receive_kind("pong") == {"type": "pong", "id": 1}


async def test_keys_are_rotated_and_revoked_from_another_process_while_sockets_are_open(
    site: Site, database_url: str, tmp_path: Path
) -> None:
    async def command(*arguments: str) -> str:
        return (
            await run_command(tmp_path, ["agents", *arguments], database_url=database_url)
        ).strip()

    async with site.agent() as old:
        await join(old, site.diagram_id)
        new_key = await command("rotate", "bot", "--overlap", "24h")
        async with agent_socket(site, new_key) as new:
            await join(new, site.diagram_id)
            # Both work, on open sockets and on new ones.
            await old.send(submit(site, set_label("old")))
            await old.receive_kind("diagram_updated")
            async with site.agent() as again:
                await join(again, site.diagram_id)
                newest = await command("rotate", "bot", "--overlap", "0")
                # Without an overlap all earlier keys are over.
                assert await closed(old) == (SIGNED_OUT, "revoked")
                assert await closed(again) == (SIGNED_OUT, "revoked")
            assert await closed(new) == (SIGNED_OUT, "revoked")
        async with agent_socket(site, newest) as last:
            await join(last, site.diagram_id)
            await command("update", "bot", "--permission", READ)
            told = await last.receive_kind("permission_changed")
            assert told["may_edit"] is False
            await command("revoke", "bot")
            assert await closed(last) == (SIGNED_OUT, "revoked")


async def test_signing_out_closes_the_sockets_of_that_session_only(site: Site) -> None:
    other_cookie = await sign_in(await issue_link(site.serving.sign_in, site.serving.base_url))
    async with (
        site.person() as one,
        site.person() as two,
        open_socket(site.socket_url, {"cookie": other_cookie}) as other,
    ):
        await join(one, site.diagram_id)
        async with http(site, cookie=site.cookie) as client:
            await client.post("/api/sign-out", headers={"content-type": "application/json"})
        assert await closed(one) == (SIGNED_OUT, "signed_out")
        assert await closed(two) == (SIGNED_OUT, "signed_out")
        await join(other, site.diagram_id)


async def test_a_diagram_that_is_taken_away_ends_its_subscription_and_no_other(site: Site) -> None:
    second = await site.serving.service.create(
        PERSON, diagram=make_template("flowchart", "Second", None)
    )
    async with site.agent() as socket:
        await join(socket, site.diagram_id)
        await join(socket, second.id)
        await site.serving.service.update_record(PERSON, site.diagram_id, agent_accessible=False)
        with trio.fail_after(PROMPTLY_SECONDS + SLACK_SECONDS):
            assert await socket.receive_kind("diagram_closed") == {
                "type": "diagram_closed",
                "diagram_id": site.diagram_id,
                "reason": "forbidden",
            }
        await socket.send(submit(site, set_label("x")))
        rejected = await socket.receive_kind("rejected")
        assert (rejected["code"], rejected["retry"]) == ("not_found", False)
        edit = submit(site, set_label("y"), sequence=2) | {"diagram_id": second.id}
        await socket.send(edit)
        assert (await socket.receive_kind("diagram_updated"))["diagram_id"] == second.id


async def test_who_may_only_look_from_now_on_is_told_and_goes_on_looking(site: Site) -> None:
    async with site.agent() as socket, site.person() as person:
        assert (await join(socket, site.diagram_id))["may_edit"] is True
        await join(person, site.diagram_id)
        async with http(site, cookie=site.cookie) as client:
            path = f"/api/diagrams/{site.diagram_id}/agents/bot"
            answer = await client.put(path, json={"permissions": [READ]})
            assert answer.status_code == 200
            told = await socket.receive_kind("permission_changed")
            assert told == {
                "type": "permission_changed",
                "diagram_id": site.diagram_id,
                "may_edit": False,
            }
            await socket.send(submit(site, set_label("x")))
            assert (await socket.receive_kind("rejected"))["code"] == "forbidden"
            await person.send(submit(site, set_label("theirs")))
            await socket.receive_kind("diagram_updated")
            await client.put(path, json={"permissions": [READ, EDIT]})
        assert (await socket.receive_kind("permission_changed"))["may_edit"] is True
        await socket.send(submit(site, set_label("again"), sequence=2, base=1))
        await socket.receive_kind("diagram_updated")


async def test_what_this_process_takes_away_is_not_waited_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Owners see it gone as they are answered; the look now and then is for other processes."""
    monkeypatch.setattr(live_sessions, "POLL_INTERVAL", 3_600.0)
    site.serving.live.look_now()
    path = f"/api/diagrams/{site.diagram_id}"
    async with site.agent() as socket, http(site, cookie=site.cookie) as client:
        await join(socket, site.diagram_id)
        for granted, may_edit in (([READ], False), ([READ, EDIT], True)):
            await client.put(f"{path}/agents/bot", json={"permissions": granted})
            with trio.fail_after(PROMPTLY_SECONDS + SLACK_SECONDS):
                told = await socket.receive_kind("permission_changed")
            assert told["may_edit"] is may_edit
        await client.put(path, json={"agentAccessible": False})
        with trio.fail_after(PROMPTLY_SECONDS + SLACK_SECONDS):
            await socket.receive_kind("diagram_closed")


# Tokens of a host application -------------------------------------------------------------------


async def test_a_stranger_says_hello_with_a_token_and_is_somebody(site: Site) -> None:
    async with open_socket(site.socket_url, {}) as socket:
        await socket.send({"type": "hello", "client_id": "mine", "token": signed()})
        welcome = await socket.receive_kind("welcome")
        assert welcome["participant"] == {"kind": "user", "id": "jwt:ann", "name": "Ann"}
        await socket.send({"type": "subscribe", "diagram_id": site.diagram_id})
        assert (await socket.receive_kind("error"))["code"] == "not_found"
        async with http(site, cookie=site.cookie) as client:
            path = f"/api/diagrams/{site.diagram_id}/members/jwt:ann"
            assert (await client.put(path, json={"role": "editor"})).status_code == 200
            assert (await join(socket, site.diagram_id))["may_edit"] is True
            await client.request("DELETE", path, headers={"content-type": "application/json"})
        assert (await socket.receive_kind("diagram_closed"))["reason"] == "forbidden"


@pytest.mark.parametrize(
    "said",
    [
        {"type": "hello"},
        {"type": "hello", "token": "wrong"},
        {"type": "hello", "token": signed(exp=1)},
        {"type": "ping"},
        {"type": "subscribe", "diagram_id": "x"},
        {"type": "none of these"},
        "not even JSON",
    ],
)
async def test_a_stranger_who_says_anything_else_is_sent_away_with_one_answer(
    site: Site, said: Any
) -> None:
    async with open_socket(site.socket_url, {}) as socket:
        await socket.send_text(said if isinstance(said, str) else json.dumps(said))
        error = await socket.receive()
        assert (error["type"], error["code"], error["at"]) == ("error", "unauthenticated", "token")
        assert await closed(socket) == (SIGNED_OUT, "unauthenticated")


async def test_a_stranger_who_says_nothing_is_sent_away_soon(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_door, "HELLO_TIMEOUT_SECONDS", 0.2)
    async with open_socket(site.socket_url, {}) as socket:
        assert await closed(socket) == (SIGNED_OUT, "unauthenticated")


async def test_strangers_are_few_and_short_spoken(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_door, "MAX_STRANGERS", 1)
    async with open_socket(site.socket_url, {}) as socket:
        await trio.testing.wait_all_tasks_blocked(0.05)
        with pytest.raises(trio_websocket.ConnectionRejected) as refused:
            async with rejected_socket(site, {}):
                raise AssertionError("let in")
        assert refused.value.status_code == 503
        text = "x" * (socket_door.MAX_HELLO_BYTES + 1)
        await socket.send({"type": "hello", "token": text})
        assert (await closed(socket))[0] == 1009


async def test_without_an_application_strangers_are_refused_at_the_door(database_url: str) -> None:
    async with open_site_with(Settings(port=0, database_url=database_url)) as site:
        for headers in ({}, {"authorization": f"Bearer {signed()}"}):
            with pytest.raises(trio_websocket.ConnectionRejected) as refused:
                async with rejected_socket(site, headers):
                    raise AssertionError("let in")
            assert refused.value.status_code == 401


async def test_a_token_ends_its_socket_with_its_time_unless_another_is_said(site: Site) -> None:
    ends = int(time.time()) + 2 - CLOCK_LEEWAY_SECONDS
    async with open_socket(site.socket_url, {}) as one, open_socket(site.socket_url, {}) as two:
        for socket in (one, two):
            await socket.send({"type": "hello", "token": signed(exp=ends)})
            await socket.receive_kind("welcome")
        await two.send({"type": "hello", "token": signed()})
        await two.receive_kind("welcome")
        with trio.fail_after(3 + SLACK_SECONDS):
            with pytest.raises(trio_websocket.ConnectionClosed):
                await one.connection.get_message()
        assert await closed(one) == (SIGNED_OUT, "expired")
        assert time.time() < ends + CLOCK_LEEWAY_SECONDS + PROMPTLY_SECONDS + SLACK_SECONDS
        await two.send({"type": "ping", "id": 1})
        await two.receive_kind("pong")


async def test_somebody_else_says_hello_before_anything_else_or_not_at_all(site: Site) -> None:
    async with site.person() as socket:
        await join(socket, site.diagram_id)
        await socket.send({"type": "hello", "token": signed()})
        assert (await socket.receive_kind("error"))["code"] == "hello_too_late"
    async with site.person() as socket:
        await socket.send({"type": "hello", "token": signed()})
        assert (await socket.receive_kind("welcome"))["participant"]["id"] == "jwt:ann"
        await socket.send({"type": "hello", "token": "wrong"})
        assert await closed(socket) == (SIGNED_OUT, "signed_out")


# Calls ------------------------------------------------------------------------------------------


async def test_an_mcp_session_and_its_stream_end_with_the_key(site: Site) -> None:
    accept = "application/json, text/event-stream"
    headers = {"authorization": f"Bearer {site.key}", "accept": accept}
    async with http(site, **headers) as client:
        params = {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        }
        opened = await client.post(
            "/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
        )
        of_session = {"mcp-session-id": opened.headers["mcp-session-id"]}
        async with client.stream("GET", "/mcp", headers=of_session) as stream:
            assert stream.status_code == 200
            await site.serving.credentials.revoke("bot")
            with trio.fail_after(PROMPTLY_SECONDS + SLACK_SECONDS):
                async for _ in stream.aiter_bytes():
                    pass
        ping = {"jsonrpc": "2.0", "id": 2, "method": "ping"}
        assert (await client.post("/mcp", json=ping, headers=of_session)).status_code == 401


async def test_a_call_that_began_before_the_key_was_revoked_commits_nothing_later(
    site: Site,
) -> None:
    """As one that waits for a long layout, between reading and writing."""
    who = await site.serving.authenticator.identify({"authorization": f"Bearer {site.key}"})
    assert who is not None
    reading = await site.serving.service.read(who, site.diagram_id)
    await site.serving.credentials.revoke("bot")
    await site.serving.live.look()
    with pytest.raises(ServiceError) as refused:
        await site.serving.service.submit(who, site.diagram_id, Operation(), reading)
    assert refused.value.code == "unauthenticated"
