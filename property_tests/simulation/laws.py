"""What every run must keep, by name, and the exception that says which was broken."""

from property_tests.simulation.kinds import Json

#: Every law of the simulator and what it says.
LAWS = {
    "accepted": "An edit that is valid where it was made is never refused for what it is.",
    "acknowledged": "What was acknowledged is in the journal, and is what was submitted.",
    "acyclic": "Nobody ever sees a node that is its own ancestor.",
    "alive": "Nothing crashes, and everything comes to rest.",
    "answered": "Every submission is answered, on the connection that sent it last.",
    "conflicts": "Conflicts are told to those concerned, and to nobody else.",
    "convergence": "All replicas are equal, at every revision and at the end.",
    "durable": "Nobody hears of what could still be lost.",
    "journal": "The core, the snapshots and the summary are what the journal's replay gives.",
    "model": "The journal's replay is what the naive model gives.",
    "once": "Nothing is applied twice.",
    "order": "Operations come in order and without gaps.",
    "refused": "What was refused for good is not applied.",
    "single answer": "A submission gets one answer each time it arrives, not more.",
    "validity": "What is committed, received or transformed applies where it should.",
}


class Violation(Exception):
    """A law does not hold."""

    def __init__(self, law: str, message: str, expected: Json = None, actual: Json = None) -> None:
        assert law in LAWS, law
        super().__init__(f"{law}: {message}")
        self.law = law
        self.message = message
        self.expected = expected
        self.actual = actual
