"""The process around the core: its inbox, its commits, its crashes; as ``actors.task`` has it."""

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from actors.commands import Command, Committed, ReadDiagram, Submit, Subscribe, Unsubscribe
from actors.effects import Commit, Deliver, Effect, Reload, SaveSnapshot
from actors.events import Closed, Rejected
from actors.ports import CommitOutcome, StorageUnavailable
from property_tests.simulation.books import Books
from property_tests.simulation.engine import AnyCore, Engine, SimulatedDefect, Sizes
from property_tests.simulation.link import Link
from property_tests.simulation.store import DIAGRAM_ID, PendingCommit, Store

#: No run looks at the clock.
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class _MustReload(Exception):
    pass


class Server:
    """One process with at most one core in it."""

    def __init__(self, engine: Engine, store: Store, sizes: Sizes, books: Books) -> None:
        self.engine = engine
        self.store = store
        self.sizes = sizes
        self.books = books
        self.inbox: deque[Command] = deque()
        self.core: AnyCore | None = None
        self.is_closing = False
        #: The next so many reads of the journal fail.
        self.failing_reads = 0
        self._is_loaded = False
        self._is_recovering = False
        self._current: Command | None = None
        self._crashed: Command | None = None
        self._commit_outcome: CommitOutcome | None = None
        #: Everybody who follows the diagram has been told of everything up to here.
        self._told_revision = 0

    @property
    def can_work(self) -> bool:
        """Whether a turn would do something."""
        core = self.core
        if self._is_recovering:
            return False
        if self.inbox or self.is_closing or (core is not None and not self._is_loaded):
            return True
        return core is not None and bool(core.staged and not core.in_flight)

    @property
    def can_passivate(self) -> bool:
        core = self.core
        return core is not None and self._is_loaded and core.is_quiet and not self.inbox

    def post(self, command: Command) -> None:
        if isinstance(command, Submit):
            self.books.note_arrival(command)
        if self.is_closing:
            self._refuse(command, "unavailable", "This diagram is being closed; try again.")
        else:
            self.inbox.append(command)

    def hang_up(self, link: Link) -> None:
        """The link is gone; nothing more comes from it."""
        self.inbox.append(Unsubscribe(link))

    # A round -----------------------------------------------------------------------------------

    def turn(
        self, most: int | None = None, *, crash_at: int | None = None, late: bool = False
    ) -> None:
        """Handles up to ``most`` waiting commands and hands over a commit.

        ``crash_at``: before this one the core crashes, or ``late``, once it has staged it; at the
        number of commands: before the commit is handed over.
        """
        count = len(self.inbox) if most is None else min(most, len(self.inbox))
        try:
            core = self._open()
            for at in range(count):
                self._current = self.inbox.popleft()
                if not self._try_fetch(core, self._current):
                    continue
                if at == crash_at and not (late and self.engine.doom(core)):
                    raise SimulatedDefect
                self._handle(core, self._current)
            self._current = None
            if crash_at is not None:
                raise SimulatedDefect
            self._perform(core.flush())
        except (SimulatedDefect, StorageUnavailable, _MustReload) as error:
            self.books.count(f"actor stopped by {type(error).__name__}")
            self._crashed = None if isinstance(error, _MustReload) else self._current
            self._current = None
            self._recover()
        if self.is_closing:
            self._try_to_close()

    def _open(self) -> AnyCore:
        """The core, loaded afresh where there is none; its subscribers are resynchronised."""
        if self.core is not None and self._is_loaded:
            return self.core
        self._read()
        core = self.engine.make_core(self.store.load(), self.sizes)
        self.books.count("core loaded")
        commands = self._resubscriptions()
        for command in commands:
            self._fetch(core, command)
        self.core = core
        for command in commands:
            self._perform(core.handle(command, NOW))
        self._told_revision = core.durable_revision
        self._is_loaded = True
        return core

    def _resubscriptions(self) -> list[Subscribe]:
        """What tells the subscribers of the core before this one what they were not told."""
        before = self.core.subscriptions.values() if self.core is not None else ()
        since = self._told_revision
        return [Subscribe(subscription=each, revision=since, pending=True) for each in before]

    def _try_fetch(self, core: AnyCore, command: Command) -> bool:
        try:
            self._fetch(core, command)
        except StorageUnavailable:
            self._refuse(command, "unavailable", "The database is away; send it again.")
            return False
        return True

    def _handle(self, core: AnyCore, command: Command) -> None:
        before, durable = core.revision, core.durable_revision
        if isinstance(command, Submit):
            self.books.look_at_merge(core, command)
        effects = core.handle(command, NOW)
        if isinstance(command, Submit) and core.revision > before:
            self.books.note_staged(before + 1, command, core.durable_revision)
        self._perform(effects)
        self.books.check_published(core, durable)
        self._told_revision = core.durable_revision

    def _fetch(self, core: AnyCore, command: Command) -> None:
        if isinstance(command, Submit):
            author, client_id, since = command.author, command.client_id, command.base_revision
        elif isinstance(command, Subscribe):
            subscription = command.subscription
            author, client_id = subscription.author, subscription.client_id
            since = command.revision
        else:
            return
        if client_id is not None and not core.submissions.knows(author, client_id):
            self._read()
            last = self.store.find_last_submission(author, client_id)
            if last is not None and last.revision > core.durable_revision:
                self.inbox.appendleft(command)
                raise _MustReload
            command.last_submission = last
            self.books.count("last submission read from the journal")
        if isinstance(command, Submit) and core.may_be_older_resend(command):
            self._read()
            command.stored_revision = self.store.find_submission(command)
            self.books.count("older resend looked up in the journal")
        if core.lacks_entries_since(since) and self.engine.needs_history(core, command):
            assert since is not None, "only a number can be older than memory"
            self._read()
            command.older = self.store.read_entries(since, self.engine.floor_of(core))
            self.books.count("older than memory")

    def _read(self) -> None:
        if self.failing_reads:
            self.failing_reads -= 1
            raise StorageUnavailable

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Deliver):
                for receiver in effect.receivers:
                    receiver.deliver(effect.event)
            elif isinstance(effect, Commit):
                self._commit_outcome = None
                self.books.check_batch(effect.batch)
                self.store.pending.append(PendingCommit(effect.batch))
            elif isinstance(effect, SaveSnapshot):
                self.store.save_snapshot(effect.revision, effect.diagram)
            else:
                assert isinstance(effect, Reload), "every effect is carried out"
                raise _MustReload

    # Commits, crashes, endings -------------------------------------------------------------------

    def answer_commit(self, outcome: CommitOutcome) -> None:
        """The oldest commit has ended; a crashed core goes on recovering."""
        self.store.pending.popleft()
        self._commit_outcome = outcome
        if self._is_recovering:
            self._finish_recovery()
        else:
            self.inbox.append(Committed(outcome))

    def _recover(self) -> None:
        self._is_recovering = True
        if not self.store.pending:
            self._finish_recovery()

    def _finish_recovery(self) -> None:
        self._is_recovering = self._is_loaded = False
        self.inbox = deque(each for each in self.inbox if not isinstance(each, Committed))
        if self.core is not None:
            self._perform(self.core.abandon(self._commit_outcome, self._crashed))

    def passivate(self) -> None:
        """Ends a quiet core; the next command opens another one."""
        assert self.core is not None, "only what is open can be passivated"
        self._perform(self.core.take_snapshot())
        self.core, self._is_loaded = None, False

    def close(self) -> None:
        """From here on nothing is taken in; what is on its way still becomes durable."""
        self.is_closing = True
        self._try_to_close()

    def _try_to_close(self) -> None:
        core = self.core
        if self._is_recovering or (core is not None and (core.in_flight or core.staged)):
            return
        if core is not None and not self._is_loaded:
            # The next turn opens it; then everybody can be told.
            return
        if core is not None:
            self._perform(core.take_snapshot())
            self._perform(core.close(Closed(diagram_id=DIAGRAM_ID, reason="unavailable")))
        self.core, self._is_loaded, self.is_closing = None, False, False
        while self.inbox:
            message = "This diagram is being closed; try again."
            self._refuse(self.inbox.popleft(), "unavailable", message)

    def _refuse(self, command: Command, code: str, message: str) -> None:
        if isinstance(command, Submit | ReadDiagram):
            receiver = command.receiver
        elif isinstance(command, Subscribe):
            receiver = command.subscription.receiver
        else:
            return
        sequence = command.sequence if isinstance(command, Submit) else None
        event = Rejected(
            diagram_id=DIAGRAM_ID,
            sequence=sequence,
            code=code,
            message=message,
            retry=code == "unavailable",
        )
        receiver.deliver(event)


def copy_of(command: Command) -> Command:
    """The same frame once more."""
    return msgspec.structs.replace(command)
