"""One diagram as this client has it: what the server says comes in, submissions go out.

No sockets and no time: when to connect, to resend and to give up is the caller's business. The
merging is that of :class:`ot.client.Client`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Protocol, TypeAlias

import msgspec

from client.errors import EditRefused
from client.fitting import fit_all
from client.hidden import hidden_in
from client.log import log_of
from client.messages import Author, CommittedChange, Rejected, Snapshot, Subscribed
from client.seen import Seen
from client.undo import UndoStacks
from ot.client import Client, ProtocolViolation, Submission
from ot.conflicts import Lost, find_lost
from ot.diff import diff
from ot.errors import OperationError
from ot.operation import NOTHING, Operation
from ot.policy import later_wins_over
from ot.transform import may_meet, transform
from ot.wire import wire_form

#: ``away``: not subscribed; ``asking``: `subscribe` was sent; ``catching_up``: `subscribed` came,
#: the missed operations are on their way; ``live``: up to date, submissions may be sent.
Phase: TypeAlias = Literal["away", "asking", "catching_up", "live"]


class Submitter(msgspec.Struct, frozen=True):
    """Who submits: edits are recognised by both."""

    client_id: str
    participant: Author


class Owner(Protocol):
    """Who is told what happens to a replica, and sends what it has to send."""

    def submit(self, submission: Submission, seen: int | None) -> None:
        """To be sent now; its author had seen the revision ``seen`` when making it."""

    def committed(self, change: CommittedChange, *, is_mine: bool) -> None:
        """It is durable, and has been taken in."""

    def lost(self, lost: Lost, by: Author) -> None:
        """Something of mine that waits gave way to what ``by`` did."""

    def started_over(self) -> None:
        """A snapshot came: what lies between is not told one by one."""

    def missed(self) -> None:
        """Changes are missing: subscribe again."""

    def refused(self, problem: EditRefused) -> None:
        """Edits were taken back, or did not fit any more."""


class Replica:
    """A copy that follows the server's. Methods raise ProtocolViolation; see ``distrust``."""

    def __init__(self, submitter: Submitter, owner: Owner) -> None:
        self.submitter = submitter
        self.undo_stacks = UndoStacks()
        self.client: Client | None = None
        self.phase: Phase = "away"
        self._owner = owner
        #: Whether the answer to come is the first about this diagram on its socket.
        self._is_first_answer = True
        #: Whether the state is not to be trusted: a snapshot is taken whatever it says.
        self._is_broken = False
        self._target: Subscribed | None = None
        self._seen = Seen()
        #: Numbers of edits: the newest, the newest that was sent, the newest that is durable.
        self._edits = 0
        self._sent_edits = 0
        self._durable_edits = 0

    @property
    def is_saved(self) -> bool:
        return self.client is None or self.client.sent is None

    # The connection ---------------------------------------------------------------------------

    def ask(self, *, is_new_socket: bool) -> tuple[int | None, bool]:
        """The revision to ask with, and whether edits wait.

        ``is_new_socket``: nothing that was sent before can arrive any more.
        """
        self.phase, self._target = "asking", None
        if is_new_socket:
            self._is_first_answer = True
        if self.client is None or self._is_broken:
            return None, False
        return self.client.revision, not self.is_saved

    def leave(self) -> None:
        self.phase, self._target = "away", None

    def distrust(self) -> None:
        """After a ProtocolViolation: only edits of mine are kept, a snapshot must come."""
        self._is_broken = True
        self.leave()

    # What the server says ---------------------------------------------------------------------

    def subscribed(self, message: Subscribed) -> None:
        if self.phase == "away":
            return
        if self.client is None:
            raise ProtocolViolation("Nothing is known to go on from.")
        self._is_first_answer = False
        self.client.policy = message.policy
        self._target = message
        self.phase = "catching_up"
        self._arrive_if_there()

    def snapshot(self, message: Snapshot) -> bool:
        """Whether it was taken: a late one says what was true once, and is left alone."""
        if self.phase != "asking":
            return False
        client = self.client
        if client and not self._is_first_answer and message.revision <= client.revision:
            # It says nothing new, but that the diagram is followed from here on.
            known = (message.policy, message.last_sequence, message.may_edit)
            self.subscribed(Subscribed(message.diagram_id, message.revision, *known))
            return True
        self._is_first_answer, self._is_broken = False, False
        self.phase = "live"
        if client is None:
            self._begin(message)
        else:
            self._begin_again(client, message)
        return True

    def _begin(self, message: Snapshot) -> None:
        self.client = Client(
            message.diagram,
            message.revision,
            kind=self.submitter.participant.kind,
            policy=message.policy,
            sequence=message.last_sequence,
        )

    def _begin_again(self, client: Client, message: Snapshot) -> None:
        """Edits that the snapshot lacks are put on it as they fit, under the next number."""
        unsent = [client.sent] if client.sequence > message.last_sequence else []
        pending = [each for each in (*unsent, client.buffer) if each is not None]
        fits, is_whole = fit_all(message.diagram, pending)
        before = client.diagram
        client.policy = message.policy
        client.sequence = max(client.sequence, message.last_sequence)
        client.reset(message.diagram, message.revision, [fits])
        self._seen.joined()
        self._sent_edits = self._edits
        if client.sent is None:
            self._durable_edits = self._edits
        self.undo_stacks.passed(diff(before, client.diagram), client.diagram)
        self._send(client.resend())
        self._owner.started_over()
        if not is_whole:
            message_ = "The diagram changed too much meanwhile: some edits no longer fit it."
            self._owner.refused(EditRefused("lost_edits", message_))

    def updated(self, changes: list[CommittedChange]) -> None:
        """Operations that became durable."""
        client = self.client
        if client is None or self.phase == "away" or self._is_broken:
            return
        for change in changes:
            if change.revision <= client.revision:
                continue
            if change.revision > client.revision + 1:
                if self.phase != "asking":
                    self._owner.missed()
                return
            with _trusted():
                self._take(client, change)
            self._owner.committed(change, is_mine=self._is_mine(change))
        self._arrive_if_there()

    def _is_mine(self, change: CommittedChange) -> bool:
        submitter = self.submitter
        return change.client_id == submitter.client_id and change.author.is_same(
            submitter.participant
        )

    def _take(self, client: Client, change: CommittedChange) -> None:
        is_answer = client.sent is not None and change.sequence == client.sequence
        if is_answer and self._is_mine(change):
            following = client.acknowledge(client.sequence)
            self._settled(following)
            self._send(following)
            return
        b, author = change.operation, change.author
        self._tell_losses(client, b, author)
        was_saved = self.is_saved
        shown = client.receive(b, author.kind)
        if not was_saved:
            self.undo_stacks.hid(hidden_in(b, shown), self._durable_edits, client.diagram)
        self.undo_stacks.passed(shown, client.diagram)

    def _tell_losses(self, client: Client, b: Operation, author: Author) -> None:
        """The server never sees what these edits were before they are brought up to date here."""
        if client.sent is None:
            return
        mine_wins = later_wins_over(client.policy, client.kind, author.kind)
        for mine in (client.sent, client.buffer):
            if mine is None:
                return
            if may_meet(mine, b):
                for lost in find_lost(mine, b, mine_wins):
                    if lost.loser == "a":
                        self._owner.lost(lost, author)
            b = transform(b, mine, not mine_wins)

    def _settled(self, following: Submission | None) -> None:
        """What was sent has been answered; ``following`` is sent now."""
        self._seen.settled()
        self._durable_edits = self._edits if following is None else self._sent_edits
        self._sent_edits = self._edits

    def _arrive_if_there(self) -> None:
        """Once everything that was missed is there, what was not acknowledged is sent again."""
        client, target = self.client, self._target
        if self.phase != "catching_up" or client is None or target is None:
            return
        if client.revision < target.revision:
            return
        self._target, self.phase = None, "live"
        if client.sent is None:
            client.sequence = max(client.sequence, target.last_sequence)
        elif client.sequence <= target.last_sequence:
            raise ProtocolViolation("An edit is durable, and its change never came.")
        self._send(client.resend())

    def rejected(self, message: Rejected) -> None:
        """A refusal for good: the edit is taken back."""
        client = self.client
        if client is None or client.sent is None or message.sequence != client.sequence:
            return
        with _trusted():
            self._take_back(client)
        self._owner.refused(EditRefused(message.code, message.message, message.at))

    def _take_back(self, client: Client) -> None:
        _, following = client.reject(client.sequence)
        rest = NOTHING if client.sent is None else log_of(client.confirmed, client.sent)
        self.undo_stacks.refused(self._durable_edits, self._edits, rest)
        self._settled(following)
        self._send(following)

    def resend(self) -> None:
        if self.client is not None:
            self._send(self.client.resend())

    # My edits ---------------------------------------------------------------------------------

    def edit(self, a: Operation) -> None:
        """Raises OperationError where it does not fit; nothing was changed then."""
        self._edit(a, self.undo_stacks.edited)

    def undo(self, check: Callable[[Operation], None]) -> bool:
        """Takes back the newest step; whether there was one. ``check`` may raise."""
        return self._step(self.undo_stacks.peek_undo(), check, self.undo_stacks.undone)

    def redo(self, check: Callable[[Operation], None]) -> bool:
        return self._step(self.undo_stacks.peek_redo(), check, self.undo_stacks.redone)

    def _step(
        self,
        inverse: Operation | None,
        check: Callable[[Operation], None],
        note: Callable[[Operation, int], None],
    ) -> bool:
        if inverse is None:
            return False
        a = wire_form(inverse)
        check(a)
        try:
            self._edit(a, note)
        except OperationError:
            # Steps that do not fit together any more are worth less than a diagram that is right.
            self.undo_stacks.clear()
            return False
        return True

    def _edit(self, a: Operation, note: Callable[[Operation, int], None]) -> None:
        client = self.client
        assert client is not None, "there is a snapshot before anybody edits"
        logged = log_of(client.diagram, a)
        was_awaiting = client.sent is not None
        submission = client.edit(a)
        self._seen.edited(client.revision, was_awaiting=was_awaiting)
        self._edits += 1
        if submission is not None:
            self._sent_edits = self._edits
        note(logged, self._edits)
        self._send(submission)

    def _send(self, submission: Submission | None) -> None:
        if submission is not None and self.phase == "live":
            self._owner.submit(submission, self._seen.revision)


@contextmanager
def _trusted() -> Iterator[None]:
    """What the server committed must fit what it said before."""
    try:
        yield
    except OperationError as error:
        raise ProtocolViolation(f"What the server sent does not fit: {error}") from error
