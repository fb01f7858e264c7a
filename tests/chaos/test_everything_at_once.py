"""All kinds of trouble at once, chosen by a seed: nothing acknowledged is lost, nothing is sent twice.

Among the tests it is always the same trouble, as far as a machine can repeat it: whoever changed nothing sees
nothing fail. `CHAOS_SEED=…` is other trouble, and `make chaos` looks for more, at length.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.chaos.run import Plan, run
from tests.chaos.stack import ChaosStack

USUAL_SEED = 20_261


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_nothing_is_lost_or_doubled_whatever_goes_wrong(chaos_stack: Callable[..., ChaosStack]) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or USUAL_SEED)
    stack = chaos_stack(WEB_GRACEFUL_S="8")
    verdict = run(stack, Plan(seed, rounds=1, longest_s=60))
    story = "\n".join(f"{name}: {figure}" for name, figure in verdict.figures.items())
    print(f"CHAOS_SEED={seed}\n{story}\n{verdict.faults}")  # noqa: T201 - shown when it fails, and by pytest -s
    assert not verdict.faults, f"CHAOS_SEED={seed}: " + "; ".join(verdict.faults)
