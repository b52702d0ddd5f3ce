"""Layout: where the nodes of a diagram should stand, as one operation. Pure."""

from gateway.layout.graph import Direction
from gateway.layout.plan import DEFAULT_SPACING, MAX_SPACING, MIN_SPACING, Algorithm, plan_layout
from gateway.layout.work import LayoutError

__all__ = [
    "DEFAULT_SPACING",
    "MAX_SPACING",
    "MIN_SPACING",
    "Algorithm",
    "Direction",
    "LayoutError",
    "plan_layout",
]
