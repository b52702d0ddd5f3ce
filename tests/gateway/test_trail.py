"""Every call of an agent is on record, done or refused, by every door; and what is too much is
refused with when to come back."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
import pytest
import trio

from gateway.authentication import SESSION_COOKIE
from gateway.identity import FULL_ACCESS, READ
from gateway.local_access import MAX_RATE_LIMIT, create_agent
from gateway.rate_limits import holdings, quota
from gateway.settings import Settings
from persistence.audit import AgentOperation
from persistence.audit_chains import verify
from persistence.bridge import open_bridge
from persistence.credentials import Credentials
from tests.support.mcp import connect
from tests.support.serving import Site, open_site, open_site_with
from tests.support.socket_client import open_socket
from tests.support.waiting import wait_until

ADD = {"nodes": {"n": {"type": "create", "element": {"type": "process"}}}}


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with open_site(database_url) as opened:
        yield opened


@asynccontextmanager
async def http(site: Site, key: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(
        base_url=site.serving.base_url,
        headers={"authorization": f"Bearer {key}"},
        trust_env=False,
        timeout=20,
    ) as client:
        yield client


async def rows_of(site: Site, agent_id: str = "bot") -> list[AgentOperation]:
    """What is on record, oldest first."""
    return (await site.serving.guard.audit.list(agent_id=agent_id, limit=1_000))[::-1]


async def told(site: Site, agent_id: str = "bot") -> list[tuple[str, str | None]]:
    return [(row.operation_type, row.error_message) for row in await rows_of(site, agent_id)]


def submit(site: Site, sequence: int, operation: Any = None, base: int = 0) -> dict[str, Any]:
    return {
        "type": "submit",
        "diagram_id": site.diagram_id,
        "base_revision": base,
        "sequence": sequence,
        "operation": ADD if operation is None else operation,
    }


async def test_every_rest_call_is_on_record(site: Site) -> None:
    one = f"/api/diagrams/{site.diagram_id}"
    async with http(site, site.key) as client:
        assert (await client.get("/api/diagrams")).status_code == 200
        assert (await client.get(one)).status_code == 200
        assert (await client.get("/api/diagrams/nobody")).status_code == 404
        assert (await client.post("/api/diagrams", content=b"{")).status_code == 415
        assert (await client.get(f"{one}/check")).status_code == 200
        json_type = {"content-type": "application/json"}
        assert (await client.request("DELETE", one, headers=json_type)).status_code == 200
    assert await told(site) == [
        ("list_diagrams", None),
        ("read_diagram", None),
        ("read_diagram", "not_found"),
        ("POST /diagrams", "unsupported_media_type"),
        ("read_diagram", None),
        ("delete_diagram", None),
    ]
    rows = await rows_of(site)
    assert {row.address for row in rows} == {"127.0.0.1"}
    assert all(row.duration_ms is not None and row.duration_ms >= 0 for row in rows)
    assert [row.diagram_uuid for row in rows] == [
        None, site.diagram_uuid, None, None, site.diagram_uuid, site.diagram_uuid,
    ]  # fmt: skip
    assert rows[2].operation_data == {"diagram": "nobody"}
    prefix = "_".join(site.key.split("_", 2)[:2])
    assert {row.user_session_id for row in rows} == {f"key:{prefix}"}


async def test_every_tool_call_is_on_record_and_an_edit_once(site: Site) -> None:
    async with connect(f"{site.serving.base_url}/mcp", site.key) as agent:
        await agent.call("read_diagram", diagram_id=site.diagram_id)
        data = {"type": "process", "label": "N", "position": {"x": 0, "y": 0}}
        await agent.call("add_node", diagram_id=site.diagram_id, node_data=data)
        await agent.error("read_diagram", diagram_id="nobody")
        await agent.error("add_node", diagram_id=site.diagram_id, node_data={"type": 7})
        await agent.error("no_such_tool")
        await agent.error("read_diagram", diagram_id=site.diagram_id, colour="red")
    rows = await rows_of(site)
    assert [(row.operation_type, row.error_message) for row in rows] == [
        ("read_diagram", None),
        ("add_node", None),
        ("read_diagram", "not_found"),
        ("add_node", "invalid_arguments"),
        ("no_such_tool", "unknown_tool"),
        ("read_diagram", "unknown_argument"),
    ]
    edit = rows[1]
    assert (edit.revision, edit.chain) == (1, f"diagram:{site.diagram_uuid}")
    assert (edit.address, edit.success) == ("127.0.0.1", True)
    assert edit.duration_ms is not None
    assert rows[3].chain == "agent:bot"


async def test_what_is_said_over_the_socket_is_on_record_refusals_too(
    site: Site, database_url: str
) -> None:
    reader = await create_agent(
        site.serving.credentials, "reader", [READ], rate_limit=MAX_RATE_LIMIT
    )
    headers = {"authorization": f"Bearer {reader.key}"}
    async with site.agent() as bot, open_socket(site.socket_url, headers) as other:
        await other.send(submit(site, 1))
        assert (await other.receive_kind("rejected"))["code"] == "forbidden"
        await other.send({"type": "subscribe", "diagram_id": "nobody"})
        assert (await other.receive_kind("error"))["code"] == "not_found"
        await bot.send({"type": "subscribe", "diagram_id": site.diagram_id})
        await bot.receive_kind("snapshot")
        await bot.send(submit(site, 1))
        await bot.receive_kind("diagram_updated")
        # The actor refuses it, after the door has let it in.
        await bot.send(submit(site, 2, base=77))
        assert (await bot.receive_kind("rejected"))["code"] == "future_revision"
        await bot.send(submit(site, 3, {"nodes": {"n": {"type": "paint"}}}))
        assert (await bot.receive_kind("rejected"))["code"] == "invalid_message"
        await bot.send(
            {"type": "agent_operation", "operation": "fly", "diagram_uuid": site.diagram_uuid}
        )
        assert (await bot.receive_kind("error"))["code"] == "unknown_operation"
    assert await told(site, "reader") == [("submit", "forbidden"), ("subscribe", "not_found")]
    assert sorted(await told(site), key=str) == sorted(
        [
            ("subscribe", None),
            ("submit", None),
            ("submit", "future_revision"),
            ("message", "invalid_message"),
            ("fly", "unknown_operation"),
        ],
        key=str,
    )
    (edit,) = [row for row in await rows_of(site) if row.revision == 1]
    assert (edit.address, edit.chain) == ("127.0.0.1", f"diagram:{site.diagram_uuid}")
    assert edit.duration_ms is not None
    async with open_bridge(database_url) as bridge:
        assert (await verify(bridge)).findings == []


async def test_too_much_is_refused_by_every_door_with_when_to_come_back(
    site: Site, database_url: str
) -> None:
    agent = await create_agent(site.serving.credentials, "busy", [FULL_ACCESS], rate_limit=2)
    one = f"/api/diagrams/{site.diagram_id}"
    async with http(site, agent.key) as client:
        assert [(await client.get(one)).status_code for _ in range(3)] == [200, 200, 429]
        refused = await client.get(one)
        error = refused.json()["error"]
        assert (error["code"], refused.headers["retry-after"]) == ("rate_limited", "30")
        assert 29_000 < error["retryAfterMs"] <= 30_000
    async with connect(f"{site.serving.base_url}/mcp", agent.key) as tools:
        told_error = await tools.error("read_diagram", diagram_id=site.diagram_id)
        assert (told_error["code"], told_error["retry"]) == ("rate_limited", True)
        assert "Come back in" in told_error["message"]
    async with open_socket(site.socket_url, {"authorization": f"Bearer {agent.key}"}) as socket:
        for sequence in (1, 2):
            await socket.send(submit(site, sequence, base=99))
            assert (await socket.receive_kind("rejected"))["code"] == "future_revision"
        await socket.send(submit(site, 3, base=99))
        rejected = await socket.receive_kind("rejected")
        assert rejected["code"] == "rate_limited"
        assert (rejected["sequence"], rejected["retry"]) == (3, True)
        assert 29_000 < rejected["retry_after_ms"] <= 30_000
        await socket.send({"type": "subscribe", "diagram_id": site.diagram_id})
        refusal = await socket.receive_kind("error")
        assert refusal["code"] == "rate_limited"
        assert refusal["retry_after_ms"] > 0
        # What cannot even be read counts as well.
        await socket.send_text("{")
        assert (await socket.receive_kind("error"))["code"] == "rate_limited"
        # Raised, it counts within a second, also where it is connected.
        with trio.fail_after(5):
            async with open_bridge(database_url) as bridge:
                await Credentials(bridge).update("busy", rate_limit=MAX_RATE_LIMIT)
            started = trio.current_time()
            sequence = 10
            while rejected["code"] == "rate_limited":
                sequence += 1
                await socket.send(submit(site, sequence, base=99))
                rejected = await socket.receive_kind("rejected")
            assert trio.current_time() - started < 2
    assert {error for _, error in await told(site, "busy")} >= {None, "rate_limited"}


async def test_wrong_keys_are_refused_after_a_while_and_raise_an_alert(site: Site) -> None:
    statuses = []
    async with http(site, "dai_0123456789ab_wrong") as client:
        for _ in range(32):
            statuses.append((await client.get("/api/diagrams")).status_code)
        by_mcp = await client.post("/mcp", json={})
        assert (by_mcp.status_code, int(by_mcp.headers["retry-after"]) > 0) == (429, True)
    assert statuses == [401] * 30 + [429] * 2
    # Whoever is known already is not kept out.
    async with httpx2.AsyncClient(base_url=site.serving.base_url, trust_env=False) as client:
        client.cookies.set(SESSION_COOKIE, site.cookie.partition("=")[2])
        assert (await client.get("/api/diagrams")).status_code == 200

    async def is_raised() -> bool:
        return bool(await site.serving.guard.alert_table.list())

    await wait_until(is_raised)
    (alert,) = await site.serving.guard.alert_table.list()
    assert (alert.rule, alert.subject) == ("failed_keys", "address:127.0.0.1")


async def test_what_one_agent_has_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holdings, "MAX_PRINCIPAL_CONNECTIONS", 1)
    monkeypatch.setattr(quota, "MAX_PRINCIPAL_DIAGRAMS", 2)
    async with site.agent() as first, http(site, site.key) as client:
        await first.send({"type": "ping"})
        await first.receive_kind("pong")
        upgrade = {
            "connection": "upgrade",
            "upgrade": "websocket",
            "sec-websocket-version": "13",
            "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        refused = await client.get("/ws/diagrams", headers=upgrade)
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "too_many_connections"
        body = {"title": "T", "content": {"nodes": [], "edges": []}}
        made = [await client.post("/api/diagrams", json=body) for _ in range(3)]
        assert [each.status_code for each in made] == [201, 201, 409], made[0].text
        assert made[2].json()["error"]["code"] == "quota_reached"
        monkeypatch.setattr(quota, "MAX_PRINCIPAL_DIAGRAMS", 10)
        monkeypatch.setattr(quota, "MAX_PRINCIPAL_BYTES", 10)
        full = await client.post("/api/diagrams", json=body)
        assert full.json()["error"]["code"] == "storage_full"
        async with site.person() as person, site.person() as again:
            for each in (person, again):
                await each.send({"type": "ping"})
                await each.receive_kind("pong")


async def test_the_server_keeps_the_audit_for_as_long_as_it_is_told(database_url: str) -> None:
    async with open_bridge(database_url) as bridge:
        await bridge.write(
            'INSERT INTO agent_operations (agent_id, operation_type, "timestamp") '
            "SELECT 'old', 'op', now() - interval '1 day' * n FROM generate_series(9, 0, -1) AS n"
        )
        async with open_site_with(
            Settings(port=0, database_url=database_url, audit_days=5)
        ) as site:

            async def is_pruned() -> bool:
                return len(await rows_of(site, "old")) == 5

            await wait_until(is_pruned)
        assert (await verify(bridge)).findings == []
        for table in ("agent_operations", "alerts", "rate_counters"):
            rows = await bridge.fetch(f"SELECT * FROM {table}")
            assert site.key.rpartition("_")[2] not in json.dumps(
                [msgspec.to_builtins(dict(row)) for row in rows], default=str
            )
