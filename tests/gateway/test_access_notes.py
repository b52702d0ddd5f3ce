"""What people change about agents stands in the audit: by whom, what, in the agent's own chain."""

from datetime import timedelta
from typing import Any

from gateway.agent_commands import (
    AgentOptions,
    new_agent,
    revoke_agent,
    rotate_agent,
    update_agent,
)
from gateway.identity import LOCAL_PERSON_ID, person_principal
from gateway.settings import Settings
from gateway.templates import make_template
from persistence.audit import AgentOperation, Audit
from persistence.audit_chains import verify
from persistence.bridge import Bridge, open_bridge
from tests.support.api import PERSON, Api
from tests.support.mcp import McpWorld, world
from tests.support.oauth import bare_client, browser_of, query_of, send_form

__all__ = ["world"]

FOR_JSON = {"Content-Type": "application/json"}
ADA = person_principal(PERSON.id, PERSON.name, "local")


def told(row: AgentOperation) -> tuple[str, Any, Any]:
    """What was changed, by whom, and what else is said."""
    assert isinstance(row.operation_data, dict)
    facts = dict(row.operation_data)
    by = facts.pop("by")
    assert row.success
    assert row.chain == f"agent:{row.agent_id}"
    return row.operation_type, by, facts


async def rows_of(bridge: Bridge, agent_id: str) -> list[AgentOperation]:
    """Oldest first."""
    rows = await Audit(bridge).list(agent_id=agent_id)
    assert not (await verify(bridge)).findings
    return sorted(rows, key=lambda row: row.id)


async def test_what_an_admin_does_is_on_record_and_is_no_call_of_the_agent(
    api: Api, bridge: Bridge
) -> None:
    record = await api.service.create(ADA, diagram=make_template("flowchart", "Plan", None))
    one, grant = "/api/admin/agents/painter", f"/api/admin/grants/{record.id}/painter"
    async with api.member() as ada:
        wish = {"name": "painter", "permissions": ["read", "edit"]}
        await ada.post("/api/admin/agents", json=wish)
        await ada.put(one, json={"rateLimit": 7, "expiresAt": None})
        await ada.post("/api/admin/keys/painter", json={"overlapSeconds": 60})
        await ada.put(grant, json={"permissions": ["read"]})
        await ada.request("DELETE", grant, headers=FOR_JSON)
        (agent,) = (await ada.get("/api/admin/agents")).json()["data"]
        await ada.request("DELETE", one, headers=FOR_JSON)
        # Refused, so nothing has changed.
        await ada.request("DELETE", one, headers=FOR_JSON)
    rows = await rows_of(bridge, "painter")
    by = {"id": PERSON.id, "name": PERSON.name}
    created = told(rows[0])
    assert created[:2] == ("access.created", by)
    assert (sorted(created[2]["permissions"]), created[2]["rate_limit"]) == (["edit", "read"], 100)
    assert [told(row) for row in rows[1:]] == [
        ("access.changed", by, {"rate_limit": 7, "expires_at": None}),
        ("access.rotated", by, {"overlap_seconds": 60.0}),
        ("access.granted", by, {"permissions": ["read"]}),
        ("access.withdrawn", by, {}),
        ("access.revoked", by, {}),
    ]
    about = [row.diagram_uuid for row in rows]
    assert about == [None, None, None, record.uuid, record.uuid, None]
    assert all((row.user_session_id or "").startswith("session:") for row in rows)
    assert agent["activity"] is None


async def test_what_is_done_at_the_command_line_is_on_record(database_url: str) -> None:
    settings = Settings(database_url=database_url)
    key = await new_agent(settings, "bot", AgentOptions(permissions=["read"]))
    await update_agent(settings, "bot", AgentOptions(rate_limit=9, owner_id=None))
    newer = await rotate_agent(settings, "bot", timedelta(0))
    await revoke_agent(settings, "bot")
    async with open_bridge(database_url) as bridge:
        rows = await rows_of(bridge, "bot")
    assert [told(row)[0::2] for row in rows] == [
        ("access.created", {"permissions": ["read"]}),
        ("access.changed", {"rate_limit": 9, "owner_id": None}),
        ("access.rotated", {"overlap_seconds": 0.0}),
        ("access.revoked", {}),
    ]
    assert {told(row)[1]["id"] for row in rows} == {LOCAL_PERSON_ID}
    assert {row.user_session_id for row in rows} == {"command line"}
    assert not any(secret in str(rows) for secret in (key, newer))


async def test_the_way_of_an_agent_that_a_person_let_in_is_on_record(
    world: McpWorld, bridge: Bridge
) -> None:
    client, browser = await bare_client(world), await browser_of(world)

    async def connect() -> tuple[str, str, str]:
        code = query_of(await browser.approve(client.ask()))["code"]
        tokens = (await client.exchange(code)).json()
        (found,) = (await browser.get("/api/connections")).json()["data"]
        return found["agentId"], code, tokens["access_token"]

    ended_by_person, _, _ = await connect()
    async with browser._client() as http:
        await http.delete(f"/api/connections/{ended_by_person}", headers=FOR_JSON)
    given_up, _, token = await connect()
    fields = {"client_id": client.client_id, "token": token}
    await send_form(f"{client.base}/oauth/revoke", fields)
    stolen, code, _ = await connect()
    await client.exchange(code)
    await world.serving.guard.audit.wait_written()

    program, person = {"id": client.client_id, "name": None}, {"id": LOCAL_PERSON_ID}
    expected: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        ended_by_person: (person, {}),
        given_up: (program, {"why": "the program gave up its token"}),
        stolen: (program, {"why": "an authorization code was used twice"}),
    }
    for agent_id, (by, why) in expected.items():
        created, revoked = [told(row) for row in await rows_of(bridge, agent_id)]
        assert created[0] == "access.created"
        assert created[1]["id"] == LOCAL_PERSON_ID
        assert created[2] == {
            "client": client.client_id,
            "permissions": ["create", "edit", "read"],
        }
        assert revoked[0] == "access.revoked"
        assert by.items() <= revoked[1].items()
        assert revoked[2] == why
