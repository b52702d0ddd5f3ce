"""Agents that connect by an address, from discovery to the end: with the SDK's own client."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
import trio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.support.mcp import ERAS, Agent, McpWorld, connect, post, world
from tests.support.oauth import (
    LIST_TOOLS,
    BareClient,
    Browser,
    Memory,
    bare_client,
    browser_of,
    query_of,
    register,
    sdk_client,
    send_form,
    status_at,
    wait_refused,
)
from tests.support.postgres import read_sql

__all__ = ["world"]


@asynccontextmanager
async def connected(
    world: McpWorld, browser: Browser, memory: Memory, mode: str = "auto", **picked: list[str]
) -> AsyncIterator[Agent]:
    """The SDK's client, with nothing but the address."""
    url = f"{world.serving.base_url}/oauth/mcp"
    auth = sdk_client(url, browser, memory, **picked)
    async with (
        httpx2.AsyncClient(auth=auth, timeout=20, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        await client.list_tools()
        yield Agent(client)


@pytest.mark.parametrize("mode", ERAS)
async def test_from_the_address_to_a_tool(world: McpWorld, mode: str) -> None:
    browser, memory = await browser_of(world), Memory()
    async with connected(world, browser, memory, mode) as agent:
        diagram_id = await agent.new_diagram("Made by the agent")
        listed = await agent.call("list_diagrams")
    assert [each["title"] for each in listed["diagrams"]] == ["Made by the agent"]
    page = await browser.get(f"/api/diagrams/{diagram_id}/access")
    assert page.json()["data"]["owner"]["id"] == "local", "it is the person's, for whom it acts"
    (connection,) = (await browser.get("/api/connections")).json()["data"]
    assert connection["name"] == "Test program"
    assert connection["permissions"] == ["create", "edit", "read"], "deleting was not ticked"
    assert connection["host"] == "127.0.0.1:33418"


async def test_what_is_at_which_address(world: McpWorld) -> None:
    base = world.serving.base_url
    async with httpx2.AsyncClient(base_url=base, trust_env=False) as http:
        refused = await http.post("/oauth/mcp", json=LIST_TOOLS)
        named = refused.headers["www-authenticate"]
        assert refused.status_code == 401
        assert f'resource_metadata="{base}/.well-known/oauth-protected-resource/oauth/mcp"' in named
        resource = (await http.get("/.well-known/oauth-protected-resource/oauth/mcp")).json()
        assert resource["resource"] == f"{base}/oauth/mcp"
        assert resource["authorization_servers"] == [f"{base}/oauth"]
        server = (await http.get("/.well-known/oauth-authorization-server/oauth")).json()
        assert server["issuer"] == f"{base}/oauth"
        assert server["code_challenge_methods_supported"] == ["S256"]
        assert server["authorization_response_iss_parameter_supported"] is True
        # Who has a key is not led to ask for a token: there is nothing, in so many words.
        for path in (
            "/.well-known/oauth-protected-resource",
            "/.well-known/oauth-protected-resource/mcp",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/mcp",
            "/.well-known/openid-configuration",
            "/.well-known/openid-configuration/mcp",
            "/mcp/.well-known/openid-configuration",
        ):
            assert (await http.get(path)).status_code == 404, path
        by_key = await http.post("/mcp", json=LIST_TOOLS)
    assert by_key.status_code == 401
    assert "resource_metadata" not in by_key.headers["www-authenticate"]


async def test_each_address_takes_its_own_secrets_only(world: McpWorld) -> None:
    client, browser = await bare_client(world), await browser_of(world)
    token = (await client.tokens(browser))["access_token"]
    key = await world.key()
    assert await status_at(f"{client.base}/oauth/mcp", token) == 200
    assert await status_at(f"{client.base}/mcp", token) == 401
    assert await status_at(f"{client.base}/mcp", key) == 200
    assert await status_at(f"{client.base}/oauth/mcp", key) == 401
    # The same server by another name is another resource: its tokens are none here.
    elsewhere = client.base.replace("127.0.0.1", "localhost")
    assert await status_at(f"{elsewhere}/oauth/mcp", token) == 401
    async with httpx2.AsyncClient(base_url=client.base, trust_env=False) as http:
        by_token = await http.get("/api/diagrams", headers={"authorization": f"Bearer {token}"})
    assert by_token.status_code == 401


async def test_refreshing_replaces_both_tokens(world: McpWorld) -> None:
    browser, memory = await browser_of(world), Memory()
    async with connected(world, browser, memory):
        pass
    first = memory.tokens
    assert first is not None
    assert first.expires_in in (3599, 3600)
    # With an access token that is no good any more, the SDK's client refreshes by itself.
    memory.tokens = first.model_copy(update={"access_token": "dao_old"})
    assert memory.client is not None
    base = world.serving.base_url
    fields = {
        "grant_type": "refresh_token",
        "client_id": memory.client.client_id,
        "client_secret": memory.client.client_secret or "",
        "refresh_token": first.refresh_token or "",
        "scope": "read",
    }
    answer = await send_form(f"{base}/oauth/token", fields)
    assert answer.status_code == 200, answer.text
    second = answer.json()
    assert second["scope"] == "read"
    assert second["refresh_token"] != first.refresh_token
    async with connect(f"{base}/oauth/mcp", second["access_token"]) as agent:
        assert (await agent.error("create_diagram", title="X"))["code"] == "forbidden"
        await agent.call("list_diagrams")
    # The one before goes on working for its hour: a call may be under way with it.
    assert await status_at(f"{base}/oauth/mcp", first.access_token) == 200
    # The old refresh token once more: one of the two who have it is a thief, so all ends.
    again = await send_form(f"{base}/oauth/token", fields)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert await wait_refused(f"{base}/oauth/mcp", second["access_token"])
    assert await wait_refused(f"{base}/oauth/mcp", first.access_token)
    fields["refresh_token"] = second["refresh_token"]
    ended = await send_form(f"{base}/oauth/token", fields)
    assert ended.json()["error"] == "invalid_grant"
    assert (await browser.get("/api/connections")).json()["data"] == []


async def test_a_code_that_is_used_twice_ends_what_it_gave(world: McpWorld) -> None:
    client, browser = await bare_client(world), await browser_of(world)
    code = query_of(await browser.approve(client.ask()))["code"]
    tokens = (await client.exchange(code)).json()
    assert await status_at(client.resource, tokens["access_token"]) == 200
    again = await client.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert await wait_refused(client.resource, tokens["access_token"])
    refreshed = await client.refresh(tokens["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"


async def test_of_two_who_spend_a_code_at_once_at_most_one_gets_in(world: McpWorld) -> None:
    client, browser = await bare_client(world), await browser_of(world)
    code = query_of(await browser.approve(client.ask()))["code"]
    answers: list[httpx2.Response] = []

    async def spend() -> None:
        answers.append(await client.exchange(code))

    async with trio.open_nursery() as nursery:
        for _ in range(4):
            nursery.start_soon(spend)
    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(given) <= 1
    for tokens in given:
        assert await wait_refused(client.resource, tokens["access_token"])
    agents = await world.serving.credentials.list()
    assert [agent for agent in agents if agent.active] == []


async def test_its_person_and_admins_and_the_client_end_it(world: McpWorld) -> None:
    client = await bare_client(world)
    guest, admin = await browser_of(world, "Ann"), await browser_of(world)
    stranger = await browser_of(world, "Bob")
    urls = f"{client.base}/oauth/mcp"

    async def new() -> tuple[str, str]:
        tokens = await client.tokens(guest)
        found = (await guest.get("/api/connections")).json()["data"]
        return tokens["access_token"], found[0]["agentId"]

    token, agent_id = await new()
    assert await status_at(urls, token) == 200
    assert (await delete(stranger, agent_id)).status_code == 404
    assert (await delete(guest, agent_id)).status_code == 200
    assert await wait_refused(urls, token)
    assert (await delete(guest, agent_id)).status_code == 404

    token, agent_id = await new()
    assert (await delete(admin, agent_id)).status_code == 200
    assert await wait_refused(urls, token)

    token, _ = await new()
    answer = await send_form(
        f"{client.base}/oauth/revoke", {"client_id": client.client_id, "token": token}
    )
    assert answer.status_code == 200
    assert await wait_refused(urls, token)
    unknown = {"client_id": client.client_id, "token": "dao_none"}
    assert (await send_form(f"{client.base}/oauth/revoke", unknown)).status_code == 200


async def delete(browser: Browser, agent_id: str) -> httpx2.Response:
    async with browser._client() as http:
        return await http.delete(
            f"/api/connections/{agent_id}", headers={"content-type": "application/json"}
        )


async def test_it_reaches_what_was_chosen_and_no_more_than_its_person(world: McpWorld) -> None:
    agent_key = await world.key()
    async with connect(f"{world.serving.base_url}/mcp", agent_key) as bot:
        chosen, other = [await bot.new_diagram(title) for title in ("Chosen", "Other")]
    client, browser = await bare_client(world), await browser_of(world)
    tokens = await client.tokens(
        browser, which=["chosen"], diagram=[chosen], permission=["read", "create"]
    )
    assert tokens["scope"] == "read create"
    async with connect(client.resource, tokens["access_token"]) as agent:
        listed = await agent.call("list_diagrams")
        assert [each["title"] for each in listed["diagrams"]] == ["Chosen"]
        assert (await agent.error("read_diagram", diagram_id=other))["code"] == "not_found"
        await agent.call("read_diagram", diagram_id=chosen)
        node = {"type": "process", "label": "N", "position": {"x": 0, "y": 0}}
        wrong = await agent.error("add_node", diagram_id=chosen, node_data=node)
        assert wrong["code"] == "forbidden"
        made = await agent.new_diagram("Its own")
        await agent.call("read_diagram", diagram_id=made)


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
async def test_a_client_with_a_secret_has_to_know_it(world: McpWorld, method: str) -> None:
    described = (await register(world, token_endpoint_auth_method=method)).json()
    client, secret = BareClient(world, described["client_id"]), described["client_secret"]
    code = query_of(await (await browser_of(world)).approve(client.ask()))["code"]
    without = await client.exchange(code)
    assert (without.status_code, without.json()["error"]) == (401, "invalid_client")
    for sent, status in (("wrong", 401), (secret, 200)):
        if method == "client_secret_post":
            answer = await client.exchange(code, client_secret=sent)
        else:
            basic = base64.b64encode(f"{client.client_id}:{sent}".encode()).decode()
            fields = {
                "grant_type": "authorization_code",
                "client_id": client.client_id,
                "code": code,
                "redirect_uri": client.redirect_uri,
                "code_verifier": client.verifier,
            }
            headers = {"authorization": f"Basic {basic}"}
            answer = await send_form(f"{client.base}/oauth/token", fields, headers)
        assert answer.status_code == status, answer.text


async def test_nothing_that_lets_anybody_in_is_stored_as_it_is(
    world: McpWorld, database_url: str
) -> None:
    described = (await register(world, token_endpoint_auth_method="client_secret_post")).json()
    client, browser = BareClient(world, described["client_id"]), await browser_of(world)
    code = query_of(await browser.approve(client.ask()))["code"]
    secret: str = described["client_secret"]
    tokens = (await client.exchange(code, client_secret=secret)).json()
    secrets = [secret, code, tokens["access_token"], *tokens["refresh_token"].split(".")]
    kept = ""
    for table in ("oauth_clients", "oauth_codes", "oauth_grants", "oauth_tokens"):
        rows = await read_sql(database_url, f"SELECT t::text AS row FROM {table} AS t")
        assert rows, table
        kept += " ".join(row["row"] for row in rows)
    assert [each for each in secrets if each.removeprefix("dar_") in kept] == []


async def test_what_is_open_ends_with_the_agent(world: McpWorld) -> None:
    client, browser = await bare_client(world), await browser_of(world)
    token = (await client.tokens(browser))["access_token"]
    (agent,) = (await browser.get("/api/connections")).json()["data"]
    own = {"authorization": f"Bearer {token}"}
    hello = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    opened = await post(
        client.resource,
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        own,
    )
    session = opened.headers["mcp-session-id"]
    listening = {**own, "mcp-session-id": session, "accept": "text/event-stream"}
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        async with http.stream("GET", client.resource, headers=listening) as stream:
            assert stream.status_code == 200
            assert (await delete(browser, agent["agentId"])).status_code == 200
            with trio.fail_after(10):
                async for _ in stream.aiter_bytes():
                    pass
        again = await http.get(client.resource, headers=listening)
    assert again.status_code == 401
