"""Laws of the replica alone, with a server of a few lines and any order of messages."""

from collections import deque
from datetime import UTC, datetime
from random import Random

import pytest

from client import Diagram, Draft, EditRefused
from client.messages import Author, CommittedChange, Snapshot
from client.replica import Replica, Submitter
from ot.apply import apply_in_place
from ot.client import Submission
from ot.conflicts import Lost
from ot.operation import Operation, Text, Update
from ot.transform import transform

WORLDS = 60
NODES = ("x", "y", "z")


def start() -> Diagram:
    nodes = {
        key: {"position": {"x": 0, "y": 0}, "data": {"label": "the old text"}} for key in NODES
    }
    return Diagram(nodes=nodes)


class Member:
    """One client: its replica, and what is on its way in either direction."""

    def __init__(self, room: "Room", name: str) -> None:
        self.room, self.name = room, name
        self.outbox: deque[Submission] = deque()
        self.inbox: deque[CommittedChange] = deque()
        self.replica = Replica(Submitter(name, Author("user", name, name)), self)
        self.replica.ask(is_new_socket=True)
        self.replica.snapshot(Snapshot("d", 0, "later_wins", 0, start()))

    @property
    def view(self) -> Diagram:
        assert self.replica.client is not None
        return self.replica.client.diagram

    def draw(self, rnd: Random) -> None:
        """Makes an element of its own, or writes its own key of some node; deletes nothing."""
        draft, dice = Draft(self.view), rnd.randrange(5)
        nodes = sorted(self.view.nodes)
        if dice == 4:
            self._type(rnd, rnd.choice(nodes))
            return
        if dice == 0:
            draft.add_node(self.name, id=f"{self.name}{len(nodes)}-{rnd.random()}", position=(0, 0))
        elif dice == 1:
            ends, count = (rnd.choice(nodes), rnd.choice(nodes)), len(self.view.edges)
            draft.add_edge(*ends, id=f"{self.name}{count}-{rnd.random()}")
        elif dice == 2:
            draft.move_node(rnd.choice(nodes), rnd.randrange(99), rnd.randrange(99))
        else:
            draft.update_node(rnd.choice(nodes), data={self.name: rnd.randrange(99)})
        if not draft.operation().is_empty():
            self.replica.edit(draft.operation())

    def _type(self, rnd: Random, node: str) -> None:
        """One letter, its name, somewhere in a label."""
        at = rnd.randrange(1, len(self.view.nodes[node]["data"]["label"]) + 1)
        typed = Update({"/data/label": Text([at, self.name])})
        self.replica.edit(Operation(nodes={node: typed}))

    def undo_all(self) -> None:
        while self.replica.undo(lambda a: None):
            pass

    def submit(self, submission: Submission, seen: int | None) -> None:
        self.outbox.append(submission)

    def committed(self, change: CommittedChange, *, is_mine: bool) -> None:
        assert is_mine == (change.client_id == self.name)

    def lost(self, lost: Lost, by: Author) -> None:
        assert by.id != self.name

    def started_over(self) -> None:
        raise AssertionError("nobody was away")

    def missed(self) -> None:
        raise AssertionError("nothing gets lost")

    def refused(self, problem: EditRefused) -> None:
        raise problem


class Room:
    """The server: what it takes, it puts after everything else, and tells everybody."""

    def __init__(self) -> None:
        self.diagram = start()
        self.journal: list[CommittedChange] = []
        self.members = [Member(self, name) for name in "ab"]

    def step(self, rnd: Random) -> bool:
        """One message arrives somewhere; whether there was one."""
        ways = [(each, box) for each in self.members for box in (each.outbox, each.inbox) if box]
        if not ways:
            return False
        member, box = rnd.choice(ways)
        if box is member.inbox:
            member.replica.updated([member.inbox.popleft()])
        else:
            self._commit(member, member.outbox.popleft())
        return True

    def settle(self, rnd: Random) -> None:
        while self.step(rnd):
            pass

    def _commit(self, member: Member, submission: Submission) -> None:
        operation = submission.operation
        for change in self.journal[submission.base_revision :]:
            operation = transform(operation, change.operation, True)
        apply_in_place(self.diagram, operation)
        author = member.replica.submitter.participant
        now, revision = datetime.now(UTC), len(self.journal) + 1
        change = CommittedChange(revision, operation, author, now, member.name, submission.sequence)
        self.journal.append(change)
        for each in self.members:
            each.inbox.append(change)


@pytest.mark.parametrize("world", range(WORLDS))
def test_undoing_everything_leaves_exactly_what_others_did(world: int) -> None:
    """In any order of messages both agree. Where it was known before, all of theirs stays."""
    rnd, room = Random(world), Room()
    mine, theirs = room.members
    for _ in range(12):
        rnd.choice(room.members).draw(rnd)
        for _ in range(rnd.randrange(3)):
            room.step(rnd)
    is_known = bool(world % 2)
    if is_known:
        room.settle(rnd)
    kept = {key: node["data"].get("b") for key, node in theirs.view.nodes.items()}
    typed = {key: theirs.view.nodes[key]["data"]["label"].count("b") for key in NODES}
    drawn = [change.operation for change in room.journal if change.author.id == "b"]
    mine.undo_all()
    room.settle(rnd)
    assert mine.view == theirs.view == room.diagram
    if is_known:
        after = room.diagram
        assert {key for a in drawn for key in a.nodes} <= after.nodes.keys()
        assert {key for a in drawn for key in a.edges} <= after.edges.keys()
        assert {key: node["data"].get("b") for key, node in after.nodes.items()}.items() <= (
            kept.items()
        )
        assert [key for key, node in after.nodes.items() if "a" in node["data"]] == []
        assert [key for key in NODES if "a" in after.nodes[key]["data"]["label"]] == []
        assert {key: after.nodes[key]["data"]["label"].count("b") for key in NODES} == typed


def test_undoing_everything_alone_leads_back_to_the_start() -> None:
    for world in range(WORLDS):
        rnd, room = Random(world), Room()
        mine = room.members[0]
        for _ in range(12):
            mine.draw(rnd)
            room.step(rnd)
        after = mine.view.copy()
        mine.undo_all()
        room.settle(rnd)
        assert room.diagram == start()
        while mine.replica.redo(lambda a: None):
            room.step(rnd)
        room.settle(rnd)
        assert room.diagram == after
