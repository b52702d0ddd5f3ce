"""Looking for the diamond that did not close, once a run is known to fail."""

from collections.abc import Callable, Iterable
from typing import Any

from actors.commands import Submit
from actors.ports import Author
from ot.policy import Policy, later_wins_over
from property_tests.simulation.engine import AnyClient, AnyCore, Engine
from property_tests.simulation.kinds import Op, State
from property_tests.simulation.outcome import Diamond
from property_tests.simulation.store import Store


class Found(Exception):
    """The diamond has been found; the run need not go on."""

    def __init__(self, diamond: Diamond) -> None:
        super().__init__("a diamond did not close")
        self.diamond = diamond


class Diagnosis:
    """Checks every diamond that the server or a client is about to rely on. Raises Found."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self.engine = engine
        self.policy = policy

    def look_at_merge(self, store: Store, core: AnyCore, command: Submit) -> None:
        """A submission over everything applied since its base."""
        base = core.durable_revision if command.base_revision is None else command.base_revision
        if not 0 <= base <= store.revision:
            return
        waiting = [each.entry for each in (*core.in_flight, *core.staged)]
        later = [*store.journal[base : core.durable_revision], *waiting]
        self._walk(
            store.states[base],
            command.operation,
            command.author,
            [(self.engine.operation_of(each.operation), each.author) for each in later],
        )

    def _walk(
        self, state: State, a: Op, author: Author, later: Iterable[tuple[Op, Author]]
    ) -> None:
        kind = self.engine.type
        for b, theirs in later:
            wins = later_wins_over(self.policy, author.kind, theirs.kind)
            self.look(state, a, b, wins)
            a = kind.transform(a, b, wins)
            state = kind.apply(state, b)

    def look_at_receive(self, client: AnyClient, b: Op, author: Author) -> None:
        """What a client has under way, over what it receives."""
        kind = self.engine.type
        state: State = client.confirmed
        wins = later_wins_over(self.policy, client.kind, author.kind)
        for mine in (client.sent, client.buffer):
            if mine is not None:
                self.look(state, mine, b, wins)
                state, b = kind.apply(state, mine), kind.transform(b, mine, not wins)

    def look(self, state: State, a: Op, b: Op, a_wins: bool) -> None:
        """Raises Found unless both roads from ``state`` meet."""
        kind, show = self.engine.type, self.engine.type.encode
        a1 = _attempt(lambda: kind.transform(a, b, a_wins))
        b1 = _attempt(lambda: kind.transform(b, a, not a_wins))
        left = _attempt(lambda: kind.apply(kind.apply(state, a), _whole(b1)))
        right = _attempt(lambda: kind.apply(kind.apply(state, b), _whole(a1)))
        roads = (left, right)
        if not any(isinstance(road, BrokenOff) for road in roads) and kind.equal(left, right):
            return
        shown = [
            str(each) if isinstance(each, BrokenOff) else show(each) for each in (a1, b1, *roads)
        ]
        raise Found(
            Diamond(
                state=show(state),
                a=show(a),
                b=show(b),
                a_wins=a_wins,
                a_transformed=shown[0],
                b_transformed=shown[1],
                left=shown[2],
                right=shown[3],
            )
        )


class BrokenOff(Exception):
    """A step of a road cannot be taken; says why."""


def _attempt(step: Callable[[], Any]) -> Any:
    try:
        return step()
    except BrokenOff as error:
        return error
    except Exception as error:
        return BrokenOff(f"{type(error).__name__}: {error}")


def _whole(value: Any) -> Any:
    """Raises what the step before has broken off with."""
    if isinstance(value, BrokenOff):
        raise value
    return value
