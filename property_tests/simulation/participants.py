"""Who edits: live editors with the client's state machine, and tools that call now and then."""

from typing import TYPE_CHECKING, Protocol

from actors.commands import Command, ReadDiagram, Submit, Subscribe
from actors.events import Acknowledged, AnyEvent, CommittedOperation, Read, Rejected
from actors.ports import Author, JournalEntry
from actors.sessions import Subscription
from ot.client import Submission
from ot.policy import later_wins_over
from property_tests.simulation.engine import AnyClient
from property_tests.simulation.follower import Follow, Follower
from property_tests.simulation.kinds import Op, State
from property_tests.simulation.laws import Violation
from property_tests.simulation.link import Link

if TYPE_CHECKING:
    from property_tests.simulation.stage import Stage


class Participant(Protocol):
    index: int
    author: Author
    link: Link | None

    def receive(self, event: AnyEvent) -> None:
        """The next event of the link."""

    def lose_link(self) -> None:
        """The link is gone, and everything on it."""


class Editor(Follower):
    """Follows the diagram over a link, edits it, takes edits back, loses and forgets."""

    def __init__(self, world: "Stage", index: int, author: Author) -> None:
        super().__init__(author, f"{author.id}-0", world.engine.make_client)
        self.world = world
        self.index = index
        self.link: Link | None = None
        self.generation = 0

    @property
    def name(self) -> str:
        return self.author.id

    # What it does ----------------------------------------------------------------------------

    def connect(self) -> None:
        self.link = self.world.new_link(self.author, self.client_id)
        super().connect()
        self.send_all()

    def lose_link(self) -> None:
        self.link = None
        self.disconnect()

    def reload(self) -> None:
        """Forgets everything, as a page that is loaded anew under a new client id."""
        self.client = None
        self.generation += 1
        self.client_id = f"{self.author.id}-{self.generation}"

    def edit(self, a: Op) -> None:
        super().edit(a)
        self.send_all()

    def undo(self, entry: JournalEntry) -> None:
        """Takes back what it had committed, over everything that came since."""
        client, world = self.client, self.world
        assert client is not None, "one undoes what one sees"
        states, kind = world.store.states, world.engine.type
        a = world.engine.inverse(entry.operation, states[entry.revision - 1])
        for later in world.store.journal[entry.revision : client.revision]:
            wins = later_wins_over(world.policy, self.author.kind, later.author.kind)
            b = world.engine.operation_of(later.operation)
            a = self._over(states[later.revision - 1], a, b, wins)
        state = client.confirmed
        for mine in (client.sent, client.buffer):
            if mine is not None:
                a = self._over(state, a, mine, True)
                state = kind.apply(state, mine)
        try:
            self.edit(a)
        except Exception as error:
            raise Violation("validity", f"{self.name} cannot undo: {error}") from error

    def _over(self, state: State, a: Op, b: Op, a_wins: bool) -> Op:
        if self.world.diagnosis is not None:
            self.world.diagnosis.look(state, a, b, a_wins)
        return self.world.engine.type.transform(a, b, a_wins)

    def try_again(self) -> None:
        self.resend()
        self.send_all()

    def receive(self, event: AnyEvent) -> None:
        if self.hear(event):
            self.send_all()
        else:
            self.world.cut(self, 0)

    def send_all(self) -> None:
        """What the protocol has to say goes onto the link."""
        for message in self.outbox:
            assert self.link is not None, "only who is connected has something to say"
            if isinstance(message, Follow):
                self.link.send(self._subscription(self.link, message))
            else:
                self.world.note("sends", self.name, message.sequence, message.base_revision)
                self.link.send(self._submission(self.link, message))
        self.outbox.clear()

    def _subscription(self, link: Link, message: Follow) -> Subscribe:
        return Subscribe(
            subscription=Subscription(link, f"s{link.number}", self.author, self.client_id),
            revision=message.revision,
            pending=message.pending,
        )

    def _submission(self, link: Link, message: Submission) -> Submit:
        carry = self.world.engine.carry_operation
        through_json = self.world.profile.through_json
        return Submit(
            receiver=link,
            author=self.author,
            operation=carry(message.operation) if through_json else message.operation,
            base_revision=message.base_revision,
            client_id=self.client_id,
            sequence=message.sequence,
        )

    # What is looked at -----------------------------------------------------------------------

    def before_taking(self, client: AnyClient, told: CommittedOperation) -> None:
        world, entry = self.world, told.entry
        world.note("takes", self.name, entry.revision, client.state)
        if self._is_answer(client, entry):
            world.books.count(f"acknowledged while {client.state}")
        else:
            world.books.count(f"received while {client.state}")
            if world.diagnosis is not None:
                world.diagnosis.look_at_receive(client, told.operation, entry.author)

    def after_taking(self, client: AnyClient) -> None:
        store, revision = self.world.store, client.revision
        store.check_state("convergence", f"the replica of {self.name}", revision, client.confirmed)
        if client.sent is None:
            store.check_state("convergence", f"what {self.name} sees", revision, client.diagram)

    def notice(self, what: str) -> None:
        self.world.books.count(what)


class Tool:
    """An agent that reads, thinks, submits on what it has read and waits for the answer.

    With a client id it sends again when the answer does not come; without one it lets it be.
    """

    def __init__(self, world: "Stage", index: int, author: Author, client_id: str | None) -> None:
        self.world = world
        self.index = index
        self.author = author
        self.client_id = client_id
        self.link: Link | None = None
        self.read: Read | None = None
        self.sequence = 0
        self.waiting: Command | None = None

    @property
    def name(self) -> str:
        return self.author.id

    @property
    def is_settled(self) -> bool:
        return not isinstance(self.waiting, Submit)

    def call(self) -> None:
        """The next thing to do: to read, or to submit an edit of what was read."""
        if self.waiting is not None:
            return
        if self.read is None:
            self._ask(ReadDiagram(self._open()))
            return
        read, self.read = self.read, None
        a = self.world.make_edit(self.index, read.diagram)
        self._submit(a, read.revision)

    def undo(self, entry: JournalEntry) -> None:
        """The server transforms the inverse over what came since."""
        engine, store = self.world.engine, self.world.store
        a = engine.inverse(entry.operation, store.states[entry.revision - 1])
        self._submit(a, entry.revision)

    def _submit(self, a: Op, base_revision: int) -> None:
        if self.client_id is not None:
            self.sequence += 1
        self.world.note("submits", self.name, self.sequence, base_revision)
        self._ask(
            Submit(
                receiver=self._open(),
                author=self.author,
                operation=a,
                base_revision=base_revision,
                client_id=self.client_id,
                sequence=self.sequence if self.client_id is not None else None,
                label="tool",
            )
        )

    def _open(self) -> Link:
        if self.link is None:
            self.link = self.world.new_link(self.author, self.client_id)
        return self.link

    def _ask(self, command: Command) -> None:
        self.waiting = command
        self._open().send(command)

    def resend(self) -> None:
        """Asks again over a new link, or gives up where that could be applied twice."""
        command, self.waiting = self.waiting, None
        if isinstance(command, ReadDiagram):
            self._ask(ReadDiagram(self._open()))
        elif isinstance(command, Submit) and self.client_id is not None:
            self._ask(
                Submit(
                    receiver=self._open(),
                    author=self.author,
                    operation=command.operation,
                    base_revision=command.base_revision,
                    client_id=self.client_id,
                    sequence=command.sequence,
                    label="tool",
                )
            )

    def lose_link(self) -> None:
        self.link = None

    def receive(self, event: AnyEvent) -> None:
        waiting = self.waiting
        if isinstance(event, Read) and isinstance(waiting, ReadDiagram):
            self.read, self.waiting = event, None
        elif isinstance(waiting, Submit) and isinstance(event, Acknowledged | Rejected):
            if event.sequence != waiting.sequence:
                return
            if isinstance(event, Rejected) and event.retry:
                self.resend()
            else:
                self.waiting = None
        elif isinstance(event, Rejected) and event.sequence is None:
            self.waiting = None

    def has_lost_its_answer(self) -> bool:
        return self.waiting is not None and self.link is None
