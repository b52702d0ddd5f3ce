"""A live client's part of the protocol around its state machine, as ``docs/protocol.md`` has it.

Without links: what is to be sent gathers in ``outbox``, what was heard is given to ``hear``.
"""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from actors.events import (
    AnyEvent,
    Closed,
    CommittedOperation,
    Rejected,
    Subscribed,
    Updated,
)
from actors.ports import Author, JournalEntry
from ot.client import Submission
from ot.policy import AuthorKind, Policy
from property_tests.simulation.engine import AnyClient
from property_tests.simulation.kinds import Op, State
from property_tests.simulation.laws import Violation

MakeClient: TypeAlias = Callable[[State, int, AuthorKind, Policy, int], AnyClient]


class Follow(msgspec.Struct, frozen=True):
    """A subscription to ask for."""

    revision: int | None
    pending: bool


class Follower:
    """Knows whether it is connected; everything else it learns from what it hears."""

    def __init__(self, author: Author, client_id: str, make_client: MakeClient) -> None:
        self.author = author
        self.client_id = client_id
        self.client: AnyClient | None = None
        self.outbox: list[Follow | Submission] = []
        self.is_connected = False
        self.is_subscribed = False
        #: What comes is passed over until the subscription is answered anew.
        self.is_stale = False
        #: Whether it has asked anew over this link. What the server sends unasked can then be
        #: taken for the answer, and seem to leave a gap.
        self.has_asked_anew = False
        self.must_resend = False
        #: Submissions that were refused for good.
        self.given_up: list[int] = []
        self._make_client = make_client

    @property
    def is_settled(self) -> bool:
        return self.is_subscribed and self.client is not None and self.client.sent is None

    # What it does ------------------------------------------------------------------------------

    def connect(self) -> None:
        self.is_connected = True
        self._follow()

    def _follow(self) -> None:
        self.is_subscribed = False
        client = self.client
        revision = client.revision if client else None
        self.outbox.append(Follow(revision, client is not None and client.sent is not None))

    def disconnect(self) -> None:
        """The link is gone, and what was to be sent over it."""
        self.outbox.clear()
        self.is_connected = self.is_subscribed = self.is_stale = self.must_resend = False
        self.has_asked_anew = False

    def edit(self, a: Op) -> None:
        assert self.client is not None, "one edits what one sees"
        self._send(self.client.edit(a))

    def resend(self) -> None:
        """After a refusal that may pass, or once subscribed again."""
        self.must_resend = False
        if self.client is not None:
            self._send(self.client.resend())

    def _send(self, submission: Submission | None) -> None:
        if submission is not None and self.is_subscribed:
            self.outbox.append(submission)

    # What it hears -----------------------------------------------------------------------------

    def hear(self, event: AnyEvent) -> bool:
        """Takes the next event; false where the link is of no use any more."""
        if isinstance(event, Updated):
            for operation in event.operations:
                if not self.is_stale:
                    self._take(operation)
        elif isinstance(event, Subscribed):
            self._join(event)
        elif isinstance(event, Rejected):
            return self._refused(event)
        return not isinstance(event, Closed)

    def _join(self, event: Subscribed) -> None:
        client = self.client
        if event.snapshot is None:
            self.notice("caught up by operations")
            self.is_stale = False
        elif client is not None and client.sent is not None:
            # Edits on their way can be taken over operations only.
            self.notice("snapshot while edits are under way")
            self._ask_anew()
            return
        elif client is None:
            self.client = self._make_client(
                event.snapshot,
                event.revision,
                self.author.kind,
                event.policy,
                event.last_sequence,
            )
        else:
            if event.revision < client.revision:
                raise Violation("durable", f"{self.client_id} is taken back to the past")
            self.notice("caught up by a snapshot")
            client.reset(event.snapshot, event.revision)
            self.is_stale = False
        self.is_subscribed = True
        self.resend()

    def _ask_anew(self) -> None:
        self.is_stale = self.has_asked_anew = True
        self._follow()

    def _take(self, told: CommittedOperation) -> None:
        client, entry = self.client, told.entry
        if client is None or entry.revision <= client.revision:
            return
        if entry.revision != client.revision + 1:
            if self.has_asked_anew:
                self._ask_anew()
                return
            message = f"{self.client_id} misses an operation"
            raise Violation("order", message, client.revision + 1, entry.revision)
        self.before_taking(client, told)
        if self._is_answer(client, entry):
            assert entry.sequence is not None, "what is mine is numbered"
            self._send(client.acknowledge(entry.sequence))
        else:
            self._check_known(entry)
            self._receive(client, told)
        self.after_taking(client)

    def _is_answer(self, client: AnyClient, entry: JournalEntry) -> bool:
        if entry.author != self.author or entry.client_id != self.client_id:
            return False
        return client.sent is not None and entry.sequence == client.sequence

    def _check_known(self, entry: JournalEntry) -> None:
        """What is of this client is under way, or a late copy of what was refused."""
        if entry.client_id == self.client_id and entry.sequence not in self.given_up:
            message = f"{self.client_id} {entry.sequence} comes, and was done with"
            raise Violation("once", message)

    def _receive(self, client: AnyClient, told: CommittedOperation) -> None:
        operation: Op = told.operation
        try:
            client.receive(operation, told.entry.author.kind)
        except Exception as error:
            message = f"{self.client_id} cannot take revision {told.entry.revision}: {error}"
            raise Violation("validity", message) from error

    def _refused(self, event: Rejected) -> bool:
        client = self.client
        if event.sequence is None:
            # The subscription was refused: over a new link it may work.
            return False
        if event.retry:
            self.must_resend = True
        elif client is not None and client.sent is not None and event.sequence == client.sequence:
            self.notice(f"rejected while {client.state}")
            self.given_up.append(event.sequence)
            self._send(client.reject(event.sequence)[1])
        return True

    # For those who look on ---------------------------------------------------------------------

    def before_taking(self, client: AnyClient, told: CommittedOperation) -> None:
        """Called with the next operation, before it is taken."""

    def after_taking(self, client: AnyClient) -> None:
        """Called once an operation has been taken."""

    def notice(self, what: str) -> None:
        """Called with what has just happened, in words."""
