"""Profiles of Hypothesis: ``ci``, always the same examples, and ``long``, new ones and many.

``HYPOTHESIS_PROFILE=long`` picks the other one.
"""

import os

from hypothesis import HealthCheck, settings

_CHECKS = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)

settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=_CHECKS,
)
settings.register_profile(
    "long", deadline=None, max_examples=20_000, print_blob=True, suppress_health_check=_CHECKS
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
