"""Attempts at diagrams of others, by every door: each answers as if there were no such diagram."""

import re
from typing import Any, Final

import pytest

from tests.gateway.test_permission_table import (
    BY_JWT,
    BY_KEY,
    BY_TOKEN,
    KNOWN,
    OPEN,
    OPERATIONS,
    RESOURCES,
    ROUTES,
    SENT,
    TOOLS,
)
from tests.support import leaks
from tests.support.attacked import JSON, Target, code_of

#: Every route that is about one diagram.
ROUTES_OF_ONE: Final = [
    (method, rule, sent)
    for (method, rule), (permission, sent) in ROUTES.items()
    if "<diagram_id>" in rule
    and not rule.startswith("/api/admin")
    and permission not in (OPEN, KNOWN, BY_JWT, BY_KEY, BY_TOKEN)
]
TOOLS_OF_ONE: Final = {
    name: arguments
    for name, (permission, arguments) in TOOLS.items()
    if permission in ("read", "edit", "delete")
}
#: Who has no business with it: a person; an agent that needs a grant; an agent of that person.
INTRUDERS: Final = ("mallory", "confined", "of-mallory")
AGENTS: Final = ("confined", "of-mallory")
NOWHERE: Final = "no-such-diagram"


def path_of(rule: str, diagram_id: str) -> str:
    named = rule.replace("<diagram_id>", diagram_id)
    return re.sub(r"<(?:path:)?\w+>", "none", named)


@pytest.mark.parametrize(
    ("method", "rule", "sent"), ROUTES_OF_ONE, ids=[f"{m} {r}" for m, r, _ in ROUTES_OF_ONE]
)
def test_a_strangers_request(target: Target, method: str, rule: str, sent: Any) -> None:
    """The same code, the same words, the same headers as for a diagram that nobody has."""
    before = target.revision()
    for intruder in INTRUDERS:
        told = []
        for diagram in (target.diagrams["secret"], target.uuids["secret"], NOWHERE):
            answer = target.ask(intruder, method, path_of(rule, diagram), **sent)
            assert (answer.status_code, code_of(answer)) == (404, "not_found"), answer.text
            headers = {k: v for k, v in answer.headers.items() if k != "date"}
            told.append((answer.text, headers))
        assert told[0] == told[1] == told[2]
    target.audited("confined", "not_found")
    assert target.revision() == before


@pytest.mark.parametrize("message", ["subscribe", "submit", "presence"])
def test_a_strangers_message(target: Target, message: str) -> None:
    for intruder in INTRUDERS:
        with target.socket(intruder) as wire:
            codes = {
                wire.refusal(type=message, **SENT[message](diagram))
                for diagram in (target.diagrams["secret"], target.uuids["secret"], NOWHERE)
            }
        assert codes == {"not_subscribed" if message == "presence" else "not_found"}
    if message != "presence":
        target.audited("confined", "not_found", message)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if "list" not in name])
def test_a_strangers_operation_of_the_old_app(target: Target, operation: str) -> None:
    if operation == "create_diagram":
        data: dict[str, Any] = {"title": "X", "diagram_id": target.diagrams["secret"]}
    else:
        data = OPERATIONS[operation][1]
    before = target.revision()
    for intruder in AGENTS:
        with target.socket(intruder) as wire:
            wire.send(
                type="agent_operation",
                operation=operation,
                diagram_uuid=target.uuids["secret"],
                data=data,
                request_id="attack",
            )
            while (answer := wire.receive()).get("request_id") != "attack":
                pass
        if operation != "create_diagram":
            assert answer["code"] == "not_found", answer
            target.audited(intruder, "not_found", operation)
        else:
            assert answer.get("diagram_uuid") != target.uuids["secret"]
    assert target.revision() == before


def test_following_by_the_old_apps_id(target: Target) -> None:
    with target.socket("mallory") as wire:
        wire.send(type="subscribe", diagram_uuid=target.uuids["secret"])
        wire.send(type="ping", id=1)
        assert "diagram" not in str(wire.until("error", "pong").get("snapshot", ""))


@pytest.mark.parametrize("tool", TOOLS_OF_ONE)
def test_a_strangers_tool(target: Target, tool: str) -> None:
    before = target.revision()
    for intruder in AGENTS:
        told = [
            target.tool(intruder, tool, diagram_id=diagram, **TOOLS_OF_ONE[tool])["error"]
            for diagram in (target.diagrams["secret"], NOWHERE)
        ]
        assert told[0] == told[1]
        assert told[0]["code"] == "not_found"
    target.audited("confined", "not_found", tool)
    assert target.revision() == before


@pytest.mark.parametrize("view", RESOURCES)
def test_a_strangers_resource(target: Target, view: str) -> None:
    for intruder in AGENTS:
        uris = [
            f"diagram://{each}/{view}".rstrip("/") for each in (target.diagrams["secret"], NOWHERE)
        ]
        told = [target.mcp(intruder, "resources/read", {"uri": uri})["error"] for uri in uris]
        assert told[0]["data"]["code"] == "not_found"
        assert str(told[0]).replace(target.diagrams["secret"], NOWHERE) == str(told[1])


def test_completion_prompts_and_lists_tell_nothing(target: Target) -> None:
    secret = target.diagrams["secret"]
    reference = {"type": "ref/resource", "uri": "diagram://{id}"}
    for intruder in AGENTS:
        for written in (secret[:8], "The secret", ""):
            argument = {"name": "id", "value": written}
            params = {"ref": reference, "argument": argument}
            assert secret not in str(target.mcp(intruder, "completion/complete", params))
        assert secret not in str(target.mcp(intruder, "resources/list"))
        assert secret not in str(target.tool(intruder, "list_diagrams"))
        assert secret not in target.ask(intruder, "GET", "/api/diagrams?filter=secret").text
    for name in ("of-mallory", "mallory"):
        assert "secret" not in target.ask(name, "GET", "/api/diagrams?limit=100").text


def test_a_subscription_over_mcp(target: Target) -> None:
    headers = {"accept": "application/json, text/event-stream"}
    initialize = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "attacker", "version": "1"},
    }
    with target.client("confined") as http:
        opened = http.post("/mcp", json=rpc("initialize", initialize), headers=headers)
        headers |= {
            "mcp-session-id": opened.headers["mcp-session-id"],
            "mcp-protocol-version": "2025-11-25",
        }
        uri = {"uri": f"diagram://{target.diagrams['secret']}"}
        told = http.post("/mcp", json=rpc("resources/subscribe", uri), headers=headers).json()
        assert told["error"]["data"]["code"] == "not_found", told
        # Its session is of no use to another agent, and cannot be ended by one.
        theirs = {**headers, **target.bearer("full")}
        stolen = http.post("/mcp", json=rpc("tools/list", {}), headers=theirs)
        assert (stolen.status_code, code_of(stolen)) == (404, "no_session")
        assert http.delete("/mcp", headers=theirs).status_code == 404
        assert http.delete("/mcp", headers=headers).status_code == 200


def rpc(method: str, params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def test_a_viewer_submits_an_edit(target: Target) -> None:
    before, shared = target.revision("shared"), target.diagrams["shared"]
    with target.socket("vera") as wire:
        wire.send(type="subscribe", diagram_id=shared)
        assert wire.until("snapshot")["may_edit"] is False
        assert wire.refusal(type="submit", **SENT["submit"](shared)) == "forbidden"
    for method, path, sent in (
        ("PUT", "", {"json": {"title": "Mine"}}),
        ("PUT", "/mermaid", {"json": {"text": "flowchart TD\n a --> b\n"}}),
        ("POST", "/layout", {"json": {}}),
        ("DELETE", "", {"headers": {"content-type": "application/json"}}),
    ):
        answer = target.ask("vera", method, f"/api/diagrams/{shared}{path}", **sent)
        assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    assert target.revision("shared") == before


@pytest.mark.parametrize("person", ["vera", "edgar"])
def test_a_member_shares_what_is_not_theirs(target: Target, person: str) -> None:
    shared = f"/api/diagrams/{target.diagrams['shared']}"
    for method, path, sent in (
        ("PUT", f"/members/jwt:{person}", {"role": "owner"}),
        ("PUT", "/members/jwt:mallory", {"role": "editor"}),
        ("PUT", "/agents/confined", {"permissions": ["read"]}),
        ("POST", "/share-links", {"role": "editor"}),
        ("PUT", "", {"isPublic": True}),
        ("PUT", "", {"agentAccessible": False}),
    ):
        answer = target.ask(person, method, f"{shared}{path}", json=sent)
        assert (answer.status_code, code_of(answer)) == (403, "forbidden"), (method, path)
    assert target.ask("mallory", "GET", shared).status_code == 404


def test_an_agent_on_a_diagram_that_is_closed_to_agents(target: Target) -> None:
    """Whatever its key allows, and whoever its owner is."""
    closed = target.diagrams["closed"]
    for tool, arguments in TOOLS_OF_ONE.items():
        told = target.tool("full", tool, diagram_id=closed, **arguments)
        assert told["error"]["code"] == "not_found", tool
    target.audited("full", "not_found")
    with target.socket("full") as wire:
        assert wire.refusal(type="subscribe", diagram_id=closed) == "not_found"
    # Nor does it open the door for itself.
    answer = target.ask("full", "PUT", f"/api/diagrams/{closed}", json={"agentAccessible": True})
    assert answer.status_code == 404
    assert target.revision("closed") == 0


def test_an_agent_does_more_than_it_is_granted_on_one_diagram(target: Target) -> None:
    """Its key allows everything; on this one it was granted to read."""
    shared, before = target.diagrams["shared"], target.revision("shared")
    for name, (permission, arguments) in TOOLS.items():
        if permission in ("edit", "delete"):
            told = target.tool("narrowed", name, diagram_id=shared, **arguments)
            assert told["error"]["code"] == "forbidden", name
            target.audited("narrowed", "forbidden", name)
    with target.socket("narrowed") as wire:
        wire.send(type="subscribe", diagram_id=shared)
        wire.until("snapshot")
        assert wire.refusal(type="submit", **SENT["submit"](shared)) == "forbidden"
    widened = target.ask(
        "narrowed", "PUT", f"/api/diagrams/{shared}/agents/narrowed", json={"permissions": ["edit"]}
    )
    assert widened.status_code == 403
    assert target.revision("shared") == before


def test_an_agent_that_only_reads(target: Target) -> None:
    for name, (permission, arguments) in TOOLS.items():
        if permission in ("create", "edit", "delete"):
            named = {"diagram_id": target.diagrams["other"]} if permission != "create" else {}
            told = target.tool("reader", name, **named, **arguments)
            assert told["error"]["code"] == "forbidden", name
            target.audited("reader", "forbidden", name)
    for sent in ({"title": "X"}, {"title": "X", "userId": "jwt:olga"}):
        assert target.ask("reader", "POST", "/api/diagrams", json=sent).status_code in (400, 403)


def test_an_agent_whose_reads_are_used_up_keeps_nothing_that_is_taken(target: Target) -> None:
    """That it asks too much must not keep anybody from looking whether it may still read on."""
    sent = {"name": "clinging", "permissions": ["read"], "rateLimit": 1}
    made = target.ask("root", "POST", "/api/admin/agents", json=sent)
    assert made.status_code == 201, made.text
    target.keys["clinging"] = made.json()["data"]["key"]
    leaks.remember(target.keys["clinging"])
    shared = f"/api/diagrams/{target.diagrams['shared']}"
    with target.socket("clinging") as wire:
        wire.send(type="subscribe", diagram_id=target.diagrams["shared"])
        wire.until("snapshot")
        assert wire.refusal(type="subscribe", diagram_id=NOWHERE) == "rate_limited"
        taken = target.ask("olga", "PUT", f"{shared}/agents/clinging", json={"permissions": []})
        assert taken.status_code == 200, taken.text
        assert wire.until("diagram_closed", "diagram_updated")["type"] == "diagram_closed"
    removed = target.ask("olga", "DELETE", f"{shared}/agents/clinging", headers=JSON)
    assert removed.status_code == 200


def test_a_diagram_is_not_made_in_the_name_of_another(target: Target) -> None:
    for field in ("userId", "user_id", "owner", "madeBy", "id", "uuid"):
        sent = {"title": "Planted", field: "jwt:olga"}
        answer = target.ask("mallory", "POST", "/api/diagrams", json=sent)
        if answer.status_code == 201:
            told = target.ask(
                "mallory", "GET", f"/api/diagrams/{answer.json()['data']['id']}/access"
            )
            assert told.json()["data"]["owner"]["id"] == "jwt:mallory"
    assert "Planted" not in target.ask("olga", "GET", "/api/diagrams?limit=100").text


def test_the_trash_of_another_is_neither_seen_nor_restored(target: Target) -> None:
    with target.client("olga") as olga:
        made = olga.post("/api/diagrams", json={"title": "Thrown away"}).json()["data"]["id"]
        path = f"/api/diagrams/{made}"
        assert olga.request("DELETE", path, json={}).status_code == 200
        for intruder in (*INTRUDERS, "vera"):
            answer = target.ask(intruder, "POST", f"{path}/restore", json={})
            assert (answer.status_code, code_of(answer)) == (404, "not_found")
            listed = target.ask(intruder, "GET", "/api/diagrams?trash=true")
            assert made not in listed.text
        assert olga.post(f"{path}/restore", json={}).status_code == 200


def test_a_member_of_one_diagram_sends_the_id_of_another_in_the_body(target: Target) -> None:
    shared = f"/api/diagrams/{target.diagrams['shared']}"
    before = target.revision()
    for field in ("id", "diagramId", "diagram_id", "uuid"):
        sent = {field: target.diagrams["secret"], "title": "Changed"}
        target.ask("edgar", "PUT", shared, json=sent)
    read = target.ask("olga", "GET", f"/api/diagrams/{target.diagrams['secret']}").json()["data"]
    assert (read["title"], read["revision"]) == ("The secret plan", before)


def test_people_are_not_looked_up_by_agents_and_guests(target: Target) -> None:
    for name in ("full", "confined"):
        assert target.ask(name, "GET", "/api/people?search=ol").status_code == 403
