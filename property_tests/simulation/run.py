"""One run: a profile and decisions in, an outcome out."""

import msgspec

from property_tests.simulation.checks import check_end
from property_tests.simulation.decisions import Decisions, ReplayedDecisions
from property_tests.simulation.diagnosis import Found
from property_tests.simulation.diagram import DiagramType
from property_tests.simulation.engine import DiagramEngine, Engine, GenericEngine
from property_tests.simulation.kinds import Type
from property_tests.simulation.laws import Violation
from property_tests.simulation.outcome import Diamond, Failure, Outcome
from property_tests.simulation.profiles import Profile
from property_tests.simulation.world import World

__all__ = ["Diamond", "Failure", "Outcome", "run"]


def run(
    profile: Profile,
    decisions: Decisions,
    kind: Type | None = None,
    *,
    keep_trace: bool = False,
    diagnose: bool = False,
) -> Outcome:
    """Lets everything happen that ``decisions`` say. What the code under test raises is a failure.

    ``kind`` is our own diagrams unless somebody brings another type. ``diagnose`` looks for the
    diamond that broke, which takes a second run of the same decisions.
    """
    engine = _engine_of(kind or DiagramType())
    world = World(profile, decisions, engine)
    failure = _live(world, decisions)
    if failure is not None and diagnose:
        failure = _diagnosed(failure, profile, decisions.taken, engine)
    return Outcome(
        seed=decisions.seed,
        steps=world.steps,
        operations=world.store.revision,
        overlaps=world.books.overlaps,
        kind_pairs=dict(sorted(world.books.kind_pairs.items())),
        events=dict(sorted(world.books.counts.items())),
        trace_hash=world.trace_hash(),
        trace=[line.decode() for line in world.trace] if keep_trace else [],
        decisions=decisions.taken,
        marks=decisions.marks,
        failure=failure,
    )


def _engine_of(kind: Type) -> Engine:
    if isinstance(kind, DiagramType):
        return DiagramEngine(kind)
    return GenericEngine(kind)


def _live(world: World, decisions: Decisions) -> Failure | None:
    """The steps, the end, and the checks at the end; None where every law was kept."""
    profile = world.profile
    try:
        most = profile.steps[0] + world.below(profile.steps[1] - profile.steps[0] + 1)
        while world.steps < most and decisions.mark():
            world.step()
        world.settle()
        check_end(world)
    except Violation as broken:
        return Failure(
            broken.law,
            broken.message,
            world.steps,
            msgspec.to_builtins(broken.expected),
            msgspec.to_builtins(broken.actual),
        )
    except Found:
        raise
    except Exception as error:
        return Failure("alive", f"{type(error).__name__}: {error}", world.steps)
    return None


def _diagnosed(failure: Failure, profile: Profile, taken: list[int], engine: Engine) -> Failure:
    """The same failure with the first diamond that did not close on the way to it, if any."""
    decisions = ReplayedDecisions(taken)
    try:
        _live(World(profile, decisions, engine, diagnose=True), decisions)
    except Found as found:
        return msgspec.structs.replace(failure, diamond=found.diamond)
    return failure
