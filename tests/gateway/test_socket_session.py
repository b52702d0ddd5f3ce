"""The WebSocket door with real sockets: the protocol's rules, one each."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import trio
import trio_websocket

from gateway.identity import EDIT, READ
from gateway.local_access import create_agent
from tests.support.serving import PERSON, Site, open_site
from tests.support.socket_client import Socket, open_socket


@pytest.fixture
async def site(database_url: str) -> AsyncIterator[Site]:
    async with open_site(database_url) as opened:
        yield opened


async def join(socket: Socket, site: Site, **more: Any) -> dict[str, Any]:
    await socket.send({"type": "subscribe", "diagram_id": site.diagram_id, **more})
    return await socket.receive_kind("snapshot")


def set_label(text: str, node: str = "step") -> dict[str, Any]:
    write = {"type": "set", "value": text}
    return {"nodes": {node: {"type": "update", "writes": {"/data/label": write}}}}


def submit(site: Site, operation: Any, base: Any = 0, sequence: Any = 1) -> dict[str, Any]:
    return {
        "type": "submit",
        "diagram_id": site.diagram_id,
        "base_revision": base,
        "sequence": sequence,
        "operation": operation,
    }


async def test_hello_is_answered_with_who_one_is_and_the_bounds(site: Site) -> None:
    async with site.person() as socket:
        await socket.send({"type": "hello", "client_id": "mine"})
        welcome = await socket.receive_kind("welcome")
        assert welcome["client_id"] == "mine"
        assert welcome["participant"]["kind"] == "user"
        assert welcome["max_message_bytes"] > 0
        assert socket.connection.subprotocol == "diagramai.v1"


@pytest.mark.parametrize(("permission", "may_edit"), [(READ, False), (EDIT, True)])
async def test_whoever_follows_is_told_whether_they_may_edit(
    site: Site, permission: str, may_edit: bool
) -> None:
    reader = await create_agent(site.serving.credentials, "reader", [READ, permission])
    async with open_socket(site.socket_url, {"authorization": f"Bearer {reader.key}"}) as socket:
        assert (await join(socket, site))["may_edit"] is may_edit
        again = {"type": "subscribe", "diagram_id": site.diagram_id, "revision": 0, "pending": True}
        await socket.send(again)
        assert (await socket.receive_kind("subscribed"))["may_edit"] is may_edit
        await socket.send(submit(site, set_label("x")))
        answer = await socket.receive()
        assert (answer["type"] == "diagram_updated") is may_edit
    async with site.person() as person:
        assert (await join(person, site))["may_edit"] is True


async def test_an_edit_reaches_everybody_author_included_as_the_same_message(site: Site) -> None:
    async with site.person() as person, site.agent() as agent:
        await person.send({"type": "hello", "client_id": "p"})
        await join(person, site)
        await join(agent, site)
        await person.send(submit(site, set_label("Hello")))
        heard = [await each.receive_kind("diagram_updated") for each in (person, agent)]
        assert heard[0] == heard[1]
        (change,) = heard[0]["changes"]
        assert (change["revision"], change["client_id"], change["sequence"]) == (1, "p", 1)
        assert change["updated_by"] == "user"


async def test_both_authors_are_told_of_a_conflict(site: Site) -> None:
    async with site.person() as person, site.agent() as agent:
        await join(person, site)
        await join(agent, site)
        await person.send(submit(site, set_label("Person's")))
        await agent.receive_kind("diagram_updated")
        await agent.send(submit(site, set_label("Agent's"), base=0))
        for socket in (person, agent):
            conflict = await socket.receive_kind("conflict_detected")
            assert conflict["kind"] == "simultaneous_edit"
            assert (conflict["kept"], conflict["dropped"]) == ("Agent's", "Person's")
            assert conflict["dropped_author"]["kind"] == "user"
            assert conflict["resolution_required"] is False


async def test_missed_operations_come_after_a_reconnect(site: Site) -> None:
    async with site.person() as person:
        await join(person, site)
    async with site.agent() as agent:
        await join(agent, site)
        await agent.send(submit(site, set_label("meanwhile")))
        await agent.receive_kind("diagram_updated")
    async with site.person() as person:
        await person.send({"type": "subscribe", "diagram_id": site.diagram_id, "revision": 0})
        assert (await person.receive())["type"] == "subscribed"
        (change,) = (await person.receive())["changes"]
        assert change["revision"] == 1


async def test_presence_reaches_the_others_and_says_when_somebody_leaves(site: Site) -> None:
    async with site.agent() as agent:
        await join(agent, site)
        async with site.person() as person:
            await join(person, site)
            state = {"cursor": {"x": 1, "y": 2}}
            await person.send({"type": "presence", "diagram_id": site.diagram_id, "state": state})
            shown = await agent.receive_kind("presence")
            assert shown["state"] == state
        gone = await agent.receive_kind("presence")
        assert (gone["session_id"], gone["state"]) == (shown["session_id"], None)


async def test_one_socket_follows_many_diagrams(site: Site) -> None:
    async with site.person() as person:
        await join(person, site)
        await person.send({"type": "subscribe", "diagram_id": "nowhere"})
        error = await person.receive_kind("error")
        assert (error["code"], error["diagram_id"]) == ("not_found", "nowhere")
        await person.send(submit(site, set_label("still here")))
        await person.receive_kind("diagram_updated")


async def test_after_unsubscribe_nothing_comes_any_more(site: Site) -> None:
    async with site.person() as person, site.agent() as agent:
        await join(person, site)
        await join(agent, site)
        await person.send({"type": "unsubscribe", "diagram_id": site.diagram_id})
        await person.send({"type": "ping", "id": 1})
        await person.receive_kind("pong")
        await agent.send(submit(site, set_label("x")))
        await agent.receive_kind("diagram_updated")
        await person.send({"type": "ping", "id": 2})
        assert await person.receive() == {"type": "pong", "id": 2}


async def test_deleting_a_diagram_tells_who_follows_it(site: Site) -> None:
    async with site.person() as person:
        await join(person, site)
        await site.serving.service.delete(PERSON, site.diagram_id)
        closed = await person.receive_kind("diagram_closed")
        assert closed["reason"] == "deleted"


# Who may enter ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer dai_000000000000_wrong"}, 401),
        ({"authorization": "Bearer nonsense"}, 401),
        ({"cookie": "diagramai_session=stolen"}, 401),
        ({"origin": "https://evil.example"}, 403),
    ],
)
async def test_who_may_not_enter_is_turned_away_before_the_handshake(
    site: Site, headers: dict[str, str], status: int
) -> None:
    assert await ask_for_upgrade(site, "/ws/diagrams", headers) == status


async def test_another_host_name_is_not_answered(site: Site) -> None:
    headers = {"host": "evil.example", "cookie": site.cookie}
    assert await ask_for_upgrade(site, "/ws/diagrams", headers) == 421


async def test_another_path_under_ws_is_not_there(site: Site) -> None:
    assert await ask_for_upgrade(site, "/ws/other", {"cookie": site.cookie}) == 404


async def ask_for_upgrade(site: Site, path: str, headers: dict[str, str]) -> int:
    """The status of the answer to a WebSocket handshake with these headers."""
    wanted = {
        "host": f"127.0.0.1:{site.serving.port}",
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        **headers,
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{key}: {value}" for key, value in wanted.items())]
    async with await trio.open_tcp_stream("127.0.0.1", site.serving.port) as stream:
        await stream.send_all("\r\n".join([*lines, "", ""]).encode())
        with trio.fail_after(30):
            answer = bytes(await stream.receive_some())
    return int(answer.split()[1])


# Bad input --------------------------------------------------------------------------------------

BAD_MESSAGES: list[tuple[str, str]] = [
    ("", "malformed_json"),
    ("{", "malformed_json"),
    ("[1,2", "invalid_message"),
    ("null", "invalid_message"),
    ("[]", "invalid_message"),
    ("{}", "invalid_message"),
    ('{"type":"fly"}', "invalid_message"),
    ('{"type":5}', "invalid_message"),
    ('{"type":"subscribe"}', "invalid_message"),
    ('{"type":"subscribe","diagram_id":7}', "invalid_message"),
    ('{"type":"subscribe","diagram_id":"x","revision":-1}', "invalid_message"),
    ('{"type":"subscribe","diagram_id":"%s"}' % ("x" * 1_000_000), "invalid_message"),
    ('{"type":"presence","diagram_id":"x","state":{}}', "not_subscribed"),
    ('{"type":"presence","diagram_id":"x","state":NaN}', "malformed_json"),
    ('{"type":"hello","client_id":"%s"}' % ("c" * 65), "invalid_message"),
    ('{"type":"ping","id":' + "[" * 100_000, "invalid_message"),
    ('{"type":"presence","diagram_id":"x","state":{"a":' + "[" * 100_000, "too_deep"),
    ('{"type":"unsubscribe"}', "invalid_message"),
    ('{"type":"hello","client_id":"a\\u0000"}', "invalid_message"),
]


@pytest.mark.parametrize(("text", "code"), BAD_MESSAGES)
async def test_a_bad_message_is_answered_and_the_connection_lives(
    site: Site, text: str, code: str
) -> None:
    async with site.person() as socket:
        await socket.send_text(text)
        error = await socket.receive()
        assert error["type"] == "error"
        assert error["code"] == code
        assert error["message"]
        await socket.send({"type": "ping", "id": 1})
        assert await socket.receive() == {"type": "pong", "id": 1}


def nest(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


BAD_OPERATIONS: list[tuple[Any, str]] = [
    (7, "invalid_message"),
    ({"nodes": []}, "invalid_message"),
    ({"unknown": {}}, "invalid_message"),
    ({"nodes": {"step": {"type": "explode"}}}, "invalid_message"),
    ({"nodes": {"missing": {"type": "delete"}}}, "not_found"),
    ({"nodes": {"step": {"type": "create", "element": {}}}}, "already_exists"),
    ({"nodes": {"step": {"type": "delete"}}}, "still_referenced"),
    ({"nodes": {"x" * 1_000_000: {"type": "create", "element": {}}}}, "invalid_id"),
    ({"nodes": {"": {"type": "create", "element": {}}}}, "invalid_id"),
    ({"nodes": {"x": {"type": "create", "element": {"id": "x"}}}}, "reserved_key"),
    ({"nodes": {"x": {"type": "create", "element": {"selected": True}}}}, "reserved_key"),
    ({"nodes": {"x": {"type": "create", "element": {"a": "\0"}}}}, "invalid_string"),
    ({"nodes": {"x": {"type": "create", "element": {"a": nest(40)}}}}, "too_deep"),
    ({"nodes": {"x": {"type": "create", "element": {"parentId": "no"}}}}, "missing_parent"),
    ({"nodes": {"step": {"type": "update", "writes": {}}}}, "empty_update"),
    ({"nodes": {"x": {"type": "create", "element": {"position": "here"}}}}, "invalid_position"),
    ({"nodes": {"x": {"type": "create", "element": {"position": {"x": 1}}}}}, "invalid_position"),
    (
        {
            "nodes": {
                "step": {
                    "type": "update",
                    "writes": {"/data/v": {"type": "set", "value": nest(31)}},
                }
            }
        },
        "too_deep",
    ),
    (
        {"nodes": {"step": {"type": "update", "writes": {"label": {"type": "unset"}}}}},
        "invalid_path",
    ),
    (
        {
            "nodes": {
                "step": {
                    "type": "update",
                    "writes": {
                        "/data": {"type": "set", "value": {}},
                        "/data/label": {"type": "set", "value": ""},
                    },
                }
            }
        },
        "overlapping_paths",
    ),
    (
        {"nodes": {"step": {"type": "update", "writes": {"/type/x": {"type": "unset"}}}}},
        "parent_not_an_object",
    ),
    (
        {
            "nodes": {
                "step": {
                    "type": "update",
                    "writes": {"/data/label": {"type": "text", "edit": [999, "x"]}},
                }
            }
        },
        "text_out_of_range",
    ),
    (
        {"edges": {"new": {"type": "create", "element": {"source": "step", "target": "no"}}}},
        "missing_endpoint",
    ),
    ({"edges": {"new": {"type": "create", "element": {"source": "step"}}}}, "missing_endpoint"),
    (
        {"diagram": {"type": "update", "writes": {"/title": {"type": "set", "value": 5}}}},
        "invalid_properties",
    ),
    ({"diagram": {"type": "delete"}}, "invalid_message"),
    (
        {"nodes": {f"n{i}": {"type": "create", "element": {}} for i in range(20_001)}},
        "diagram_too_large",
    ),
    ({"nodes": {f"n{i}": {"type": "delete"} for i in range(10_000)}}, "not_found"),
]


@pytest.mark.parametrize(("operation", "code"), BAD_OPERATIONS, ids=lambda value: str(value)[:40])
async def test_a_bad_operation_is_rejected_by_code_and_changes_nothing(
    site: Site, operation: Any, code: str
) -> None:
    async with site.person() as socket:
        before = await join(socket, site)
        await socket.send(submit(site, operation))
        rejected = await socket.receive()
        assert rejected["type"] == "rejected"
        assert (rejected["code"], rejected["sequence"]) == (code, 1)
        assert rejected["message"]
        assert (await join(socket, site))["diagram"] == before["diagram"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("base_revision", 99, "future_revision"),
        ("base_revision", -1, "invalid_message"),
        ("base_revision", "0", "invalid_message"),
        ("base_revision", 10**30, "invalid_message"),
        ("base_revision", None, "invalid_message"),
        ("diagram_id", "nowhere", "not_found"),
    ],
)
async def test_a_bad_submit_is_rejected_naming_the_field(
    site: Site, field: str, value: Any, code: str
) -> None:
    async with site.person() as socket:
        await socket.send({**submit(site, set_label("x")), field: value})
        rejected = await socket.receive()
        assert (rejected["type"], rejected["code"], rejected["at"]) == ("rejected", code, field)


async def test_a_frame_over_the_limit_closes_the_connection_with_1009(site: Site) -> None:
    async with site.person() as socket:
        with pytest.raises(trio_websocket.ConnectionClosed) as caught:
            with trio.fail_after(30):
                await socket.send_text("x" * 50_000_000)
                await socket.connection.get_message()
        assert caught.value.reason is not None
        assert caught.value.reason.code == 1009
    async with site.person() as socket:
        await join(socket, site)


# The old app's messages ---------------------------------------------------------------------------


async def test_the_old_apps_agent_edits_and_its_subscriber_hears_of_it(site: Site) -> None:
    old = {"authorization": f"Bearer {site.key}"}
    async with (
        site.person() as person,
        open_socket(site.socket_url + "?agent_id=bot", old, subprotocols=()) as agent,
        open_socket(site.socket_url + "?user_id=u", old, subprotocols=()) as follower,
    ):
        await join(person, site)
        await follower.send({"type": "subscribe", "diagram_uuid": site.diagram_uuid})
        await follower.send({"type": "ping"})
        await follower.receive_kind("pong")
        data = {"type": "process", "label": "From the old app", "position": {"x": 1, "y": 2}}
        await agent.send(
            {
                "type": "agent_operation",
                "operation": "add_node",
                "diagram_uuid": site.diagram_uuid,
                "data": data,
                "agent_id": "whoever",
                "request_id": "r1",
            }
        )
        result = await agent.receive()
        assert (result["type"], result["request_id"]) == ("diagram_updated", "r1")
        assert result["success"] is True
        node_id = result["result"]["node_id"]
        told = await follower.receive_kind("diagram_updated")
        assert told["diagram_uuid"] == site.diagram_uuid
        assert told["updated_by"] == "agent"
        assert node_id in told["changes"][0]["operation"]["nodes"]
        (change,) = (await person.receive_kind("diagram_updated"))["changes"]
        assert change["author"] == {"kind": "agent", "id": "bot", "name": "bot"}


@pytest.mark.parametrize(
    ("operation", "data", "code"),
    [
        ("fly", {}, "unknown_operation"),
        ("add_node", {"label": 5}, "invalid_message"),
        ("delete_node", {"node_id": "missing"}, "not_found"),
        ("delete_node", {}, "invalid_message"),
    ],
)
async def test_the_old_apps_errors_come_under_their_request_id(
    site: Site, operation: str, data: dict[str, Any], code: str
) -> None:
    async with site.agent() as agent:
        await agent.send(
            {
                "type": "agent_operation",
                "operation": operation,
                "diagram_uuid": site.diagram_uuid,
                "data": data,
                "request_id": "r7",
            }
        )
        error = await agent.receive()
        assert (error["type"], error["code"], error["request_id"]) == ("error", code, "r7")
        assert error["success"] is False


async def test_every_edit_of_the_old_apps_agents_works(site: Site) -> None:
    async with site.agent() as agent:

        async def do(operation: str, data: dict[str, Any]) -> dict[str, Any]:
            await agent.send(
                {
                    "type": "agent_operation",
                    "operation": operation,
                    "diagram_uuid": site.diagram_uuid,
                    "data": data,
                    "request_id": operation,
                }
            )
            answer = await agent.receive()
            assert answer["success"], answer
            result: dict[str, Any] = answer["result"]
            return result

        added = await do("add_node", {"label": "New", "position": {"x": 0, "y": 0}})
        node = added["node_id"]
        changed = await do("update_node", {"node_id": node, "updates": {"label": "Renamed"}})
        assert changed["node"]["data"]["label"] == "Renamed"
        edge = (await do("add_edge", {"source": node, "target": "step"}))["edge_id"]
        await do("delete_edge", {"edge_id": edge})
        await do("delete_node", {"node_id": node})
        listed = await do("list_diagrams", {})
        assert site.diagram_uuid in [each["diagram_uuid"] for each in listed["diagrams"]]
        read = await do("read_diagram", {"diagram_uuid": site.diagram_uuid})
        assert len(read["content"]["nodes"]) == 4
        created = await do("create_diagram", {"title": "Made by the old app"})
        assert created["title"] == "Made by the old app"


@pytest.mark.parametrize(
    ("label", "moved_again"), [("layout", True), ("mend", True), (None, False)]
)
async def test_what_a_program_placed_for_a_person_is_not_placed_by_them(
    site: Site, label: str | None, moved_again: bool
) -> None:
    place = {"type": "set", "value": {"x": 5_000, "y": 5_000}}
    operation = {"nodes": {"step": {"type": "update", "writes": {"/position": place}}}}
    message = submit(site, operation) | ({} if label is None else {"label": label})
    async with site.person() as socket:
        await socket.send(message)
        await socket.receive_kind("acknowledged")
    path = f"{site.serving.base_url}/api/diagrams/{site.diagram_id}/layout"
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {site.key}"}) as client:
        answer = await client.post(path, json={"dryRun": True})
    assert ("step" in answer.json()["data"]["operation"]["nodes"]) is moved_again
