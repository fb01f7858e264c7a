"""One run of the chaos: traffic from both sides, trouble by a seed, then the judge."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import requests

from tests.chaos.corpus import Corpus, Post
from tests.chaos.driver import ApiSide, Driver, Journal, MetaSide, Send
from tests.chaos.judge import Verdict, judge, settle
from tests.chaos.stack import ChaosStack, Supervisor
from tests.chaos.trouble import Trouble
from tests.support.processes import Script


@dataclass(frozen=True)
class Plan:
    """How much. Rates are per second over all accounts."""

    seed: int
    rounds: int
    """Of trouble: each has nine kills and one or two of every other kind."""
    longest_s: float
    """Then it ends, however far it has come."""
    posts_per_s: float = 20.0
    sends_per_s: float = 8.0
    sends: int = 1_000_000
    accounts: int = 4
    trouble_every_s: float = 0.8
    longest_trouble_s: float = 4.0
    settle_s: float = 120.0


def run(stack: ChaosStack, plan: Plan) -> Verdict:
    """The stack must be started; it is stopped here, gracefully. Repeatable as far as a machine is."""
    began_at = time.monotonic()
    chance = random.Random(plan.seed)
    script = Script(stack)
    accounts = [_connect(script, stack) for _ in range(plan.accounts)]
    journal = Journal()
    drivers = [
        Driver("meta", MetaSide(stack.url, journal), _posts(accounts, stack, chance), plan.posts_per_s),
        Driver("api", ApiSide(stack.url, script.key, journal), _sends(accounts, plan), plan.sends_per_s),
    ]
    supervisor = Supervisor(stack.processes)
    trouble = Trouble(
        stack,
        supervisor,
        random.Random(chance.random()),
        rounds=plan.rounds,
        every_s=plan.trouble_every_s,
        longest_s=plan.longest_trouble_s,
    )
    for driver in drivers:
        driver.start()
    trouble.start()
    trouble.wait(plan.longest_s)
    trouble.end()
    drained = [driver.finish(60) for driver in drivers]
    settled_s = settle(stack, accounts, plan.settle_s)
    memory = stack.memory_mib()
    supervisor.stop()
    verdict = judge(stack, accounts, journal, began_at)
    verdict.figures |= {"kills": trouble.kills, "of them at a failpoint": supervisor.restarts}
    verdict.figures |= dict(trouble.done)
    verdict.figures["settled after (s)"] = round(settled_s, 1)
    verdict.figures |= {f"memory of {name} (MiB)": size for name, size in memory.items()}
    if not all(drained):
        verdict.faults.append("the drivers were still being refused a minute after the last trouble")
    verdict.none_of([*trouble.bad_exits, *_stop_gracefully(stack)], "stops that were not graceful")
    return verdict


def _connect(script: Script, stack: ChaosStack) -> dict[str, Any]:
    """Meta's ids and the secret, and our id. Each send goes to somebody new, and no limit may hold it."""
    account = script.connect_sandbox_account()
    facts = {**account["sandbox"], "id": account["id"]}
    address = f"{stack.sandbox_url}/_sandbox/phone_numbers/{facts['phone_number_id']}"
    requests.post(address, json={"messaging_limit": "TIER_UNLIMITED"}, timeout=30).raise_for_status()
    return facts


def _posts(accounts: list[dict[str, Any]], stack: ChaosStack, chance: random.Random) -> Iterator[Post]:
    mixes = [Corpus(account, random.Random(chance.random())).posts() for account in accounts]
    return (next(mix) for mix in cycle(mixes))


def _sends(accounts: list[dict[str, Any]], plan: Plan) -> Iterator[Send]:
    """Each to a customer of its own, so that the number in the sandbox's list is the message."""
    for index, account in zip(range(plan.sends), cycle(accounts)):
        yield Send(account["id"], f"447{index:08d}5")


def _stop_gracefully(stack: ChaosStack) -> list[str]:
    wrong = []
    for name, process, allowed_s in (
        *((f"worker {index}", worker, 40) for index, worker in enumerate(stack.workers, 1)),
        ("web", stack.web, 20),
    ):
        begun = time.monotonic()
        process.send(signal.SIGTERM, to_group=False)
        code = process.wait(60)
        took_s = time.monotonic() - begun
        if code != 0 or took_s > allowed_s:
            wrong.append(f"{name}: code {code} after {took_s:.1f} s")
    return wrong
