"""One socket at a time, many diagrams; reconnects by itself."""

import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, TypeAlias

import anyio
from anyio.abc import TaskGroup

from client import limits
from client.backoff import Backoff
from client.diagram import LiveDiagram
from client.errors import (
    ClientError,
    ConnectionFailed,
    DiagramUnavailable,
    NotSaved,
    SessionEnded,
)
from client.messages import (
    Author,
    DiagramMessage,
    Inbound,
    Outbound,
    Pong,
    Snapshot,
    Welcome,
)
from client.replica import Submitter
from client.session import Session
from client.subscriptions import Subscriptions
from client.websocket import Address, open_websocket, read_address

#: Random bytes of a client id.
_CLIENT_ID_BYTES = 12

#: ``failed``: it will not come back by itself, and every call says why.
ConnectionState: TypeAlias = Literal["connecting", "online", "reconnecting", "failed", "closed"]


@asynccontextmanager
async def connect(
    url: str,
    *,
    key: str,
    ssl_context: ssl.SSLContext | None = None,
    patience_seconds: float = limits.PATIENCE_SECONDS,
) -> "AsyncIterator[Connection]":
    """A connection to the server at ``url``, which reconnects until the block is left.

    ``key`` is an agent's key. ``ssl_context`` is for ``https`` where the system's certificates are
    not the right ones. Raises ConnectionFailed where the server refuses, or cannot be reached for
    ``patience_seconds``; ClientError where the url or the key cannot be one.
    """
    connection = Connection(read_address(url), _checked_key(key), ssl_context)
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        connection._start(tasks)
        try:
            await connection._wait_online(patience_seconds)
            yield connection
        except Exception as error:
            # Raised outside, so that it comes out as it is and in no group.
            failure = error
        finally:
            connection._close()
            tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure


def _checked_key(key: str) -> str:
    if not key or len(key) > limits.MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise ClientError("invalid_key", "Give an agent's key; 'diagramai' makes one.", "key")
    if " " in key:
        raise ClientError("invalid_key", "A key has no spaces in it.", "key")
    return key


class Connection:
    """Made by ``connect``."""

    def __init__(self, address: Address, key: str, ssl_context: ssl.SSLContext | None) -> None:
        self.state: ConnectionState = "connecting"
        self._address = address
        self._key = key
        self._ssl_context = ssl_context
        self._client_id = secrets.token_hex(_CLIENT_ID_BYTES)
        self._submitter: Submitter | None = None
        self._max_message_bytes = limits.MAX_SENT_BYTES
        self._session: Session | None = None
        self._is_online = False
        self._online_since = 0.0
        self._backoff = Backoff(limits.FIRST_RECONNECT_SECONDS, limits.LAST_RECONNECT_SECONDS)
        self._diagrams: dict[LiveDiagram, anyio.CancelScope] = {}
        self._subscriptions = Subscriptions()
        self._failure: ConnectionFailed | None = None
        self._last_reason = "nothing was tried yet"
        self._changed = anyio.Event()
        self._tasks: TaskGroup | None = None

    @property
    def participant(self) -> Author | None:
        """Who one is for the server."""
        return self._submitter.participant if self._submitter else None

    @asynccontextmanager
    async def open(self, diagram_id: str) -> AsyncIterator[LiveDiagram]:
        """Follows a diagram, named by its id or uuid, until the block is left.

        Returns once it is there. At the end of the block waits until every edit is saved, for
        ``SAVE_TIMEOUT_SECONDS`` at most. Raises DiagramUnavailable, ConnectionFailed, EditRefused,
        NotSaved.
        """
        diagram = self._opened(diagram_id)
        try:
            await diagram.ready()
            yield diagram
            await self._settle(diagram)
        finally:
            diagram.openings -= 1
            if diagram.openings == 0:
                diagram.close()
                self._release_if_done(diagram)

    async def _settle(self, diagram: LiveDiagram) -> None:
        with anyio.move_on_after(limits.SAVE_TIMEOUT_SECONDS):
            await diagram.saved()
            return
        raise NotSaved("not_saved", "The server did not take the last edits in time.")

    def _opened(self, diagram_id: str) -> LiveDiagram:
        if self._failure is not None:
            raise self._failure
        if self._tasks is None or self.state == "closed":
            raise ConnectionFailed("closed", "The connection was closed.")
        diagram = self._named(diagram_id) or self._new(diagram_id, self._tasks)
        diagram.openings += 1
        return diagram

    def _new(self, diagram_id: str, tasks: TaskGroup) -> LiveDiagram:
        if len(self._diagrams) >= limits.MAX_OPEN:
            raise ClientError("too_many_open", "Close other diagrams first.", "diagram_id")
        diagram, scope = LiveDiagram(diagram_id, self), anyio.CancelScope()
        self._diagrams[diagram] = scope
        tasks.start_soon(_ring, diagram, scope)
        if self._is_online:
            self._subscriptions.add(diagram, is_new_socket=True)
        return diagram

    def _named(self, diagram_id: str) -> LiveDiagram | None:
        there = [each for each in self._diagrams if each.status != "ended"]
        return next((each for each in there if diagram_id in (each.id, each.asked_id)), None)

    async def _wait_online(self, patience_seconds: float) -> None:
        with anyio.move_on_after(patience_seconds):
            while not self._is_online:
                if self._failure is not None:
                    raise self._failure
                await self._changed.wait()
            return
        raise ConnectionFailed("unreachable", f"The server did not answer: {self._last_reason}.")

    # For the diagrams -------------------------------------------------------------------------

    @property
    def submitter(self) -> Submitter | None:
        return self._submitter

    @property
    def max_message_bytes(self) -> int:
        """The largest message that the server takes."""
        return self._max_message_bytes

    def send(self, message: Outbound) -> None:
        """For diagrams: lost where there is no connection."""
        if self._session is not None and self._is_online:
            self._session.send(message)

    def send_encoded(self, message: bytes) -> None:
        if self._session is not None and self._is_online:
            self._session.send_encoded(message)

    def resubscribe(self, diagram: LiveDiagram) -> None:
        if self._is_online and diagram in self._diagrams:
            self._subscriptions.add(diagram, is_new_socket=False)

    def restart(self, reason: str) -> None:
        if self._session is not None:
            self._session.end(SessionEnded(reason))

    def _release_if_done(self, diagram: LiveDiagram) -> None:
        """A question keeps a diagram: the answer must not be taken for another one's."""
        if diagram.openings > 0 or (diagram.is_asking and self._is_online):
            return
        scope = self._diagrams.pop(diagram, None)
        if scope is not None:
            scope.cancel()
            self._subscriptions.remove(diagram)

    # The socket -------------------------------------------------------------------------------

    def _start(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        tasks.start_soon(self._run)

    async def _run(self) -> None:
        """Connects again and again, until it is cancelled or refused for good."""
        while True:
            retry_after: float | None = None
            try:
                await self._serve()
            except SessionEnded as error:
                retry_after, self._last_reason = error.retry_after, str(error)
            except ConnectionFailed as error:
                self._fail(error)
                return
            await anyio.sleep(max(self._pause(), retry_after or 0))

    async def _serve(self) -> None:
        """One socket, from its opening to its end. Always raises."""
        self._online_since = 0.0
        async with open_websocket(self._address, self._key, self._ssl_context) as socket:
            session = Session(
                socket, self._client_id, welcomed=self._welcomed, received=self._received
            )
            self._session = session
            try:
                await session.run()
            except anyio.get_cancelled_exc_class():
                # The block is left: the server is told so.
                with anyio.CancelScope(shield=True):
                    await socket.close()
                raise
            finally:
                self._left()

    def _pause(self) -> float:
        """None after a connection that lived for a while, else longer each time."""
        since = self._online_since
        if since and anyio.current_time() - since > limits.STEADY_AFTER_SECONDS:
            self._backoff.reset()
            return 0
        return self._backoff.next()

    def _welcomed(self, welcome: Welcome) -> None:
        before = self.participant
        if before is not None and not before.is_same(welcome.participant):
            message = "The key is somebody else's now; what waits is not sent in their name."
            raise ConnectionFailed("another_participant", message)
        self._submitter = Submitter(self._client_id, welcome.participant)
        self._max_message_bytes = welcome.max_message_bytes
        self._online_since = anyio.current_time()
        self._is_online = True
        self._set_state("online")
        for diagram in list(self._diagrams):
            if diagram.status != "ended":
                self._subscriptions.add(diagram, is_new_socket=True)

    def _received(self, message: Inbound) -> None:
        if isinstance(message, Welcome | Pong):
            return
        diagram = self._addressee(message)
        if diagram is not None:
            diagram.receive(message)
            self._subscriptions.answered(diagram, message)
            self._release_if_done(diagram)

    def _addressee(self, message: DiagramMessage) -> LiveDiagram | None:
        """A snapshot that nobody waits for answers the one of which only another name is known,
        and so does an error about a name that is none."""
        unresolved = self._subscriptions.unresolved
        if message.diagram_id is None:
            return unresolved if message.at == "diagram_id" else None
        known = self._by_id(message.diagram_id)
        if not isinstance(message, Snapshot) or unresolved is None:
            return known
        if known is None:
            return unresolved
        if known is not unresolved and not known.is_asking:
            self._end_twin(unresolved)
        return known

    def _by_id(self, diagram_id: str) -> LiveDiagram | None:
        found = (each for each in self._diagrams if diagram_id in (each.id, each.asked_id))
        return min(found, key=lambda each: each.status == "ended", default=None)

    def _end_twin(self, diagram: LiveDiagram) -> None:
        """It turned out to be one that is open already by another name."""
        message = "The diagram is open already by another name; open it by that."
        diagram.end(DiagramUnavailable("already_open", message, "diagram_id"))
        self._subscriptions.remove(diagram)

    def _left(self) -> None:
        self._session, self._is_online = None, False
        if self.state == "online":
            self._set_state("reconnecting")
        self._subscriptions.clear()
        for diagram in list(self._diagrams):
            diagram.disconnected()
            self._release_if_done(diagram)

    def _fail(self, error: ConnectionFailed) -> None:
        self._failure = error
        self._set_state("failed")
        for diagram in self._diagrams:
            diagram.end(error)

    def _set_state(self, state: ConnectionState) -> None:
        self.state = state
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    def _close(self) -> None:
        self._set_state("closed")
        for diagram in self._diagrams:
            diagram.end(ConnectionFailed("closed", "The connection was closed."), is_failure=False)


async def _ring(diagram: LiveDiagram, scope: anyio.CancelScope) -> None:
    with scope:
        await diagram.alarms.run()
