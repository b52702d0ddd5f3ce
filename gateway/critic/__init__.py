"""A critic of diagrams: what is wrong, why it matters, and the change that mends it. Pure."""

from gateway.critic.check import check
from gateway.critic.findings import CODES, Code, Finding, Severity

__all__ = ["CODES", "Code", "Finding", "Severity", "check"]
