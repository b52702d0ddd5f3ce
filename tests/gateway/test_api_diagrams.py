"""The routes of diagrams, over a socket and with Postgres. Every answer is held against the
OpenAPI document by the client."""

from typing import Any

import httpx2
import pytest
import trio

from gateway.identity import CREATE, EDIT, READ
from gateway.templates import TEMPLATES
from tests.support.api import PERSON, Api

FLOW: dict[str, Any] = {
    "nodes": [
        {"id": "a", "type": "process", "position": {"x": 0, "y": 0}, "data": {"label": "First"}},
        {"id": "b", "type": "teleport", "position": {"x": 9, "y": 9}, "data": {"odd": [None, 1]}},
    ],
    "edges": [{"id": "e", "source": "a", "target": "b", "sourceHandle": None}],
    "viewport": {"x": 1, "y": 2, "zoom": 0.5},
}
OLD_FIELDS = {
    "id", "title", "description", "content", "format", "tags", "isPublic", "createdAt", "updatedAt",
}  # fmt: skip


async def create(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A new diagram's row."""
    answer = await client.post("/api/diagrams", json={"title": "Plan"} | fields)
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()["data"]
    return row


async def put(client: httpx2.AsyncClient, diagram_id: str, **fields: Any) -> dict[str, Any]:
    """The whole answer to a change."""
    answer = await client.put(f"/api/diagrams/{diagram_id}", json=fields)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_created_diagram_is_read_back_by_either_id_with_its_content(api: Api) -> None:
    async with api.member() as client:
        created = await client.post(
            "/api/diagrams",
            json={"title": "Plan", "content": FLOW, "tags": ["x", "y"], "isPublic": True},
        )
        row = created.json()["data"]
        assert created.headers["etag"] == '"0"'
        assert created.headers["location"] == f"/api/diagrams/{row['uuid']}"
        assert row.keys() >= OLD_FIELDS | {"uuid", "userId", "revision"}
        assert (row["content"], row["tags"], row["isPublic"]) == (FLOW, ["x", "y"], True)
        assert (row["userId"], row["createdByAgent"]) == (PERSON.id, False)
        for diagram_id in (row["id"], row["uuid"]):
            read = await client.get(f"/api/diagrams/{diagram_id}")
            assert (read.status_code, read.headers["etag"]) == (200, '"0"')
            assert read.json() == {"success": True, "data": row}


@pytest.mark.parametrize("template", TEMPLATES)
async def test_every_template_makes_a_diagram_of_its_kind(api: Api, template: str) -> None:
    async with api.member() as client:
        row = await create(client, template=template)
    assert row["kind"] == template
    assert (row["nodeCount"] == 0) == (template == "blank")
    assert len(row["content"]["nodes"]) == row["nodeCount"]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("graph TD\n  A-->B", "graph TD\n  A-->B"),
        ({"syntax": "graph TD"}, {"syntax": "graph TD"}),
        ({"mermaidSyntax": "pie", "theme": "dark"}, {"mermaidSyntax": "pie", "theme": "dark"}),
        ({"content": "pie", "text": "other"}, {"content": "pie", "text": "other"}),
        (None, ""),
    ],
)
async def test_mermaid_text_is_kept_in_the_shape_it_came_in(
    api: Api, content: Any, shown: Any
) -> None:
    async with api.member() as client:
        row = await create(client, content=content, format="mermaid")
        read = await client.get(f"/api/diagrams/{row['id']}")
    assert (row["format"], row["content"]) == ("mermaid", shown)
    assert read.json()["data"]["content"] == shown


async def test_what_was_mended_in_the_content_is_reported(api: Api) -> None:
    content = {
        "nodes": [{"id": "a", "selected": True}, {"id": "a", "position": {"x": 1, "y": 1}}],
        "edges": [{"source": "a", "target": "nowhere"}],
    }
    async with api.member() as client:
        answer = await client.post("/api/diagrams", json={"title": "t", "content": content})
    report = " ".join(answer.json()["report"])
    assert all(word in report for word in ("repeated", "selected", "position", "dropped"))
    assert answer.json()["data"]["nodeCount"] == 2


async def test_the_list_is_paged_by_offset_or_page_and_tells_the_total(api: Api) -> None:
    async with api.member() as client:
        for number in range(5):
            await create(client, title=f"Diagram {number}")
        listed = (await client.get("/api/diagrams?limit=2&offset=2")).json()
        assert [row["title"] for row in listed["data"]] == ["Diagram 2", "Diagram 1"]
        assert "content" not in listed["data"][0]
        assert listed["pagination"] == {"total": 5, "limit": 2, "offset": 2, "page": 2, "pages": 3}
        assert (await client.get("/api/diagrams?limit=2&page=2")).json() == listed
        beyond = (await client.get("/api/diagrams?page=9")).json()
        assert (beyond["data"], beyond["pagination"]["total"]) == ([], 5)


@pytest.mark.parametrize("name", ["filter", "search"])
async def test_the_list_finds_text_literally_and_in_any_case(api: Api, name: str) -> None:
    async with api.member() as client:
        await create(client, title="50% Off")
        await create(client, title="500 off", description="nothing")
        for text, found in (("50% o", ["50% Off"]), ("NOTH", ["500 off"]), ("_", [])):
            listed = (await client.get("/api/diagrams", params={name: text})).json()
            assert [row["title"] for row in listed["data"]] == found
            assert listed["pagination"]["total"] == len(found)


async def test_a_partial_change_leaves_all_else_alone(api: Api) -> None:
    async with api.member() as client:
        before = await create(client, content=FLOW, tags=["x"], description="why")
        titled = await put(client, before["id"], title="New title")
        assert titled["data"]["revision"] == 1
        tagged = await put(client, before["uuid"], tags=[], isPublic=True, unknown=1)
    changed = {"title", "tags", "isPublic", "revision", "updatedAt"}
    rest = {key: value for key, value in before.items() if key not in changed}
    assert {key: tagged["data"][key] for key in rest} == rest
    assert (tagged["data"]["title"], tagged["data"]["tags"]) == ("New title", [])
    assert (tagged["data"]["isPublic"], tagged["data"]["revision"]) == (True, 1)


async def test_a_description_is_cleared_by_null_and_kept_by_silence(api: Api) -> None:
    async with api.member() as client:
        row = await create(client, description="why")
        assert (await put(client, row["id"], title="t"))["data"]["description"] == "why"
        cleared = await put(client, row["id"], description=None)
    assert cleared["data"]["description"] is None


async def test_a_stale_writer_merges_with_what_others_have_changed(api: Api) -> None:
    async with api.member() as client:
        row = await create(client, content=FLOW)
        theirs = changed(row["content"], "b", type="decision")
        await put(client, row["id"], content=theirs)
        mine = changed(row["content"], "a", data={"label": "Mine"})
        answer = await put(client, row["id"], content=mine, revision=row["revision"])
    nodes = {node["id"]: node for node in answer["data"]["content"]["nodes"]}
    assert (nodes["a"]["data"]["label"], nodes["b"]["type"]) == ("Mine", "decision")
    assert (answer["data"]["revision"], answer["conflicts"]) == (2, [])


async def test_without_a_revision_the_latest_is_meant_and_whole_content_replaces_it(
    api: Api,
) -> None:
    async with api.member() as client:
        row = await create(client, content=FLOW)
        await put(client, row["id"], content=changed(FLOW, "b", type="decision"))
        answer = await put(client, row["id"], content={"nodes": FLOW["nodes"], "edges": []})
    assert answer["data"]["content"] == {"nodes": FLOW["nodes"], "edges": []}


async def test_what_both_have_changed_is_told_as_a_conflict(api: Api) -> None:
    agent = await api.key_headers("Robot")
    async with api.member() as person, api.client(agent) as robot:
        row = await create(person, content=FLOW)
        await put(person, row["id"], content=changed(FLOW, "b", type="decision"))
        answer = await robot.put(
            f"/api/diagrams/{row['id']}",
            json={"content": changed(FLOW, "b", type="cloud")},
            headers={"If-Match": f'"{row["revision"]}"'},
        )
    (conflict,) = answer.json()["conflicts"]
    assert (conflict["target"], conflict["id"], conflict["path"]) == ("node", "b", "/type")
    assert (conflict["kept"], conflict["dropped"]) == ("cloud", "decision")
    assert conflict["keptAuthor"] == {"kind": "agent", "id": "Robot", "name": "Robot"}
    assert conflict["droppedAuthor"]["id"] == PERSON.id
    assert answer.headers["etag"] == '"2"'


async def test_two_writers_of_one_mermaid_text_both_keep_their_words(api: Api) -> None:
    async with api.member() as client:
        row = await create(client, content={"syntax": "graph TD\n  A-->B\n  C-->D\n"})
        await put(client, row["id"], content="graph LR\n  A-->B\n  C-->D\n")
        answer = await put(
            client, row["id"], content="graph TD\n  A-->B\n  C-->D\n  E-->F\n", revision=0
        )
    assert answer["data"]["content"] == {"syntax": "graph LR\n  A-->B\n  C-->D\n  E-->F\n"}


async def test_a_diagram_changes_its_format_only_when_the_format_is_named(api: Api) -> None:
    async with api.member() as client:
        row = await create(client, template="sequence")
        path = f"/api/diagrams/{row['id']}"
        for body in ({"content": "graph TD"}, {"format": "mermaid"}):
            answer = await client.put(path, json=body)
            assert (answer.status_code, answer.json()["error"]["at"] in body) == (400, True)
        drawn = await put(client, row["id"], content=FLOW)
        assert (drawn["data"]["kind"], drawn["data"]["content"]) == ("sequence", FLOW)
        text = await put(client, row["id"], content="graph TD", format="mermaid")
        assert (text["data"]["format"], text["data"]["content"]) == ("mermaid", "graph TD")
        assert (await client.put(path, json={"content": FLOW})).status_code == 400
        back = await put(client, row["id"], content=FLOW, format="react_flow")
        assert (back["data"]["kind"], back["data"]["content"]) == ("flowchart", FLOW)


async def test_a_deleted_diagram_is_gone_for_every_route(api: Api) -> None:
    async with api.member() as client:
        row = await create(client)
        path = f"/api/diagrams/{row['uuid']}"
        deleted = await client.delete(path)
        assert deleted.json()["data"] == {"id": row["id"], "uuid": row["uuid"], "revision": 0}
        assert deleted.json()["success"] is True
        answers = [
            await client.get(path),
            await client.put(path, json={"title": "t"}),
            await client.delete(path),
        ]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert (await client.get("/api/diagrams")).json()["pagination"]["total"] == 0


async def test_a_delete_for_another_revision_changes_nothing(api: Api) -> None:
    async with api.member() as client:
        row = await create(client)
        await put(client, row["id"], title="Changed since")
        path = f"/api/diagrams/{row['id']}"
        refused = await client.delete(path, headers={"If-Match": '"0"'})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
        assert (await client.get(path)).status_code == 200
        assert (await client.delete(path, headers={"If-Match": '"1"'})).status_code == 200


@pytest.mark.parametrize(
    ("permissions", "statuses"),
    [
        ({READ}, {"list": 200, "create": 403, "read": 200, "update": 403, "delete": 403}),
        ({CREATE}, {"list": 403, "create": 201, "read": 403, "update": 403, "delete": 403}),
        ({READ, EDIT}, {"list": 200, "create": 403, "read": 200, "update": 200, "delete": 403}),
    ],
)
async def test_a_key_can_do_what_it_was_given_and_no_more(
    api: Api, permissions: set[str], statuses: dict[str, int]
) -> None:
    async with api.member() as person:
        path = f"/api/diagrams/{(await create(person))['id']}"
    async with api.client(await api.key_headers("agent", frozenset(permissions))) as agent:
        answers = {
            "list": await agent.get("/api/diagrams"),
            "create": await agent.post("/api/diagrams", json={"title": "t"}),
            "read": await agent.get(path),
            "update": await agent.put(path, json={}),
            "delete": await agent.delete(path),
        }
    assert {name: answer.status_code for name, answer in answers.items()} == statuses


async def test_an_agent_does_not_see_a_diagram_that_is_closed_to_agents(api: Api) -> None:
    async with api.member() as person, api.client(await api.key_headers()) as agent:
        row = await create(person, agentAccessible=False)
        assert (await agent.get(f"/api/diagrams/{row['id']}")).status_code == 404
        assert (await agent.get("/api/diagrams")).json()["data"] == []
        await put(person, row["id"], agentAccessible=True, agentMetadata={"model": "m"})
        seen = await agent.get(f"/api/diagrams/{row['id']}")
        assert seen.json()["data"]["agentMetadata"] == {"model": "m"}


async def test_a_diagram_made_by_an_agent_says_so(api: Api) -> None:
    async with api.client(await api.key_headers()) as agent:
        row = await create(agent)
    assert (row["createdByAgent"], row["userId"]) == (True, None)


def changed(content: dict[str, Any], node_id: str, **fields: Any) -> dict[str, Any]:
    """The content with one node changed."""
    nodes = [node | (fields if node["id"] == node_id else {}) for node in content["nodes"]]
    return content | {"nodes": nodes}


async def test_of_many_writers_with_the_same_stale_content_none_is_overwritten(api: Api) -> None:
    async with api.member() as client:
        row = await create(client, content=FLOW)

        async def add_node(number: int) -> None:
            node = {"id": f"n{number}", "position": {"x": number, "y": 0}}
            content = FLOW | {"nodes": [*FLOW["nodes"], node]}
            await put(client, row["id"], content=content, revision=0)

        async with trio.open_nursery() as nursery:
            for number in range(12):
                nursery.start_soon(add_node, number)
        after = (await client.get(f"/api/diagrams/{row['id']}")).json()["data"]
    found = {node["id"] for node in after["content"]["nodes"]}
    assert found == {"a", "b"} | {f"n{number}" for number in range(12)}
    assert after["revision"] == 12
