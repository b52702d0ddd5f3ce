"""The client's state machine for any type; ``ot.client`` is the real one, for diagrams."""

from ot.client import ProtocolViolation, Submission
from ot.policy import AuthorKind, Policy, later_wins_over
from property_tests.simulation.kinds import Op, State, Type


class GenericClient:
    """``ot.client.Client`` for any type, with the same three states and the same names."""

    def __init__(
        self,
        kind: Type,
        state: State,
        revision: int,
        *,
        author_kind: AuthorKind,
        policy: Policy,
        sequence: int,
    ) -> None:
        self.type = kind
        self.kind = author_kind
        self.policy = policy
        self.revision = revision
        self.sequence = sequence
        self.confirmed: State = state
        self.diagram: State = state
        self.sent: Op | None = None
        self.buffer: Op | None = None

    @property
    def state(self) -> str:
        if self.sent is None:
            return "synchronised"
        return "awaiting" if self.buffer is None else "awaiting_with_buffer"

    def edit(self, a: Op) -> Submission | None:
        self.diagram = self.type.apply(self.diagram, a)
        if self.sent is None:
            return self._send(a)
        self.buffer = a if self.buffer is None else self.type.compose(self.buffer, a)
        return None

    def receive(self, b: Op, author_kind: AuthorKind) -> Op:
        mine_wins = later_wins_over(self.policy, self.kind, author_kind)
        self.confirmed = self.type.apply(self.confirmed, b)
        self.revision += 1
        if self.sent is not None:
            self.sent, b = self._cross(self.sent, b, mine_wins)
        if self.buffer is not None:
            self.buffer, b = self._cross(self.buffer, b, mine_wins)
        self.diagram = self.type.apply(self.diagram, b)
        return b

    def _cross(self, a: Op, b: Op, a_wins: bool) -> tuple[Op, Op]:
        return self.type.transform(a, b, a_wins), self.type.transform(b, a, not a_wins)

    def acknowledge(self, sequence: int) -> Submission | None:
        if self.sent is None or sequence != self.sequence:
            raise ProtocolViolation(f"Acknowledged {sequence}, which is not on the way.")
        self.confirmed = self.type.apply(self.confirmed, self.sent)
        self.revision += 1
        self.sent = None
        return self._send_buffer()

    def reject(self, sequence: int) -> tuple[Op | None, Submission | None]:
        """Takes the refused operation back, and what stood on it where it cannot be inverted."""
        if self.sent is None or sequence != self.sequence:
            raise ProtocolViolation(f"Rejected {sequence}, which is not on the way.")
        invert = getattr(self.type, "invert", None)
        if self.buffer is None or invert is None:
            self.diagram, self.buffer, undo = self.confirmed, None, None
        else:
            undo = invert(self.sent, self.confirmed)
            self.buffer, undo = self._cross(self.buffer, undo, a_wins=False)
            self.diagram = self.type.apply(self.diagram, undo)
        self.sent = None
        return undo, self._send_buffer()

    def resend(self) -> Submission | None:
        if self.sent is None:
            return None
        return Submission(self.revision, self.sequence, self.sent)

    def reset(self, diagram: State, revision: int) -> None:
        """Starts over from a snapshot, with nothing to send."""
        self.confirmed = self.diagram = diagram
        self.revision, self.sent, self.buffer = revision, None, None

    def _send(self, a: Op) -> Submission:
        self.sequence += 1
        self.sent = a
        return Submission(self.revision, self.sequence, a)

    def _send_buffer(self) -> Submission | None:
        a, self.buffer = self.buffer, None
        return None if a is None else self._send(a)
