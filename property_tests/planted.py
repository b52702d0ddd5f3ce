"""Defects put into the running machinery on purpose, most of them such as it once had.

A plant changes one function for as long as a ``with`` block lasts. The simulator must notice each;
``regressions`` has a run for each that does, and ``mutants`` many more, made in the sources.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

import ot.client
import ot.transform
from actors.commands import Command, Submit, Subscribe
from actors.core import Core
from actors.dedup import Submissions
from actors.effects import Deliver, Effect, Reload
from actors.events import Conflict, Rejected, Updated
from actors.history import History
from actors.ports import Author, CommitOutcome, LastSubmission
from actors.staging import Staged
from ot.client import Client, Submission
from ot.diagram import Diagram
from ot.operation import Operation
from property_tests.simulation.engine import AnyCore
from property_tests.simulation.server import Server

#: The class or module, the name of the function, and what makes the wrong one of the right one.
Change: TypeAlias = tuple[Any, str, Callable[[Any], Any]]


class Plant(msgspec.Struct, frozen=True):
    """``laws``: any of these may be the first to break."""

    name: str
    laws: frozenset[str]
    changes: tuple[Change, ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The defect is there inside the block."""
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in self.changes]
        try:
            for owner, name, wrong in self.changes:
                setattr(owner, name, wrong(getattr(owner, name)))
            yield
        finally:
            for owner, name, right in before:
                setattr(owner, name, right)


PLANTS: dict[str, Plant] = {}


def _plant(name: str, laws: str, *changes: Change) -> None:
    PLANTS[name] = Plant(name, frozenset(laws.split(", ")), changes)


def _always(value: object) -> Callable[[Any], Any]:
    """Instead of the function, one that answers the same whatever it is asked."""
    return lambda right: lambda *arguments, **named: value


# The server ------------------------------------------------------------------------------------


def _broadcasts_at_once(right: Callable[[Core], list[Effect]]) -> Callable[[Core], list[Effect]]:
    def flush(core: Core) -> list[Effect]:
        effects = right(core)
        if effects and core.in_flight:
            operations = [staged.committed for staged in core.in_flight]
            event = Updated(diagram_id=core.diagram_id, operations=operations)
            effects.append(Deliver(list(core.subscriptions), event))
        return effects

    return flush


def _one_more(right: Callable[[Core, Submit], int]) -> Callable[[Core, Submit], int]:
    return lambda core, command: min(right(core, command) + 1, core.durable_revision)


def _trims_all(right: Callable[[History, int], None]) -> Callable[[History, int], None]:
    return lambda history, durable_revision: right(history, history.head)


def _shows_all(right: Callable[[Core], Diagram]) -> Callable[[Core], Diagram]:
    return lambda core: core.diagram.copy()


def _counts_undurable(
    right: Callable[[Core, Subscribe], int],
) -> Callable[[Core, Subscribe], int]:
    def last_sequence(core: Core, command: Subscribe) -> int:
        subscription = command.subscription
        if subscription.client_id is None:
            return 0
        right(core, command)
        last = core.submissions.last(subscription.author, subscription.client_id)
        return last.sequence if last else 0

    return last_sequence


def _answers_the_first(
    right: Callable[[Core, Submit], bool],
) -> Callable[[Core, Submit], bool]:
    def is_resend(core: Core, command: Submit) -> bool:
        before = [list(staged.receivers) for staged in (*core.in_flight, *core.staged)]
        answer = right(core, command)
        for staged, receivers in zip((*core.in_flight, *core.staged), before, strict=True):
            staged.receivers[:] = receivers
        return answer

    return is_resend


def _answers_the_last(
    right: Callable[[Core, Submit], bool],
) -> Callable[[Core, Submit], bool]:
    def is_resend(core: Core, command: Submit) -> bool:
        answer = right(core, command)
        for staged in (*core.in_flight, *core.staged):
            del staged.receivers[:-1]
        return answer

    return is_resend


def _fences_twice(
    right: Callable[[Core, CommitOutcome], None],
) -> Callable[[Core, CommitOutcome], None]:
    def committed(core: Core, outcome: CommitOutcome) -> None:
        if outcome is CommitOutcome.FENCED:
            core._refuse([*core.in_flight, *core.staged])
        right(core, outcome)

    return committed


def _fences_quietly(
    right: Callable[[Core, CommitOutcome], None],
) -> Callable[[Core, CommitOutcome], None]:
    def committed(core: Core, outcome: CommitOutcome) -> None:
        if outcome is CommitOutcome.FENCED:
            core.in_flight, core.staged = [], []
            core._effects.append(Reload())
        else:
            right(core, outcome)

    return committed


def _blames_twice(
    right: Callable[[Core, CommitOutcome | None, Command | None], list[Effect]],
) -> Callable[[Core, CommitOutcome | None, Command | None], list[Effect]]:
    def abandon(core: Core, outcome: CommitOutcome | None, crashed: Command | None) -> list[Effect]:
        effects = right(core, outcome, None)
        if isinstance(crashed, Submit):
            event = Rejected(
                diagram_id=core.diagram_id,
                sequence=crashed.sequence,
                code="internal_error",
                message="It was not applied.",
            )
            effects.append(Deliver([crashed.receiver], event))
        return effects

    return abandon


def _remembers_ignorance(
    right: Callable[[Submissions, Author, str, LastSubmission | UnsetType | None], None],
) -> Callable[[Submissions, Author, str, LastSubmission | UnsetType | None], None]:
    def learn(
        submissions: Submissions,
        author: Author,
        client_id: str,
        last: LastSubmission | UnsetType | None,
    ) -> None:
        right(submissions, author, client_id, None if last is UNSET else last)

    return learn


def _tells_everybody(
    right: Callable[[Staged, Author], list[Conflict]],
) -> Callable[[Staged, Author], list[Conflict]]:
    return lambda staged, author: list(staged.conflicts)


def _skips_subscribers(
    right: Callable[[Server, AnyCore, Command], None],
) -> Callable[[Server, AnyCore, Command], None]:
    def fetch(server: Server, core: AnyCore, command: Command) -> None:
        if not isinstance(command, Subscribe) or core.lacks_entries_since(command.revision):
            right(server, core, command)

    return fetch


def _to_one(
    right: Callable[[Server], list[Subscribe]],
) -> Callable[[Server], list[Subscribe]]:
    def resubscriptions(server: Server) -> list[Subscribe]:
        commands = right(server)
        for command in commands[1:]:
            command.revision = server.store.revision
        return commands

    return resubscriptions


def _to_nobody(
    right: Callable[[Server], list[Subscribe]],
) -> Callable[[Server], list[Subscribe]]:
    return lambda server: []


_plant("resends are applied again", "once", (Core, "_is_resend", _always(False)))
_plant("broadcast before the commit", "durable", (Core, "flush", _broadcasts_at_once))
_plant(
    "base revision off by one",
    "accepted, alive, convergence, validity",
    (Core, "_base_of", _one_more),
)
_plant(
    "history trimmed too early",
    "accepted, alive, order, convergence",
    (History, "trim", _trims_all),
)
_plant(
    "rollback keeps the submissions",
    "acknowledged, answered, alive, durable",
    (Submissions, "forget", _always(None)),
)
_plant("snapshot of what is not durable", "durable, journal", (Core, "durable_diagram", _shows_all))
_plant("a parent cycle stays", "acyclic", (Core, "_repair_cycles", _always(None)))
_plant("a repair goes by itself", "acyclic", (Core, "_batch_end", _always(1)))
_plant(
    "last sequence counts what is not durable",
    "acknowledged",
    (Core, "_last_sequence", _counts_undurable),
)
_plant("only the first sender is answered", "answered", (Core, "_is_resend", _answers_the_first))
_plant("only the last arrival is answered", "answered", (Core, "_is_resend", _answers_the_last))
_plant("a fenced commit refuses twice", "single answer", (Core, "_committed", _fences_twice))
_plant("a fenced commit refuses nobody", "answered", (Core, "_committed", _fences_quietly))
_plant(
    "a crash is blamed on what was answered",
    "single answer, refused",
    (Core, "abandon", _blames_twice),
)
_plant(
    "an old resend of a forgotten client",
    "once",
    (Core, "may_be_older_resend", _always(False)),
)
_plant("conflicts are told to all", "conflicts", (Staged, "conflicts_of", _tells_everybody))
_plant("what failed is refused to nobody", "answered", (Core, "_refuse", _always(None)))
_plant(
    "after a crash clients count as new",
    "acknowledged, once",
    (Server, "_fetch", _skips_subscribers),
    (Submissions, "learn", _remembers_ignorance),
)
_plant(
    "after a crash one hears and the others do not", "order", (Server, "_resubscriptions", _to_one)
)
_plant(
    "after a crash nobody hears anything",
    "answered, convergence",
    (Server, "_resubscriptions", _to_nobody),
)

# The client ------------------------------------------------------------------------------------


def _counts_on(
    right: Callable[[Client], Submission | None],
) -> Callable[[Client], Submission | None]:
    def resend(client: Client) -> Submission | None:
        if client.sent is not None:
            client.sequence += 1
        return right(client)

    return resend


def _sends_too_early(
    right: Callable[[Client, int], Submission | None],
) -> Callable[[Client, int], Submission | None]:
    def acknowledge(client: Client, sequence: int) -> Submission | None:
        submission = right(client, sequence)
        if submission is None:
            return None
        return msgspec.structs.replace(submission, base_revision=submission.base_revision - 1)

    return acknowledge


def _other_wins(
    right: Callable[[Operation, Operation, bool], Operation],
) -> Callable[[Operation, Operation, bool], Operation]:
    return lambda a, b, a_wins: right(a, b, not a_wins)


_plant("resend under a new number", "once, answered, order", (Client, "resend", _counts_on))
_plant(
    "sent before it was acknowledged",
    "accepted, convergence, validity",
    (Client, "acknowledge", _sends_too_early),
)
_plant(
    "the client lets the other one win",
    "convergence, validity",
    (ot.client, "transform", _other_wins),
)
_plant(
    "closure skipped",
    "accepted, validity, convergence",
    (ot.transform, "_close_edges", _always(None)),
)
