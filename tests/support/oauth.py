"""A person's browser that decides about a client, and clients: the SDK's own, and bare requests."""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import msgspec
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

from gateway.local_access import issue_link
from gateway.oauth.limits import TOKEN_BELIEVED_SECONDS
from tests.support.mcp import McpWorld, post
from tests.support.server import sign_in
from tests.support.waiting import wait_until

#: Where a client on the person's own machine is answered. Nobody listens there.
REDIRECT: Final = "http://127.0.0.1:33418/callback"
LIST_TOOLS: Final = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


class Form(HTMLParser):
    """The fields of a page as a browser would send them, and its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.buttons: dict[str, str] = {}
        self.offered: dict[str, list[str]] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "button":
            self.buttons[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in found:
            self.fields.append((self._select, value))
        elif tag == "input":
            self.offered.setdefault(name, []).append(value)
            is_box = found.get("type") in ("checkbox", "radio")
            if "disabled" not in found and ("checked" in found or not is_box):
                self.fields.append((name, value))

    def pick(self, name: str, *values: str) -> None:
        """Leaves exactly these picked of the boxes of one name."""
        self.fields = [field for field in self.fields if field[0] != name]
        self.fields += [(name, value) for value in values]


class Browser:
    """A signed-in person, or with an empty cookie a stranger."""

    def __init__(self, base_url: str, cookie: str) -> None:
        self.base_url = base_url
        self._headers = {"cookie": cookie} if cookie else {}

    async def get(self, url: str) -> httpx2.Response:
        """The page that an address ends at on this server."""
        async with self._client() as http:
            answer = await http.get(url)
            while answer.is_redirect and answer.headers["location"].startswith("/"):
                answer = await http.get(answer.headers["location"])
        return answer

    async def post(
        self, path: str, fields: Sequence[tuple[str, str]], **headers: str
    ) -> httpx2.Response:
        async with self._client() as http:
            return await http.post(path, content=urlencode(fields), headers={**FORM, **headers})

    async def approve(self, url: str, **picked: Sequence[str]) -> str:
        """Opens the question, picks, approves, and returns where the browser is led."""
        page = await self.get(url)
        assert page.status_code == 200, page.text
        form = Form(page.text)
        for name, values in picked.items():
            form.pick(name, *values)
        answer = await self.post(
            "/oauth/consent", [*form.fields, ("approve", form.buttons["approve"])]
        )
        assert answer.status_code == 303, answer.text
        location: str = answer.headers["location"]
        return location

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            base_url=self.base_url, headers=self._headers, trust_env=False, timeout=20
        )


async def browser_of(world: McpWorld, name: str | None = None) -> Browser:
    """The browser of the person at the machine, or of a guest of this name."""
    serving = world.serving
    link = await issue_link(serving.sign_in, serving.base_url, name)
    return Browser(serving.base_url, await sign_in(link))


class Memory:
    """What the SDK's client keeps."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def sdk_client(
    url: str, browser: Browser, memory: Memory, **picked: Sequence[str]
) -> OAuthClientProvider:
    """The SDK's client, whose person approves."""
    answers: list[AuthorizationCodeResult] = []

    async def open_browser(address: str) -> None:
        values = query_of(await browser.approve(address, **picked))
        answers.append(
            AuthorizationCodeResult(
                code=values["code"], state=values.get("state"), iss=values.get("iss")
            )
        )

    async def wait_answer() -> AuthorizationCodeResult:
        return answers.pop()

    return OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="Test program", redirect_uris=[AnyUrl(REDIRECT)]
        ),
        storage=memory,
        redirect_handler=open_browser,
        callback_handler=wait_answer,
    )


class BareClient(msgspec.Struct):
    """A client that does as the test says."""

    world: McpWorld
    client_id: str
    redirect_uri: str = REDIRECT
    verifier: str = ""
    state: str = "the state"

    @property
    def base(self) -> str:
        return self.world.serving.base_url

    @property
    def resource(self) -> str:
        return f"{self.base}/oauth/mcp"

    def ask(self, **changed: str | None) -> str:
        """The address that a person is sent to."""
        self.verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        fields: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "resource": self.resource,
            **changed,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        return f"{self.base}/oauth/authorize?{urlencode(given)}"

    async def exchange(self, code: str, **changed: str) -> httpx2.Response:
        return await self.token(
            grant_type="authorization_code",
            code=code,
            redirect_uri=changed.pop("redirect_uri", self.redirect_uri),
            code_verifier=changed.pop("code_verifier", self.verifier),
            **changed,
        )

    async def refresh(self, token: str, **more: str) -> httpx2.Response:
        return await self.token(grant_type="refresh_token", refresh_token=token, **more)

    async def token(self, **fields: str) -> httpx2.Response:
        known = {"client_id": self.client_id, "resource": self.resource}
        return await send_form(f"{self.base}/oauth/token", {**known, **fields})

    async def tokens(self, browser: Browser, **picked: Sequence[str]) -> dict[str, Any]:
        """Asks, is approved, and gets a pair of tokens."""
        code = query_of(await browser.approve(self.ask(), **picked))["code"]
        answer = await self.exchange(code)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens


async def register(world: McpWorld, **changed: Any) -> httpx2.Response:
    described = {
        "client_name": "Test program",
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
        **changed,
    }
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        return await http.post(f"{world.serving.base_url}/oauth/register", json=described)


async def bare_client(world: McpWorld, **changed: Any) -> BareClient:
    answer = await register(world, **changed)
    assert answer.status_code == 201, answer.text
    return BareClient(world, answer.json()["client_id"])


async def send_form(
    url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        return await http.post(url, content=urlencode(fields), headers={**FORM, **(headers or {})})


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def status_at(url: str, token: str) -> int:
    """How a call with this token is answered."""
    answer = await post(url, LIST_TOOLS, {"authorization": f"Bearer {token}"})
    return answer.status_code


async def wait_refused(url: str, token: str) -> bool:
    """Whether the token is none any more: at once, but for how long it is believed."""
    assert TOKEN_BELIEVED_SECONDS < 1, "so within a second, on a machine that is not busy"

    async def is_refused() -> bool:
        return await status_at(url, token) == 401

    await wait_until(is_refused, 10)
    return True
