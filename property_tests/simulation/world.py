"""What can happen in a run, and how it comes to rest."""

from collections.abc import Callable
from typing import Any, TypeAlias

from actors.ports import CommitBatch, CommitOutcome
from property_tests.simulation.decisions import Decisions
from property_tests.simulation.engine import Engine
from property_tests.simulation.laws import Violation
from property_tests.simulation.link import HangUp, Link
from property_tests.simulation.participants import Editor, Participant, Tool
from property_tests.simulation.profiles import Profile
from property_tests.simulation.server import Server, copy_of
from property_tests.simulation.stage import Stage

Action: TypeAlias = Callable[[Any], None]


class World(Stage):
    """Nothing happens by itself: ``step`` decides on one thing and does it."""

    def __init__(
        self, profile: Profile, decisions: Decisions, engine: Engine, *, diagnose: bool = False
    ) -> None:
        super().__init__(profile, decisions, engine, diagnose=diagnose)
        self._actions = self._make_actions()

    # What can happen ---------------------------------------------------------------------------

    def _make_actions(self) -> tuple[tuple[int, Callable[[], list[Any]], Action], ...]:
        """Weight, whom or what it can happen to, and what happens; the plainest first."""
        profile = self.profile
        rows: tuple[tuple[int, Callable[[], list[Any]], Action], ...] = (
            (profile.edit_weight, self._who_can_edit, self._edit),
            (profile.turn_weight, self._if_server_can_work, self._turn),
            (profile.commit_weight, self._if_committing, self._end_commit),
            (profile.tool_weight, self._tools_at_hand, self._call_tool),
            (profile.connect_weight, self._who_is_away, self._connect),
            (profile.undo_weight, self._who_can_undo, self._undo),
            (profile.drop_weight, self._who_is_linked, self._drop),
            (profile.passivate_weight, self._if_quiet, self._passivate),
            (profile.reload_weight, self._who_is_away_with_a_page, self._reload),
            (profile.actor_crash_weight, self._if_server_can_work, self._crash_actor),
            (profile.process_crash_weight, self._always, self._crash_process),
            (profile.everybody_leaves_weight, self._if_somebody_is_linked, self._all_leave),
            (profile.close_weight, self._if_open, self._close),
            (profile.late_commit_weight, self._if_late, self._carry_out_late),
        )
        return tuple(row for row in rows if row[0])

    def step(self) -> None:
        """Decides on one thing that can happen, and lets it happen."""
        self.steps += 1
        options: list[tuple[int, Action, Any]] = []
        total = 0
        for link in self.links:
            if link.up:
                total += self.profile.carry_weight * link.speed // 4
                options.append((total, self._carry, link))
        for participant in self.everybody:
            link_of = participant.link
            if link_of is not None and link_of.down:
                total += self.profile.receive_weight * link_of.speed // 4
                options.append((total, self._receive, participant))
        for weight, whom, action in self._actions:
            for target in whom():
                total += weight
                options.append((total, action, target))
        number = self.below(total)
        for bound, action, target in options:
            if number < bound:
                action(target)
                return

    def _always(self) -> list[Any]:
        return [None]

    def _who_can_edit(self) -> list[Any]:
        return [editor for editor in self.editors if editor.client is not None]

    def _if_server_can_work(self) -> list[Any]:
        return [None] if self.server.can_work else []

    def _if_committing(self) -> list[Any]:
        return [None] if self.store.pending else []

    def _tools_at_hand(self) -> list[Any]:
        return [tool for tool in self.tools if tool.waiting is None or tool.link is None]

    def _who_is_away(self) -> list[Any]:
        return [each for each in self.editors if each.link is None or each.must_resend]

    def _who_is_away_with_a_page(self) -> list[Any]:
        return [each for each in self.editors if each.link is None and each.client is not None]

    def _who_can_undo(self) -> list[Any]:
        return [
            *(each for each in self.editors if each.client is not None and each.client.revision),
            *(each for each in self.tools if each.waiting is None and self.store.revision),
        ]

    def _who_is_linked(self) -> list[Any]:
        return [each for each in self.everybody if each.link is not None]

    def _if_somebody_is_linked(self) -> list[Any]:
        return [None] if any(each.link is not None for each in self.editors) else []

    def _if_quiet(self) -> list[Any]:
        return [None] if self.server.can_passivate else []

    def _if_open(self) -> list[Any]:
        return [] if self.server.core is None or self.server.is_closing else [None]

    def _if_late(self) -> list[Any]:
        return [None] if self.store.late else []

    # What happens ------------------------------------------------------------------------------

    def _carry(self, link: Link) -> None:
        """The oldest frame of a link reaches the server, perhaps twice."""
        frame = link.up.popleft()
        if isinstance(frame, HangUp):
            self.note("hangs up", link.number)
            self.links.remove(link)
            self.server.hang_up(link)
            return
        self.note("carries", link.number, type(frame).__name__)
        if not self.is_calm and self._happens(self.profile.duplicate_chance):
            self.books.count("frame duplicated")
            self.server.post(copy_of(frame))
        self.server.post(frame)

    def _receive(self, participant: Participant) -> None:
        link = participant.link
        assert link is not None, "who receives is linked"
        event = link.down.popleft()
        self.note("hears", link.number, type(event).__name__)
        if not self.is_calm and self._happens(self.profile.duplicate_chance):
            self.books.count("event duplicated")
            participant.receive(event)
            if participant.link is not link:
                return
        participant.receive(event)

    def _edit(self, editor: Editor) -> None:
        assert editor.client is not None, "who edits has joined"
        editor.edit(self.make_edit(editor.index, editor.client.diagram))

    def _turn(self, _: None) -> None:
        count = len(self.server.inbox)
        most = count - self.below(count) if count > 1 else count
        if self._happens(self.profile.read_fails_chance):
            self.server.failing_reads = 1
        self.note("turn", most, self.server.failing_reads)
        self.server.turn(most)
        self.server.failing_reads = 0

    def _end_commit(self, _: None) -> None:
        """The oldest commit goes on: it is decided, then it is answered, at once or later."""
        pending = self.store.pending[0]
        is_in_doubt = False
        if pending.outcome is None:
            is_in_doubt = self._happens(self.profile.commit_in_doubt_chance)
            if self._happens(self.profile.commit_refused_chance):
                self.store.spoil(pending.batch, self.below(len(pending.batch.entries)))
            if self._happens(self.profile.commit_fails_chance):
                pending.outcome = CommitOutcome.FAILED
            else:
                pending.outcome = self._carry_out(pending.batch)
            self.books.count(f"commit {pending.outcome.value}{' in doubt' if is_in_doubt else ''}")
        revision = pending.batch.entries[-1].revision
        self.note("commit", revision, pending.outcome.value, is_in_doubt)
        if not is_in_doubt:
            self.server.answer_commit(pending.outcome)

    def _carry_out(self, batch: CommitBatch) -> CommitOutcome:
        outcome = self.store.carry_out(batch)
        if outcome is CommitOutcome.COMMITTED:
            self.books.note_commit(batch.entries)
        return outcome

    def _call_tool(self, tool: Tool) -> None:
        if tool.waiting is None:
            tool.call()
        else:
            self.books.count("tool asked again")
            tool.resend()

    def _connect(self, editor: Editor) -> None:
        if editor.link is None:
            editor.connect()
            self.note("connects", editor.name, self._link_count)
        else:
            self.note("resends", editor.name)
            editor.try_again()

    def _undo(self, who: Editor | Tool) -> None:
        head = self.books.told_revision
        if isinstance(who, Editor):
            head = who.client.revision if who.client is not None else 0
        own = [entry for entry in self.store.journal[:head] if entry.author == who.author]
        if not own or self.engine.inverse(own[0].operation, self.start) is None:
            return
        entry = own[-1 - self.below(len(own))]
        self.books.count("undo")
        self.note("undoes", who.name, entry.revision)
        who.undo(entry)

    def _drop(self, participant: Participant) -> None:
        link = participant.link
        assert link is not None, "who is dropped was linked"
        self.books.count("link dropped")
        self.cut(participant, self.below(len(link.up) + 1))

    def _all_leave(self, _: None) -> None:
        self.books.count("everybody left")
        for editor in self.editors:
            if editor.link is not None:
                self.cut(editor, len(editor.link.up))

    def _reload(self, editor: Editor) -> None:
        self.books.count("page reloaded")
        self.note("reloads", editor.name)
        editor.reload()

    def _passivate(self, _: None) -> None:
        self.books.count("passivated")
        self.note("passivates")
        self.server.passivate()

    def _close(self, _: None) -> None:
        self.books.count("closed")
        self.note("closes")
        self.server.close()

    def _crash_actor(self, _: None) -> None:
        count = len(self.server.inbox)
        at = self.below(count + 1)
        late = bool(self.below(2))
        self.note("crash", at, late)
        self.server.turn(crash_at=at, late=late)

    def _crash_process(self, _: None) -> None:
        self.books.count("process crashed")
        self.note("process crash")
        self.restart()

    def restart(self) -> None:
        """Memory and links are gone. What was being committed is stored, lost, or stored later."""
        for participant in self.everybody:
            participant.lose_link()
        for link in self.links:
            link.cut(0)
        self.links.clear()
        while self.store.pending:
            pending = self.store.pending.popleft()
            if pending.outcome is None:
                self._orphan(pending.batch)
        self.server = Server(self.engine, self.store, self.sizes, self.books)

    def _orphan(self, batch: CommitBatch) -> None:
        if self._happens(self.profile.late_commit_chance):
            self.store.late.append(batch)
        elif self.below(2):
            self._carry_out(batch)

    def _carry_out_late(self, _: None) -> None:
        batch = self.store.late.popleft()
        outcome = self._carry_out(batch)
        self.books.count(f"late commit {outcome.value}")
        self.books.excuse(batch.entries)
        self.note("late commit", batch.entries[-1].revision, outcome.value)

    # The end -----------------------------------------------------------------------------------

    def settle(self, most: int = 2_000) -> None:
        """Everything on its way arrives, with everybody connected. Raises Violation."""
        self.is_calm = True
        for _ in range(most):
            if not self._settle_once():
                return
        raise Violation("alive", f"no rest after {most} rounds")

    def _settle_once(self) -> bool:
        moved = False
        while self.store.late:
            self._carry_out_late(None)
        for editor in self.editors:
            if editor.link is None or editor.must_resend:
                self._connect(editor)
                moved = True
        for tool in self.tools:
            if tool.has_lost_its_answer():
                tool.resend()
                moved = True
        for link in list(self.links):
            while link.up:
                self._carry(link)
                moved = True
        if self.server.can_work:
            self.server.turn()
            moved = True
        if self.store.pending:
            self._settle_commit()
            moved = True
        return self._hear_all() or moved

    def _settle_commit(self) -> None:
        pending = self.store.pending[0]
        if pending.outcome is None:
            pending.outcome = self._carry_out(pending.batch)
        self.server.answer_commit(pending.outcome)

    def _hear_all(self) -> bool:
        moved = False
        for participant in self.everybody:
            while participant.link is not None and participant.link.down:
                self._receive(participant)
                moved = True
        return moved
