"""The admin page's API: agents, grants, what is open, the audit, alerts; for admins only."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
import trio

from gateway.administration import ACTIVITY_HOURS, by_agent
from gateway.authentication import SESSION_COOKIE
from gateway.identity import person_principal
from gateway.local_access import prefix_of
from gateway.templates import make_template
from persistence.administration import HourOfAgent
from persistence.alerts import AlertTable
from persistence.audit import Audit
from persistence.bridge import Bridge
from persistence.sign_in import Person
from tests.support.api import PERSON, Api
from tests.support.live import PROMPTLY_SECONDS, SLACK_SECONDS, closed, http, join
from tests.support.serving import open_site

FOR_JSON: Final = {"Content-Type": "application/json"}
BASE: Final = "/api/admin"
ADA: Final = person_principal(PERSON.id, PERSON.name, "local")
AGENT: Final[dict[str, Any]] = {"name": "painter", "permissions": ["read", "edit"]}


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def listed(client: httpx2.AsyncClient, what: str, **query: Any) -> Any:
    answer = await client.get(f"{BASE}/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_an_agent_is_made_changed_given_a_new_key_and_ended(api: Api) -> None:
    async with api.member() as ada:
        made = (await ada.post(f"{BASE}/agents", json=AGENT)).json()["data"]
        agent, key = made["agent"], made["key"]
        assert (agent["id"], agent["keyPrefix"]) == ("painter", prefix_of(key))
        assert (agent["state"], agent["rateLimit"], agent["allDiagrams"]) == ("active", 100, True)
        assert refused(await ada.post(f"{BASE}/agents", json=AGENT)) == (
            409,
            "already_exists",
        )
        ends = (datetime.now(UTC) + timedelta(days=2)).isoformat()
        change = {
            "name": "Painter II",
            "permissions": ["read"],
            "rateLimit": 7,
            "allDiagrams": False,
            "ownerId": PERSON.id,
            "expiresAt": ends,
        }
        one = f"{BASE}/agents/painter"
        changed = (await ada.put(one, json=change)).json()["data"]
        assert {name: changed[name] for name in change if name != "expiresAt"} == {
            name: value for name, value in change.items() if name != "expiresAt"
        }
        assert datetime.fromisoformat(changed["expiresAt"]) == datetime.fromisoformat(ends)
        kept = (await ada.put(one, json={"ownerId": None, "expiresAt": None})).json()["data"]
        assert (kept["ownerId"], kept["expiresAt"], kept["rateLimit"]) == (None, None, 7)
        turned = await ada.post(f"{BASE}/keys/painter", json={"overlapSeconds": 60})
        new = turned.json()["data"]
        assert new["agent"]["oldKeyUntil"] is not None
        assert new["key"] != key
        for each in (key, new["key"]):
            who = await api.authenticator.identify({"authorization": f"Bearer {each}"})
            assert who is not None
            assert (who.author.name, who.rate_limit) == ("Painter II", 7)
        assert (await ada.request("DELETE", one, headers=FOR_JSON)).status_code == 200
        assert await listed(ada, "agents") == []
        assert [each["state"] for each in await listed(ada, "agents", revoked="true")] == [
            "revoked"
        ]
        assert await listed(ada, "agents", revoked="true", search="%") == []
        for answer in (
            await ada.put(one, json={"rateLimit": 1}),
            await ada.post(f"{BASE}/keys/painter", json={}),
            await ada.request("DELETE", one, headers=FOR_JSON),
        ):
            assert refused(answer) == (404, "agent_not_found")


async def test_what_cannot_be_is_refused_and_changes_nothing(api: Api) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    async with api.member() as ada:
        for wrong, code in (
            ({"permissions": []}, "invalid"),
            ({"permissions": ["fly"]}, "invalid"),
            ({"rateLimit": 0}, "invalid"),
            ({"name": "a\nb"}, "invalid"),
            ({"ownerId": "jwt:nobody"}, "person_not_found"),
            ({"expiresAt": past}, "invalid"),
            ({"expiresAt": "2030-01-01T00:00:00"}, "invalid"),
            ({"expiresAt": "9999-12-31T23:59:59-12:00"}, "invalid"),
        ):
            answer = await ada.post(f"{BASE}/agents", json={**AGENT, **wrong})
            assert answer.json()["error"]["code"] == code, wrong
        assert await listed(ada, "agents", revoked="true") == []
        for query in ("limit=0", "before=x", "result=maybe", "since=now", "until=0001-01-01T00Z"):
            assert (await ada.get(f"{BASE}/audit?{query}")).status_code == 400, query
        answer = await ada.request("DELETE", f"{BASE}/agents/none")
        assert refused(answer) == (415, "unsupported_media_type")
        for path in ("alerts/x/acknowledge", "alerts/0/acknowledge", "alerts/9/acknowledge"):
            assert refused(await ada.post(f"{BASE}/{path}", json={})) == (
                404,
                "alert_not_found",
            )


async def test_nobody_else_gets_in(api: Api) -> None:
    agent = await api.key_headers("agent")
    ends = datetime.now(UTC) + timedelta(hours=1)
    await api.sign_in.start_session("s-gus", Person("local:Gus", "Gus"), ends)
    paths = ("agents", "grants", "sessions", "audit", "alerts", "alerts/count")
    async with AsyncExitStack() as stack:
        stranger = await stack.enter_async_context(api.client())
        robot = await stack.enter_async_context(api.client(agent))
        gus = await stack.enter_async_context(api.client({"Cookie": f"{SESSION_COOKIE}=s-gus"}))
        for path in paths:
            assert refused(await stranger.get(f"{BASE}/{path}")) == (401, "unauthenticated")
            for other in (robot, gus):
                assert refused(await other.get(f"{BASE}/{path}")) == (403, "forbidden")
        for other in (robot, gus):
            assert (await other.get("/api/session")).json()["data"]["isAdmin"] is False
    async with api.member() as ada:
        assert (await ada.get("/api/session")).json()["data"]["isAdmin"] is True
        assert [each["id"] for each in await listed(ada, "agents")] == ["agent"]


async def test_pages_filters_grants_alerts_and_answers_that_are_known(
    api: Api, bridge: Bridge
) -> None:
    audit, alerts = Audit(bridge), AlertTable(bridge)
    await api.key_headers("one")
    await api.key_headers("two")
    record = await api.service.create(ADA, diagram=make_template("flowchart", "Plan", None))
    for number in range(5):
        await audit.record("one", f"update_node{number}", record.id, duration_ms=number)
    await audit.record("two", "delete_diagram", record.uuid, error="forbidden")
    await alerts.add("refused", "agent:two", "two tried too much", {"count": 20})
    async with api.member() as ada:
        first = (await ada.get(f"{BASE}/audit", params={"agent": "one", "limit": 3})).json()
        assert [row["operation"][-1] for row in first["data"]] == ["4", "3", "2"]
        params = {"agent": "one", "limit": 3, "before": first["next"]}
        second = (await ada.get(f"{BASE}/audit", params=params)).json()
        assert [row["operation"][-1] for row in second["data"]] == ["1", "0"]
        assert second["next"] is None
        (row,) = await listed(ada, "audit", result="refused", diagram=record.id)
        assert (row["agentName"], row["title"], row["error"]) == ("two", "Plan", "forbidden")
        assert await listed(ada, "audit", operation="DELETE_") == [row]
        assert await listed(ada, "audit", since="2100-01-01T00:00:00Z") == []
        hours = {each["id"]: each["activity"] for each in await listed(ada, "agents")}
        assert (sum(hours["one"]["calls"]), sum(hours["two"]["failed"])) == (5, 1)

        grant = f"{BASE}/grants/{record.id}"
        assert (await ada.put(f"{grant}/one", json={"permissions": ["read"]})).status_code == 200
        assert refused(await ada.put(f"{grant}/none", json={"permissions": []})) == (
            404,
            "agent_not_found",
        )
        (granted,) = await listed(ada, "grants", agent="one")
        assert (granted["diagramId"], granted["permissions"]) == (record.id, ["read"])
        assert await listed(ada, "grants", diagram=record.uuid) == [granted]
        assert await listed(ada, "grants", agent="two") == []
        assert (await ada.put(f"{grant}/two", json={"permissions": []})).status_code == 200
        newest = (await ada.get(f"{BASE}/grants", params={"limit": 1})).json()
        assert [each["agentId"] for each in newest["data"]] == ["two"]
        assert await listed(ada, "grants", before=newest["next"]) == [granted]
        assert (await ada.request("DELETE", f"{grant}/two", headers=FOR_JSON)).status_code == 200
        assert (await ada.request("DELETE", f"{grant}/one", headers=FOR_JSON)).status_code == 200
        assert await listed(ada, "grants") == []

        assert await listed(ada, "alerts/count") == {"open": 1}
        (alert,) = await listed(ada, "alerts", open="true")
        path = f"{BASE}/alerts/{alert['id']}/acknowledge"
        seen = (await ada.post(path, json={})).json()["data"]
        assert seen["acknowledgedBy"] == PERSON.name
        assert (await listed(ada, "alerts", open="true"), await listed(ada, "alerts")) == (
            [],
            [seen],
        )

        answer = await ada.get(f"{BASE}/alerts")
        known = {"If-None-Match": answer.headers["etag"]}
        again = await ada.get(f"{BASE}/alerts", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        await alerts.add("refused", "agent:two", "again", {})
        assert (await ada.get(f"{BASE}/alerts", headers=known)).status_code == 200


async def test_what_is_open_is_listed_and_ended_one_by_one(database_url: str) -> None:
    async with open_site(database_url) as site, http(site, cookie=site.cookie) as ada:
        key = (await ada.post(f"{BASE}/agents", json=AGENT)).json()["data"]["key"]
        site.key = key
        async with site.person() as person, site.agent() as robot, site.agent() as other:
            await join(person, site.diagram_id)
            await join(robot, site.diagram_id)
            open_now = await listed(ada, "sessions")
            assert sorted((each["kind"], each["door"]) for each in open_now) == [
                ("agent", "socket"),
                ("agent", "socket"),
                ("user", "socket"),
            ]
            assert {each["address"] for each in open_now} == {"127.0.0.1"}
            mine = next(each for each in open_now if each["isYours"])
            assert mine["diagrams"] == [{"id": site.diagram_id, "title": "Chart"}]
            following = next(e for e in open_now if e["kind"] == "agent" and e["diagrams"])
            path = f"{BASE}/sessions/{following['id']}"
            assert (await ada.request("DELETE", path, headers=FOR_JSON)).status_code == 200
            assert await closed(robot) == (4401, "revoked")
            assert refused(await ada.request("DELETE", path, headers=FOR_JSON)) == (
                404,
                "session_not_found",
            )
            # The key still works: it was one connection that ended.
            await join(other, site.diagram_id)
            began = trio.current_time()
            revoked = await ada.request("DELETE", f"{BASE}/agents/painter", headers=FOR_JSON)
            assert revoked.status_code == 200
            assert await closed(other) == (4401, "revoked")
            assert trio.current_time() - began < PROMPTLY_SECONDS + SLACK_SECONDS
            path = f"{BASE}/sessions/{mine['id']}"
            assert (await ada.request("DELETE", path, headers=FOR_JSON)).status_code == 200
            assert await closed(person) == (4401, "signed_out")
            with trio.fail_after(PROMPTLY_SECONDS + SLACK_SECONDS):
                while (await ada.get("/api/session")).status_code != 401:
                    pass


def test_hours_are_counted_into_their_places() -> None:
    first = datetime(2026, 5, 12, 10, tzinfo=UTC)
    hour = timedelta(hours=1)
    rows = [
        HourOfAgent("a", first, 3, 1),
        HourOfAgent("a", first + (ACTIVITY_HOURS - 1) * hour, 2, 0),
        HourOfAgent("b", first - hour, 9, 9),
        HourOfAgent("b", first + ACTIVITY_HOURS * hour, 9, 9),
    ]
    found = by_agent(rows, first)
    assert list(found) == ["a"]
    assert found["a"].calls == [3, *[0] * (ACTIVITY_HOURS - 2), 2]
    assert found["a"].failed == [1, *[0] * (ACTIVITY_HOURS - 1)]
