"""Mermaid texts that change a diagram, layouts and checks, over a socket."""

from typing import Any

import httpx2
import msgspec
import pytest

from gateway.identity import CREATE, EDIT, READ
from ot.apply import apply
from ot.diagram import Diagram
from ot.operation import Operation
from tests.support.api import Api

CHART = "flowchart TD\n  a[Order] --> b[Pay]\n"
MERMAID = {"Content-Type": "text/vnd.mermaid"}
PILE: dict[str, Any] = {
    "nodes": [
        {"id": name, "position": {"x": 0, "y": 0}, "data": {"label": name}} for name in "abcd"
    ],
    "edges": [
        {"id": f"{x}{y}", "source": x, "target": y} for x, y in ("ab", "bc", "cd")
    ],
}  # fmt: skip


async def create(client: httpx2.AsyncClient, content: Any = None) -> str:
    """The path of a new diagram with this content."""
    answer = await client.post("/api/diagrams", json={"title": "Plan", "content": content or PILE})
    return f"/api/diagrams/{answer.json()['data']['id']}"


async def create_canvas(client: httpx2.AsyncClient, text: str = CHART) -> str:
    """The path of a new diagram out of a text."""
    answer = await client.post("/api/diagrams/import?as=canvas", content=text, headers=MERMAID)
    return f"/api/diagrams/{answer.json()['data'][0]['id']}"


async def nodes_of(client: httpx2.AsyncClient, path: str) -> dict[str, dict[str, Any]]:
    content = (await client.get(path)).json()["data"]["content"]
    return {node["id"]: node for node in content["nodes"]}


def places(nodes: dict[str, dict[str, Any]]) -> dict[str, tuple[float, float]]:
    return {key: (node["position"]["x"], node["position"]["y"]) for key, node in nodes.items()}


async def put(
    client: httpx2.AsyncClient, path: str, text: str, revision: int | None = None
) -> dict[str, Any]:
    """What is answered to the new text."""
    answer = await client.put(f"{path}/mermaid", json={"text": text, "revision": revision})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def lay_out(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"{path}/layout", json=body)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def move(client: httpx2.AsyncClient, path: str, node: str, x: int, y: int) -> None:
    """As somebody in the editor would, by hand."""
    content = (await client.get(path)).json()["data"]["content"]
    for each in content["nodes"]:
        if each["id"] == node:
            each["position"] = {"x": x, "y": y}
    assert (await client.put(path, json={"content": content})).status_code == 200


async def test_a_new_text_keeps_what_stays_and_finds_room_for_what_is_new(api: Api) -> None:
    async with api.member() as client:
        path = await create_canvas(client)
        before = await nodes_of(client, path)
        body = await put(client, path, "flowchart TD\n  a[Ordered] --> b[Pay] --> c[Ship]\n")
        after = await nodes_of(client, path)
        exported = (await client.get(f"{path}/export?format=mermaid")).text
    assert body["data"] | {"id": "", "uuid": ""} == {
        "id": "", "uuid": "", "revision": 1, "added": 2, "changed": 1, "removed": 0,
    }  # fmt: skip
    assert {key: places(after)[key] for key in before} == places(before)
    assert after["a"]["data"]["label"] == "Ordered"
    assert all(place != places(after)["c"] for place in places(before).values())
    assert exported == "flowchart TD\n  a[Ordered] --> b[Pay] --> c[Ship]\n"


async def test_a_stale_text_is_merged_with_what_others_did(api: Api) -> None:
    async with api.member() as client:
        path = await create_canvas(client)
        await move(client, path, "a", 700, 900)
        await client.put(path, json={"title": "Renamed"})
        body = await put(client, path, CHART + "  b --> c\n", revision=0)
        row = (await client.get(path)).json()["data"]
    nodes = {node["id"]: node for node in row["content"]["nodes"]}
    assert (body["data"]["revision"], row["title"]) == (3, "Renamed")
    assert places(nodes)["a"] == (700, 900)
    assert "c" in nodes


async def test_a_text_that_changes_nothing_writes_nothing(api: Api) -> None:
    async with api.member() as client:
        path = await create_canvas(client)
        body = await put(client, path, CHART)
        answer = await client.put(f"{path}/mermaid", content=CHART, headers=MERMAID)
    assert body["data"]["revision"] == answer.json()["data"]["revision"] == 0
    assert answer.headers["etag"] == '"0"'


async def test_a_text_diagram_gets_the_text_and_stays_one(api: Api) -> None:
    async with api.member() as client:
        fields = {"title": "Text", "content": {"syntax": CHART}, "format": "mermaid"}
        row = (await client.post("/api/diagrams", json=fields)).json()["data"]
        path = f"/api/diagrams/{row['id']}"
        await put(client, path, "sequenceDiagram\n  A->>B: hi\n")
        changed = (await client.get(path)).json()["data"]
    assert changed["content"] == {"syntax": "sequenceDiagram\n  A->>B: hi\n"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("flowchart TD\n  a[", "mermaid_syntax"),
        ("sequenceDiagram\n  A->>B: hi\n", "mermaid_kind"),
        ("nothing", "mermaid_kind"),
        ("flowchart TD\n" + "a-->b\n" * 10_001, "mermaid_too_large"),
    ],
)
async def test_a_text_that_no_canvas_can_say_is_refused(api: Api, text: str, code: str) -> None:
    async with api.member() as client:
        path = await create_canvas(client)
        answer = await client.put(f"{path}/mermaid", json={"text": text})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
        assert len(await nodes_of(client, path)) == 2


async def test_a_layout_is_one_edit_that_says_how_many_nodes_it_moved(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        done = await lay_out(client, path, direction="LR")
        after = places(await nodes_of(client, path))
        again = await lay_out(client, path, direction="LR")
    assert (done["revision"], done["moved"] >= 3) == (1, True)
    assert after["a"][0] < after["b"][0] < after["c"][0] < after["d"][0]
    assert (again["revision"], again["moved"]) == (1, 0)


async def test_a_dry_run_answers_the_edit_and_stores_nothing(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        planned = await lay_out(client, path, direction="LR", dryRun=True)
        still = (await client.get(path)).json()["data"]
        done = await lay_out(client, path, direction="LR")
        after = places(await nodes_of(client, path))
        nothing = await lay_out(client, path, direction="LR", dryRun=True)
    plan = msgspec.convert(planned["operation"], Operation)
    state = Diagram(nodes={each["id"]: each for each in PILE["nodes"]})
    nodes = apply(state, Operation(nodes=plan.nodes))[0].nodes
    assert (planned["revision"], still["revision"], planned["moved"]) == (0, 0, done["moved"])
    assert places(nodes) == after
    assert (done["revision"], "operation" in done, nothing["operation"]) == (1, False, {})


async def test_only_the_nodes_that_are_named_move(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        await lay_out(client, path, only=["d"])
        only_d = places(await nodes_of(client, path))
        await lay_out(client, path, pinned=["d"], spacing=80)
        but_d = places(await nodes_of(client, path))
    assert {only_d[key] for key in "abc"} == {(0, 0)}
    assert only_d["d"] != (0, 0)
    assert but_d["d"] == only_d["d"]
    assert len(set(but_d.values())) == 4


async def test_what_a_person_placed_stays_unless_all_is_to_move(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        await lay_out(client, path)
        await move(client, path, "b", 4000, 4000)
        async with api.client(await api.key_headers("tidy")) as agent:
            await move(agent, path, "c", 5000, 5000)
            await lay_out(agent, path)
            kept = places(await nodes_of(client, path))
            await lay_out(agent, path, keepPlaced=False)
        moved = places(await nodes_of(client, path))
    assert [key for key, (x, _) in kept.items() if x in {4000, 5000}] == ["b"]
    assert moved["b"] != kept["b"]


async def test_a_stale_layout_is_merged(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        await client.put(path, json={"title": "Renamed"})
        answer = await client.post(f"{path}/layout", json={}, headers={"If-Match": '"0"'})
        assert answer.json()["data"]["revision"] == 2
        future = await client.post(f"{path}/layout", json={"revision": 99})
    error = future.json()["error"]
    assert (future.status_code, error["code"], error["at"]) == (400, "future_revision", "revision")


@pytest.mark.parametrize(
    ("body", "code", "at"),
    [
        ({"direction": "up"}, "invalid", "direction"),
        ({"only": ["nobody"]}, "unknown_node", "only/nobody"),
        ({"spacing": 0}, "invalid", "spacing"),
        ({"algorithm": "magic"}, "invalid", "algorithm"),
        ({"only": "a"}, "invalid", "only"),
    ],
)
async def test_a_wrong_layout_is_refused_and_the_field_named(
    api: Api, body: dict[str, Any], code: str, at: str
) -> None:
    async with api.member() as client:
        answer = await client.post(f"{await create(client)}/layout", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["at"]) == (400, code, at)


async def test_a_check_tells_what_is_wrong_and_how_it_is_mended(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
        plain = (await client.get(f"{path}/check")).json()["data"]
        mended = (await client.get(f"{path}/check?mends=true")).json()["data"]
        wrong = await client.get(f"{path}/check?mends=maybe")
    (overlap,) = (each for each in plain["findings"] if each["code"] == "overlap")
    assert (plain["revision"], overlap["severity"]) == (0, "error")
    assert set(overlap["nodes"]) == set("abcd")
    assert not any("mend" in each for each in plain["findings"])
    assert all(each["mend"] for each in mended["findings"])
    assert wrong.json()["error"]["at"] == "mends"


async def test_changing_takes_the_permission_to_edit(api: Api) -> None:
    async with api.member() as client:
        path = await create(client)
    reader = await api.key_headers("reader", frozenset({READ, CREATE}))
    blind = await api.key_headers("blind", frozenset({EDIT}))
    async with api.client(reader) as agent:
        assert (await agent.put(f"{path}/mermaid", json={"text": CHART})).status_code == 403
        assert (await agent.post(f"{path}/layout", json={})).status_code == 403
        assert (await agent.get(f"{path}/check")).status_code == 200
    async with api.client(blind) as agent:
        assert (await agent.post(f"{path}/layout", json={})).status_code == 403
    async with api.client(await api.session_headers("another")) as client:
        assert (await client.post("/api/diagrams/nowhere/layout", json={})).status_code == 404
        assert (await client.post(f"{path}/layout", content="{}")).status_code == 415
        assert (await client.get(f"{path}/check")).json()["data"]["revision"] == 0
