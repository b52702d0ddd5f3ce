"""One WebSocket session: decodes messages, posts commands to actors, sends what they answer."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol, TypeAlias

import msgspec
import trio
from msgspec import UNSET, UnsetType

from actors import commands
from actors.events import AnyEvent, Closed, Rejected, Updated
from actors.limits import MAX_PRESENCE_BYTES
from actors.ports import Origin
from actors.registry import Registry
from actors.sessions import Receiver, Subscription
from gateway import messages
from gateway.access import Access, may_access
from gateway.authentication import Authenticator
from gateway.codec import decode, event_frames, frame, peek_submission
from gateway.errors import ServiceError
from gateway.identity import EDIT, READ, Principal
from gateway.legacy import LegacyFollower, run_agent_operation
from gateway.live_sessions import Ending, Handle, LiveSessions
from gateway.rate_limits.limiter import is_limited
from gateway.service import DiagramService
from gateway.trail import current_call
from ot.errors import OperationError
from persistence.audit import Note
from persistence.errors import PersistenceError

#: Diagrams one socket may follow at once.
MAX_SUBSCRIPTIONS = 500
#: Diagrams whose ids and permissions one socket keeps in mind.
MAX_KNOWN_DIAGRAMS = 1_000
#: How often a diagram is asked for anew because access changed in that very moment.
MAX_ASKED_ANEW = 5

#: Closes a socket whose participant is nobody any more, or did not say who it is.
SIGNED_OUT: Final = 4401

#: Finds a diagram for somebody who may do this to it.
FindAccess: TypeAlias = Callable[[Principal, str, str], Awaitable[Access]]

log = logging.getLogger("diagramai.session")


class Connection(Protocol):
    """The socket, as far as a session needs it."""

    def send_nowait(self, frames: bytes) -> None: ...

    async def receive_batch(self) -> list[bytes]: ...

    def close_nowait(self, code: int, reason: str) -> None: ...


class Surroundings(msgspec.Struct, frozen=True):
    """What all sockets have in common."""

    authenticator: Authenticator
    service: DiagramService
    registry: Registry
    live: LiveSessions


class Session:
    """A participant's socket. It is the receiver of everything its subscriptions bring."""

    def __init__(
        self,
        connection: Connection,
        who: Principal,
        around: Surroundings,
        welcome: messages.Welcome,
    ) -> None:
        self._connection = connection
        self._send_nowait = connection.send_nowait
        self._who = who
        self._service = around.service
        self._trail = around.service.trail
        #: Refusals that there was no room for on record.
        self._owed: list[Note] = []
        self._registry = around.registry
        self._live = around.live
        self._authenticator = around.authenticator
        self._welcome = welcome
        self.session_id = welcome.session_id
        self.client_id = welcome.client_id
        self._ids: dict[tuple[str, str], str] = {}
        self._followed: dict[str, Receiver] = {}
        #: What was last told of each diagram that is followed.
        self._may_edit: dict[str, bool] = {}
        self._open: Handle | None = None
        self._nursery: trio.Nursery | None = None
        self._is_rechecking = False
        #: Nobody speaks here any more.
        self._is_over = False

    def deliver(self, event: AnyEvent) -> None:
        """What an actor says goes straight to the socket."""
        self._send_nowait(event_frames(event))
        # Operations come by the thousand, and end nothing.
        if type(event) is not Updated:
            self._note_event(event)

    def _note_event(self, event: AnyEvent) -> None:
        if _ends_subscription(event):
            self._followed.pop(event.diagram_id, None)
        elif isinstance(event, Rejected) and self._who.is_agent:
            owed = self._trail.refused_nowait(self._who, "submit", event.diagram_id, event.code)
            if owed is not None:
                self._owed.append(owed)

    async def run(self, first: Sequence[bytes] = ()) -> None:
        """Serves the socket until it closes (the connection raises). ``first`` are messages that
        were received already."""
        self._open = self._live.register(self._who, self._access_changed)
        try:
            with self._trail.holdings.connection(self._who, self._followed):
                await self._converse(first)
        finally:
            self._open.close()
            self._leave_all()
            await self._trail.note_owed(self._owed)

    async def _converse(self, first: Sequence[bytes]) -> None:
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await self._receive_all(first)
            while True:
                await self._receive_all(await self._connection.receive_batch())

    async def _receive_all(self, batch: Sequence[bytes]) -> None:
        while self._owed:
            # As long as there is no room for it on record, nothing further is done.
            await self._trail.note(self._owed.pop(0))
        for data in batch:
            if self._is_over:
                return
            await self._receive(data)

    def _leave_all(self) -> None:
        for diagram_id, receiver in self._followed.items():
            self._registry.post_nowait(diagram_id, commands.Unsubscribe(receiver))
        self._followed.clear()

    # What was taken away ---------------------------------------------------------------------

    def _access_changed(self) -> None:
        """Told by the live sessions, at once."""
        assert self._open is not None, "registered before anything is told"
        who = self._open.principal
        if who is None:
            self._end(self._open.ended or "signed_out")
            return
        self._who = who
        changed = self._open.take_changed()
        self._ids = {
            key: known for key, known in self._ids.items() if key[1] != EDIT or known not in changed
        }
        self._open.add_changed(changed)
        if self._nursery is not None and not self._is_rechecking:
            self._is_rechecking = True
            self._nursery.start_soon(self._recheck)

    def _end(self, reason: Ending) -> None:
        """Nobody speaks here any more: what was said and not done yet is refused."""
        self._is_over = True
        for diagram_id in {*self._ids.values(), *self._followed}:
            self._registry.post_if_open_nowait(diagram_id, commands.Withdraw(self))
        self._leave_all()
        self._connection.close_nowait(SIGNED_OUT, reason)

    async def _recheck(self) -> None:
        assert self._open is not None, "registered before anything is told"
        try:
            while not self._is_over and (changed := self._open.take_changed()):
                for diagram_id in changed:
                    await self._recheck_diagram(diagram_id)
        except (ServiceError, PersistenceError) as error:
            # Edits ask the database themselves by now; reading on is settled with the next look.
            log.debug("access cannot be looked at: %s", error.code)
            self._live.doubt(self._open, changed)
        finally:
            self._is_rechecking = False

    async def _recheck_diagram(self, diagram_id: str) -> None:
        try:
            access = await self._find_now(diagram_id, READ, self._service.look_again)
        except ServiceError as error:
            if error.code not in ("not_found", "forbidden"):
                raise
            self._lose(diagram_id)
            return
        may_edit = may_access(self._who, EDIT, access)
        if not may_edit:
            self._registry.post_if_open_nowait(diagram_id, commands.Withdraw(self))
        if diagram_id in self._followed and self._may_edit.get(diagram_id) != may_edit:
            self._may_edit[diagram_id] = may_edit
            if self._followed[diagram_id] is self:
                self._send(messages.PermissionChanged(diagram_id, may_edit))

    def _lose(self, diagram_id: str) -> None:
        """The diagram is none of theirs any more; the others go on."""
        self._ids = {key: known for key, known in self._ids.items() if known != diagram_id}
        self._may_edit.pop(diagram_id, None)
        if self._open is not None:
            self._open.watching.discard(diagram_id)
        self._registry.post_if_open_nowait(diagram_id, commands.Withdraw(self))
        receiver = self._followed.pop(diagram_id, None)
        if receiver is not None:
            self._registry.post_nowait(diagram_id, commands.Unsubscribe(receiver))
            receiver.deliver(Closed(diagram_id=diagram_id, reason="forbidden"))

    # Messages --------------------------------------------------------------------------------

    async def _receive(self, data: bytes) -> None:
        """One message. Whatever is wrong with it is answered; the connection lives."""
        try:
            message = decode(data)
        except ServiceError as error:
            self._answer_undecodable(data, self._counted(error))
            return
        try:
            if self._who.is_agent or is_limited(self._who):
                await self._handle_on_record(message, len(data))
            else:
                await self._handle(message, len(data))
        except (ServiceError, OperationError, PersistenceError) as error:
            self._answer_error(message, error)

    async def _handle_on_record(self, message: messages.Inbound, size: int) -> None:
        """Of an agent, and of a member, what is more than talk counts."""
        label = _LABELS.get(type(message))
        if label is None:
            await self._handle(message, size)
            return
        asked = getattr(message, "diagram_id", None) or getattr(message, "diagram_uuid", None)
        word = getattr(message, "operation", label) if label == "agent_operation" else label
        async with self._trail.calling(self._who, word, asked) as call:
            is_submit = isinstance(message, messages.Submit)
            if is_submit:
                self._trail.charge(self._who, "write")
            await self._handle(message, size)
            if is_submit and call is not None:
                # Its row comes with the commit, or with the actor's refusal.
                call.is_stored = True

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
                await self._hello(message)
            case messages.AgentOperation():
                result = await run_agent_operation(self._service, self._who, message)
                self._send(result)

    async def _hello(self, message: messages.Hello) -> None:
        if message.token is not None:
            await self._take_token(message.token)
            if self._is_over:
                return
        if message.client_id is not None and message.client_id != self.client_id:
            if self._followed or self._ids:
                text = "Say hello first, before the first subscribe or submit."
                raise ServiceError("hello_too_late", text)
            self.client_id = message.client_id
        self._welcome.client_id = self.client_id
        self._send(self._welcome)

    async def _take_token(self, token: str) -> None:
        """Who it is from now on; for the same participant also later, before its time is over."""
        assert self._open is not None, "registered before anything is received"
        who = await self._authenticator.identify_bearer(token, self._who.address)
        if who is None:
            self._end("signed_out")
            return
        is_another = (who.author.kind, who.author.id) != (
            self._who.author.kind,
            self._who.author.id,
        )
        if is_another and (self._followed or self._ids):
            text = "Say hello as somebody else before the first subscribe or submit."
            raise ServiceError("hello_too_late", text)
        if self._is_over:
            return
        watching = self._open.watching
        self._open.close()
        self._who = who
        self._open = self._live.register(who, self._access_changed)
        self._open.watching = watching
        self._open.add_changed(watching)
        self._access_changed()
        self._welcome.participant = who.author

    async def _submit(self, message: messages.Submit) -> None:
        diagram_id = self._ids.get((message.diagram_id, EDIT))
        if diagram_id is None:
            diagram_id = (await self._find(message.diagram_id, EDIT)).record.id
        command = commands.Submit(
            receiver=self,
            author=self._who.author,
            operation=message.operation,
            base_revision=message.base_revision,
            seen_revision=message.seen_revision,
            client_id=self.client_id,
            sequence=message.sequence,
            label=message.label or "submit",
            origin=self._origin(),
        )
        self._registry.post_nowait(diagram_id, command)

    def _origin(self) -> Origin | None:
        call = current_call(self._who) if self._who.is_agent else None
        return None if call is None else call.origin

    async def _subscribe(self, message: messages.Subscribe) -> None:
        asked = _asked_id(message)
        access = await self._find(asked, READ)
        diagram_id = access.record.id
        if diagram_id not in self._followed and len(self._followed) >= MAX_SUBSCRIPTIONS:
            text = f"One connection follows at most {MAX_SUBSCRIPTIONS} diagrams."
            raise ServiceError("too_many_subscriptions", text, "diagram_id")
        if diagram_id not in self._followed:
            self._trail.holdings.check_subscription(self._who)
        receiver: Receiver = self
        if message.diagram_id is None:
            forget = partial(self._followed.pop, diagram_id, None)
            receiver = LegacyFollower(self._connection, asked, forget)
        before = self._followed.get(diagram_id)
        if before is not None and before is not receiver:
            self._registry.post_nowait(diagram_id, commands.Unsubscribe(before))
        self._followed[diagram_id] = receiver
        self._may_edit[diagram_id] = may_access(self._who, EDIT, access)
        subscription = Subscription(
            receiver=receiver,
            session_id=self.session_id,
            author=self._who.author,
            client_id=self.client_id,
            may_edit=self._may_edit[diagram_id],
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

    async def _find(self, asked: str, permission: str) -> Access:
        """The diagram, once this participant may do that to it."""
        assert self._open is not None, "registered before anything is received"
        access = await self._find_now(asked, permission, self._service.find_access)
        if len(self._ids) >= MAX_KNOWN_DIAGRAMS:
            followed = self._followed
            self._ids = {key: known for key, known in self._ids.items() if known in followed}
            self._open.watching = {*self._ids.values(), *followed}
        self._ids[asked, permission] = access.record.id
        self._open.watching.add(access.record.id)
        return access

    async def _find_now(self, asked: str, permission: str, find: FindAccess) -> Access:
        """What holds still when it is known here; somebody may take it away while it is asked."""
        for _ in range(MAX_ASKED_ANEW):
            epoch = self._live.epoch
            access = await find(self._who, asked, permission)
            if self._is_over:
                raise ServiceError("unauthenticated", "Sign in again.")
            if epoch == self._live.epoch:
                return access
        message = "Access to diagrams is changing just now; send it again in a moment."
        raise ServiceError("unavailable", message, retry=True)

    def _known_id(self, asked: str) -> str:
        return self._ids.get((asked, READ), asked)

    def _counted(self, error: ServiceError) -> ServiceError:
        """What is wrong with a message, or that there were too many."""
        try:
            self._trail.charge(self._who, "write")
        except ServiceError as too_many:
            return too_many
        return error

    def _answer_undecodable(self, data: bytes, error: ServiceError) -> None:
        submission = peek_submission(data)
        if self._who.is_agent:
            about = "" if submission is None else submission[0]
            owed = self._trail.refused_nowait(self._who, "message", about, error.code)
            if owed is not None:
                self._owed.append(owed)
        if submission is None:
            wait_ms = _wait_of(error)
            self._send(messages.Error(error.code, error.message, error.at, None, wait_ms))
            return
        head = *submission, error.code, error.message, error.at, error.retry
        self._send(messages.Rejected(*head, _wait_of(error)))

    def _answer_error(
        self, message: messages.Inbound, error: ServiceError | OperationError | PersistenceError
    ) -> None:
        wait_ms = _wait_of(error)
        match message:
            case messages.Submit(diagram_id=diagram_id, sequence=sequence):
                retry = error.code == "unavailable" or getattr(error, "retry", False)
                head = diagram_id, sequence, error.code, error.message, error.at, retry
                self._send(messages.Rejected(*head, wait_ms))
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
                self._send(messages.Error(error.code, error.message, error.at, about, wait_ms))

    def _send(
        self,
        message: (
            messages.Welcome
            | messages.Pong
            | messages.PermissionChanged
            | messages.Error
            | messages.Rejected
            | messages.LegacyResult
            | messages.LegacyError
        ),
    ) -> None:
        self._send_nowait(frame(message))


#: What agents do here, by the names under which it is on record.
_LABELS: Final[dict[type, str]] = {
    messages.Submit: "submit",
    messages.Subscribe: "subscribe",
    messages.AgentOperation: "agent_operation",
}


def new_session_id() -> str:
    """A name for one connection; it identifies, it does not authorise."""
    return secrets.token_hex(8)


def _wait_of(error: Exception) -> int | UnsetType:
    wait_ms = error.retry_after_ms if isinstance(error, ServiceError) else None
    return UNSET if wait_ms is None else wait_ms


def _asked_id(message: messages.Subscribe | messages.Unsubscribe) -> str:
    asked = message.diagram_id or message.diagram_uuid
    if asked is None:
        raise ServiceError("invalid_message", "Name the diagram.", "diagram_id")
    return asked


def _ends_subscription(event: AnyEvent) -> bool:
    return isinstance(event, Closed) or (isinstance(event, Rejected) and event.sequence is None)
