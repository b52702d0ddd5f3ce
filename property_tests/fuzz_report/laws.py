"""The laws by name, letter and sentence."""

from property_tests.simulation import Failure
from property_tests.simulation.laws import LAWS

#: Laws of the simulator that are laws of ``docs/algebra.md``. The others are of the protocol alone.
_LETTERS = {
    "convergence": "R, replicas converge",
    "model": "A, apply agrees with the model",
    "validity": "D, diamond (TP1)",
}


def law_line(law: str) -> str:
    """For example ``convergence (R, replicas converge)``."""
    letter = _LETTERS.get(law)
    return f"{law} ({letter})" if letter else law


def law_sentence(law: str) -> str:
    return LAWS.get(law, "")


def diamond_line(failure: Failure) -> str:
    """Which law of two operations is behind it, if one is."""
    if failure.diamond is None:
        return "Every diamond closed: what broke is not the type, but what carries its operations."
    return "Behind it is law D, the diamond (TP1): both roads from S should meet."
