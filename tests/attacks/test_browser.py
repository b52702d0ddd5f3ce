"""Scripts inside every text that a page shows, in a real browser: none may run."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.attacks.test_tokens import session_cookie
from tests.support.attacked import Target, token_of
from tests.support.chromium import Page, chromium, save

MakePage = Callable[[dict[str, str]], Page]

#: Each calls what the page would be caught by.
PAYLOADS: Final = (
    "<script>pwned('script')</script>",
    "<img src=x onerror=pwned('img')>",
    "<svg onload=pwned('svg')>",
    "<iframe srcdoc=\"<script>parent.pwned('frame')</script>\"></iframe>",
    "\"><img src=x onerror=pwned('quote')>",
    "'-pwned('js')-'",
    "javascript:pwned('url')",
    "</title><script>pwned('title')</script>",
    "</text><foreignObject><img xmlns='http://www.w3.org/1999/xhtml' src='x' onerror='pwned(1)'/>",
    "]]><script>pwned('cdata')</script>",
    "<style>*{background:url(javascript:pwned('css'))}</style>",
    "{{constructor.constructor('pwned(1)')()}}",
    "${pwned('template')}",
)
LINKS: Final = (
    "javascript:pwned('link')",
    "JaVaScRiPt:pwned('case')",
    " \tjava\nscript:pwned('blank')",
    "data:text/html,<script>pwned('data')</script>",
    "vbscript:pwned(1)",
    "file:///etc/passwd",
    "//evil.example/x",
)
ALL: Final = " ".join(PAYLOADS)


@pytest.fixture(scope="module")
def browser() -> Iterator[MakePage]:
    with chromium() as new_page:
        yield new_page


@pytest.fixture(scope="module")
def hostile(target: Target) -> str:
    """The id of a diagram in which every text is hostile."""
    nodes = [
        {
            "id": f"n{number}",
            "type": ("process", "decision", "note", "group")[number % 4],
            "position": {"x": 260 * (number % 5), "y": 160 * (number // 5)},
            "data": {
                "label": text,
                "description": text,
                "url": LINKS[number % len(LINKS)],
                "href": LINKS[number % len(LINKS)],
                "color": "red\"/><script>pwned('color')</script>",
                "style": {"background": "url(javascript:pwned('style'))"},
            },
        }
        for number, text in enumerate(PAYLOADS)
    ]
    edges = [
        {
            "id": f"e{number}",
            "source": "n0",
            "target": f"n{number}",
            "label": text,
            "data": {"label": text},
        }
        for number, text in enumerate(PAYLOADS)
        if number
    ]
    sent = {
        "title": ALL[:200],
        "description": ALL[:500],
        "content": {"nodes": nodes, "edges": edges},
    }
    made = target.ask("olga", "POST", "/api/diagrams", json=sent)
    assert made.status_code == 201, made.text
    diagram: str = made.json()["data"]["id"]
    return diagram


def signed_in(target: Target, browser: MakePage, subject: str = "olga", **claims: Any) -> Page:
    with target.client(authorization=f"Bearer {token_of(subject, **claims)}") as client:
        started = client.post("/api/session", json={})
    assert started.status_code == 201, started.text
    return browser({target.base_url: started.headers["set-cookie"].partition(";")[0]})


def check(page: Page) -> None:
    """Nothing has run, nothing leads to a script, and nothing hostile became markup."""
    page.settle()
    # What only runs when it is used: every link, and every thing that can be pointed at.
    schemes = page.evaluate(
        "[...document.querySelectorAll('a[href], [*|href]')].map(a => a.protocol ??"
        " a.getAttribute('href') ?? a.getAttribute('xlink:href'))"
    )
    assert not [
        each for each in schemes if str(each).lower().startswith(("javascript", "data", "vb"))
    ]
    assert page.evaluate("document.querySelectorAll('[onerror], [onload], iframe').length") == 0
    assert (
        page.evaluate("[...document.images].filter(i => i.getAttribute('src') === 'x').length") == 0
    )
    assert (page.ran, page.dialogs) == ([], [])


def test_what_runs_would_be_noticed(browser: MakePage) -> None:
    page = browser({})
    page.open("data:text/html,<title>x</title><img src=x onerror=\"pwned('seen')\">")
    page.wait_for("document.title === 'x' && document.images.length === 1")
    page.settle()
    assert page.ran == ["seen"]


def test_every_text_of_a_diagram_in_the_editor(
    target: Target, browser: MakePage, hostile: str
) -> None:
    """Title, description, labels of nodes and edges, links, colours: drawn, selected and edited."""
    page = signed_in(target, browser)
    page.open(f"{target.base_url}/d/{hostile}")
    page.wait_for("document.querySelectorAll('.react-flow__node').length >= 10")
    check(page)
    page.evaluate("document.querySelectorAll('.react-flow__node').forEach(n => n.click())")
    check(page)
    page.evaluate(
        "document.querySelectorAll('.react-flow__node').forEach(n => n.dispatchEvent("
        "new MouseEvent('dblclick', {bubbles: true})))"
    )
    check(page)


def test_the_lists_the_trash_and_other_pages(
    target: Target, browser: MakePage, hostile: str
) -> None:
    """Titles and pictures of diagrams; the name of the person."""
    page = signed_in(target, browser, name=PAYLOADS[1] + PAYLOADS[0])
    for path in (
        "/",
        "/trash",
        "/oauth/connections",
        "/share",
        f"/d/{hostile}?x={PAYLOADS[1]}#{PAYLOADS[1]}",
        f"/d/{PAYLOADS[1]}",
    ):
        page.open(f"{target.base_url}{path}")
        page.wait_for("document.readyState === 'complete' && document.body?.innerText?.length > 0")
        check(page)


def test_the_names_of_an_agent_and_of_a_person_who_are_there(
    target: Target, browser: MakePage, hostile: str
) -> None:
    """What others are called stands beside their pointers, in the list of who is there, and in
    notices of what they did."""
    name = "<img src=x onerror=pwned('name')>"
    shared = f"/api/diagrams/{hostile}/members/jwt:edgar"
    assert target.ask("olga", "PUT", shared, json={"role": "editor"}).status_code == 200
    page = signed_in(target, browser)
    page.open(f"{target.base_url}/d/{hostile}")
    page.wait_for("document.querySelectorAll('.react-flow__node').length >= 10")
    with target.socket(authorization=f"Bearer {token_of('edgar', name=name)}") as wire:
        wire.send(type="subscribe", diagram_id=hostile)
        wire.until("snapshot")
        state = {"cursor": {"x": 10, "y": 10}, "selection": ["n1"], "activity": name, "name": name}
        wire.send(type="presence", diagram_id=hostile, state=state)
        page.wait_for("document.body?.innerText?.includes('<img src=x onerror=')")
        updates = {"label": name}
        told = target.tool("full", "update_node", diagram_id=hostile, node_id="n2", updates=updates)
        assert "error" not in told, told
        check(page)


def test_mermaid_text(target: Target, browser: MakePage) -> None:
    text = "\n".join(
        [
            "flowchart TD",
            *(
                f'  n{number}["{each.replace(chr(34), "#quot;")}"]'
                for number, each in enumerate(PAYLOADS)
            ),
            '  click n1 "javascript:pwned(1)"',
            "  click n2 call pwned()",
            '  n3 -- "<img src=x onerror=pwned(2)>" --> n4',
        ]
    )
    sent = {"title": "M", "content": text, "kind": "mermaid", "format": "mermaid"}
    made = target.ask("olga", "POST", "/api/diagrams", json=sent)
    if made.status_code != 201:
        made = target.ask(
            "olga",
            "POST",
            "/api/diagrams/import?title=M",
            content=text.encode(),
            headers={"content-type": "text/vnd.mermaid"},
        )
    assert made.status_code == 201, made.text
    data = made.json()["data"]
    diagram = (data[0] if isinstance(data, list) else data)["id"]
    page = signed_in(target, browser)
    page.open(f"{target.base_url}/d/{diagram}")
    page.wait_for("document.readyState === 'complete' && document.body?.innerText?.length > 20")
    check(page)


def exported(target: Target, hostile: str, wanted: str) -> bytes:
    answer = target.ask("olga", "GET", f"/api/diagrams/{hostile}/export?format={wanted}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_an_exported_picture_opened_by_itself(
    target: Target, browser: MakePage, hostile: str, tmp_path: Path
) -> None:
    """Out of reach of our policy: the SVG itself has nothing that runs, links or loads."""
    svg = exported(target, hostile, "svg")
    for name, wrapped in (("x.svg", svg), ("x.html", b"<!doctype html><title>x</title>" + svg)):
        page = browser({})
        page.open(save(tmp_path, name, wrapped))
        page.wait_for("document.querySelector('svg') !== null")
        check(page)
        assert (
            page.evaluate("document.querySelectorAll('script, foreignObject, image').length") == 0
        )
        assert page.evaluate("document.querySelectorAll('[href], [*|href]').length") == 0


@pytest.mark.parametrize("kept_as", ["text", "canvas"])
def test_exported_texts_lead_to_no_script(target: Target, kept_as: str) -> None:
    """Links in Mermaid text that leaves, as a file or a resource, are of the web and of mail."""
    text = "flowchart TD\n  a --> b\n" + "".join(
        f'  click a href "{link}" "tip"\n' for link in (*LINKS[:2], *LINKS[3:6], "https://x.org/y")
    )
    made = target.ask(
        "olga",
        "POST",
        f"/api/diagrams/import?title=L&as={kept_as}",
        content=text.encode(),
        headers={"content-type": "text/vnd.mermaid"},
    )
    assert made.status_code == 201, made.text
    diagram = made.json()["data"][0]["id"]
    told = target.mcp("full", "resources/read", {"uri": f"diagram://{diagram}/mermaid"})
    for written in (
        exported(target, diagram, "mermaid").decode(),
        told["result"]["contents"][0]["text"],
    ):
        assert "https://x.org/y" in written
        for word in ("javascript", "data:", "vbscript", "file:"):
            assert word not in written.lower()


def test_a_thumbnail_and_an_export_run_nothing_where_they_are(target: Target, hostile: str) -> None:
    """Opened at our own address they have a policy that lets nothing run, and are not shown."""
    for path in ("thumbnail", "export?format=svg", "export?format=json", "export?format=mermaid"):
        answer = target.ask("olga", "GET", f"/api/diagrams/{hostile}/{path}")
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_page_where_a_person_lets_a_program_in(target: Target, browser: MakePage) -> None:
    from tests.attacks.test_oauth import register

    program = register(target, client_name="<img src=x onerror=pwned('client')>")
    page = signed_in(target, browser)
    page.open(f"{target.base_url}{program.ask()}")
    page.wait_for("document.body?.innerText?.includes('onerror')")
    check(page)


def test_no_page_of_ours_is_shown_inside_another(
    target: Target, browser: MakePage, tmp_path: Path
) -> None:
    cookie: Mapping[str, str] = session_cookie(target, "olga")
    page = browser({target.base_url: cookie["cookie"]})
    framed = f'<title>x</title><iframe src="{target.base_url}/"></iframe>'
    page.open(save(tmp_path, "frame.html", framed.encode()))
    page.wait_for("document.title === 'x' && document.readyState === 'complete'")
    page.settle()
    assert any(
        "frame-ancestors" in each or "refused to" in each.lower() for each in page.console
    ) or (page.evaluate("document.querySelector('iframe').contentDocument === null"))
