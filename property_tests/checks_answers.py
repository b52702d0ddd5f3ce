"""What the core answers: to submissions out of order, and after a crash."""

from datetime import UTC, datetime
from random import Random

from actors.commands import Command, Committed, Submit
from actors.core import Core
from actors.effects import Commit, Deliver
from actors.events import Acknowledged, AnyEvent, Rejected
from actors.ports import Author, CommitOutcome, JournalEntry, LastSubmission, StoredDiagram
from ot.diagram import Diagram
from ot.operation import Operation, Text, Update
from property_tests.laws import Broken

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_AUTHOR = Author("agent", "x", "X")
_TYPED = Operation(diagram=Update({"/title": Text(["x"])}))


class Ear:
    def __init__(self) -> None:
        self.heard: list[AnyEvent] = []

    def deliver(self, event: AnyEvent) -> None:
        self.heard.append(event)


class Desk:
    """A core and its journal, which is asked as the actor's task asks it."""

    def __init__(self) -> None:
        stored = StoredDiagram(
            diagram_id="d",
            policy="later_wins",
            snapshot_revision=0,
            snapshot=Diagram(),
            tail=[],
        )
        self.core = Core(stored)
        self.journal: list[JournalEntry] = []
        self.in_flight: list[JournalEntry] = []

    def submit(self, command: Submit) -> None:
        of_client = [each for each in self.journal if each.client_id == command.client_id]
        if command.client_id is not None:
            if not self.core.submissions.knows(command.author, command.client_id):
                command.last_submission = _newest(of_client)
            if self.core.may_be_older_resend(command):
                found = [each for each in of_client if each.sequence == command.sequence]
                command.stored_revision = found[0].revision if found else None
        self._do(command)

    def flush(self) -> None:
        for effect in self.core.flush():
            assert isinstance(effect, Commit), "a flush only commits"
            self.in_flight = list(effect.batch.entries)

    def finish(self, outcome: CommitOutcome) -> None:
        if self.in_flight:
            if outcome is CommitOutcome.COMMITTED:
                self.journal += self.in_flight
            self.in_flight = []
            self._do(Committed(outcome))

    def abandon(self, outcome: CommitOutcome | None, crashed: Command | None) -> None:
        for effect in self.core.abandon(outcome, crashed):
            assert isinstance(effect, Deliver), "what is abandoned is only answered"
            for receiver in effect.receivers:
                receiver.deliver(effect.event)

    def _do(self, command: Command) -> None:
        for effect in self.core.handle(command, _NOW):
            assert isinstance(effect, Deliver), "there are too few edits for a snapshot"
            for receiver in effect.receivers:
                receiver.deliver(effect.event)


def _newest(entries: list[JournalEntry]) -> LastSubmission | None:
    numbers = [(each.sequence or 0, each.revision) for each in entries]
    return LastSubmission(*max(numbers)) if numbers else None


def _submission(ear: Ear, client_id: str | None, sequence: int | None) -> Submit:
    return Submit(
        receiver=ear, author=_AUTHOR, operation=_TYPED, client_id=client_id, sequence=sequence
    )


def check_out_of_order(rnd: Random) -> None:
    """Numbers that come late, twice or again are applied once each, and answered as applied."""
    desk, ear = Desk(), Ear()
    numbers = [rnd.randint(1, 5) for _ in range(8)]
    for number in (*numbers, 1, 2, 3, 4, 5):
        desk.submit(_submission(ear, "c", number))
        if rnd.random() < 0.5:
            desk.flush()
        if rnd.random() < 0.5:
            desk.finish(CommitOutcome.COMMITTED)
    while desk.in_flight or desk.core.staged:
        desk.flush()
        desk.finish(CommitOutcome.COMMITTED)
    applied = [each.sequence for each in desk.journal]
    if sorted(map(str, applied)) != ["1", "2", "3", "4", "5"]:
        raise Broken("once", "not each of them once", sent=numbers, applied=applied)
    _check_answers(ear, desk.journal)


def _check_answers(ear: Ear, journal: list[JournalEntry]) -> None:
    revisions = {each.sequence: each.revision for each in journal}
    for event in ear.heard:
        if not isinstance(event, Acknowledged):
            raise Broken("once", f"answered by {type(event).__name__}")
        if event.revision not in {None, revisions[event.sequence]}:
            raise Broken("once", "another revision", sequence=event.sequence, at=event.revision)


def check_abandoned(rnd: Random) -> None:
    """After a crash each that waits gets one answer: by what became of the commit, and of it."""
    desk = Desk()
    commands: list[Submit] = []
    for number in range(rnd.randint(1, 5)):
        commands.append(_submission(Ear(), rnd.choice((None, f"c{number}")), number))
        desk.submit(commands[-1])
        if rnd.random() < 0.4:
            desk.flush()
    under_way = len(desk.in_flight)
    outcome = rnd.choice((None, CommitOutcome.COMMITTED, CommitOutcome.FAILED))
    crashed = rnd.choice((None, *commands))
    desk.abandon(outcome, crashed)
    for number, command in enumerate(commands):
        is_durable = number < under_way and outcome is CommitOutcome.COMMITTED
        expected = "acknowledged" if is_durable else "retry"
        if command is crashed and not is_durable:
            expected = "refused"
        assert isinstance(command.receiver, Ear), "it was made here"
        heard = [_answer(event) for event in command.receiver.heard]
        if heard != [expected]:
            raise Broken("answered", f"{number} of {under_way}", heard=heard, expected=expected)


def _answer(event: AnyEvent) -> str:
    if isinstance(event, Rejected):
        return "retry" if event.retry else "refused"
    return type(event).__name__.lower()
