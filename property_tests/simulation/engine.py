"""The server's and the client's machinery under test, for our own type and for a brought one."""

from datetime import datetime
from typing import Any, Protocol, TypeAlias

import msgspec

from actors.commands import Command, Submit, Subscribe
from actors.core import Core
from actors.dedup import Submissions
from actors.effects import Effect
from actors.events import Closed
from actors.history import History
from actors.ports import CommitOutcome, StoredDiagram
from actors.sessions import Receiver, Subscription
from ot.client import Client
from ot.conflicts import find_lost
from ot.diagram import Diagram
from ot.operation import Operation
from ot.policy import AuthorKind, Policy
from property_tests.simulation.diagram import (
    DiagramType,
    check_acyclic,
    inverse_of,
    wire_operation,
)
from property_tests.simulation.generic_client import GenericClient
from property_tests.simulation.generic_core import GenericCore
from property_tests.simulation.kinds import Json, Op, State, Type

AnyClient: TypeAlias = Client | GenericClient


class SimulatedDefect(Exception):
    """The crash that a run asked for; every other exception is a finding."""


class AnyCore(Protocol):
    """What the host of a core asks of it; ``actors.core.Core`` is one."""

    durable_revision: int
    submissions: Submissions
    subscriptions: dict[Receiver, Subscription]
    in_flight: Any
    staged: Any

    @property
    def revision(self) -> int: ...

    @property
    def is_quiet(self) -> bool: ...

    def lacks_entries_since(self, revision: int | None) -> bool: ...

    def may_be_older_resend(self, command: Submit) -> bool: ...

    def handle(self, command: Command, now: datetime) -> list[Effect]: ...

    def flush(self) -> list[Effect]: ...

    def abandon(self, outcome: CommitOutcome | None, crashed: Command | None) -> list[Effect]: ...

    def take_snapshot(self) -> list[Effect]: ...

    def close(self, event: Closed) -> list[Effect]: ...


class Sizes(msgspec.Struct, frozen=True):
    """Bounds that a run makes small, so that it meets them."""

    history_length: int
    remembered_clients: int
    snapshot_interval: int


class Engine(Protocol):
    """Makes the machinery for one type, and lets values cross a link."""

    @property
    def type(self) -> Type: ...

    def make_core(self, stored: StoredDiagram, sizes: Sizes) -> AnyCore: ...

    def make_client(
        self, state: State, revision: int, kind: AuthorKind, policy: Policy, sequence: int
    ) -> AnyClient: ...

    def doom(self, core: AnyCore) -> bool:
        """Lets the core crash once its next submission is staged; false where it cannot."""

    def floor_of(self, core: AnyCore) -> int:
        """The revision that the core's memory reaches back to."""

    def needs_history(self, core: AnyCore, command: Submit | Subscribe) -> bool:
        """Whether the core, whose memory does not reach back, needs the journal for this."""

    def loses(self, a: Op, b: Op, a_wins: bool) -> bool:
        """Whether something gives way where the two meet, so that people must be told."""

    def check_whole(self, state: State) -> None:
        """Raises Violation for what no state that anybody sees may be."""

    def operation_of(self, log: Op) -> Op:
        """The plain operation of a journal entry."""

    def inverse(self, log: Op, before: State) -> Op | None:
        """What takes a journal entry back; None for a type that cannot."""

    def carry_operation(self, op: Op) -> Op: ...

    def carry_state(self, state: State) -> State: ...

    def shown(self, value: Op | State) -> Json:
        """A value as a trace line takes it."""


class FragileCore(Core):
    """The real core, with a defect in one place that a run can switch on."""

    is_doomed = False

    def _repair_cycles(self, applied: Operation) -> None:
        if self.is_doomed:
            raise SimulatedDefect
        super()._repair_cycles(applied)


class DiagramEngine:
    """The real core and the real client."""

    def __init__(self, kind: DiagramType) -> None:
        self.type = kind
        self._operation = msgspec.json.Decoder(Operation)
        self._diagram = msgspec.json.Decoder(Diagram)

    def make_core(self, stored: StoredDiagram, sizes: Sizes) -> AnyCore:
        core = FragileCore(stored, sizes.snapshot_interval)
        core.history = _shortened(core.history, sizes.history_length, core.durable_revision)
        core.submissions = Submissions(sizes.remembered_clients)
        for entry in stored.tail:
            core.submissions.remember(entry)
        core.submissions.trim(core.durable_revision)
        return core

    def make_client(
        self, state: State, revision: int, kind: AuthorKind, policy: Policy, sequence: int
    ) -> AnyClient:
        return Client(state, revision, kind=kind, policy=policy, sequence=sequence)

    def doom(self, core: AnyCore) -> bool:
        assert isinstance(core, FragileCore), "this engine made it"
        core.is_doomed = True
        return True

    def floor_of(self, core: AnyCore) -> int:
        assert isinstance(core, FragileCore), "this engine made it"
        return core.history.floor

    def needs_history(self, core: AnyCore, command: Submit | Subscribe) -> bool:
        assert isinstance(core, FragileCore), "this engine made it"
        since = command.base_revision if isinstance(command, Submit) else command.revision
        if since is None or isinstance(command, Subscribe):
            return since is not None
        return core.history.may_meet(command.operation, since)

    def loses(self, a: Op, b: Op, a_wins: bool) -> bool:
        return bool(find_lost(a, b, a_wins))

    def check_whole(self, state: State) -> None:
        check_acyclic(state)

    def operation_of(self, log: Op) -> Op:
        return wire_operation(log)

    def inverse(self, log: Op, before: State) -> Op | None:
        return inverse_of(log)

    def carry_operation(self, op: Op) -> Op:
        return self._operation.decode(msgspec.json.encode(op))

    def carry_state(self, state: State) -> State:
        return self._diagram.decode(msgspec.json.encode(state))

    def shown(self, value: Op | State) -> Json:
        return value


class GenericEngine:
    """The small generic server and client, for a type that somebody brings."""

    def __init__(self, kind: Type) -> None:
        self.type = kind

    def make_core(self, stored: StoredDiagram, sizes: Sizes) -> AnyCore:
        return GenericCore(self.type, stored, sizes.history_length, sizes.snapshot_interval)

    def make_client(
        self, state: State, revision: int, kind: AuthorKind, policy: Policy, sequence: int
    ) -> AnyClient:
        return GenericClient(
            self.type, state, revision, author_kind=kind, policy=policy, sequence=sequence
        )

    def doom(self, core: AnyCore) -> bool:
        return False

    def floor_of(self, core: AnyCore) -> int:
        assert isinstance(core, GenericCore), "this engine made it"
        return core.floor

    def needs_history(self, core: AnyCore, command: Submit | Subscribe) -> bool:
        return True

    def loses(self, a: Op, b: Op, a_wins: bool) -> bool:
        return False

    def check_whole(self, state: State) -> None:
        """Any state that an operation can lead to is one."""

    def operation_of(self, log: Op) -> Op:
        return log

    def inverse(self, log: Op, before: State) -> Op | None:
        invert = getattr(self.type, "invert", None)
        return None if invert is None else invert(log, before)

    def carry_operation(self, op: Op) -> Op:
        return op

    def carry_state(self, state: State) -> State:
        return state

    def shown(self, value: Op | State) -> Json:
        return self.type.encode(value)


def _shortened(history: History, length: int, durable_revision: int) -> History:
    out = History(history.floor, length)
    for operation in history:
        out.append(operation)
    out.trim(durable_revision)
    return out
