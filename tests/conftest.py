"""How hard hypothesis looks: a little while one works, the same each time in CI, long and at random at night."""

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

# Test files share modules that lie beside them (`strategies`); importlib mode leaves the path alone.
sys.path.insert(0, str(Path(__file__).parent))

# A file database makes no promise of milliseconds, and neither does a machine that runs something else meanwhile.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("dev", max_examples=30, **_PATIENT)
# The same examples every time: a red build is never the fault of somebody else's luck.
settings.register_profile(
    "ci", max_examples=40, stateful_step_count=40, derandomize=True, database=None, print_blob=True, **_PATIENT
)
settings.register_profile("nightly", max_examples=2_000, stateful_step_count=100, print_blob=True, **_PATIENT)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
