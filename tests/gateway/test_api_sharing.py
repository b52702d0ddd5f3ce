"""Members, links, grants and the trash over the API, and what happens while edits are under way."""

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import trio

from gateway.authentication import SESSION_COOKIE
from gateway.errors import ServiceError
from gateway.identity import FULL_ACCESS, person_principal
from ot.diagram import Diagram
from ot.diff import diff
from persistence import sharing as sharing_tables
from persistence.bridge import Bridge
from persistence.sign_in import Person
from tests.support.api import Api

OWNER = person_principal("jwt:olga", "Olga", "jwt")
EDITOR = person_principal("jwt:ed", "Ed", "jwt")
FOR_JSON = {"Content-Type": "application/json"}


@asynccontextmanager
async def signed_in(api: Api, *names: str) -> Any:
    """Clients of people of a host application, who own nothing yet."""
    async with AsyncExitStack() as stack:
        clients = []
        for name in names:
            person = Person(f"jwt:{name}", name.title())
            ends = datetime.now(UTC) + timedelta(hours=1)
            await api.sign_in.start_session(f"s-{name}", person, ends)
            client = api.client({"Cookie": f"{SESSION_COOKIE}=s-{name}"})
            clients.append(await stack.enter_async_context(client))
        yield clients


async def new_diagram(client: httpx2.AsyncClient, **fields: Any) -> str:
    answer = await client.post("/api/diagrams", json={"title": "Plan", **fields})
    assert answer.status_code == 201, answer.text
    return f"/api/diagrams/{answer.json()['data']['id']}"


async def status(client: httpx2.AsyncClient, path: str, **fields: Any) -> int:
    if fields:
        return (await client.put(path, json=fields)).status_code
    return (await client.get(path)).status_code


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def subjects(bridge: Bridge) -> list[str]:
    rows = await bridge.fetch("SELECT subject FROM access_changes ORDER BY id")
    return [row["subject"] for row in rows]


async def test_a_role_lets_in_and_taking_it_away_shuts_out(api: Api, bridge: Bridge) -> None:
    async with signed_in(api, "olga", "ed") as (olga, ed):
        path = await new_diagram(olga)
        member = f"{path}/members/jwt:ed"
        assert await status(ed, path) == 404
        assert await status(olga, member, role="viewer") == 200
        assert (await status(ed, path), await status(ed, path, title="Mine")) == (200, 403)
        assert await status(olga, member, role="editor") == 200
        assert await status(ed, path, title="Mine") == 200
        assert await status(ed, f"{path}/members") == 403
        listed = (await olga.get(f"{path}/members")).json()["data"]
        assert listed["owner"] == {"id": "jwt:olga", "name": "Olga"}
        assert [(m["id"], m["name"], m["role"]) for m in listed["members"]] == [
            ("jwt:ed", "Ed", "editor")
        ]
        seen = (await ed.get(f"{path}/access")).json()["data"]
        assert (seen["role"], seen["owner"]["name"]) == ("editor", "Olga")
        roles = [each["role"] for each in (await ed.get("/api/diagrams")).json()["data"]]
        assert roles == ["editor"]
        assert (await olga.delete(member, headers=FOR_JSON)).status_code == 200
        assert await status(ed, path) == 404
        assert code_of(await olga.delete(member, headers=FOR_JSON)) == (404, "person_not_found")
    diagram_id = path.rpartition("/")[2]
    assert set(await subjects(bridge)) == {f"diagram:{diagram_id}"}


async def test_only_people_who_were_here_become_members(api: Api) -> None:
    async with signed_in(api, "olga", "ed") as (olga, _):
        path = await new_diagram(olga)
        unknown = await olga.put(f"{path}/members/jwt:none", json={"role": "viewer"})
        assert code_of(unknown) == (404, "person_not_found")
        own = await olga.put(f"{path}/members/jwt:olga", json={"role": "viewer"})
        assert code_of(own) == (409, "is_owner")
        found = (await olga.get("/api/people?search=ED")).json()["data"]
        assert found == [{"id": "jwt:ed", "name": "Ed"}]
        assert code_of(await olga.get("/api/people")) == (400, "invalid")


async def test_ownership_moves_on_and_leaves_an_editor(api: Api) -> None:
    async with signed_in(api, "olga", "ed") as (olga, ed):
        path = await new_diagram(olga)
        assert await status(olga, f"{path}/members/jwt:ed", role="owner") == 200
        assert await status(olga, f"{path}/members") == 403
        assert await status(olga, path, title="Still editing") == 200
        listed = (await ed.get(f"{path}/members")).json()["data"]
        assert listed["owner"]["id"] == "jwt:ed"
        assert [(m["id"], m["role"]) for m in listed["members"]] == [("jwt:olga", "editor")]


async def test_who_sees_it_only_an_owner_decides(api: Api) -> None:
    async with signed_in(api, "olga", "ed", "zoe") as (olga, ed, zoe):
        path = await new_diagram(olga)
        await olga.put(f"{path}/members/jwt:ed", json={"role": "editor"})
        assert await status(ed, path, isPublic=True) == 403
        assert await status(ed, path, agentAccessible=False, title="Not this either") == 403
        # What does not change may be sent along.
        assert await status(ed, path, isPublic=False, agentAccessible=True, tags=["x"]) == 200
        assert (await ed.get(path)).json()["data"]["title"] == "Plan"
        assert await status(zoe, path) == 404
        assert await status(olga, path, isPublic=True) == 200
        assert (await status(zoe, path), await status(zoe, path, title="No")) == (200, 403)


async def link(client: httpx2.AsyncClient, path: str, **wanted: Any) -> tuple[str, str]:
    """The id and the secret of a new link."""
    made = (await client.post(f"{path}/share-links", json=wanted)).json()["data"]
    address, _, token = made["url"].partition("#")
    assert address == f"{client.base_url}/share"
    return made["id"], token


async def test_a_stranger_comes_through_a_link_and_goes_with_it(api: Api, bridge: Bridge) -> None:
    async with signed_in(api, "olga") as (olga,), api.client() as stranger:
        path, other = await new_diagram(olga), await new_diagram(olga)
        link_id, token = await link(olga, path, role="editor", days=1)
        body = {"token": token, "name": "Gus"}
        answer = await stranger.post("/api/share-links/redeem", json=body)
        done = answer.json()["data"]
        assert (done["role"], done["isGuest"], done["title"]) == ("editor", True, "Plan")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert await status(stranger, path, title="By Gus") == 200
        assert await status(stranger, other) == 404
        assert code_of(await stranger.post("/api/diagrams", json={"title": "x"})) == (
            403,
            "forbidden",
        )
        assert code_of(await stranger.get("/api/people?search=o")) == (403, "forbidden")
        (shown,) = (await olga.get(f"{path}/share-links")).json()["data"]
        assert (shown["id"], shown["members"]) == (link_id, 1)
        gone = await olga.delete(f"{path}/share-links/{link_id}", headers=FOR_JSON)
        assert gone.status_code == 200
        with trio.fail_after(5):
            while await status(stranger, path) != 401:
                pass
        again = await stranger.post("/api/share-links/redeem", json=body)
        assert code_of(again) == (410, "link_revoked")
    guest = [subject for subject in await subjects(bridge) if subject.startswith("person:guest:")]
    assert len(guest) == 1
    stored = await bridge.fetch("SELECT token_hash FROM share_links")
    assert token not in str(stored)


async def test_however_many_come_through_links_owners_have_room_for_whom_they_name(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing_tables, "MAX_MEMBERS", 2)
    async with signed_in(api, "olga", "ed", "eve", "eric") as (olga, *_), api.client() as stranger:
        path = await new_diagram(olga)
        _, token = await link(olga, path, role="viewer", days=1)
        for name, expected in (("A", 200), ("B", 200), ("C", 409)):
            stranger.cookies.clear()
            body = {"token": token, "name": name}
            answer = await stranger.post("/api/share-links/redeem", json=body)
            assert answer.status_code == expected
        for name, expected in (("ed", 200), ("eve", 200), ("eric", 409)):
            assert await status(olga, f"{path}/members/jwt:{name}", role="editor") == expected
        assert await status(olga, f"{path}/members/jwt:ed", role="viewer") == 200
        (shown,) = (await olga.get(f"{path}/share-links")).json()["data"]
        assert shown["members"] == 2


async def test_a_link_makes_a_person_a_member_and_never_less_than_they_were(api: Api) -> None:
    async with signed_in(api, "olga", "ed") as (olga, ed):
        path = await new_diagram(olga)
        _, viewers = await link(olga, path, role="viewer")
        editors_id, editors = await link(olga, path, role="editor")

        async def redeem(client: httpx2.AsyncClient, token: str) -> str:
            answer = await client.post("/api/share-links/redeem", json={"token": token})
            assert "set-cookie" not in answer.headers
            role: str = answer.json()["data"]["role"]
            return role

        assert await redeem(olga, viewers) == "owner"
        assert await redeem(ed, viewers) == "viewer"
        assert await redeem(ed, editors) == "editor"
        assert await redeem(ed, viewers) == "editor"
        await olga.delete(f"{path}/share-links/{editors_id}", headers=FOR_JSON)
        assert await status(ed, path) == 404
        assert await redeem(ed, viewers) == "viewer"
        # What an owner says counts, whatever links say.
        await olga.put(f"{path}/members/jwt:ed", json={"role": "viewer"})
        _, third = await link(olga, path, role="editor")
        assert await redeem(ed, third) == "viewer"


async def test_a_link_ends_by_itself_with_all_that_came_through_it(
    api: Api, bridge: Bridge
) -> None:
    async with signed_in(api, "olga", "ed") as (olga, ed):
        path = await new_diagram(olga)
        _, token = await link(olga, path)
        body = {"token": token}
        assert (await ed.post("/api/share-links/redeem", json=body)).status_code == 200
        await bridge.write("UPDATE share_links SET expires_at = now() - interval '1 second'")
        assert await status(ed, path) == 404
        assert code_of(await ed.post("/api/share-links/redeem", json=body)) == (410, "link_expired")
        wrong = await ed.post("/api/share-links/redeem", json={"token": "wrong"})
        assert code_of(wrong) == (404, "link_not_found")


async def test_a_grant_narrows_an_agent_and_going_it_widens_again(api: Api) -> None:
    headers = await api.key_headers("robot", frozenset({FULL_ACCESS}))
    async with signed_in(api, "olga") as (olga,), api.client(headers) as robot:
        path = await new_diagram(olga)
        grant = f"{path}/agents/robot"
        assert await status(robot, path, title="A") == 200
        assert await status(olga, grant, permissions=["read"]) == 200
        assert (await status(robot, path), await status(robot, path, title="B")) == (200, 403)
        assert await status(olga, grant, permissions=[]) == 200
        assert await status(robot, path) == 404
        edit_only = await olga.put(grant, json={"permissions": ["edit"]})
        assert code_of(edit_only) == (400, "invalid")
        shown = (await olga.get(f"{path}/agents")).json()["data"]
        assert shown == [{"agentId": "robot", "name": "robot", "permissions": []}]
        assert (await olga.delete(grant, headers=FOR_JSON)).status_code == 200
        assert await status(robot, path, title="C") == 200
        missing = await olga.put(f"{path}/agents/none", json={"permissions": ["read"]})
        assert code_of(missing) == (404, "agent_not_found")


async def test_the_trash_is_its_owners_and_gives_back_what_was_in_it(api: Api) -> None:
    async with signed_in(api, "olga", "ed") as (olga, ed):
        path = await new_diagram(olga, template="flowchart")
        await olga.put(f"{path}/members/jwt:ed", json={"role": "editor"})
        before = (await olga.get(path)).json()["data"]["content"]
        assert (await ed.delete(path, headers=FOR_JSON)).status_code == 403
        assert (await olga.delete(path, headers=FOR_JSON)).status_code == 200
        assert await status(ed, path) == 404
        (trashed,) = (await olga.get("/api/diagrams?trash=true")).json()["data"]
        assert (trashed["deletedBy"], trashed["deletedByName"]) == ("jwt:olga", "Olga")
        assert (await ed.get("/api/diagrams?trash=true")).json()["data"] == []
        assert (await olga.get("/api/diagrams")).json()["data"] == []
        assert (await ed.post(f"{path}/restore", json={})).status_code == 404
        assert (await olga.post(f"{path}/restore", json={})).status_code == 200
        assert (await olga.post(f"{path}/restore", json={})).status_code == 404
        assert (await ed.get(path)).json()["data"]["content"] == before


async def test_what_a_person_imports_is_theirs_whoever_the_file_names(api: Api) -> None:
    row = {"title": "Mine?", "userId": "jwt:ed", "content": {"nodes": [], "edges": []}}
    async with signed_in(api, "olga", "ed") as (olga, ed), api.member() as local:
        for client, owner in ((olga, "jwt:olga"), (local, "jwt:ed")):
            (entry,) = (await client.post("/api/diagrams/import", json=row)).json()["data"]
            shown = (await ed.get(f"/api/diagrams/{entry['id']}")).status_code
            assert shown == (200 if owner == "jwt:ed" else 404)


@pytest.mark.parametrize("removes_first", [False, True])
async def test_an_edit_under_way_is_done_or_refused_when_the_role_goes(
    api: Api, removes_first: bool
) -> None:
    """Whatever was answered as done is in the diagram; after the removal nothing gets in."""
    async with signed_in(api, "olga", "ed") as (olga, _):
        path = await new_diagram(olga)
        diagram_id = path.rpartition("/")[2]
        await olga.put(f"{path}/members/jwt:ed", json={"role": "editor"})
        outcomes: dict[str, str] = {}
        removed = trio.Event()

        async def edit(name: str) -> None:
            was_removed = removed.is_set()
            try:
                reading = await api.service.read(EDITOR, diagram_id)
                wanted = reading.diagram.copy()
                wanted.data = {**wanted.data, name: True}
                operation = diff(reading.diagram, wanted)
                await api.service.submit(EDITOR, diagram_id, operation, reading)
                outcomes[name] = "done"
            except ServiceError as error:
                outcomes[name] = error.code
            assert not (was_removed and outcomes[name] == "done")

        async def remove() -> None:
            await olga.delete(f"{path}/members/jwt:ed", headers=FOR_JSON)
            removed.set()

        async with trio.open_nursery() as nursery:
            if removes_first:
                nursery.start_soon(remove)
            for number in range(30):
                nursery.start_soon(edit, f"n{number}")
            if not removes_first:
                nursery.start_soon(remove)
        await edit("late")
        owned = person_principal("jwt:olga", "Olga", "jwt")
        kept: Diagram = (await api.service.read(owned, diagram_id)).diagram
    assert set(outcomes.values()) <= {"done", "not_found"}
    assert outcomes["late"] == "not_found"
    done = {name for name, outcome in outcomes.items() if outcome == "done"}
    assert {name for name in kept.data if name.startswith("n")} == done
