"""One WebSocket session: decodes messages, posts commands to actors, sends what they answer."""

import secrets
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from actors import commands
from actors.events import AnyEvent, Closed, Rejected, Updated
from actors.limits import MAX_PRESENCE_BYTES
from actors.registry import Registry
from actors.sessions import Receiver, Subscription
from gateway import messages
from gateway.access import may_access
from gateway.codec import decode, event_frames, frame, peek_submission
from gateway.errors import ServiceError
from gateway.identity import EDIT, READ, Principal
from gateway.legacy import LegacyFollower, run_agent_operation
from gateway.service import DiagramService
from ot.errors import OperationError
from persistence.catalogue import DiagramRecord
from persistence.errors import PersistenceError

#: Diagrams one socket may follow at once.
MAX_SUBSCRIPTIONS = 500
#: Diagrams whose ids and permissions one socket keeps in mind.
MAX_KNOWN_DIAGRAMS = 1_000


class Connection(Protocol):
    """The socket, as far as a session needs it."""

    def send_nowait(self, frames: bytes) -> None: ...

    async def receive_batch(self) -> list[bytes]: ...


class Session:
    """A participant's socket. It is the receiver of everything its subscriptions bring."""

    def __init__(
        self,
        connection: Connection,
        who: Principal,
        service: DiagramService,
        registry: Registry,
        welcome: messages.Welcome,
    ) -> None:
        self._connection = connection
        self._send_nowait = connection.send_nowait
        self._who = who
        self._service = service
        self._registry = registry
        self._welcome = welcome
        self.session_id = welcome.session_id
        self.client_id = welcome.client_id
        self._ids: dict[tuple[str, str], str] = {}
        self._followed: dict[str, Receiver] = {}

    def deliver(self, event: AnyEvent) -> None:
        """What an actor says goes straight to the socket."""
        self._send_nowait(event_frames(event))
        # Operations come by the thousand, and end nothing.
        if type(event) is not Updated and _ends_subscription(event):
            self._followed.pop(event.diagram_id, None)

    async def run(self) -> None:
        """Serves the socket until it closes (the connection raises)."""
        try:
            while True:
                for data in await self._connection.receive_batch():
                    await self._receive(data)
        finally:
            for diagram_id, receiver in self._followed.items():
                self._registry.post_nowait(diagram_id, commands.Unsubscribe(receiver))

    async def _receive(self, data: bytes) -> None:
        """One message. Whatever is wrong with it is answered; the connection lives."""
        try:
            message = decode(data)
        except ServiceError as error:
            self._answer_undecodable(data, error)
            return
        try:
            await self._handle(message, len(data))
        except (ServiceError, OperationError, PersistenceError) as error:
            self._answer_error(message, error)

    async def _handle(self, message: messages.Inbound, size: int) -> None:
        match message:
            case messages.Submit():
                await self._submit(message)
            case messages.ShowPresence():
                self._show_presence(message, size)
            case messages.Ping():
                self._send(messages.Pong(message.id))
            case messages.Subscribe():
                await self._subscribe(message)
            case messages.Unsubscribe():
                self._unsubscribe(message)
            case messages.Hello():
                self._hello(message)
            case messages.AgentOperation():
                result = await run_agent_operation(self._service, self._who, message)
                self._send(result)

    # Messages --------------------------------------------------------------------------------

    def _hello(self, message: messages.Hello) -> None:
        if message.client_id is not None and message.client_id != self.client_id:
            if self._followed or self._ids:
                text = "Say hello first, before the first subscribe or submit."
                raise ServiceError("hello_too_late", text)
            self.client_id = message.client_id
        self._welcome.client_id = self.client_id
        self._send(self._welcome)

    async def _submit(self, message: messages.Submit) -> None:
        diagram_id = self._ids.get((message.diagram_id, EDIT))
        if diagram_id is None:
            diagram_id = (await self._find(message.diagram_id, EDIT)).id
        command = commands.Submit(
            receiver=self,
            author=self._who.author,
            operation=message.operation,
            base_revision=message.base_revision,
            seen_revision=message.seen_revision,
            client_id=self.client_id,
            sequence=message.sequence,
            label=message.label or "submit",
        )
        self._registry.post_nowait(diagram_id, command)

    async def _subscribe(self, message: messages.Subscribe) -> None:
        asked = _asked_id(message)
        record = await self._find(asked, READ)
        diagram_id = record.id
        if diagram_id not in self._followed and len(self._followed) >= MAX_SUBSCRIPTIONS:
            text = f"One connection follows at most {MAX_SUBSCRIPTIONS} diagrams."
            raise ServiceError("too_many_subscriptions", text, "diagram_id")
        receiver: Receiver = self
        if message.diagram_id is None:
            forget = partial(self._followed.pop, diagram_id, None)
            receiver = LegacyFollower(self._connection, asked, forget)
        before = self._followed.get(diagram_id)
        if before is not None and before is not receiver:
            self._registry.post_nowait(diagram_id, commands.Unsubscribe(before))
        self._followed[diagram_id] = receiver
        subscription = Subscription(
            receiver=receiver,
            session_id=self.session_id,
            author=self._who.author,
            client_id=self.client_id,
            may_edit=may_access(self._who, EDIT, record),
        )
        command = commands.Subscribe(
            subscription=subscription, revision=message.revision, pending=message.pending
        )
        self._registry.post_nowait(diagram_id, command)

    def _unsubscribe(self, message: messages.Unsubscribe) -> None:
        diagram_id = self._known_id(_asked_id(message))
        receiver = self._followed.pop(diagram_id, None)
        if receiver is not None:
            self._registry.post_nowait(diagram_id, commands.Unsubscribe(receiver))

    def _show_presence(self, message: messages.ShowPresence, size: int) -> None:
        diagram_id = self._known_id(message.diagram_id)
        if diagram_id not in self._followed:
            text = "Subscribe to the diagram before showing presence on it."
            raise ServiceError("not_subscribed", text, "diagram_id")
        if size > MAX_PRESENCE_BYTES:
            text = f"A presence message has at most {MAX_PRESENCE_BYTES} bytes."
            raise ServiceError("presence_too_large", text, "state")
        self._registry.post_nowait(diagram_id, commands.ShowPresence(self, message.state))

    # Ids and answers -------------------------------------------------------------------------

    async def _find(self, asked: str, permission: str) -> DiagramRecord:
        """The diagram's record, once this participant may do that to it."""
        record = await self._service.access(self._who, asked, permission)
        if len(self._ids) >= MAX_KNOWN_DIAGRAMS:
            followed = self._followed
            self._ids = {key: known for key, known in self._ids.items() if known in followed}
        self._ids[asked, permission] = record.id
        return record

    def _known_id(self, asked: str) -> str:
        return self._ids.get((asked, READ), asked)

    def _answer_undecodable(self, data: bytes, error: ServiceError) -> None:
        submission = peek_submission(data)
        if submission is None:
            self._send(messages.Error(error.code, error.message, error.at))
            return
        diagram_id, sequence = submission
        self._send(
            messages.Rejected(diagram_id, sequence, error.code, error.message, error.at, False)
        )

    def _answer_error(
        self, message: messages.Inbound, error: ServiceError | OperationError | PersistenceError
    ) -> None:
        match message:
            case messages.Submit(diagram_id=diagram_id, sequence=sequence):
                retry = error.code == "unavailable" or getattr(error, "retry", False)
                self._send(
                    messages.Rejected(
                        diagram_id, sequence, error.code, error.message, error.at, retry
                    )
                )
            case (
                messages.AgentOperation() | messages.Subscribe(diagram_id=None, diagram_uuid=str())
            ):
                request_id = getattr(message, "request_id", None)
                self._send(
                    messages.LegacyError(
                        error=error.message,
                        code=error.code,
                        timestamp=datetime.now(UTC),
                        request_id=request_id,
                        diagram_uuid=message.diagram_uuid,
                    )
                )
            case _:
                about = getattr(message, "diagram_id", None)
                self._send(messages.Error(error.code, error.message, error.at, about))

    def _send(
        self,
        message: (
            messages.Welcome
            | messages.Pong
            | messages.Error
            | messages.Rejected
            | messages.LegacyResult
            | messages.LegacyError
        ),
    ) -> None:
        self._send_nowait(frame(message))


def new_session_id() -> str:
    """A name for one connection; it identifies, it does not authorise."""
    return secrets.token_hex(8)


def _asked_id(message: messages.Subscribe | messages.Unsubscribe) -> str:
    asked = message.diagram_id or message.diagram_uuid
    if asked is None:
        raise ServiceError("invalid_message", "Name the diagram.", "diagram_id")
    return asked


def _ends_subscription(event: AnyEvent) -> bool:
    return isinstance(event, Closed) or (isinstance(event, Rejected) and event.sequence is None)
