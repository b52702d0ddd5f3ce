"""What the core of an actor does beside edits: parent cycles, conflicts, presence."""

from datetime import UTC, datetime
from random import Random

from actors.commands import Command, Committed, ShowPresence, Submit, Subscribe, Unsubscribe
from actors.core import Core
from actors.effects import Commit, Deliver, Effect
from actors.events import AnyEvent, ConflictsDetected, Presence
from actors.ports import Author, CommitOutcome, JournalEntry, StoredDiagram
from actors.sessions import Subscription
from ot.apply import apply_in_place
from ot.conflicts import Lost, find_lost
from ot.diagram import Diagram
from ot.operation import Create, Operation, Replace, Set, Unset, Update
from property_tests.checks_operations import is_within_bounds
from property_tests.generate import make_diagram, make_operation
from property_tests.laws import Broken

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_NODES = ("a", "b", "c", "d")
_OUTCOMES = (
    *[CommitOutcome.COMMITTED] * 6,
    CommitOutcome.FAILED,
    #: The edits of such a batch are committed one by one afterwards.
    CommitOutcome.REFUSED,
)


class Ear:
    """A receiver; what it was told since it was last asked waits in ``heard``."""

    def __init__(self, number: int) -> None:
        self.author = Author("user", f"u{number}", f"U{number}")
        self.session_id = f"s{number}"
        self.heard: list[AnyEvent] = []

    def deliver(self, event: AnyEvent) -> None:
        self.heard.append(event)

    def conflicts(self) -> list[tuple[str, ...]]:
        """Target, id, path, whose value was kept and whose was dropped, of each conflict told."""
        return [
            (each.target, each.id, each.path, each.kept_author.id, each.dropped_author.id)
            for event in self.heard
            if isinstance(event, ConflictsDetected)
            for each in event.conflicts
        ]

    def presences(self) -> list[tuple[str, object]]:
        """Who it was told about, and what."""
        heard, self.heard = self.heard, []
        return [(each.session_id, each.state) for each in heard if isinstance(each, Presence)]


def _open(S: Diagram) -> Core:
    stored = StoredDiagram(
        diagram_id="d", policy="later_wins", snapshot_revision=0, snapshot=S.copy(), tail=[]
    )
    return Core(stored)


def check_cycles(rnd: Random) -> None:
    """Whoever puts what under what: no commit leaves a node that is its own ancestor."""
    start = Diagram(nodes={node: {} for node in _NODES})
    core, durable, ear = _open(start), start.copy(), Ear(0)
    for _ in range(12):
        base = rnd.randint(0, core.durable_revision)
        command = Submit(receiver=ear, author=ear.author, operation=_moved(rnd), base_revision=base)
        effects = core.handle(command, _NOW)
        if rnd.random() < 0.4:
            effects += core.flush()
        _finish(rnd, core, effects, durable)
    _finish(rnd, core, core.flush(), durable)


def _moved(rnd: Random) -> Operation:
    """A node that goes under another one, or becomes a root."""
    node, parent = rnd.choice(_NODES), rnd.choice((*_NODES, None))
    if rnd.random() < 0.2:
        return Operation(nodes={node: Replace({"parentId": parent})})
    if rnd.random() < 0.1:
        name = f"new {rnd.getrandbits(30)}"
        return Operation(nodes={name: Create({"parentId": rnd.choice((name, parent))})})
    return Operation(nodes={node: Update({"/parentId": Set(parent) if parent else Unset()})})


def _finish(rnd: Random, core: Core, effects: list[Effect], durable: Diagram) -> None:
    """Each commit has some outcome; ``durable`` follows those that succeed."""
    for effect in effects:
        if not isinstance(effect, Commit):
            continue
        outcome = rnd.choice(_OUTCOMES)
        if outcome is not CommitOutcome.COMMITTED:
            core.handle(Committed(outcome), _NOW)
            continue
        for entry in effect.batch.entries:
            apply_in_place(durable, entry.operation)
        _check_no_cycle(durable, effect.batch.entries[-1])
        core.handle(Committed(outcome), _NOW)


def _check_no_cycle(S: Diagram, last: JournalEntry) -> None:
    for start in S.nodes:
        at, steps = start, 0
        while (parent := S.nodes[at].get("parentId")) is not None:
            at, steps = parent, steps + 1
            if steps > len(S.nodes):
                raise Broken("cycle", f"the way up from {start} never ends", S=S, a=last.operation)


def check_conflicts(rnd: Random) -> None:
    """Two edits that met: each author is told what was lost and whose it was, a third nobody."""
    S = make_diagram(rnd, 3, 3)
    core, (ann, bob, cat) = _open(S), [Ear(number) for number in range(3)]
    for ear in (ann, bob, cat):
        _do(core, Subscribe(subscription=Subscription(ear, ear.session_id, ear.author)))
    first, second = _acceptable(rnd, S), _acceptable(rnd, S)
    for ear, a in ((ann, first), (bob, second)):
        core.handle(Submit(receiver=ear, author=ear.author, operation=a, base_revision=0), _NOW)
    if core.revision != 2:
        return  # a cycle was opened in between, which is somebody else's edit
    core.flush()
    _do(core, Committed(CommitOutcome.COMMITTED))
    told = [
        (lost.target, lost.id, lost.path, *_sides(lost, bob, ann))
        for lost in find_lost(second, first, True)
    ]
    for ear, expected in ((ann, told), (bob, told), (cat, [])):
        heard = ear.conflicts()
        if heard != expected:
            who = ear.author.id
            raise Broken("conflicts", f"{who} heard otherwise", S=S, told=expected, heard=heard)


def _acceptable(rnd: Random, S: Diagram) -> Operation:
    while True:
        a = make_operation(rnd, S, 2)
        if is_within_bounds(a):
            return a


def _sides(lost: Lost, a: Ear, b: Ear) -> tuple[str, str]:
    """Whose value was kept and whose was dropped."""
    loser, winner = (a, b) if lost.loser == "a" else (b, a)
    return winner.author.id, loser.author.id


def check_presence(rnd: Random) -> None:
    """Presence reaches the others and late comers, ends with its session, and is not an edit."""
    core = _open(Diagram())
    ears = [Ear(number) for number in range(3)]
    guest = Ear(3)
    present: dict[str, object] = {}
    here: list[Ear] = []
    for _ in range(15):
        ear, action = rnd.choice(ears), rnd.randint(0, 5)
        if action == 4:
            _show_guest(core, guest, here, present, {"at": rnd.randint(0, 9)})
        elif action == 5:
            _leave(core, guest, here, present)
        elif action == 0:
            _come(core, ear, here, present)
        elif action == 1:
            _leave(core, ear, here, present)
        else:
            _show(core, ear, here, present, {"at": rnd.randint(0, 9)})
    if core.revision or core.staged or core.diagram != Diagram():
        raise Broken("presence", "it became an edit", S=core.diagram)


def _do(core: Core, command: Command) -> None:
    for effect in core.handle(command, _NOW):
        assert isinstance(effect, Deliver), "there is nothing to commit"
        for receiver in effect.receivers:
            receiver.deliver(effect.event)


def _expect(ear: Ear, told: list[tuple[str, object]]) -> None:
    heard = ear.presences()
    if sorted(heard, key=str) != sorted(told, key=str):
        raise Broken("presence", f"{ear.session_id} was told otherwise", heard=heard, told=told)


def _come(core: Core, ear: Ear, here: list[Ear], present: dict[str, object]) -> None:
    _do(core, Subscribe(subscription=Subscription(ear, ear.session_id, ear.author)))
    if ear not in here:
        here.append(ear)
    _expect(ear, [each for each in present.items() if each[0] != ear.session_id])


def _leave(core: Core, ear: Ear, here: list[Ear], present: dict[str, object]) -> None:
    _do(core, Unsubscribe(ear))
    if ear in here:
        here.remove(ear)
    was_seen = present.pop(ear.session_id, None) is not None
    for other in here:
        _expect(other, [(ear.session_id, None)] if was_seen else [])
    _expect(ear, [])


def _show(
    core: Core, ear: Ear, here: list[Ear], present: dict[str, object], state: dict[str, int]
) -> None:
    _do(core, ShowPresence(ear, state))
    if ear in here:
        present[ear.session_id] = state
    for other in here:
        _expect(other, [(ear.session_id, state)] if ear in here and other is not ear else [])
    _expect(ear, [])


def _show_guest(
    core: Core, ear: Ear, here: list[Ear], present: dict[str, object], state: dict[str, int]
) -> None:
    """Somebody is seen who follows nothing, and so is told nothing."""
    _do(core, ShowPresence(ear, state, Subscription(ear, ear.session_id, ear.author)))
    present[ear.session_id] = state
    for other in here:
        _expect(other, [(ear.session_id, state)])
    _expect(ear, [])
