"""The server that is attacked: a process as its users start it, and everybody who comes there."""

import itertools
import json
import os
import re
import select
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
import trio
import websockets.sync.client as websockets

from gateway.authentication import SESSION_COOKIE
from gateway.identity import EDIT, FULL_ACCESS, READ
from gateway.local_access import MAX_RATE_LIMIT, create_agent
from persistence.bridge import open_bridge
from persistence.credentials import Credentials
from tests.support import leaks
from tests.support.postgres import read_rows
from tests.support.server import environment
from tests.support.tokens import AUDIENCE, ISSUER, RSA_KEY, key_set, signed
from tests.support.waiting import wait_found

START_SECONDS: Final = 60
PATIENCE_SECONDS: Final = 20
WS_PATH: Final = "/ws/diagrams"
JSON: Final = {"content-type": "application/json"}
ACCEPT: Final = {"accept": "application/json, text/event-stream"}
#: By name: the id of the key's permissions, and what bounds it.
AGENTS: Final[dict[str, tuple[list[str], dict[str, Any]]]] = {
    "full": ([FULL_ACCESS], {}),
    "reader": ([READ], {}),
    "editor-agent": ([READ, EDIT], {}),
    "confined": ([FULL_ACCESS], {"all_diagrams": False}),
    "narrowed": ([FULL_ACCESS], {}),
    "of-mallory": ([FULL_ACCESS], {"owner_id": "jwt:mallory"}),
    "slow": ([FULL_ACCESS], {"rate_limit": 3}),
}

_CONTEXT: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_addresses = itertools.count(1)


class Target(msgspec.Struct, kw_only=True):
    """A running server. ``keys`` are its agents' by name, ``diagrams`` the ids of Olga's."""

    process: subprocess.Popen[bytes]
    base_url: str
    link: str
    database_url: str
    log_file: Path
    keys: dict[str, str] = {}
    tokens: dict[str, str] = {}
    diagrams: dict[str, str] = {}
    uuids: dict[str, str] = {}
    read_to: int = 0

    @property
    def host(self) -> str:
        return self.base_url.removeprefix("http://")

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    # Who comes ---------------------------------------------------------------------------------

    def bearer(self, name: str) -> dict[str, str]:
        """The header of an agent's key, or of a person's token."""
        if name in self.keys:
            return {"authorization": f"Bearer {self.keys[name]}"}
        if name not in self.tokens:
            self.tokens[name] = token_of(name)
        return {"authorization": f"Bearer {self.tokens[name]}"}

    def client(self, name: str | None = None, **headers: str) -> httpx2.Client:
        """Of somebody at an address of their own: what is wrong there is counted for nobody else.
        ``None`` is nobody."""
        given = {"x-forwarded-for": new_address(), **headers}
        if name is not None:
            given |= self.bearer(name)
        # A context of its own for each would take most of the time; nothing here is encrypted.
        return httpx2.Client(
            base_url=self.base_url, headers=given, trust_env=False, timeout=30, verify=_CONTEXT
        )

    def ask(self, name: str | None, method: str, path: str, **sent: Any) -> httpx2.Response:
        """One request of somebody."""
        with self.client(name) as client:
            return client.request(method, path, **sent)

    @contextmanager
    def socket(self, name: str | None = None, **headers: str) -> Iterator["Wire"]:
        """A WebSocket of somebody. Raises InvalidStatus where it is refused."""
        given = {"x-forwarded-for": new_address(), **headers}
        if name is not None:
            given |= self.bearer(name)
        with websockets.connect(
            self.base_url.replace("http", "ws", 1) + WS_PATH,
            additional_headers=given,
            subprotocols=["diagramai.v1"],  # type: ignore[list-item]
            proxy=None,
            open_timeout=PATIENCE_SECONDS,
            max_size=64 * 1024 * 1024,
        ) as connection:
            yield Wire(connection)

    def mcp(self, name: str, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer to one MCP request that stands alone."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
        answer = self.ask(name, "POST", "/mcp", json=body, headers=ACCEPT)
        assert answer.status_code < 500, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def tool(self, name: str, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answers: its structured content."""
        told = self.mcp(name, "tools/call", {"name": tool, "arguments": arguments})
        content: dict[str, Any] = told["result"]["structuredContent"]
        return content

    def new_log(self) -> str:
        """What the server has logged since this was asked."""
        with self.log_file.open("rb") as log:
            log.seek(self.read_to)
            text = log.read()
        self.read_to += len(text)
        return text.decode("utf-8", "replace")

    # What is left ------------------------------------------------------------------------------

    def revision(self, diagram: str = "secret") -> int:
        answer = self.ask("olga", "GET", f"/api/diagrams/{self.diagrams[diagram]}")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["data"]["revision"])

    def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in read_rows(self.database_url, query, *arguments)]

    def audited(self, agent: str, code: str | None, operation: str | None = None) -> dict[str, Any]:
        """The row that says that the agent was refused with this code, or did it."""
        query = (
            "SELECT * FROM agent_operations WHERE agent_id = $1"
            " AND error_message IS NOT DISTINCT FROM $2"
            " AND operation_type = coalesce($3, operation_type) ORDER BY id DESC LIMIT 1"
        )
        row: dict[str, Any] = self.wait_for(lambda: self.rows(query, agent, code, operation))[0]
        return row

    def wait_for(self, look: Any) -> Any:
        """What ``look`` gives, once it is something."""
        return wait_found(look, PATIENCE_SECONDS)


class Wire(msgspec.Struct):
    """A WebSocket, spoken in JSON."""

    connection: Any

    def send(self, **message: Any) -> None:
        self.connection.send(json.dumps(message))

    def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=PATIENCE_SECONDS))
        return message

    def until(self, *kinds: str) -> dict[str, Any]:
        """The next message of these kinds."""
        while (message := self.receive())["type"] not in kinds:
            pass
        return message

    def refusal(self, **message: Any) -> str | None:
        """The code with which a message is refused; ``None`` where it is not."""
        self.send(**message)
        self.send(type="ping", id="after it")
        code = None
        while (answer := self.receive())["type"] != "pong":
            code = answer.get("code", code)
        return code


def new_address() -> str:
    """Of nobody who was here before; a network that is for documentation."""
    number = next(_addresses)
    return f"198.51.{100 + number // 250 % 100}.{number % 250 + 1}"


def token_of(subject: str, **claims: Any) -> str:
    """A good token of the host application, unless ``claims`` say otherwise."""
    given = {"sub": subject, "name": subject.title(), "exp": int(time.time()) + 3_600, **claims}
    token = signed(RSA_KEY, "RS256", "first", **given)
    leaks.remember(token)
    return token


def session_of(cookie: str) -> dict[str, str]:
    return {"cookie": f"{SESSION_COOKIE}={cookie}"}


def code_of(answer: httpx2.Response) -> str:
    """The code of a refusal in any of our envelopes."""
    error = answer.json()["error"]
    code: str = error["code"] if isinstance(error.get("code"), str) else error["data"]["code"]
    return code


@contextmanager
def attacked(database_url: str, folder: Path) -> Iterator[Target]:
    """Serves for the time of the body, on a migrated database."""
    keys = folder / "keys.json"
    keys.write_text(json.dumps(key_set(first=RSA_KEY)), encoding="utf-8")
    log_file = folder / "server.log"
    given = environment(folder / "data") | {
        "DATABASE_URL": database_url,
        "DIAGRAMAI_LOG_LEVEL": "DEBUG",
        "DIAGRAMAI_JWKS": str(keys),
        "DIAGRAMAI_JWT_ISSUER": ISSUER,
        "DIAGRAMAI_JWT_AUDIENCE": AUDIENCE,
        "DIAGRAMAI_ADMINS": "root",
        "DIAGRAMAI_TRUSTED_PROXIES": "127.0.0.1",
        "DIAGRAMAI_CLIENT_DOCUMENTS": "false",
    }
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "serve", "--port", "0"]
    with (
        log_file.open("wb") as log,
        subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        leaks.watch_file(log_file)
        try:
            found = _read_greeting(process)
            target = Target(
                process=process,
                base_url=found[1],
                link=found[0],
                database_url=database_url,
                log_file=log_file,
            )
            _settle(target)
            yield target
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


def _read_greeting(process: subprocess.Popen[bytes]) -> re.Match[str]:
    assert process.stdout is not None, "its output is piped"
    text, ends = "", time.monotonic() + START_SECONDS
    while "nothing is lost" not in text:
        ready, _, _ = select.select([process.stdout], [], [], max(0, ends - time.monotonic()))
        chunk = os.read(process.stdout.fileno(), 65_536) if ready else b""
        assert chunk, f"the server does not start: {text}"
        text += chunk.decode()
    found = re.search(r"(http://127\.0\.0\.1:\d+)/sign-in\?code=(\S+)", text)
    assert found, text
    leaks.remember(found[2])
    return found


def _settle(target: Target) -> None:
    """Olga has a secret diagram, one that is closed to agents, and one with a viewer and an editor;
    there are agents of all kinds."""
    target.keys |= trio.run(_make_agents, target.database_url)
    with target.client("olga") as olga:
        for name in ("secret", "closed", "shared", "other"):
            sent = {"title": f"The {name} plan", "agentAccessible": name != "closed"}
            row = olga.post("/api/diagrams", json=sent).json()["data"]
            target.diagrams[name], target.uuids[name] = row["id"], row["uuid"]
        for person in ("vera", "edgar", "mallory"):
            # Who was here once can be given a role.
            assert target.ask(person, "GET", "/api/session").status_code == 200
        shared = f"/api/diagrams/{target.diagrams['shared']}"
        for person, role in (("vera", "viewer"), ("edgar", "editor")):
            answer = olga.put(f"{shared}/members/jwt:{person}", json={"role": role})
            assert answer.status_code == 200, answer.text
        answer = olga.put(f"{shared}/agents/narrowed", json={"permissions": [READ]})
        assert answer.status_code == 200, answer.text


async def _make_agents(database_url: str) -> dict[str, str]:
    keys = {}
    async with open_bridge(database_url) as bridge:
        for name, (permissions, more) in AGENTS.items():
            bounds = {"rate_limit": MAX_RATE_LIMIT, **more}
            keys[name] = (await create_agent(Credentials(bridge), name, permissions, **bounds)).key
            leaks.remember(keys[name])
    return keys
