"""Clients and a server in memory, whose messages are delayed, lost and resent as chance has it.

The server here is the shortest one that keeps its promises; the clients are the real
:class:`ot.client.Client`.
"""

from collections import Counter, deque
from random import Random
from typing import TypeAlias

import msgspec

from ot.apply import apply, apply_in_place
from ot.client import Client, Submission
from ot.diagram import Diagram
from ot.operation import Operation
from ot.policy import AuthorKind, Policy, later_wins_over
from ot.transform import transform
from property_tests.generate import make_operation
from property_tests.laws import Broken, encoded, law, same

#: Elements of a replica's diagram beyond which chance makes no more edits of it.
MAX_ELEMENTS = 40


class Committed(msgspec.Struct, frozen=True):
    author: int
    kind: AuthorKind
    sequence: int
    operation: Operation


class Rejected(msgspec.Struct, frozen=True):
    sequence: int


Message: TypeAlias = Committed | Rejected


class Server:
    """Orders what is submitted; ``states[r]`` is the encoded diagram at revision ``r``."""

    def __init__(self, diagram: Diagram, policy: Policy) -> None:
        self.diagram = diagram.copy()
        self.policy = policy
        self.history: list[Committed] = []
        self.states = [encoded(diagram)]
        self.done: set[tuple[int, int]] = set()

    def commit(self, author: int, kind: AuthorKind, submission: Submission) -> Committed | None:
        """Commits it as the next revision; None where that has happened before."""
        if (author, submission.sequence) in self.done:
            return None
        a = submission.operation
        for earlier in self.history[submission.base_revision :]:
            a = transform(a, earlier.operation, later_wins_over(self.policy, kind, earlier.kind))
        logged = apply_in_place(self.diagram, a)
        committed = Committed(author, kind, submission.sequence, logged)
        self.history.append(committed)
        self.states.append(encoded(self.diagram))
        self.done.add((author, submission.sequence))
        return committed


class Link(msgspec.Struct):
    """One client and what is on the way between it and the server."""

    client: Client
    up: deque[Submission]
    down: deque[Message]


class Network:
    """Some clients of one server. ``happened`` counts what did, so that an idle run shows."""

    def __init__(self, rnd: Random, S: Diagram, policy: Policy, kinds: list[AuthorKind]) -> None:
        self.rnd = rnd
        self.server = Server(S, policy)
        self.links = [
            Link(Client(S, 0, kind=kind, policy=policy), deque(), deque()) for kind in kinds
        ]
        self.happened: Counter[str] = Counter()

    def act(self) -> None:
        """One thing happens somewhere."""
        at = self.rnd.randrange(len(self.links))
        kind = self.rnd.randint(0, 19)
        if kind <= 6:
            self._edit(self.links[at])
        elif kind <= 11:
            self._serve(at, may_reject=True)
        elif kind <= 18:
            self._deliver(at)
        else:
            self._reconnect(at)

    def settle(self) -> None:
        """Everything on the way arrives; nobody edits any more."""
        while any(link.up or link.down for link in self.links):
            for at in range(len(self.links)):
                self._serve(at, may_reject=False)
                self._deliver(at)

    def _edit(self, link: Link) -> None:
        here = link.client.diagram
        if len(here.nodes) + len(here.edges) < MAX_ELEMENTS:
            self._send(link, link.client.edit(make_operation(self.rnd, here, 2)))
            self.happened[link.client.state] += 1

    def _send(self, link: Link, submission: Submission | None) -> None:
        if submission is not None:
            link.up.append(submission)

    def _serve(self, at: int, *, may_reject: bool) -> None:
        link = self.links[at]
        if not link.up:
            return
        submission = link.up.popleft()
        known = (at, submission.sequence) in self.server.done
        if may_reject and not known and self.rnd.random() < 0.15:
            link.down.append(Rejected(submission.sequence))
            return
        committed = self.server.commit(at, link.client.kind, submission)
        if committed is None:
            self.happened["resend recognised"] += 1
            return
        self.happened["committed"] += 1
        for other in self.links:
            other.down.append(committed)

    def _deliver(self, at: int) -> None:
        link = self.links[at]
        if not link.down:
            return
        self._take(at, link.client, link.down.popleft())
        _check_client(link.client, self.server)

    def _take(self, at: int, client: Client, message: Message) -> None:
        before = client.diagram.copy()
        if isinstance(message, Rejected):
            undo, submission = client.reject(message.sequence)
            self._send(self.links[at], submission)
            self.happened["rejected"] += 1
            _check_step(before, undo, client.diagram)
        elif message.author == at:
            self._send(self.links[at], client.acknowledge(message.sequence))
            self.happened["acknowledged"] += 1
        else:
            self.happened[f"received while {client.state}"] += 1
            shown = client.receive(message.operation, message.kind)
            _check_step(before, shown, client.diagram)

    def _reconnect(self, at: int) -> None:
        """Everything on the way is lost; the server tells what was missed, the client resends."""
        link = self.links[at]
        link.up.clear()
        link.down.clear()
        link.down.extend(self.server.history[link.client.revision :])
        self._send(link, link.client.resend())
        self.happened["reconnected"] += 1


def _check_client(client: Client, server: Server) -> None:
    """``confirmed`` is the server's state at its revision; ``diagram`` is that and what is mine."""
    if encoded(client.confirmed) != server.states[client.revision]:
        raise Broken("R", "confirmed is not the server's state", confirmed=client.confirmed)
    mine = client.confirmed
    for operation in (client.sent, client.buffer):
        if operation is not None:
            mine = apply(mine, operation)[0]
    if not same(mine, client.diagram):
        raise Broken("R", "diagram is not confirmed, sent, buffer", mine=mine, is_=client.diagram)


def _check_step(before: Diagram, shown: Operation, after: Diagram) -> None:
    if not same(apply(before, shown)[0], after):
        raise Broken("R", "what was returned is not what changed", before=before, shown=shown)


@law("R", "replicas converge")
def replicas_converge(
    rnd: Random, S: Diagram, policy: Policy, kinds: list[AuthorKind], actions: int
) -> Counter[str]:
    """Whatever is delayed, lost, resent or refused: in the end all show the server's diagram."""
    network = Network(rnd, S, policy, kinds)
    for _ in range(actions):
        network.act()
    network.settle()
    for link in network.links:
        mine = link.client.diagram
        if link.client.state != "synchronised" or not same(mine, network.server.diagram):
            raise Broken("R", "replicas differ", server=network.server.diagram, mine=mine)
    return network.happened
