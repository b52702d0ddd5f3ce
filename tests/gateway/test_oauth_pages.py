"""The pages on which a person lets an agent in, and ends it."""

import html

import httpx2

from gateway.local_access import issue_link
from gateway.oauth.limits import MAX_CHOSEN_DIAGRAMS, MAX_FOUND_DIAGRAMS
from tests.support.mcp import McpWorld, connect, world
from tests.support.oauth import REDIRECT, Browser, Form, bare_client, browser_of, query_of

__all__ = ["world"]

EVIL = '<script>alert("1")</script>'


def assert_cannot_be_framed(answer: httpx2.Response) -> None:
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text


async def test_the_question_says_who_asks_and_escapes_it(world: McpWorld) -> None:
    client = await bare_client(world, client_name=EVIL)
    browser = await browser_of(world)
    page = await browser.get(client.ask(scope="read edit delete", state=EVIL))
    assert_cannot_be_framed(page)
    assert html.escape(EVIL, quote=True).replace("&quot;", "&#34;") in page.text
    assert "127.0.0.1:33418" in page.text
    # A browser holds the policy for forms against where an answer leads as well.
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' http://127.0.0.1:33418;" in policy
    form = Form(page.text)
    picked = [value for name, value in form.fields if name == "permission"]
    assert picked == ["read", "edit"], "deleting is for a person to tick"
    assert form.offered["permission"] == ["read", "read", "edit", "delete"]
    assert ("state", EVIL) in form.fields


async def test_a_stranger_signs_in_first_and_comes_back(world: McpWorld) -> None:
    client, serving = await bare_client(world), world.serving
    link = await issue_link(serving.sign_in, serving.base_url)
    async with httpx2.AsyncClient(base_url=client.base, trust_env=False) as http:
        page = await http.get(client.ask())
        assert page.status_code == 401
        assert_cannot_be_framed(page)
        assert "sign-in" in page.text
        back = (await http.get(link)).headers["location"]
        assert back.startswith("/oauth/authorize?")
        question = await http.get((await http.get(back)).headers["location"])
        assert question.status_code == 200
        assert "Test program" in question.text
        other = await issue_link(serving.sign_in, serving.base_url)
        assert (await http.get(other)).headers["location"] == "/", "the way back is used up"


async def test_the_way_back_leads_nowhere_else(world: McpWorld) -> None:
    serving = world.serving
    for cookie in ("//evil.example", "https://evil.example/", "x" * 5_000, "\t/\\evil"):
        link = await issue_link(serving.sign_in, serving.base_url)
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.get(link, headers={"cookie": f'diagramai_authorize="{cookie}"'})
        location = answer.headers["location"]
        assert location == "/" or location.startswith("/oauth/authorize?"), location


async def test_no_answer_counts_that_the_page_did_not_send(world: McpWorld) -> None:
    client, browser = await bare_client(world), await browser_of(world)
    other = await browser_of(world, "Ann")
    form = Form((await browser.get(client.ask())).text)
    proof, fields = form.buttons["approve"], form.fields
    theirs = Form((await other.get(client.ask())).text).buttons["approve"]
    for sent in (
        fields,
        [*fields, ("approve", "")],
        [*fields, ("approve", "0" * len(proof))],
        [*fields, ("approve", theirs)],
        [*fields, ("refuse", "x")],
        # What was approved is what was shown.
        [each for each in fields if each[0] != "scope"] + [("approve", proof), ("scope", "read")],
        [each for each in fields if each[0] != "state"] + [("approve", proof)],
    ):
        answer = await browser.post("/oauth/consent", sent)
        assert answer.status_code == 403, sent
        assert_cannot_be_framed(answer)
    foreign = await browser.post(
        "/oauth/consent", [*fields, ("approve", proof)], origin="https://evil.example"
    )
    assert foreign.status_code == 403
    stranger = Browser(client.base, "")
    assert (await stranger.post("/oauth/consent", [*fields, ("approve", proof)])).status_code == 401
    assert await world.serving.credentials.list() == []
    assert (await browser.post("/oauth/consent", [*fields, ("approve", proof)])).status_code == 303


async def test_refusing_tells_the_client(world: McpWorld) -> None:
    client, browser = await bare_client(world), await browser_of(world)
    form = Form((await browser.get(client.ask())).text)
    answer = await browser.post(
        "/oauth/consent", [*form.fields, ("refuse", form.buttons["refuse"])]
    )
    location = answer.headers["location"]
    assert location.startswith(f"{REDIRECT}?")
    told = query_of(location)
    assert (told["error"], told["state"]) == ("access_denied", client.state)
    assert told["iss"] == f"{client.base}/oauth"


async def test_nobody_is_given_more_than_the_client_asked_for(world: McpWorld) -> None:
    client, browser = await bare_client(world), await browser_of(world)
    every = ["read", "create", "edit", "delete", "full_access", "share"]
    code = query_of(await browser.approve(client.ask(scope="read"), permission=every))["code"]
    assert (await client.exchange(code)).json()["scope"] == "read"
    (agent,) = await world.serving.credentials.list()
    assert agent.permissions == {"read"}
    assert agent.owner_id == "local"


async def test_diagrams_are_found_and_stay_chosen(world: McpWorld) -> None:
    async with connect(f"{world.serving.base_url}/mcp", await world.key()) as bot:
        made = [await bot.new_diagram(f"Plan {i}") for i in range(MAX_FOUND_DIAGRAMS + 2)]
        await bot.new_diagram("Something <b>else</b>")
    client, browser = await bare_client(world), await browser_of(world)
    page = await browser.get(client.ask())
    form = Form(page.text)
    assert len(form.offered["diagram"]) == MAX_FOUND_DIAGRAMS
    assert "3 more" in page.text
    form.pick("which", "chosen")
    form.pick("diagram", made[0])
    form.pick("search", "ELSE")
    query = "&".join(
        f"{name}={html.escape(value)}" for name, value in [*form.fields, ("look", "1")]
    )
    assert "approve" not in query, "the proof is in no address"
    found = await browser.get(f"/oauth/consent?{query}")
    again = Form(found.text)
    assert "Something &lt;b&gt;else&lt;/b&gt;" in found.text
    assert len(again.offered["diagram"]) == 2
    assert ("diagram", made[0]) in again.fields
    assert ("which", "chosen") in again.fields

    again.pick("diagram")
    again.pick("permission", "read")
    proof = ("approve", again.buttons["approve"])
    nothing = await browser.post("/oauth/consent", [*again.fields, proof])
    assert nothing.status_code == 400
    assert "Choose at least one diagram" in nothing.text
    again.pick("which", "all")
    again.pick("diagram", made[0])
    both = await browser.post("/oauth/consent", [*again.fields, proof])
    assert both.status_code == 400
    assert ("which", "chosen") in Form(both.text).fields, "in doubt less than more"
    again.pick("diagram", *("x" * MAX_CHOSEN_DIAGRAMS), *map(str, range(MAX_CHOSEN_DIAGRAMS + 1)))
    many = await browser.post("/oauth/consent", [*again.fields, proof])
    assert many.status_code == 400
    again.pick("days", "100000")
    assert (await browser.post("/oauth/consent", [*again.fields, proof])).status_code == 400


async def test_connected_agents_are_listed_and_ended(world: McpWorld) -> None:
    client, browser = await bare_client(world, client_name=EVIL), await browser_of(world)
    other = await browser_of(world, "Ann")
    await client.tokens(browser)
    page = await browser.get("/oauth/connections")
    assert_cannot_be_framed(page)
    form = Form(page.text)
    (agent_id,) = form.offered["agent_id"]
    assert "Disconnect &lt;script&gt;" in page.text
    assert "No agent is connected" in (await other.get("/oauth/connections")).text
    forged = await browser.post("/oauth/connections", [("agent_id", agent_id), ("proof", "x")])
    assert forged.status_code == 403
    theirs = Form((await other.get("/oauth/connections")).text)
    assert theirs.offered == {}
    sent = [("agent_id", agent_id), ("proof", form.buttons["proof"])]
    assert (await browser.post("/oauth/connections", sent)).status_code == 303
    assert "No agent is connected" in (await browser.get("/oauth/connections")).text
    assert (await browser.post("/oauth/connections", sent)).status_code == 404
    stranger = await Browser(client.base, "").get("/oauth/connections")
    assert stranger.status_code == 401
