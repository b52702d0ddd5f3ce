"""What can happen in a protocol world, and what comes of it; each distinct step computed once."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

import msgspec

from actors.commands import Command, Committed, Submit, Subscribe, Unsubscribe
from actors.core import Core
from actors.effects import Commit, Deliver, Effect, SaveSnapshot
from actors.events import AnyEvent, ConflictsDetected, Rejected, Subscribed, Updated
from actors.ports import (
    Author,
    AuthorKind,
    CommitOutcome,
    JournalEntry,
    LastSubmission,
    Policy,
    StoredDiagram,
)
from actors.sessions import Subscription
from ot.client import Client, Submission
from ot.diagram import Diagram
from ot.operation import Operation
from property_tests.laws import encoded
from property_tests.protocol_cells import Cells, Token, clone
from property_tests.protocol_journal import (
    Journal,
    check_state,
    check_told,
    extend,
    newest_sequence,
)
from property_tests.simulation.follower import Follow, Follower
from property_tests.simulation.laws import Violation

NOW = datetime(2026, 1, 1, tzinfo=UTC)

#: An edit of what one sees; None where it makes no sense there.
Edit: TypeAlias = Callable[[Diagram], Operation | None]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A world to explore: who edits what, in this order, and how often what goes wrong."""

    name: str
    start: Diagram
    edits: tuple[tuple[Edit, ...], ...]
    kinds: tuple[AuthorKind, ...] = ("user", "agent", "user")
    policy: Policy = "later_wins"
    drops: int = 0
    failures: int = 0
    restarts: int = 0
    #: Operations between two snapshots; a server that starts from one knows no older ones.
    snapshot_interval: int = 500


class Peer(NamedTuple):
    """A client and its link. Queues hold numbers of frames.

    ``ghosts`` are links that were lost: the connection's number, then the frames that still arrive
    over it; after the last one the server notices that it is gone.
    """

    cell: int
    connection: int
    is_connected: bool
    edited: int
    up: tuple[int, ...]
    down: tuple[int, ...]
    ghosts: tuple[tuple[int, ...], ...]


class Told(NamedTuple):
    """An event for one connection of a client, by the number of its frame."""

    owner: int
    connection: int
    frame: int


class Answer(NamedTuple):
    """What the server makes of a command. ``batch`` is -1 where nothing is to be committed."""

    core: int
    told: tuple[Told, ...]
    batch: int
    snapshot: int


class Numbers:
    """Plain values by number."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def of(self, key: Hashable, value: Any) -> int:
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


class Moves:
    """The steps of one setting. Nothing here knows which states were met."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.cores: Cells[Core] = Cells()
        self.followers: Cells[Follower] = Cells()
        self.frames = Numbers()
        self.batches = Numbers()
        self.journals = Numbers()
        self.peers = Numbers()
        start = setting.start
        self.first_journal = self.journals.of((), Journal((), (start,), (encoded(start),)))
        self._local: dict[int, tuple[tuple[str, int, int], ...]] = {}
        self._heard: dict[tuple[int, Told], int] = {}

    def author(self, at: int) -> Author:
        return Author(self.setting.kinds[at], f"p{at}", "")

    def peer_number(self, peer: Peer) -> int:
        return self.peers.of(peer, peer)

    # Clients -----------------------------------------------------------------------------------

    def first_peer(self, at: int) -> int:
        follower = Follower(self.author(at), f"c{at}", _make_client)
        return self.peer_number(Peer(self.followers.number_of(follower), 0, False, 0, (), (), ()))

    def local(self, at: int, number: int) -> tuple[tuple[str, int, int], ...]:
        """What a peer can do by itself: name, the peer after it, drops that it costs."""
        found = self._local.get(number)
        if found is None:
            found = self._local[number] = tuple(self._local_moves(at, self.peers.values[number]))
        return found

    def _local_moves(self, at: int, peer: Peer) -> Iterable[tuple[str, int, int]]:
        follower = self.followers.known[peer.cell]
        edits = self.setting.edits[at]
        if peer.edited < len(edits) and follower.client is not None:
            yield "edits", self._edited(peer, edits[peer.edited]), 0
        if peer.down:
            yield "hears", self._hears(peer), 0
        if not peer.is_connected:
            yield "connects", self._connects(peer), 0
        else:
            yield "loses everything", self._lost(peer, ()), 1
            if peer.up:
                yield "loses the link", self._lost(peer, peer.up), 1

    def _act(self, cell: int, key: Hashable, act: Callable[[Follower], object]) -> Any:
        """Lets a clone of the follower act; its new number and the frames it sends."""

        def compute() -> tuple[int, tuple[int, ...]]:
            follower: Follower = clone(self.followers.known[cell])
            act(follower)
            if follower.must_resend:
                follower.resend()
            frames = tuple(self.frames.of(_code(each), each) for each in follower.outbox)
            follower.outbox.clear()
            return self.followers.number_of(follower), frames

        return self.followers.step((cell, key), compute)

    def _edited(self, peer: Peer, edit: Edit) -> int:
        client = self.followers.known[peer.cell].client
        assert isinstance(client, Client), "who edits has joined"
        a = edit(client.diagram)
        if a is None:
            return self.peer_number(peer._replace(edited=peer.edited + 1))
        cell, sent = self._act(peer.cell, ("edit", peer.edited), lambda each: each.edit(a))
        return self.peer_number(peer._replace(cell=cell, edited=peer.edited + 1, up=peer.up + sent))

    def _hears(self, peer: Peer) -> int:
        frame, down = peer.down[0], peer.down[1:]
        event = self.frames.values[frame]
        cell, sent = self._act(peer.cell, ("hear", frame), lambda each: each.hear(event))
        return self.peer_number(peer._replace(cell=cell, down=down, up=peer.up + sent))

    def _connects(self, peer: Peer) -> int:
        cell, sent = self._act(peer.cell, "connect", lambda each: each.connect())
        connection = peer.connection + 1
        return self.peer_number(
            peer._replace(cell=cell, connection=connection, is_connected=True, up=sent)
        )

    def _lost(self, peer: Peer, arriving: tuple[int, ...]) -> int:
        cell, _ = self._act(peer.cell, "disconnect", lambda each: each.disconnect())
        ghosts = (*peer.ghosts, (peer.connection, *arriving))
        return self.peer_number(
            peer._replace(cell=cell, is_connected=False, up=(), down=(), ghosts=ghosts)
        )

    def orphaned(self, number: int) -> int:
        """The peer once the server's process has died."""
        peer: Peer = self.peers.values[number]
        cell = peer.cell
        if peer.is_connected:
            cell, _ = self._act(cell, "disconnect", lambda each: each.disconnect())
        return self.peer_number(
            peer._replace(cell=cell, is_connected=False, up=(), down=(), ghosts=())
        )

    def heard(self, number: int, told: Told) -> int:
        """The peer with one more frame on its way down, unless that went to a lost link."""
        found = self._heard.get((number, told))
        if found is None:
            peer: Peer = self.peers.values[number]
            found = number
            if peer.is_connected and peer.connection == told.connection:
                found = self.peer_number(peer._replace(down=(*peer.down, told.frame)))
            self._heard[number, told] = found
        return found

    # The server --------------------------------------------------------------------------------

    def load(self, journal: int, snapshot: int) -> int:
        """A core fresh from the newest snapshot and the journal."""

        def compute() -> int:
            known: Journal = self.journals.values[journal]
            stored = StoredDiagram(
                diagram_id="d",
                policy=self.setting.policy,
                snapshot_revision=snapshot,
                snapshot=known.states[snapshot],
                tail=known.entries[snapshot:],
            )
            return self.cores.number_of(Core(stored, self.setting.snapshot_interval))

        number: int = self.cores.step(("load", journal, snapshot), compute)
        return number

    def arrives(self, core: int, journal: int, snapshot: int, told: Told) -> Answer:
        """A frame, or with -1 the end of the link, reaches the server."""
        return self._serve(core, journal, snapshot, told, lambda: self._command(told))

    def ends(self, core: int, journal: int, snapshot: int, outcome: CommitOutcome) -> Answer:
        """The commit in flight is answered; the journal holds what has become durable."""
        return self._serve(core, journal, snapshot, outcome.value, lambda: Committed(outcome))

    def _serve(
        self,
        core: int,
        journal: int,
        snapshot: int,
        key: Hashable,
        command: Callable[[], Command],
    ) -> Answer:
        def compute() -> Answer:
            twin: Core = clone(self.cores.known[core])
            asked = command()
            known: Journal = self.journals.values[journal]
            _fetch(twin, asked, known)
            effects = [*twin.handle(asked, NOW), *twin.flush()]
            return self._answer(twin, effects, known, snapshot)

        answer: Answer = self.cores.step((core, journal, snapshot, key), compute)
        return answer

    def _command(self, told: Told) -> Command:
        token, author = Token(told.owner, told.connection), self.author(told.owner)
        client_id = f"c{told.owner}"
        if told.frame < 0:
            return Unsubscribe(token)
        message = self.frames.values[told.frame]
        if isinstance(message, Follow):
            return Subscribe(
                subscription=Subscription(token, str(token.number), author, client_id),
                revision=message.revision,
                pending=message.pending,
            )
        assert isinstance(message, Submission), "nothing else goes up"
        return Submit(
            receiver=token,
            author=author,
            operation=message.operation,
            base_revision=message.base_revision,
            client_id=client_id,
            sequence=message.sequence,
        )

    def _answer(
        self, core: Core, effects: Sequence[Effect], journal: Journal, snapshot: int
    ) -> Answer:
        told: list[Told] = []
        batch = -1
        for effect in effects:
            if isinstance(effect, Commit):
                entries = tuple(effect.batch.entries)
                batch = self.batches.of(_code(entries), entries)
            elif isinstance(effect, SaveSnapshot):
                check_state(journal, effect.revision, effect.diagram)
                snapshot = effect.revision
            else:
                assert isinstance(effect, Deliver), "nobody else writes here"
                told += self._told(effect, journal)
        return Answer(self.cores.number_of(core), tuple(told), batch, snapshot)

    def _told(self, effect: Deliver, journal: Journal) -> Iterable[Told]:
        event = effect.event
        check_told(journal, event)
        for receiver in effect.receivers:
            assert isinstance(receiver, Token), "all receivers here are tokens"
            self._check_told_to(receiver.owner, journal, event)
            if isinstance(event, Updated | Subscribed | Rejected):
                frame = self.frames.of(_code(event), event)
                yield Told(receiver.owner, receiver.number, frame)

    def _check_told_to(self, owner: int, journal: Journal, event: AnyEvent) -> None:
        if isinstance(event, Subscribed):
            expected = newest_sequence(journal.entries[: event.revision], f"c{owner}")
            if event.last_sequence != expected:
                message = f"the last durable sequence of c{owner} is told wrongly"
                raise Violation("acknowledged", message, expected, event.last_sequence)
        elif isinstance(event, ConflictsDetected):
            for conflict in event.conflicts:
                if self.author(owner) not in {conflict.kept_author, conflict.dropped_author}:
                    raise Violation("conflicts", f"p{owner} hears of a conflict between others")

    # The journal -------------------------------------------------------------------------------

    def stored(self, journal: int, batch: int) -> int:
        """The journal with the batch at its end."""
        entries: tuple[JournalEntry, ...] = self.batches.values[batch]
        before: Journal = self.journals.values[journal]
        key = (journal, batch)
        after = self.journals.of(key, None)
        if self.journals.values[after] is None:
            self.journals.values[after] = extend(before, entries)
        return after


def _make_client(
    state: Diagram, revision: int, kind: AuthorKind, policy: Policy, sequence: int
) -> Client:
    return Client(state, revision, kind=kind, policy=policy, sequence=sequence)


def _code(value: object) -> bytes:
    return type(value).__name__.encode() + msgspec.json.encode(value, order="sorted")


def _fetch(core: Core, command: Command, journal: Journal) -> None:
    """What the task would read from the journal for the core."""
    if isinstance(command, Submit):
        author, client_id, since = command.author, command.client_id, command.base_revision
    elif isinstance(command, Subscribe):
        subscription, since = command.subscription, command.revision
        author, client_id = subscription.author, subscription.client_id
    else:
        return
    if client_id is not None and not core.submissions.knows(author, client_id):
        command.last_submission = max(
            (
                LastSubmission(entry.sequence or 0, entry.revision)
                for entry in journal.entries
                if entry.client_id == client_id
            ),
            key=lambda submission: submission.sequence,
            default=None,
        )
    if isinstance(command, Submit) and core.may_be_older_resend(command):
        command.stored_revision = next(
            (
                entry.revision
                for entry in journal.entries
                if (entry.client_id, entry.sequence) == (client_id, command.sequence)
            ),
            None,
        )
    if since is not None and core.lacks_entries_since(since):
        command.older = journal.entries[since : core.history.floor]
