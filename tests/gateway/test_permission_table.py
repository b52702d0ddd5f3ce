"""Every door, for every kind of participant: who gets in, who is told why not, who learns nothing.

A route, a message or a tool that has no row here fails the test: it has to say what it takes.
"""

import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Final, get_args

import httpx2
import pytest

from gateway import messages
from gateway.access import RESTORE, not_found
from gateway.identity import CREATE, DELETE, EDIT, READ
from gateway.resources.uris import VIEWS
from tests.support.principals import KINDS, OWNER, SHARE, Company, Kind, open_company
from tests.support.socket_client import Socket, open_socket

#: What is asked concerns no diagram: for all who read, for whoever is signed in, for everybody, for
#: people who have diagrams, for everybody but agents, for admins.
LIST: Final = "list"
KNOWN: Final = "known"
OPEN: Final = "open"
PEOPLE: Final = "people"
ADMIN: Final = "admin"
REDEEM: Final = "redeem"
#: What proves who it is has to be of one sort; nobody here comes with the first or the last.
BY_JWT: Final = "by jwt"
BY_KEY: Final = "by key"
BY_TOKEN: Final = "by token"
REFUSALS: Final = frozenset({"unauthenticated", "forbidden", "not_found"})
ONE: Final = "/api/diagrams/<diagram_id>"
BASE: Final = "/api/admin"
#: No diagram is ever at this revision, so that nothing is deleted by those who may.
NO_REVISION: Final = 999_999

Row = tuple[str, dict[str, Any]]

ROUTES: Final[dict[tuple[str, str], Row]] = {
    ("GET", "/api/diagrams"): (LIST, {}),
    ("POST", "/api/diagrams"): (CREATE, {"json": {"title": "New"}}),
    ("GET", ONE): (READ, {}),
    ("PUT", ONE): (EDIT, {"json": {}}),
    ("DELETE", ONE): (DELETE, {"headers": {"If-Match": f'"{NO_REVISION}"'}}),
    ("POST", "/api/diagrams/import"): (
        CREATE,
        {"content": "graph TD", "headers": {"Content-Type": "text/vnd.mermaid"}},
    ),
    ("GET", f"{ONE}/export"): (READ, {"params": {"format": "json"}}),
    ("GET", f"{ONE}/thumbnail"): (READ, {}),
    ("PUT", f"{ONE}/mermaid"): (EDIT, {"json": {"text": "flowchart TD\n a --> b\n"}}),
    ("POST", f"{ONE}/layout"): (EDIT, {"json": {"dryRun": True}}),
    ("GET", f"{ONE}/check"): (READ, {}),
    ("POST", f"{ONE}/restore"): (RESTORE, {"json": {}}),
    ("GET", f"{ONE}/access"): (READ, {}),
    ("GET", f"{ONE}/members"): (SHARE, {}),
    ("PUT", f"{ONE}/members/<path:person_id>"): (SHARE, {"json": {"role": "viewer"}}),
    ("DELETE", f"{ONE}/members/<path:person_id>"): (SHARE, {"json": {}}),
    ("GET", f"{ONE}/agents"): (SHARE, {}),
    ("PUT", f"{ONE}/agents/<path:agent_id>"): (SHARE, {"json": {"permissions": ["read"]}}),
    ("DELETE", f"{ONE}/agents/<path:agent_id>"): (SHARE, {"json": {}}),
    ("POST", f"{ONE}/share-links"): (SHARE, {"json": {}}),
    ("GET", f"{ONE}/share-links"): (SHARE, {}),
    ("DELETE", f"{ONE}/share-links/<link_id>"): (SHARE, {"json": {}}),
    ("GET", "/api/people"): (PEOPLE, {"params": {"search": "a"}}),
    ("GET", "/api/connections"): (PEOPLE, {}),
    ("DELETE", "/api/connections/<agent_id>"): (PEOPLE, {"json": {}}),
    ("GET", "/api/session"): (KNOWN, {}),
    ("POST", "/api/session"): (BY_JWT, {"json": {}}),
    ("POST", "/api/agents/session"): (BY_KEY, {"json": {}}),
    ("DELETE", "/api/agents/session"): (BY_TOKEN, {"json": {}}),
    ("GET", f"{BASE}/agents"): (ADMIN, {}),
    ("POST", f"{BASE}/agents"): (ADMIN, {"json": {"name": "", "permissions": []}}),
    ("PUT", f"{BASE}/agents/<path:agent_id>"): (ADMIN, {"json": {}}),
    ("DELETE", f"{BASE}/agents/<path:agent_id>"): (ADMIN, {"json": {}}),
    ("POST", f"{BASE}/keys/<path:agent_id>"): (ADMIN, {"json": {}}),
    ("GET", f"{BASE}/grants"): (ADMIN, {}),
    ("PUT", f"{BASE}/grants/<diagram_id>/<path:agent_id>"): (
        ADMIN,
        {"json": {"permissions": ["read"]}},
    ),
    ("DELETE", f"{BASE}/grants/<diagram_id>/<path:agent_id>"): (ADMIN, {"json": {}}),
    ("GET", f"{BASE}/sessions"): (ADMIN, {}),
    ("DELETE", f"{BASE}/sessions/<session_id>"): (ADMIN, {"json": {}}),
    ("GET", f"{BASE}/audit"): (ADMIN, {}),
    ("GET", f"{BASE}/alerts"): (ADMIN, {}),
    ("GET", f"{BASE}/alerts/count"): (ADMIN, {}),
    ("POST", f"{BASE}/alerts/<alert_id>/acknowledge"): (ADMIN, {"json": {}}),
    ("GET", "/admin"): (KNOWN, {}),
    ("GET", "/"): (KNOWN, {}),
    ("GET", "/trash"): (KNOWN, {}),
    ("GET", "/d/<diagram_id>"): (KNOWN, {}),
    ("GET", "/share"): (OPEN, {}),
    ("POST", "/api/share-links/redeem"): (REDEEM, {"json": {"token": "none"}}),
    ("GET", "/sign-in"): (OPEN, {}),
    # Of nobody's session: theirs would end.
    ("POST", "/api/sign-out"): (OPEN, {"json": {}, "headers": {"cookie": "", "authorization": ""}}),
    ("GET", "/api/health"): (OPEN, {}),
    ("GET", "/api/version"): (OPEN, {}),
    ("GET", "/api/openapi.json"): (OPEN, {}),
}

NODE: Final = {"type": "process", "label": "N", "position": {"x": 0, "y": 0}}
#: The tools that take a diagram get its id besides.
TOOLS: Final[dict[str, Row]] = {
    "list_diagrams": (LIST, {}),
    "get_diagram_info": (READ, {}),
    "read_diagram": (READ, {}),
    "create_diagram": (CREATE, {"title": "Of a tool"}),
    "delete_diagram": (DELETE, {"confirm": True, "expected_revision": NO_REVISION}),
    "add_node": (EDIT, {"node_data": NODE}),
    "update_node": (EDIT, {"node_id": "none", "updates": {"label": "M"}}),
    "delete_node": (EDIT, {"node_id": "none"}),
    "add_edge": (EDIT, {"source_node_id": "none", "target_node_id": "none"}),
    "update_edge": (EDIT, {"edge_id": "none", "updates": {"label": "E"}}),
    "delete_edge": (EDIT, {"edge_id": "none"}),
    "render_diagram": (READ, {"format": "svg"}),
    "check_diagram": (READ, {}),
    "get_changes": (READ, {"since_revision": 0}),
    "undo_changes": (EDIT, {}),
    "layout_diagram": (EDIT, {"dry_run": True}),
    "write_mermaid": (EDIT, {"mermaid_syntax": "flowchart TD\n a --> b\n", "dry_run": True}),
    "apply_changes": (EDIT, {"changes": [{"action": "add_node", "node_data": NODE}]}),
}

#: What there is to see of a diagram as a resource, by the path in its address.
RESOURCES: Final = {
    "": READ,
    "outline": READ,
    "mermaid": READ,
    "image.svg": READ,
    "image.png": READ,
}

#: The old app's operations, inside one message type.
OPERATIONS: Final[dict[str, Row]] = {
    "list_diagrams": (LIST, {}),
    "create_diagram": (CREATE, {"title": "Of a socket"}),
    "read_diagram": (READ, {}),
    "add_node": (EDIT, {"label": "New", "position": {"x": 0, "y": 0}}),
    "update_node": (EDIT, {"node_id": "none", "updates": {"label": "M"}}),
    "delete_node": (EDIT, {"node_id": "none"}),
    "add_edge": (EDIT, {"source": "none", "target": "none"}),
    "delete_edge": (EDIT, {"edge_id": "none"}),
}
MESSAGES: Final = {
    "hello": KNOWN,
    "ping": KNOWN,
    "subscribe": READ,
    "unsubscribe": KNOWN,
    "presence": READ,
    "submit": EDIT,
    "agent_operation": OPERATIONS,
}


def expected(kind: Kind | None, permission: str) -> str:
    """``in``, or the code of the refusal; of ``None``, who is nobody."""
    if permission in (BY_KEY, BY_TOKEN):
        is_in = permission == BY_KEY and kind is not None and kind.is_agent
        return "in" if is_in else "unauthenticated"
    if permission == BY_JWT:
        return "unauthenticated" if kind is None else "forbidden"
    if permission == REDEEM:
        return "forbidden" if kind is not None and kind.is_agent else "in"
    if permission == OPEN:
        return "in"
    if kind is None:
        return "unauthenticated"
    if permission in (KNOWN, ADMIN):
        return "in" if permission == KNOWN or kind.name == "local" else "forbidden"
    if permission == CREATE:
        return "in" if kind.may_create else "forbidden"
    if permission == PEOPLE:
        return "in" if kind.may_create and not kind.is_agent else "forbidden"
    if kind.is_blind:
        return "forbidden"
    if permission == LIST:
        return "in"
    if permission == RESTORE:
        return "in" if kind.name in ("local", "owner", "owner on closed") else "not_found"
    if permission in kind.allowed:
        return "in"
    return "forbidden" if READ in kind.allowed else "not_found"


@pytest.fixture
async def company(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    async with open_company(database_url, monkeypatch) as opened:
        yield opened


async def test_every_door_is_as_open_as_the_table_says(company: Company) -> None:
    assert served_routes(company) == set(ROUTES)
    assert {tool.name for tool in await company.mcp.list_tools()} == set(TOOLS)
    assert {view.path for view in VIEWS} == set(RESOURCES)
    assert {kind.__struct_config__.tag for kind in get_args(messages.Inbound)} == set(MESSAGES)
    wrong: list[str] = []
    async with AsyncExitStack() as stack:
        walks = [await enter(stack, company, kind, wrong) for kind in (*KINDS, None)]
        # Door by door: what is drawn of a diagram is drawn anew only where it has changed.
        for walk in walks:
            await walk.routes()
        for walk in walks:
            await walk.tools()
            await walk.resources()
    for walk in walks[:-1]:
        await walk.socket()
    assert wrong == [], "\n".join(wrong)
    # Nothing that was refused has changed anything.
    other = await company.serving.service.read(OWNER, company.diagrams["other"])
    assert other.revision == 0


async def enter(
    stack: AsyncExitStack, company: Company, kind: Kind | None, wrong: list[str]
) -> "Walk":
    headers = {} if kind is None else company.headers[kind.name]
    return Walk(company, kind, await stack.enter_async_context(company.http(headers)), wrong)


def served_routes(company: Company) -> set[tuple[str, str]]:
    """But for the files of the editor, which are everybody's."""
    return {
        (method, rule.rule)
        for rule in company.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
        if not re.match(r"/(assets/|[^/]+\.(js|svg|ico|png|txt|webmanifest)$)", rule.rule)
    }


class Walk:
    """One participant tries every door; what is not as expected is written down."""

    def __init__(
        self, company: Company, kind: Kind | None, client: httpx2.AsyncClient, wrong: list[str]
    ) -> None:
        self.company = company
        self.kind = kind
        self.client = client
        self.wrong = wrong
        self.target = company.diagrams["shared"] if kind is None else company.target(kind)

    def note(self, door: str, permission: str, code: str | None) -> None:
        found = code if code in REFUSALS else "in"
        wanted = expected(self.kind, permission)
        if found != wanted:
            name = "nobody" if self.kind is None else self.kind.name
            self.wrong.append(f"{name} at {door}: {found} ({code}), not {wanted}")

    # HTTP ------------------------------------------------------------------------------------

    async def routes(self) -> None:
        for (method, rule), (permission, sent) in ROUTES.items():
            diagram_id = self.target
            if permission == RESTORE:
                diagram_id = self.company.diagrams["trashed"]
            code = await self.ask(method, path_of(rule, diagram_id), sent)
            self.note(f"{method} {rule}", permission, code)
            if permission == RESTORE and code is None:
                await self.company.serving.service.delete(OWNER, diagram_id)
            if "<diagram_id>" in rule and permission not in (OPEN, KNOWN):
                await self.check_silence(method, rule, sent, code)
        for change in ({"isPublic": True}, {"agentAccessible": self.target_is_closed}):
            code = await self.ask("PUT", path_of(ONE, self.target), {"json": change})
            self.note(f"PUT {change}", SHARE, code)
            if code is None:
                await self.undo_visibility()

    @property
    def target_is_closed(self) -> bool:
        return self.target == self.company.diagrams["closed"]

    async def undo_visibility(self) -> None:
        await self.company.serving.service.update_record(
            OWNER, self.target, is_public=False, agent_accessible=not self.target_is_closed
        )

    async def check_silence(self, method: str, rule: str, sent: Any, code: str | None) -> None:
        """A diagram that one may not see answers as one that is not there, word by word."""
        if code != "not_found":
            return
        answers = [
            await self.client.request(method, path_of(rule, diagram_id), **sent)
            for diagram_id in (self.target, "no-such-diagram")
        ]
        if answers[0].text != answers[1].text:
            self.wrong.append(f"{self.kind} at {method} {rule}: {answers[0].text}")

    async def ask(self, method: str, path: str, sent: dict[str, Any]) -> str | None:
        answer = await self.client.request(method, path, **sent)
        if "json" in answer.headers.get("content-type", ""):
            body = answer.json()
            code: str | None = body["error"]["code"] if body.get("success") is False else None
            return code
        if path.startswith("/sign-in"):
            return None
        return {401: "unauthenticated", 404: "not_found"}.get(answer.status_code)

    # MCP -------------------------------------------------------------------------------------

    async def tools(self) -> None:
        for name, (permission, arguments) in TOOLS.items():
            named = {"diagram_id": self.target} if permission in (READ, EDIT, DELETE) else {}
            params = {"name": name, "arguments": {**named, **arguments}}
            answer = await self.call("tools/call", params)
            self.note(f"tool {name}", permission, tool_code(answer))

    async def resources(self) -> None:
        for path, permission in RESOURCES.items():
            uri = f"diagram://{self.target}/{path}".rstrip("/")
            answer = await self.call("resources/read", {"uri": uri})
            self.note(f"resource {path}", permission, tool_code(answer))

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        headers = {"accept": "application/json, text/event-stream"}
        answer: dict[str, Any] = (await self.client.post("/mcp", json=body, headers=headers)).json()
        return answer

    # WebSocket -------------------------------------------------------------------------------

    async def socket(self) -> None:
        assert self.kind is not None, "nobody has no socket"
        url = self.company.serving.base_url.replace("http", "ws", 1) + "/ws/diagrams"
        async with open_socket(url, self.company.headers[self.kind.name]) as socket:
            for tag, permission in MESSAGES.items():
                if isinstance(permission, str):
                    await self.send(socket, tag, permission)
            for operation, (permission, data) in OPERATIONS.items():
                await self.operate(socket, operation, permission, data)

    async def send(self, socket: Socket, tag: str, permission: str) -> None:
        await socket.send({"type": tag, **SENT[tag](self.target)})
        code = await answer_code(socket, tag)
        if tag == "presence" and code == "not_subscribed":
            # Nobody shows anything where they were not let in, which tells nothing of the diagram.
            code = expected(self.kind, permission)
        self.note(f"message {tag}", permission, code)

    async def operate(self, socket: Socket, operation: str, permission: str, data: Any) -> None:
        message = {"type": "agent_operation", "operation": operation, "data": data}
        await socket.send({**message, "diagram_uuid": self.target, "request_id": operation})
        while (answer := await socket.receive()).get("request_id") != operation:
            pass
        code = refusal(answer.get("code"), answer.get("error"))
        self.note(f"operation {operation}", permission, code)


SENT: Final[dict[str, Callable[[str], dict[str, Any]]]] = {
    "hello": lambda _: {"client_id": "walker"},
    "ping": lambda _: {"id": 1},
    "subscribe": lambda target: {"diagram_id": target},
    "unsubscribe": lambda _: {"diagram_id": "followed by nobody"},
    "presence": lambda target: {"diagram_id": target, "state": {}},
    "submit": lambda target: {
        "diagram_id": target,
        "base_revision": 0,
        "sequence": 1,
        "operation": {"diagram": {"type": "update", "writes": {}}},
    },
}


async def answer_code(socket: Socket, tag: str) -> str | None:
    """The code of the refusal; where nothing is answered, the answer to a ping says so."""
    await socket.send({"type": "ping", "id": tag})
    code: str | None = None
    while True:
        message = await socket.receive()
        if message["type"] in ("error", "rejected"):
            code = message["code"]
        if message["type"] == "pong" and message["id"] == tag:
            return code


def path_of(rule: str, diagram_id: str) -> str:
    return re.sub(r"<(?:path:)?(?!diagram_id)\w+>", "none", rule).replace(
        "<diagram_id>", diagram_id
    )


def tool_code(answer: dict[str, Any]) -> str | None:
    if "error" in answer:
        code: str = answer["error"]["data"]["code"]
        return code
    result = answer["result"]
    if not result.get("isError"):
        return None
    error = result["structuredContent"]["error"]
    return refusal(error["code"], error["message"])


def refusal(code: str | None, message: str | None) -> str | None:
    """A node that is not there has the same code as a diagram."""
    is_element = code == "not_found" and not (message or "").startswith(not_found().message)
    return "no_such_element" if is_element else code
