"""The client's side as a state machine without input or output.

Three states: *synchronised* (nothing of mine is on the way), *awaiting* (one operation is sent and
not acknowledged), *awaiting with a buffer* (and what was edited since waits, composed into one).
The design is that of ot.js. What leaves the machine are :class:`Submission` values to send; what
enters are local edits and what the server says.
"""

from collections.abc import Sequence

import msgspec

from ot.apply import apply, apply_in_place
from ot.compose import compose
from ot.diagram import Diagram
from ot.invert import invert
from ot.operation import NOTHING, Operation
from ot.policy import AuthorKind, Policy, later_wins_over
from ot.transform import transform


class Submission(msgspec.Struct, frozen=True):
    """What to send: ``operation`` is valid on ``base_revision``; a resend is sent the same way."""

    base_revision: int
    sequence: int
    operation: Operation


class ProtocolViolation(Exception):
    """The server's messages do not fit together; resubscribe and start over from a snapshot."""


class Client:
    """One client of one diagram.

    ``diagram`` is what its person sees: the server's state at ``revision`` plus ``sent`` plus
    ``buffer``. ``confirmed`` is the server's state alone.
    """

    def __init__(
        self,
        diagram: Diagram,
        revision: int,
        *,
        kind: AuthorKind = "user",
        policy: Policy = "later_wins",
        sequence: int = 0,
    ) -> None:
        self.kind = kind
        self.policy = policy
        self.revision = revision
        self.sequence = sequence
        self.confirmed = diagram.copy()
        self.diagram = diagram.copy()
        self.sent: Operation | None = None
        self.buffer: Operation | None = None

    @property
    def state(self) -> str:
        if self.sent is None:
            return "synchronised"
        return "awaiting" if self.buffer is None else "awaiting_with_buffer"

    def edit(self, a: Operation) -> Submission | None:
        """A local edit; returns what to send now, if anything.

        Raises OperationError, changing nothing, where the edit does not fit the diagram.
        """
        apply_in_place(self.diagram, a)
        if self.sent is None:
            return self._send(a)
        self.buffer = a if self.buffer is None else compose(self.buffer, a)
        return None

    def receive(self, b: Operation, author_kind: AuthorKind) -> Operation:
        """The next operation of somebody else; returns what it means for ``diagram``::

        confirmed --sent--> . --buffer--> diagram
            |               |                |
            b               b'               b''     (returned)
            |               |                |
            . ----sent'---> . --buffer'----> .
        """
        mine_wins = later_wins_over(self.policy, self.kind, author_kind)
        apply_in_place(self.confirmed, b)
        self.revision += 1
        if self.sent is not None:
            self.sent, b = (
                transform(self.sent, b, mine_wins),
                transform(b, self.sent, not mine_wins),
            )
        if self.buffer is not None:
            self.buffer, b = (
                transform(self.buffer, b, mine_wins),
                transform(b, self.buffer, not mine_wins),
            )
        apply_in_place(self.diagram, b)
        return b

    def acknowledge(self, sequence: int) -> Submission | None:
        """The own operation has come back as the next revision; returns what to send next."""
        if self.sent is None or sequence != self.sequence:
            raise ProtocolViolation(f"Acknowledged {sequence}, which is not on the way.")
        apply_in_place(self.confirmed, self.sent)
        self.revision += 1
        self.sent = None
        return self._send_buffer()

    def reject(self, sequence: int) -> tuple[Operation, Submission | None]:
        """The server refused the operation on the way: it is rolled back.

        Returns what that changes in ``diagram`` and what to send next: the buffer, less what
        stood on the refused operation.
        """
        if self.sent is None or sequence != self.sequence:
            raise ProtocolViolation(f"Rejected {sequence}, which is not on the way.")
        _, logged = apply(self.confirmed, self.sent)
        undo = invert(logged)
        if self.buffer is not None:
            self.buffer, undo = _cross(self.buffer, undo, a_wins=False)
        apply_in_place(self.diagram, undo)
        self.sent = None
        return undo, self._send_buffer()

    def resend(self) -> Submission | None:
        """What to send after a reconnect: the same submission, which the server recognises."""
        if self.sent is None:
            return None
        return Submission(self.revision, self.sequence, self.sent)

    def reset(
        self, diagram: Diagram, revision: int, unsent: Sequence[Operation] = ()
    ) -> Submission | None:
        """Starts over from a snapshot, with local operations that are still to be sent."""
        self.confirmed, self.diagram = diagram.copy(), diagram.copy()
        self.revision, self.sent, self.buffer = revision, None, None
        pending = NOTHING
        for operation in unsent:
            apply_in_place(self.diagram, operation)
            pending = compose(pending, operation)
        return None if pending.is_empty() else self._send(pending)

    def _send(self, a: Operation) -> Submission:
        self.sequence += 1
        self.sent = a
        return Submission(self.revision, self.sequence, a)

    def _send_buffer(self) -> Submission | None:
        a, self.buffer = self.buffer, None
        if a is None or a.is_empty():
            return None
        return self._send(a)


def _cross(a: Operation, b: Operation, a_wins: bool) -> tuple[Operation, Operation]:
    """Both sides of the diamond: ``a`` after ``b`` and ``b`` after ``a``."""
    return transform(a, b, a_wins), transform(b, a, not a_wins)
