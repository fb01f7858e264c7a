"""How many cases each comparison tries, and that they are the same ones every time.

`RULE_CASES=20000 pytest tests/contract_rules --timeout 0` looks longer for a difference; the default is what
two small processors do on each change.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

CASES = int(os.environ.get("RULE_CASES", "200"))

same_cases = settings(
    max_examples=CASES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
