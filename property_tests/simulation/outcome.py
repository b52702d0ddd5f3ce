"""What a run has to tell."""

import msgspec

from property_tests.simulation.kinds import Json


class Diamond(msgspec.Struct, frozen=True):
    """Where two roads should have met. All as JSON; a road that breaks off ends in a text."""

    state: Json
    a: Json
    b: Json
    a_wins: bool
    #: ``a`` after ``b``.
    a_transformed: Json
    #: ``b`` after ``a``.
    b_transformed: Json
    #: ``state``, ``a``, ``b_transformed``.
    left: Json
    #: ``state``, ``b``, ``a_transformed``.
    right: Json


class Failure(msgspec.Struct, frozen=True):
    """A law that did not hold at a step."""

    law: str
    message: str
    step: int
    expected: Json = None
    actual: Json = None
    diamond: Diamond | None = None


class Outcome(msgspec.Struct, frozen=True):
    """One run. ``overlaps`` counts pairs of concurrent operations that met; 0 proves nothing."""

    seed: int | None
    steps: int
    #: Revisions in the journal.
    operations: int
    overlaps: int
    kind_pairs: dict[str, int]
    #: How often what happened: commits failed, crashes, resends recognised, …
    events: dict[str, int]
    #: SHA-256 of the trace's lines, in hexadecimal.
    trace_hash: str
    trace: list[str]
    decisions: list[int]
    #: Where in ``decisions`` each step began.
    marks: list[int]
    failure: Failure | None = None

    @property
    def counts(self) -> bool:
        """Whether the run tried anything: some operations truly met."""
        return self.overlaps > 0
