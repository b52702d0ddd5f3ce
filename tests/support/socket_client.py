"""A WebSocket client of the protocol: the three-state machine of ``ot.client`` on a real socket."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
import trio
import trio_websocket

from ot.client import Client, Submission
from ot.diagram import Diagram
from ot.operation import Operation

SUBPROTOCOL = "diagramai.v1"
PATIENCE_SECONDS = 60
#: Revisions after which a crash comes in the middle of things.
MUCH = 50


class Socket:
    """A raw connection: JSON out, JSON in. Every wait is bounded."""

    def __init__(self, connection: trio_websocket.WebSocketConnection) -> None:
        self.connection = connection

    async def send(self, message: Mapping[str, Any]) -> None:
        await self.connection.send_message(msgspec.json.encode(message).decode())

    async def send_text(self, text: str) -> None:
        await self.connection.send_message(text)

    async def receive(self) -> dict[str, Any]:
        with trio.fail_after(PATIENCE_SECONDS):
            text = await self.connection.get_message()
        message: dict[str, Any] = msgspec.json.decode(text)
        return message

    async def receive_kind(self, kind: str) -> dict[str, Any]:
        """The next message of that type; others before it are passed over."""
        while True:
            message = await self.receive()
            if message["type"] == kind:
                return message


@asynccontextmanager
async def open_socket(
    url: str, headers: Mapping[str, str], *, subprotocols: tuple[str, ...] = (SUBPROTOCOL,)
) -> AsyncIterator[Socket]:
    """A connection with these headers, closed at the end."""
    pairs = [(key.encode(), value.encode()) for key, value in headers.items()]
    parts = urlsplit(url)
    assert parts.hostname is not None, "the URL names a host"
    assert parts.port is not None, "the URL names a port"
    # Opened here and not by the library, which leaves the stream open where the peer vanishes.
    async with (
        await trio.open_tcp_stream(parts.hostname, parts.port) as stream,
        trio.open_nursery() as nursery,
    ):
        connection = await trio_websocket.wrap_client_stream(
            nursery,
            stream,
            parts.netloc,
            parts.path,
            subprotocols=list(subprotocols),
            extra_headers=pairs,
            max_message_size=64 * 1024 * 1024,
            message_queue_size=10_000,
        )
        async with connection:
            yield Socket(connection)


class Replica:
    """A participant's copy of one diagram, that survives its connections.

    ``seen`` are the revisions it was told of, each with client and sequence: what a user has seen.
    """

    def __init__(self, diagram_id: str, client_id: str, kind: str = "user") -> None:
        self.diagram_id = diagram_id
        self.client_id = client_id
        self.kind = kind
        self.client: Client | None = None
        self.seen: dict[int, tuple[str | None, int | None]] = {}
        self.acknowledged = 0
        self.met_others = 0
        self.conflicts: list[dict[str, Any]] = []
        self._socket: Socket | None = None
        self._changed = trio.Event()

    async def serve(self, socket: Socket, *, joined: trio.Event | None = None) -> None:
        """Joins, or catches up, then takes in what comes until the connection ends."""
        self._socket = socket
        client = self.client
        await socket.send({"type": "hello", "client_id": self.client_id})
        await socket.send(
            {
                "type": "subscribe",
                "diagram_id": self.diagram_id,
                "revision": client.revision if client else None,
                "pending": client is not None and client.sent is not None,
            }
        )
        try:
            while True:
                text = await socket.connection.get_message()
                await self._take(msgspec.json.decode(text), joined)
                self._changed.set()
        finally:
            self._socket = None

    async def _take(self, message: dict[str, Any], joined: trio.Event | None) -> None:
        match message["type"]:
            case "snapshot":
                self._join(message)
            case "diagram_updated":
                for change in message["changes"]:
                    await self._take_change(change)
            case "conflict_detected":
                self.conflicts.append(message)
            case "rejected":
                await self._take_rejection(message)
        if message["type"] in ("snapshot", "subscribed"):
            if self.client is not None and self.client.sent is not None:
                await self._send(self.client.resend())
            if joined is not None:
                joined.set()

    def _join(self, message: dict[str, Any]) -> None:
        assert self.client is None or self.client.sent is None, "pending edits need operations"
        diagram = msgspec.convert(message["diagram"], Diagram)
        sequence = self.client.sequence if self.client else message["last_sequence"]
        self.client = Client(
            diagram, message["revision"], policy=message["policy"], sequence=sequence
        )

    async def _take_change(self, change: dict[str, Any]) -> None:
        client = self.client
        assert client is not None, "operations come after a snapshot"
        revision = change["revision"]
        self.seen[revision] = (change.get("client_id"), change.get("sequence"))
        if revision <= client.revision:
            return
        assert revision == client.revision + 1, "operations come without gaps"
        if change.get("client_id") == self.client_id:
            self.acknowledged += 1
            await self._send(client.acknowledge(change["sequence"]))
            return
        if client.sent is not None:
            self.met_others += 1
        operation = msgspec.convert(change["operation"], Operation)
        client.receive(operation, change["updated_by"])

    async def _take_rejection(self, message: dict[str, Any]) -> None:
        assert self.client is not None, "it had sent something"
        if message["retry"]:
            await self._send(self.client.resend())
        else:
            raise AssertionError(f"rejected: {message}")

    async def edit(self, a: Operation) -> None:
        assert self.client is not None, "the replica has joined"
        await self._send(self.client.edit(a))

    async def _send(self, submission: Submission | None) -> None:
        if submission is None or self._socket is None:
            return
        operation = msgspec.to_builtins(submission.operation)
        try:
            await self._socket.send(
                {
                    "type": "submit",
                    "diagram_id": self.diagram_id,
                    "base_revision": submission.base_revision,
                    "sequence": submission.sequence,
                    "operation": operation,
                }
            )
        except trio_websocket.ConnectionClosed:
            self._socket = None

    async def has_seen_much(self) -> bool:
        return len(self.seen) > MUCH

    async def wait_revision(self, revision: int) -> None:
        """Returns once everything of its own is acknowledged and that revision is here."""
        with trio.fail_after(PATIENCE_SECONDS):
            while (
                self.client is None
                or self.client.state != "synchronised"
                or self.client.revision < revision
            ):
                self._changed = trio.Event()
                await self._changed.wait()
