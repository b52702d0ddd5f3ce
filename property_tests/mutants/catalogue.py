"""All deliberate bugs, in the order of the table."""

from property_tests.mutants import (
    in_algebra,
    in_client,
    in_core,
    in_meetings,
    in_text,
    in_transform,
)
from property_tests.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *in_transform.MUTANTS,
    *in_text.MUTANTS,
    *in_algebra.MUTANTS,
    *in_meetings.MUTANTS,
    *in_client.MUTANTS,
    *in_core.MUTANTS,
)
