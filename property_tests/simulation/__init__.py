"""A deterministic simulator: editors, agents, links, a server and a store, all out of one seed."""

from property_tests.simulation.decisions import Decisions, ReplayedDecisions, SeededDecisions
from property_tests.simulation.diagram import DiagramType
from property_tests.simulation.kinds import Invertible, Paired, Type
from property_tests.simulation.outcome import Diamond, Failure, Outcome
from property_tests.simulation.profiles import PROFILES, Profile
from property_tests.simulation.run import run
from property_tests.simulation.shrink import shrink

__all__ = [
    "PROFILES",
    "Decisions",
    "DiagramType",
    "Diamond",
    "Failure",
    "Invertible",
    "Outcome",
    "Paired",
    "Profile",
    "ReplayedDecisions",
    "SeededDecisions",
    "Type",
    "run",
    "shrink",
]
