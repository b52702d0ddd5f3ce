"""A diagram that is followed and edited: what its user calls, and what its connection tells it."""

from collections import deque
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar
from weakref import WeakSet

import anyio
import anyio.lowlevel

from client import limits
from client.alarms import Alarms
from client.changes import Change, ChangeFeed, News, Resync
from client.conflicts import Conflict, Conflicts
from client.draft import Draft
from client.errors import ClientError, DiagramUnavailable, EditRefused, NotSaved
from client.helpers import Helpers
from client.link import Link
from client.messages import (
    Author,
    CommittedChange,
    ConflictDetected,
    DiagramClosed,
    DiagramMessage,
    DiagramUpdated,
    PermissionChanged,
    PresenceShown,
    Refused,
    Rejected,
    ShowPresence,
    Snapshot,
    Submit,
    Subscribe,
    Subscribed,
    Unsubscribe,
    encode,
)
from client.patience import Patience
from client.presence import Peer, Peers, check_presence
from client.replica import Replica
from client.size import SizeBound
from ot.client import ProtocolViolation, Submission
from ot.conflicts import Lost
from ot.diagram import Diagram
from ot.errors import OperationError
from ot.operation import Operation
from ot.validate import check_operation

T = TypeVar("T")

#: ``loading``: not there yet; ``ready``; ``unavailable``: cannot be served just now, and is asked
#: for again; ``ended``: it will not come back by itself.
Status: TypeAlias = Literal["loading", "ready", "unavailable", "ended"]

#: Refusals of a subscription that may pass.
_PASSING = frozenset({"unavailable", "overloaded", "internal_error", "too_many_subscribers"})
_ABOUT_PRESENCE = frozenset({"not_subscribed", "presence_too_large"})


class LiveDiagram(Helpers):
    """One diagram of a connection; made by its ``open``."""

    def __init__(self, asked_id: str, link: "Link[LiveDiagram]") -> None:
        self.asked_id = asked_id
        self.id = asked_id
        self.is_resolved = False
        self.status: Status = "loading"
        self.may_edit = True
        self.openings = 0
        self.alarms = Alarms()
        self._link = link
        self._replica: Replica | None = None
        self._patience = Patience(self.alarms, self._ask_again, self._resend)
        self._size = SizeBound()
        self._conflicts = Conflicts()
        self._peers = Peers()
        self._feeds: WeakSet[ChangeFeed] = WeakSet()
        self._changed = anyio.Event()
        self._view: Diagram | None = None
        self._failure: ClientError | None = None
        self._problems: deque[EditRefused] = deque(maxlen=limits.MAX_PROBLEMS)
        self._untold: EditRefused | None = None
        self._oversize: Rejected | None = None
        self._shown: dict[str, Any] = {}
        self._shown_at = -limits.PRESENCE_INTERVAL_SECONDS

    # What it is like --------------------------------------------------------------------------

    @property
    def view(self) -> Diagram:
        """The diagram as it is now, my own edits included. A picture: it does not change, and must
        not be changed."""
        if self._view is None:
            client = self._replica.client if self._replica else None
            self._view = client.diagram.copy() if client else Diagram()
        return self._view

    @property
    def revision(self) -> int:
        """Operations that are durable, and in the view."""
        client = self._replica.client if self._replica else None
        return client.revision if client else 0

    @property
    def is_saved(self) -> bool:
        """Whether every edit of mine is durable."""
        return self._replica is None or self._replica.is_saved

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Where mine gave way, oldest first, until it is dismissed."""
        return self._conflicts.list

    def dismiss(self, conflict: Conflict) -> None:
        self._conflicts.dismiss(conflict)

    @property
    def problems(self) -> tuple[EditRefused, ...]:
        """The newest refusals, oldest first."""
        return tuple(self._problems)

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Who else is here."""
        return self._peers.list

    @property
    def can_undo(self) -> bool:
        return self._replica is not None and self._replica.undo_stacks.can_undo

    @property
    def can_redo(self) -> bool:
        return self._replica is not None and self._replica.undo_stacks.can_redo

    def changes(self) -> ChangeFeed:
        """What becomes durable from now on, by whomever, in order."""
        feed = ChangeFeed()
        self._feeds.add(feed)
        if self.status == "ended":
            feed.end(self._failure)
        return feed

    async def changed(self) -> None:
        """Returns after the next message or edit, whatever it changed."""
        await self._changed.wait()

    # My edits ---------------------------------------------------------------------------------

    async def edit(self, a: Operation | Callable[[Diagram], Operation]) -> None:
        """Shows the edit at once and sends it, or later where there is no connection.

        A function makes it of the diagram as it is when it is applied, maybe more than once. Waits
        only where so much waits already that it would not go into one message with that. Raises
        OperationError where it does not fit, ClientError where nothing can be edited.
        """

        def make(diagram: Diagram) -> tuple[Operation, None]:
            return (a if isinstance(a, Operation) else a(diagram)), None

        await self._edit(make)

    async def change(self, make: Callable[[Draft], T]) -> T:
        """One edit, undone at once, of all that ``make`` does to the draft; returns its result.

        ``make`` may be called more than once. Otherwise as ``edit``.
        """

        def drafted(diagram: Diagram) -> tuple[Operation, T]:
            draft = Draft(diagram)
            result = make(draft)
            return draft.operation(), result

        return await self._edit(drafted)

    async def undo(self) -> bool:
        """Takes back the newest edit of mine, others' work untouched; whether there was one."""
        await anyio.lowlevel.checkpoint()
        return self._step(lambda replica: replica.undo(self._check_size))

    async def redo(self) -> bool:
        await anyio.lowlevel.checkpoint()
        return self._step(lambda replica: replica.redo(self._check_size))

    async def saved(self) -> None:
        """Returns once every edit of mine is durable.

        Raises EditRefused, once, where the server has refused one since the last call; NotSaved or
        what ended the diagram where that came first.
        """
        await anyio.lowlevel.checkpoint()
        while True:
            if self._untold is not None:
                problem, self._untold = self._untold, None
                raise problem
            if self.is_saved:
                return
            if self._failure is not None:
                message = f"The last edits could not be saved: {self._failure.message}"
                raise NotSaved(self._failure.code, message) from self._failure
            await self._changed.wait()

    async def _edit(self, make: Callable[[Diagram], tuple[Operation, T]]) -> T:
        await anyio.lowlevel.checkpoint()
        while True:
            replica = self._editable()
            operation, result = make(self.view)
            if operation.is_empty():
                return result
            check_operation(operation)
            if self._has_room(operation):
                break
            await self._changed.wait()
        replica.edit(operation)
        self._edited()
        return result

    def _step(self, take: Callable[[Replica], bool]) -> bool:
        was_there = take(self._editable())
        self._edited()
        return was_there

    def _has_room(self, a: Operation) -> bool:
        client = self._replica.client if self._replica else None
        buffer = client.buffer if client else None
        return self._size.has_room(a, buffer, self._link.max_message_bytes)

    def _check_size(self, a: Operation) -> None:
        if not self._has_room(a):
            raise OperationError("too_large", "Wait until what was edited before is saved.")

    def _editable(self) -> Replica:
        if self._failure is not None:
            raise self._failure
        if self._replica is None or self._replica.client is None or self.openings == 0:
            raise DiagramUnavailable("closed", "The diagram is not open.")
        if not self.may_edit:
            raise ClientError("read_only", "This key may look at the diagram, not change it.")
        return self._replica

    def _edited(self) -> None:
        self._watch()
        self._tell()

    # Presence ---------------------------------------------------------------------------------

    def show(self, **state: Any) -> None:
        """Shows others what one is doing, at a bounded pace: ``cursor``, ``selection``,
        ``activity``. Replaces what was shown before. Raises ClientError where it is too much."""
        check_presence(self.id, state)
        self._shown = state
        self._show_again()

    def _show_again(self) -> None:
        pause = self._shown_at + limits.PRESENCE_INTERVAL_SECONDS - anyio.current_time()
        self.alarms.set_once(self._show_now, max(0, pause))

    def _show_now(self) -> None:
        if self._replica is not None and self._replica.phase in ("live", "catching_up"):
            self._shown_at = anyio.current_time()
            self._link.send(ShowPresence(self.id, self._shown))

    # The connection ---------------------------------------------------------------------------

    @property
    def is_asking(self) -> bool:
        """Whether the answer to a subscription is to come."""
        return self._replica is not None and self._replica.phase == "asking"

    async def ready(self) -> None:
        """Returns once it is there. Raises DiagramUnavailable, ConnectionFailed."""
        while self._replica is None or self._replica.client is None:
            if self._failure is not None:
                raise self._failure
            await self._changed.wait()

    def ask(self, *, is_new_socket: bool) -> None:
        """Subscribes, on the connection there is now."""
        submitter = self._link.submitter
        assert submitter is not None, "there was a welcome"
        if self._replica is None:
            self._replica = Replica(submitter, self)
        self._send_subscribe(*self._replica.ask(is_new_socket=is_new_socket))

    def _send_subscribe(self, revision: int | None, is_pending: bool) -> None:
        self._link.send(Subscribe(self.id, revision, is_pending))
        self._watch(is_anew=True)

    def disconnected(self) -> None:
        """The connection is gone."""
        self.alarms.stop_all()
        if self._replica is not None:
            self._replica.leave()
        self._peers.clear()
        self._tell()

    def close(self) -> None:
        """Nobody has it open any more."""
        if self.status != "ended" and self._replica is not None:
            self._link.send(Unsubscribe(self.id))
        self.end(DiagramUnavailable("closed", "The diagram was closed."), is_failure=False)

    def end(self, failure: ClientError, *, is_failure: bool = True) -> None:
        """It will not come back by itself. What waits is not sent any more."""
        if self.status != "ended":
            self.status, self._failure = "ended", failure
        self.alarms.stop_all()
        if self._replica is not None and not self.is_asking:
            self._replica.leave()
        for feed in list(self._feeds):
            feed.end(failure if is_failure else None)
        self._tell()

    def _tell(self) -> None:
        self._view = None
        changed, self._changed = self._changed, anyio.Event()
        changed.set()

    def _watch(self, *, is_anew: bool = False) -> None:
        """Where an answer is due, its absence makes us ask again where the diagram stands."""
        phase = self._replica.phase if self._replica else "away"
        is_due = phase != "away" and (phase != "live" or not self.is_saved)
        self._patience.watch(is_due=is_due, is_anew=is_anew)

    def _ask_again(self) -> None:
        self._link.resubscribe(self)

    def _resend(self) -> None:
        if self._replica is not None:
            self._replica.resend()

    # What the server says ---------------------------------------------------------------------

    def receive(self, message: DiagramMessage) -> None:
        if self._replica is None:
            return
        if self.status == "ended":
            # The answer to a question that nobody asks any more.
            if isinstance(message, Snapshot | Subscribed | Refused):
                self._replica.leave()
            return
        try:
            self._take(self._replica, message)
        except ProtocolViolation as error:
            self._replica.distrust()
            self._link.restart(str(error))
        self._tell()

    def _take(self, replica: Replica, message: DiagramMessage) -> None:
        match message:
            case DiagramUpdated():
                replica.updated(message.changes)
                self._watch()
            case Subscribed():
                replica.subscribed(message)
                self._joined(message)
            case Snapshot():
                if replica.snapshot(message):
                    self._joined(message)
                else:
                    self._show_again()
            case Rejected():
                self._rejected(replica, message)
            case PresenceShown():
                self._peers.shown(message)
            case ConflictDetected():
                self._conflicts.detected(message, replica.submitter.participant)
            case Refused():
                self._refused(replica, message)
            case DiagramClosed():
                self._closed(replica, message)
            case PermissionChanged():
                self.may_edit = message.may_edit

    def _joined(self, message: Subscribed | Snapshot) -> None:
        self.id, self.is_resolved = message.diagram_id, True
        self.status, self.may_edit = "ready", message.may_edit
        self._patience.subscribed()
        self._peers.clear()
        self._show_again()
        self._watch(is_anew=True)

    def _rejected(self, replica: Replica, message: Rejected) -> None:
        if replica.client is None or message.sequence != replica.client.sequence:
            return
        if message.retry:
            self._patience.resend_later()
        elif message.code == "future_revision":
            raise ProtocolViolation("The server knows less than it has said.")
        elif message.code == "not_found" and message.at == "diagram_id":
            replica.leave()
            self._deleted()
        else:
            self.may_edit = self.may_edit and message.code != "forbidden"
            replica.rejected(message)
            self._watch(is_anew=True)

    def _refused(self, replica: Replica, message: Refused) -> None:
        """The subscription was refused; errors about anything else change nothing."""
        if replica.phase != "asking" or message.code in _ABOUT_PRESENCE:
            return
        replica.leave()
        if message.code == "not_found" and self.is_resolved:
            self._deleted()
        elif message.code in _PASSING or (self.is_resolved and message.code != "forbidden"):
            self._come_back()
        else:
            self.end(DiagramUnavailable(message.code, message.message, message.at))

    def _closed(self, replica: Replica, message: DiagramClosed) -> None:
        replica.leave()
        self._peers.clear()
        if message.reason == "deleted":
            self._deleted()
        elif message.reason == "forbidden":
            text = "The diagram is none of yours any more; ask its owner."
            self.end(DiagramUnavailable("forbidden", text))
        else:
            self._come_back()

    def _come_back(self) -> None:
        self.status = "unavailable"
        self._patience.ask_later()

    def _deleted(self) -> None:
        message = "The diagram is in the trash; somebody can restore it from there."
        self.end(DiagramUnavailable("deleted", message))

    # What the replica says --------------------------------------------------------------------

    def submit(self, submission: Submission, seen: int | None) -> None:
        base, sequence = submission.base_revision, submission.sequence
        late = seen if seen is not None and seen < base else None
        message = encode(Submit(self.id, base, sequence, submission.operation, late))
        if len(message) <= self._link.max_message_bytes:
            self._link.send_encoded(message)
            return
        # The server would end the connection over it, and over each time it came again.
        told = "These edits are too large to be sent at once."
        self._oversize = Rejected(self.id, sequence, "too_large", told, "operation", False)
        self.alarms.set(self._refuse_oversize, 0)

    def _refuse_oversize(self) -> None:
        if self._oversize is not None:
            self.receive(self._oversize)

    def committed(self, change: CommittedChange, *, is_mine: bool) -> None:
        if is_mine:
            self._conflicts.made(change.revision, change.operation)
            self._patience.edited()
            self._watch(is_anew=True)
        told = Change(change.revision, change.author, change.timestamp, change.operation, is_mine)
        self._put(told)

    def started_over(self) -> None:
        self._put(Resync(self.revision))

    def _put(self, news: News) -> None:
        for feed in list(self._feeds):
            feed.put(news)

    def lost(self, lost: Lost, by: Author) -> None:
        self._conflicts.lost(lost, by)

    def missed(self) -> None:
        self._link.resubscribe(self)

    def refused(self, problem: EditRefused) -> None:
        self._problems.append(problem)
        self._untold = self._untold or problem
