"""How properties are tried: the same examples at every run, so that a verdict can be repeated, and no clock."""

import os

from hypothesis import HealthCheck, settings

# A shared machine may be slow at any moment, which proves nothing of the code.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# HYPOTHESIS_PROFILE=searching looks for new counterexamples.
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
