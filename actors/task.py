"""The one trio task around a diagram's core: drains the inbox, carries out effects, restarts."""

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import trio

from actors.commands import (
    Command,
    Committed,
    Submit,
    Subscribe,
    Unsubscribe,
    Withdraw,
    receiver_of,
)
from actors.core import Core
from actors.effects import Commit, Deliver, Effect, Reload, SaveSnapshot
from actors.events import Closed, CloseReason, Rejected
from actors.limits import (
    FIRST_RESTART_DELAY_SECONDS,
    MAX_BATCH_OPERATIONS,
    MAX_INBOX,
    MAX_RESTARTS,
    MAX_ROUND_SECONDS,
    MAX_WAITING_PER_RECEIVER,
    PASSIVATE_AFTER_SECONDS,
    RESTART_WINDOW_SECONDS,
    SNAPSHOT_INTERVAL,
)
from actors.ports import CommitOutcome, JournalEntry, Storage, StorageUnavailable, StorageUnreadable
from actors.sessions import Receiver

log = logging.getLogger("diagramai.actor")


def utc_now() -> datetime:
    return datetime.now(UTC)


class _MustReload(Exception):
    """Memory and journal differ; not a defect, another writer was faster."""


class DiagramActor:
    """Everything that happens to one diagram happens here, one command after another."""

    def __init__(
        self,
        diagram_id: str,
        storage: Storage,
        *,
        clock: Callable[[], datetime] = utc_now,
        passivate_after_seconds: float = PASSIVATE_AFTER_SECONDS,
        snapshot_interval: int = SNAPSHOT_INTERVAL,
    ) -> None:
        self.diagram_id = diagram_id
        self._storage = storage
        self._clock = clock
        self._passivate_after_seconds = passivate_after_seconds
        self._snapshot_interval = snapshot_interval
        self._inbox: deque[Command] = deque()
        self._waiting: Counter[Receiver] = Counter()
        self._read_before: Sequence[JournalEntry] = ()
        self._wake = trio.Event()
        self._core: Core | None = None
        self._current: Command | None = None
        self._commit_outcome: CommitOutcome | None = None
        self._is_committing = False
        #: Everybody who follows the diagram has been told of everything up to here.
        self._told_revision = 0
        self._closing: CloseReason | None = None
        self._restarts: deque[float] = deque()
        self._over = trio.Event()
        self.is_over = False

    # From outside ----------------------------------------------------------------------------

    def post_nowait(self, command: Command) -> None:
        """Leaves a command in the inbox; a full or closed actor answers it with a rejection."""
        if isinstance(command, Withdraw):
            self._withdraw(command.receiver)
        elif isinstance(command, Unsubscribe):
            # At most one for each subscriber, and nobody would say it again.
            self._post(command)
        elif self.is_over or self._closing is not None:
            self.refuse(command, "unavailable", "This diagram is being closed; try again.")
        elif len(self._inbox) >= MAX_INBOX or self._has_too_many(receiver_of(command)):
            self.refuse(command, "overloaded", "Too many edits at once; send it again shortly.")
        else:
            self._post(command)

    def _withdraw(self, receiver: Receiver) -> None:
        """Done at once: what waits before it in the inbox is what it is about."""
        waiting, self._inbox = self._inbox, deque()
        for command in waiting:
            if isinstance(command, Submit) and command.receiver is receiver:
                self._let_go(command)
                message = "You may not edit this diagram any more; ask its owner."
                self.refuse(command, "forbidden", message)
            else:
                self._inbox.append(command)

    def _has_too_many(self, receiver: Receiver | None) -> bool:
        """Whether one receiver already has so much waiting that others would wait for it."""
        return receiver is not None and self._waiting[receiver] >= MAX_WAITING_PER_RECEIVER

    def close_nowait(self, reason: CloseReason) -> None:
        """Lets what is on its way become durable, then ends."""
        self._closing = self._closing or reason
        self._wake.set()

    @property
    def is_followed(self) -> bool:
        """Whether the diagram is open and anybody would hear of what happens to it."""
        return not self.is_over and self._core is not None and bool(self._core.subscriptions)

    async def wait_over(self) -> None:
        """Returns when the task has ended."""
        await self._over.wait()

    def statistics(self) -> dict[str, int]:
        core = self._core
        return {
            "inbox": len(self._inbox),
            "subscribers": len(core.subscriptions) if core else 0,
            "uncommitted": len(core.in_flight) + len(core.staged) if core else 0,
            "history": len(core.history) if core else 0,
            "revision": core.durable_revision if core else 0,
        }

    def _post(self, command: Command) -> None:
        receiver = receiver_of(command)
        if receiver is not None:
            self._waiting[receiver] += 1
        self._inbox.append(command)
        self._wake.set()

    def _on_commit(self, outcome: CommitOutcome) -> None:
        self._is_committing = False
        self._commit_outcome = outcome
        self._post(Committed(outcome))

    # The task --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Lives until passivated or closed. A crash restarts it from what is durable."""
        try:
            while not self.is_over:
                try:
                    await self._live()
                except Exception as error:
                    await self._recover_or_end(error)
        finally:
            self.is_over = True
            self._over.set()

    async def _live(self) -> None:
        core = await self._load()
        if core is None:
            self._give_up("deleted", "not_found", "There is no diagram with this id.")
            return
        while not self._is_finished(core):
            if not self._inbox and not await self._wait_command(core):
                self._passivate(core)
                return
            await self._work(core)
        self._passivate(core)
        reason = self._closing or "shutdown"
        self._give_up(reason, "unavailable", "This diagram is being closed; try again.")

    async def _load(self) -> Core | None:
        """A fresh core, with the subscribers of the one before it resynchronised."""
        stored = await self._storage.load_diagram(self.diagram_id)
        if stored is None:
            return None
        core = Core(stored, self._snapshot_interval)
        commands = self._resubscriptions()
        for command in commands:
            await self._fetch(core, command)
        # Nothing is waited for from here on, so a failing store loses nobody.
        if self._core is not None:
            core.presence.update(self._core.presence)
        self._core = core
        for command in commands:
            self._perform(core.handle(command, self._clock()))
        self._told_revision = core.durable_revision
        return core

    def _resubscriptions(self) -> list[Subscribe]:
        """What brings the subscribers of the core before this one up to date.

        By operations and not by a snapshot, for a client may have edits on their way, which it
        can take over operations only.
        """
        before = self._core.subscriptions.values() if self._core is not None else ()
        return [
            Subscribe(subscription=each, revision=self._told_revision, pending=True)
            for each in before
        ]

    def _is_finished(self, core: Core) -> bool:
        return self._closing is not None and not core.in_flight and not core.staged

    async def _wait_command(self, core: Core) -> bool:
        """Waits for the inbox to fill; false once a quiet diagram has idled long enough."""
        self._wake = trio.Event()
        if not core.is_quiet:
            await self._wake.wait()
            return True
        with trio.move_on_after(self._passivate_after_seconds):
            await self._wake.wait()
        return self._wake.is_set()

    async def _work(self, core: Core) -> None:
        """One round: everything that has arrived, one commit, and a chance for the others."""
        now = self._clock()
        until = trio.current_time() + MAX_ROUND_SECONDS
        for _ in range(min(len(self._inbox), MAX_BATCH_OPERATIONS)):
            if not self._inbox:
                # What waited was withdrawn meanwhile.
                break
            command = self._take()
            self._current = command
            if await self._try_fetch(core, command):
                self._perform(core.handle(command, now))
                self._told_revision = core.durable_revision
            if trio.current_time() > until:
                break
        self._current = None
        self._perform(core.flush())
        if self._inbox:
            await trio.lowlevel.checkpoint()
        else:
            self._read_before = ()

    def _take(self) -> Command:
        command = self._inbox.popleft()
        self._let_go(command)
        return command

    def _let_go(self, command: Command) -> None:
        receiver = receiver_of(command)
        if receiver is not None:
            self._waiting[receiver] -= 1
            if not self._waiting[receiver]:
                del self._waiting[receiver]

    async def _try_fetch(self, core: Core, command: Command) -> bool:
        """Refuses a command whose past cannot be read, and leaves the rest alone."""
        try:
            await self._fetch(core, command)
        except StorageUnavailable:
            message = "The database is away; send it again in a moment."
            self.refuse(command, "unavailable", message)
            return False
        except StorageUnreadable as error:
            log.error("diagram %s: its history cannot be read: %s", self.diagram_id, error)
            message = "What the diagram was then cannot be read: open it anew."
            self.refuse(command, "internal_error", message)
            return False
        return True

    async def _fetch(self, core: Core, command: Command) -> None:
        """Reads from the journal what the core would need and has not in memory."""
        if isinstance(command, Submit):
            author, client_id, since = command.author, command.client_id, command.base_revision
        elif isinstance(command, Subscribe):
            subscription = command.subscription
            author, client_id = subscription.author, subscription.client_id
            since = command.revision
        else:
            return
        if client_id is not None and not core.submissions.knows(author, client_id):
            last = await self._storage.find_last_submission(self.diagram_id, author, client_id)
            if last is not None and last.revision > core.durable_revision:
                # Another process has written since this one loaded; it may have been killed
                # before it heard of it.
                self._put_back(command)
                raise _MustReload
            command.last_submission = last
        if isinstance(command, Submit) and core.may_be_older_resend(command):
            assert command.client_id is not None, "only numbered submissions are resent"
            assert command.sequence is not None, "only numbered submissions are resent"
            command.stored_revision = await self._storage.find_submission(
                self.diagram_id, author, command.client_id, command.sequence
            )
        if core.lacks_entries_since(since) and self._needs_history(core, command, since):
            assert since is not None, "only a number can be older than memory"
            command.older = await self._read_older(since, core.history.floor)

    def _needs_history(self, core: Core, command: Submit | Subscribe, since: int | None) -> bool:
        """False for a submission that meets nothing since: it is not transformed at all."""
        if since is None or isinstance(command, Subscribe):
            return since is not None
        return core.history.may_meet(command.operation, since)

    async def _read_older(self, since: int, floor: int) -> Sequence[JournalEntry]:
        """Entries after ``since``; of several commands in a row that ask, the first one reads."""
        read = self._read_before
        if not read or read[0].revision > since + 1 or read[-1].revision < floor:
            read = await self._storage.read_entries(self.diagram_id, since, floor)
            self._read_before = read
        return read

    def _put_back(self, command: Command) -> None:
        receiver = receiver_of(command)
        if receiver is not None:
            self._waiting[receiver] += 1
        self._inbox.appendleft(command)

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Deliver):
                self._deliver(effect)
            elif isinstance(effect, Commit):
                self._commit_outcome = None
                self._storage.commit_nowait(effect.batch, self._on_commit)
                self._is_committing = True
            elif isinstance(effect, SaveSnapshot):
                self._storage.save_snapshot_nowait(self.diagram_id, effect.revision, effect.diagram)
            else:
                assert isinstance(effect, Reload), "every effect is carried out"
                raise _MustReload

    def _passivate(self, core: Core) -> None:
        """Ends a quiet actor. From here on a newcomer starts another one from the journal."""
        self.is_over = True
        self._perform(core.take_snapshot())

    def _deliver(self, effect: Deliver) -> None:
        """A receiver that fails loses its subscription; the others hear all the same."""
        for receiver in effect.receivers:
            try:
                receiver.deliver(effect.event)
            except Exception:
                log.exception("diagram %s: a receiver failed and was dropped", self.diagram_id)
                self._post(Unsubscribe(receiver))

    # When things go wrong --------------------------------------------------------------------

    async def _recover_or_end(self, error: Exception) -> None:
        """Whatever happens to one diagram stays in it, a failing recovery too."""
        try:
            await self._recover(error)
        except Exception:
            log.exception("diagram %s: its recovery failed", self.diagram_id)
            message = "This diagram cannot be opened just now; try again later."
            self._give_up("unavailable", "unavailable", message)

    async def _recover(self, error: Exception) -> None:
        """Answers what was on its way and lets the loop load afresh, unless it keeps crashing."""
        crashed = self._current
        self._current = None
        if isinstance(error, _MustReload):
            crashed = None
            message = "diagram %s: another process has written or deleted it; it is loaded afresh"
            log.warning(message, self.diagram_id)
        else:
            self._log_crash(error)
        outcome = await self._wait_commit_outcome()
        if self._core is not None:
            self._perform(self._core.abandon(outcome, crashed))
        if isinstance(error, StorageUnreadable):
            message = "What is stored of this diagram is damaged: the server's log says where."
            self._give_up("unavailable", "unavailable", message)
        elif self._may_restart():
            await trio.sleep(FIRST_RESTART_DELAY_SECONDS * 2 ** (len(self._restarts) - 1))
        else:
            message = "This diagram cannot be opened just now; try again later."
            self._give_up("unavailable", "unavailable", message)

    def _log_crash(self, error: Exception) -> None:
        """With a traceback, but where the fault is the store's and the sentence says all."""
        if isinstance(error, StorageUnavailable | StorageUnreadable):
            log.error("diagram %s cannot be loaded: %s", self.diagram_id, error)
        else:
            log.error("diagram %s: its actor crashed", self.diagram_id, exc_info=error)

    async def _wait_commit_outcome(self) -> CommitOutcome | None:
        """How the commit in flight at the crash has ended; ``None`` where there was none."""
        while self._is_committing:
            self._wake = trio.Event()
            await self._wake.wait()
        self._inbox = deque(each for each in self._inbox if not isinstance(each, Committed))
        return self._commit_outcome

    def _may_restart(self) -> bool:
        now = trio.current_time()
        self._restarts.append(now)
        while self._restarts[0] < now - RESTART_WINDOW_SECONDS:
            self._restarts.popleft()
        return len(self._restarts) <= MAX_RESTARTS

    def _give_up(self, reason: CloseReason, code: str, message: str) -> None:
        """Answers everybody and ends; the next command for the diagram starts another actor."""
        self.is_over = True
        if self._core is not None:
            event = Closed(diagram_id=self.diagram_id, reason=reason)
            self._perform(self._core.close(event))
        while self._inbox:
            self.refuse(self._take(), code, message)

    def refuse(self, command: Command, code: str, message: str) -> None:
        """Answers a command without having done it."""
        receiver = receiver_of(command)
        if receiver is None:
            return
        event = Rejected(
            diagram_id=self.diagram_id,
            sequence=command.sequence if isinstance(command, Submit) else None,
            code=code,
            message=message,
            retry=code in ("overloaded", "unavailable"),
        )
        receiver.deliver(event)
