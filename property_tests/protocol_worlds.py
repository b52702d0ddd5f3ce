"""Every interleaving of a small protocol world: real clients, the real core, links, commits.

Two or three clients make one or two edits each. Whatever may happen next happens, in every order:
an edit, a frame that arrives, a commit that succeeds or fails, a link that is lost with what is on
it or with frames still arriving, a reconnect, a process that dies with its commit stored or lost.
Equal states are met once. In every state the laws of the simulator must hold, and wherever nothing
is on its way all must agree.

    python -m property_tests.protocol_worlds [short | long]
"""

import os
import sys
import time
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import msgspec

from actors.ports import CommitOutcome
from ot.apply import apply
from property_tests.laws import encoded
from property_tests.protocol_journal import Journal
from property_tests.protocol_moves import Answer, Moves, Peer, Setting, Told
from property_tests.protocol_settings import LONG, SHORT
from property_tests.simulation.laws import Violation

#: Core, journal, snapshot, batch in flight or -1, drops, failures and restarts that are left, and
#: then a number for each peer.
State = tuple[int, ...]
_FIRST_PEER = 7


class Report(msgspec.Struct):
    """What an exploration has seen. ``behaviours``: the different ways to come to rest."""

    setting: str
    states: int
    transitions: int
    behaviours: int
    #: The most that has to happen to come to any state, counted along the shortest way.
    depth: int
    rests: int
    #: Steps of the real machinery; all others were known from these.
    computed: int
    seconds: float


class WorldBroken(AssertionError):
    """A law does not hold; the message has everything that happened."""

    def __init__(self, setting: str, law: str, message: str, happened: list[str]) -> None:
        super().__init__(setting, law, message, happened)
        self.law = law
        self.happened = happened

    def __str__(self) -> str:
        setting, law, message, happened = self.args
        return f"{setting}: {law}: {message}\n  " + "\n  ".join(happened)


class World:
    """One setting, explored breadth first."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.moves = Moves(setting)
        self.states: list[State] = []
        self._numbers: dict[State, int] = {}
        self._parents = array("q")
        self._names: list[str] = []
        self._edges_from = array("q")
        self._edges = array("q")
        self._rests = array("q")
        self._depths = array("q")
        self._good: set[tuple[int, int]] = set()

    def explore(self, most: int = 100_000_000) -> Report:
        """Meets every state there is. Raises WorldBroken."""
        began = time.monotonic()
        self._meet(self._start(), -1, "")
        at = 0
        while at < len(self.states):
            if len(self.states) > most:
                raise AssertionError(f"{self.setting.name} has more than {most} states")
            self._edges_from.append(len(self._edges))
            try:
                self._expand(at)
            except Violation as violation:
                raise WorldBroken(
                    self.setting.name, violation.law, violation.message, self.story(at)
                ) from violation
            at += 1
        self._edges_from.append(len(self._edges))
        return self._report(time.monotonic() - began)

    def _start(self) -> State:
        """Everybody has joined; nothing was edited."""
        setting, moves = self.setting, self.moves
        journal = moves.first_journal
        core = moves.load(journal, 0)
        peers: list[int] = []
        for at in range(len(setting.edits)):
            number = moves.first_peer(at)
            ((_, number, _),) = moves.local(at, number)
            peer: Peer = moves.peers.values[number]
            answer = moves.arrives(core, journal, 0, Told(at, peer.connection, peer.up[0]))
            core = answer.core
            number = moves.peer_number(peer._replace(up=()))
            number = moves.heard(number, answer.told[0])
            number = next(each for name, each, _ in moves.local(at, number) if name == "hears")
            peers.append(number)
        return (
            core, journal, 0, -1, setting.drops, setting.failures, setting.restarts, *peers
        )  # fmt: skip

    def _meet(self, state: State, parent: int, name: str) -> int:
        number = self._numbers.setdefault(state, len(self.states))
        if number == len(self.states):
            self.states.append(state)
            self._parents.append(parent)
            self._names.append(sys.intern(name))
            self._depths.append(self._depths[parent] + 1 if parent >= 0 else 0)
        return number

    def _expand(self, at: int) -> None:
        state = self.states[at]
        self._check(state)
        is_at_rest = state[3] == -1
        for name, after, is_fault in self._successors(state):
            self._edges.append(self._meet(after, at, name))
            is_at_rest = is_at_rest and is_fault
        if is_at_rest:
            self._rests.append(at)
            self._check_rest(state)

    # What can happen ---------------------------------------------------------------------------

    def _successors(self, state: State) -> Iterator[tuple[str, State, bool]]:
        """Name, state, and whether it is a fault, without which one could be at rest."""
        moves = self.moves
        for at, number in enumerate(state[_FIRST_PEER:]):
            place = _FIRST_PEER + at
            for name, after, drops in moves.local(at, number):
                if drops <= state[4]:
                    yield (
                        f"{at} {name}",
                        _with(state, {4: state[4] - drops, place: after}),
                        drops > 0,
                    )
            yield from self._arrivals(state, at, moves.peers.values[number])
        if state[3] >= 0:
            yield from self._commits(state)
        if state[6]:
            yield from self._restarts(state)

    def _arrivals(self, state: State, at: int, peer: Peer) -> Iterator[tuple[str, State, bool]]:
        moves = self.moves
        if peer.up:
            rest = moves.peer_number(peer._replace(up=peer.up[1:]))
            told = Told(at, peer.connection, peer.up[0])
            yield f"{at} is served", self._served(state, at, rest, told), False
        for number, (connection, *frames) in enumerate(peer.ghosts):
            ghosts = list(peer.ghosts)
            if frames:
                ghosts[number] = (connection, *frames[1:])
            else:
                del ghosts[number]
            rest = moves.peer_number(peer._replace(ghosts=tuple(ghosts)))
            told = Told(at, connection, frames[0] if frames else -1)
            name = "is served over a lost link" if frames else "hangs up"
            yield f"{at} {name}", self._served(state, at, rest, told), False

    def _served(self, state: State, at: int, rest: int, told: Told) -> State:
        answer = self.moves.arrives(state[0], state[1], state[2], told)
        return self._answered(_with(state, {_FIRST_PEER + at: rest}), answer)

    def _answered(self, state: State, answer: Answer) -> State:
        peers = list(state[_FIRST_PEER:])
        for told in answer.told:
            peers[told.owner] = self.moves.heard(peers[told.owner], told)
        batch = answer.batch if answer.batch >= 0 else state[3]
        return (answer.core, state[1], answer.snapshot, batch, *state[4:_FIRST_PEER], *peers)

    def _commits(self, state: State) -> Iterator[tuple[str, State, bool]]:
        core, journal, snapshot, batch = state[:4]
        after = self.moves.stored(journal, batch)
        answer = self.moves.ends(core, after, snapshot, CommitOutcome.COMMITTED)
        yield "commit succeeds", self._answered(_with(state, {1: after, 3: -1}), answer), False
        if state[5]:
            answer = self.moves.ends(core, journal, snapshot, CommitOutcome.FAILED)
            failed = _with(state, {3: -1, 5: state[5] - 1})
            yield "commit fails", self._answered(failed, answer), True

    def _restarts(self, state: State) -> Iterator[tuple[str, State, bool]]:
        moves, journal, snapshot = self.moves, state[1], state[2]
        peers = [moves.orphaned(number) for number in state[_FIRST_PEER:]]
        rest = (state[4], state[5], state[6] - 1, *peers)
        yield "restart", (moves.load(journal, snapshot), journal, snapshot, -1, *rest), True
        if state[3] >= 0:
            after = moves.stored(journal, state[3])
            core = moves.load(after, snapshot)
            yield "restart, commit stored", (core, after, snapshot, -1, *rest), True

    # What must hold ----------------------------------------------------------------------------

    def _check(self, state: State) -> None:
        """Every pair of a machine and the journal is looked at once."""
        journal = state[1]
        if (-1 - state[0], journal) not in self._good:
            self._check_core(state[0], self.moves.journals.values[journal])
            self._good.add((-1 - state[0], journal))
        for number in state[_FIRST_PEER:]:
            cell = self.moves.peers.values[number].cell
            if (cell, journal) not in self._good:
                self._check_client(cell, self.moves.journals.values[journal])
                self._good.add((cell, journal))

    def _check_core(self, number: int, journal: Journal) -> None:
        core = self.moves.cores.known[number]
        if core.durable_revision >= len(journal.codes):
            raise Violation("durable", "the core believes durable what is not")
        if encoded(core.durable_diagram()) != journal.codes[core.durable_revision]:
            raise Violation("journal", "the core is not the replay of the journal")
        state = journal.states[core.durable_revision]
        for staged in (*core.in_flight, *core.staged):
            state = apply(state, staged.entry.operation)[0]
        if encoded(core.diagram) != encoded(state):
            raise Violation("journal", "what the core has applied is not what it has staged")

    def _check_client(self, number: int, journal: Journal) -> None:
        client = self.moves.followers.known[number].client
        if client is None:
            return
        if client.revision >= len(journal.codes):
            raise Violation("durable", "a client knows what is not durable")
        if encoded(client.confirmed) != journal.codes[client.revision]:
            raise Violation("convergence", "a replica is not the journal's state")
        state = client.confirmed
        for mine in (client.sent, client.buffer):
            if mine is not None:
                state = apply(state, mine)[0]
        if encoded(state) != encoded(client.diagram):
            raise Violation("convergence", "what is shown is not confirmed, sent and buffer")

    def _check_rest(self, state: State) -> None:
        journal: Journal = self.moves.journals.values[state[1]]
        done = {(entry.client_id, entry.sequence) for entry in journal.entries}
        core = self.moves.cores.known[state[0]]
        if core.revision != len(journal.entries):
            raise Violation("journal", "the core is not at the journal's end")
        for number in state[_FIRST_PEER:]:
            follower = self.moves.followers.known[self.moves.peers.values[number].cell]
            client = follower.client
            if client is None or not follower.is_settled:
                raise Violation("answered", f"{follower.client_id} waits for ever")
            if client.revision != len(journal.entries):
                raise Violation("convergence", f"{follower.client_id} has not heard everything")
            for sequence in range(1, client.sequence + 1):
                if (follower.client_id, sequence) not in done:
                    raise Violation("acknowledged", f"{follower.client_id} {sequence} is missing")

    # What it was -------------------------------------------------------------------------------

    def story(self, at: int) -> list[str]:
        """Everything that happened up to a state."""
        out: list[str] = []
        while at > 0:
            out.append(self._names[at])
            at = self._parents[at]
        return out[::-1]

    def _report(self, seconds: float) -> Report:
        moves = self.moves
        return Report(
            setting=self.setting.name,
            states=len(self.states),
            transitions=len(self._edges),
            behaviours=self._count_behaviours(),
            depth=max(self._depths),
            rests=len(self._rests),
            computed=moves.cores.computed + moves.followers.computed,
            seconds=seconds,
        )

    def _count_behaviours(self) -> int:
        """Ways from the start to all states at rest. What happens never leads back."""
        edges, begins = self._edges, self._edges_from
        waiting = array("q", bytes(8 * len(self.states)))
        for after in edges:
            waiting[after] += 1
        ways = [0] * len(self.states)
        ways[0] = 1
        ready, seen = [0], 0
        while ready:
            at = ready.pop()
            seen += 1
            for after in edges[begins[at] : begins[at + 1]]:
                ways[after] += ways[at]
                waiting[after] -= 1
                if waiting[after] == 0:
                    ready.append(after)
        if seen != len(self.states):
            raise AssertionError(f"{self.setting.name} can go round in circles")
        return sum(ways[at] for at in self._rests)


def _with(state: State, places: dict[int, int]) -> State:
    changed = list(state)
    for place, number in places.items():
        changed[place] = number
    return tuple(changed)


def explore(setting: Setting) -> Report:
    """Meets every state of one setting. Raises WorldBroken."""
    return World(setting).explore()


def explore_all(settings: Sequence[Setting], jobs: int = 1) -> Iterator[Report]:
    """One report after another, in the order of the settings, ``jobs`` processes at work."""
    if jobs == 1:
        yield from map(explore, settings)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        yield from pool.map(_explore_numbered, [LONG.index(each) for each in settings])


def _explore_numbered(number: int) -> Report:
    """Settings hold functions, which do not travel; their place in LONG does."""
    return explore(LONG[number])


def main(arguments: list[str]) -> None:
    """Explores and prints a line for each setting, and the sums."""
    began = time.monotonic()
    reports: list[Report] = []
    is_long = arguments[:1] == ["long"]
    jobs = (os.cpu_count() or 1) if is_long else 1
    for report in explore_all(LONG if is_long else SHORT, jobs):
        reports.append(report)
        print(_line(report), flush=True)
    print(_line(_sum(reports, time.monotonic() - began)))


def _sum(reports: Sequence[Report], seconds: float) -> Report:
    return Report(
        setting=f"{len(reports)} settings",
        states=sum(each.states for each in reports),
        transitions=sum(each.transitions for each in reports),
        behaviours=sum(each.behaviours for each in reports),
        depth=max(each.depth for each in reports),
        rests=sum(each.rests for each in reports),
        computed=sum(each.computed for each in reports),
        seconds=seconds,
    )


def _line(report: Report) -> str:
    return (
        f"{report.setting}: {report.states:,} states, {report.transitions:,} transitions, "
        f"{report.behaviours:,} behaviours, depth {report.depth}, {report.rests:,} at rest, "
        f"{report.computed:,} steps computed, {report.seconds:.1f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
