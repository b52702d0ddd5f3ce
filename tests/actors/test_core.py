"""The core decides: examples of one rule each, without an event loop."""

from typing import Any

from actors.commands import ReadDiagram, ShowPresence, Submit, Unsubscribe
from actors.events import (
    Acknowledged,
    AnyEvent,
    ConflictsDetected,
    Presence,
    Read,
    Rejected,
    Subscribed,
    Updated,
)
from actors.ports import SYSTEM, Author, CommitOutcome
from actors.sessions import Subscription
from ot.diagram import Diagram
from ot.operation import Create, Delete, Operation, Set, Text, TextEdit, Update
from property_tests.core_world import World

ANN = Author("user", "ann", "Ann")
BOT = Author("agent", "bot", "Bot")


class Ear:
    """A receiver that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[AnyEvent] = []

    def deliver(self, event: AnyEvent) -> None:
        self.heard.append(event)

    def rejections(self) -> list[Rejected]:
        return [event for event in self.heard if isinstance(event, Rejected)]

    def rejection(self) -> Rejected:
        (event,) = self.rejections()
        return event


def make_world() -> World:
    nodes = {name: {"type": "process", "data": {"label": name}} for name in ("a", "b")}
    return World(Diagram(nodes=nodes, edges={"ab": {"source": "a", "target": "b"}}))


def label(node: str, text: str) -> Operation:
    return Operation(nodes={node: Update({"/data/label": Set(text)})})


def submit(world: World, ear: Ear, operation: Operation, **more: Any) -> None:
    command = Submit(receiver=ear, author=BOT, operation=operation, **more)
    world.do(command)


def test_an_edit_is_acknowledged_only_once_it_is_durable() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("a", "x"))
    world.flush()
    assert ear.heard == []
    world.finish_commit()
    (answer,) = ear.heard
    assert isinstance(answer, Acknowledged)
    assert answer.revision == 1


def test_a_subscriber_hears_its_own_edit_as_the_broadcast_and_nothing_else() -> None:
    world = make_world()
    ann = world.add(ANN)
    ann.receive_one()
    ann.edit(label("a", "x"))
    world.carry_one(ann)
    world.flush()
    assert not ann.inbound
    world.finish_commit()
    (event,) = ann.inbound
    assert isinstance(event, Updated)
    assert [each.entry.sequence for each in event.operations] == [1]


def test_while_a_commit_is_in_flight_the_next_batch_gathers() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("a", "1"))
    world.flush()
    submit(world, ear, label("a", "2"))
    submit(world, ear, label("a", "3"))
    world.flush()
    assert [len(batch.entries) for batch in world.committing] == [1]
    world.finish_commit()
    world.flush()
    assert [len(batch.entries) for batch in world.committing] == [2]


def test_a_reader_is_shown_what_is_durable_and_not_what_could_be_lost() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("a", "x"))
    submit(world, ear, Operation(nodes={"b": Delete()}, edges={"ab": Delete()}))
    world.flush()
    world.do(ReadDiagram(ear))
    (read,) = ear.heard
    assert isinstance(read, Read)
    assert read.revision == 0
    assert read.diagram == world.start


def test_a_failed_commit_drops_back_to_the_last_durable_revision_and_asks_to_retry() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("a", "x"), client_id="c", sequence=1)
    world.flush()
    submit(world, ear, label("a", "y"), client_id="c", sequence=2)
    world.finish_commit(CommitOutcome.FAILED)
    assert [(event.code, event.retry) for event in ear.heard if isinstance(event, Rejected)] == [
        ("commit_failed", True),
        ("commit_failed", True),
    ]
    assert world.core.diagram == world.start
    submit(world, ear, label("a", "x"), client_id="c", sequence=1)
    world.settle()
    assert [entry.revision for entry in world.journal] == [1]


def test_a_resend_of_a_durable_edit_is_answered_and_not_applied_again() -> None:
    world, ear = make_world(), Ear()
    for _ in range(3):
        submit(world, ear, label("a", "x"), client_id="c", sequence=1)
        world.settle()
    assert len(world.journal) == 1
    assert [event.revision for event in ear.heard if isinstance(event, Acknowledged)] == [1, 1, 1]


def test_a_resend_is_recognised_after_a_restart() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("a", "x"), client_id="c", sequence=1)
    world.settle()
    world.crash()
    submit(world, ear, label("a", "x"), client_id="c", sequence=1)
    world.settle()
    assert len(world.journal) == 1


def test_a_resend_whose_first_try_then_fails_is_answered_on_the_new_connection() -> None:
    world, before, after = make_world(), Ear(), Ear()
    submit(world, before, label("a", "x"), client_id="c", sequence=1)
    world.flush()
    submit(world, after, label("a", "x"), client_id="c", sequence=1)
    world.finish_commit(CommitOutcome.FAILED)
    assert before.rejection().retry
    assert after.rejection().retry


def test_texts_that_have_grown_too_long_together_are_refused_by_name() -> None:
    world, ear = make_world(), Ear()
    for text in ("x" * 600, "y" * 600):
        edit = Operation(diagram=Update({"/title": Text([text])}))
        submit(world, ear, edit, base_revision=0)
    assert (ear.rejection().code, ear.rejection().at) == ("string_too_long", "diagram/title")
    assert ear.rejection().retry is False


def test_a_number_that_was_refused_at_first_can_still_be_used_when_later_ones_are_through() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("zz", "x"), client_id="c", sequence=1)
    submit(world, ear, label("a", "2"), client_id="c", sequence=2)
    world.settle()
    submit(world, ear, label("b", "1"), client_id="c", sequence=1)
    world.settle()
    assert [entry.sequence for entry in world.journal] == [2, 1]
    submit(world, ear, label("a", "2"), client_id="c", sequence=2)
    world.settle()
    assert len(world.journal) == 2


def test_an_older_submission_that_the_journal_holds_is_answered_with_its_revision() -> None:
    world, ear = make_world(), Ear()
    for sequence in (1, 2):
        submit(world, ear, label("a", "x"), client_id="c", sequence=sequence)
        world.settle()
    ear.heard.clear()
    submit(world, ear, label("a", "x"), client_id="c", sequence=1, stored_revision=1)
    (answer,) = ear.heard
    assert isinstance(answer, Acknowledged)
    assert (answer.sequence, answer.revision) == (1, 1)
    assert len(world.journal) == 2


def test_merging_that_would_hold_everybody_up_is_refused() -> None:
    world, ear = make_world(), Ear()
    many: TextEdit = ["x", 1] * 2_000
    long = Operation(nodes={"a": Update({"/data/label": Set("-" * 4_000)})})
    submit(world, ear, long)
    world.settle()
    typing = Operation(nodes={"a": Update({"/data/label": Text(many)})})
    for sequence in range(1, 20):
        submit(world, ear, typing, base_revision=1, client_id="c", sequence=sequence)
    assert ear.heard[-1] == ear.rejections()[-1]
    assert ear.rejections()[-1].code == "base_too_old"


def test_nobody_can_use_up_the_sequence_numbers_of_another_author() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("a", "x"), client_id="c", sequence=99)
    world.do(Submit(receiver=ear, author=ANN, operation=label("b", "y"), client_id="c", sequence=1))
    world.settle()
    assert len(world.journal) == 2


def test_a_revision_from_the_future_is_refused_and_changes_nothing() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("a", "x"), base_revision=7, sequence=1)
    assert ear.rejection().code == "future_revision"
    assert ear.rejection().at == "base_revision"
    assert world.core.revision == 0


def test_an_operation_on_a_missing_node_is_refused_by_name() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, label("zz", "x"), sequence=1)
    assert (ear.rejection().code, ear.rejection().at) == ("not_found", "nodes/zz")


def test_both_authors_are_told_what_was_overridden() -> None:
    world, ear = make_world(), Ear()
    ann = world.add(ANN)
    ann.receive_one()
    ann.edit(label("a", "Ann's"))
    world.carry_one(ann)
    world.flush()
    world.finish_commit()
    submit(world, ear, label("a", "Bot's"), base_revision=0)
    world.flush()
    world.finish_commit()
    (answer,) = (event for event in ear.heard if isinstance(event, Acknowledged))
    (conflict,) = answer.conflicts
    assert (conflict.kept, conflict.dropped) == ("Bot's", "Ann's")
    assert (conflict.kept_author, conflict.dropped_author) == (BOT, ANN)
    assert any(isinstance(event, ConflictsDetected) for event in ann.inbound)


def test_whoever_is_overridden_by_an_edit_made_before_is_told() -> None:
    world, ear = make_world(), Ear()
    ann = world.add(ANN)
    ann.receive_one()
    ann.edit(label("a", "Ann's"))
    world.carry_one(ann)
    world.flush()
    world.finish_commit()
    submit(world, ear, label("a", "Bot's"), base_revision=1, seen_revision=0)
    submit(world, ear, label("a", "Bot's too"), base_revision=1, seen_revision=1)
    submit(world, ear, label("a", "Bot's again"), base_revision=1, seen_revision=2**53)
    world.flush()
    world.finish_commit()
    told = [event for event in ann.inbound if isinstance(event, ConflictsDetected)]
    ((conflict,),) = (event.conflicts for event in told)
    assert (conflict.revision, conflict.kept, conflict.dropped) == (2, "Bot's", "Ann's")
    assert conflict.dropped_author == ANN


def test_a_parent_cycle_is_opened_in_the_batch_that_closes_it() -> None:
    world, ear = make_world(), Ear()
    submit(world, ear, Operation(nodes={"a": Update({"/parentId": Set("b")})}), base_revision=0)
    submit(world, ear, Operation(nodes={"b": Update({"/parentId": Set("a")})}), base_revision=0)
    world.flush()
    (batch,) = world.committing
    assert [entry.author for entry in batch.entries] == [BOT, BOT, SYSTEM]
    world.finish_commit()
    assert world.core.diagram.nodes["a"]["parentId"] == "b"
    assert "parentId" not in world.core.diagram.nodes["b"]


def test_a_node_cannot_become_its_own_parent() -> None:
    world, ear = make_world(), Ear()
    node = {"parentId": "x"}
    submit(world, ear, Operation(nodes={"x": Create(node)}))
    world.settle()
    assert "parentId" not in world.core.diagram.nodes["x"]


def test_presence_reaches_the_others_and_late_comers_and_is_never_stored() -> None:
    world = make_world()
    ann, bot = world.add(ANN), world.add(BOT)
    bot.inbound.clear()
    world.do(ShowPresence(ann, {"cursor": [1, 2]}))
    (event,) = bot.inbound
    assert isinstance(event, Presence)
    assert event.state == {"cursor": [1, 2]}
    late = world.add(ANN)
    assert [type(event) for event in late.inbound] == [Subscribed, Presence]
    world.disconnect(ann)
    last = late.inbound[-1]
    assert isinstance(last, Presence)
    assert last.state is None
    assert world.journal == []


def test_a_guest_is_seen_without_following_and_until_it_leaves() -> None:
    world, guest = make_world(), Ear()
    ann = world.add(ANN)
    ann.inbound.clear()
    visit = Subscription(guest, "agent-bot", BOT)
    world.do(ShowPresence(guest, {"activity": "Reading"}, visit))
    late = world.add(ANN)
    world.do(Unsubscribe(guest))
    heard = [event for event in (*ann.inbound, *late.inbound) if isinstance(event, Presence)]
    assert [(event.session_id, event.state is not None) for event in heard] == [
        ("agent-bot", True),
        ("agent-bot", False),
        ("agent-bot", True),
        ("agent-bot", False),
    ]
    assert guest.heard == []
    assert world.core.is_quiet is False
    assert guest not in world.core.subscriptions


def test_missed_operations_come_where_they_are_smaller_than_a_snapshot() -> None:
    world, ear = make_world(), Ear()
    ann = world.add(ANN)
    ann.receive_one()
    world.disconnect(ann)
    submit(world, ear, label("a", "x"))
    world.settle()
    assert ann.client is not None
    assert ann.client.diagram == world.core.diagram
    assert ann.client.revision == 1


def test_a_snapshot_comes_where_it_is_smaller_than_the_missed_operations() -> None:
    world, ear = make_world(), Ear()
    ann = world.add(ANN)
    ann.receive_one()
    world.disconnect(ann)
    for _ in range(200):
        submit(world, ear, label("a", "the same long label again and again"))
        world.flush()
        world.finish_commit()
    world.connect(ann)
    (event,) = ann.inbound
    assert isinstance(event, Subscribed)
    assert event.snapshot == world.core.diagram
