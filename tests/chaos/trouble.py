"""What goes wrong, chosen by a seed: processes die, freeze and stop, servers go away, Meta misbehaves."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.chaos.stack import ChaosStack, Supervisor
from tests.support.processes import Process

WORKER_POINTS = (
    "before-claim",
    "after-claim",
    "before-departure",
    "before-post",
    "after-post",
    "before-record",
    "after-record",
    "events-before-commit",
    "events-after-commit",
)
WEB_POINTS = ("intake-before-commit", "intake-after-commit")

_ON_SENDS = {"path": "/messages", "method": "POST"}
FAULTS: tuple[dict[str, object], ...] = (
    {"kind": "lost_answer", "percent": 5, "match": _ON_SENDS},
    {"kind": "reset_before", "percent": 2, "match": _ON_SENDS},
    {"kind": "outage", "percent": 2, "match": _ON_SENDS},
    {"kind": "reset_after", "percent": 1, "match": _ON_SENDS},
    {"kind": "throttle", "percent": 1, "match": _ON_SENDS},
    {"kind": "slow", "percent": 1, "seconds": 2, "match": _ON_SENDS},
    {"kind": "early_statuses", "percent": 3, "seconds": 2, "match": _ON_SENDS},
    {"kind": "duplicate_webhooks", "percent": 10},
    {"kind": "reorder_webhooks", "percent": 10},
    {"kind": "delay_webhooks", "percent": 3, "seconds": 3},
    {"kind": "batch_webhooks", "percent": 10, "updates": 20},
)


_COMES_UP_IN_S = 30.0


class Trouble:
    """Strikes again and again until it is told to end; counts each kind in `done`."""

    def __init__(
        self,
        stack: ChaosStack,
        supervisor: Supervisor,
        chance: random.Random,
        *,
        rounds: int,
        every_s: float,
        longest_s: float,
    ) -> None:
        self._stack = stack
        self._supervisor = supervisor
        self._chance = chance
        self._rounds = rounds
        self._every_s = every_s
        self._longest_s = longest_s
        self._ending = threading.Event()
        self.done: Counter[str] = Counter()
        self.bad_exits: list[str] = []
        self._thread = threading.Thread(target=self._run, name="trouble", daemon=True)

    def start(self) -> None:
        for fault in FAULTS:
            self._stack.control("POST", "faults", fault)
        self._thread.start()

    def end(self) -> None:
        """No more trouble, and all is repaired."""
        self._ending.set()
        self._thread.join()
        self._stack.control("DELETE", "faults")
        for process in self._stack.processes:
            # The failpoints of this start must go as well.
            with self._supervisor.hands_off(process):
                process.send(signal.SIGCONT)
                process.kill()
                process.start()
        self._stack.wait_until_up()

    @property
    def kills(self) -> int:
        return self.done["kill -9"] + self._supervisor.restarts

    def wait(self, timeout_s: float) -> None:
        """Until the rounds are over. A round deals each kind of trouble, in an order of its own."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        for _ in range(self._rounds):
            deck = self._deck()
            self._chance.shuffle(deck)
            for strike in deck:
                if self._ending.wait(self._every_s * self._chance.uniform(0.5, 1.5)):
                    return
                strike()

    def _deck(self) -> list[Callable[[], None]]:
        deck = [self._kill] * 9 + [self._terminate] * 2 + [self._freeze] * 2
        if self._stack.settings.is_sqlite:
            deck += [self._lock, self._fill_disk]
        if self._stack.database is not None:
            deck.append(self._stop_database)
        if self._stack.redis is not None:
            deck.append(self._kill_redis)
        return deck

    def _victim(self) -> Process:
        web_or_worker = [self._stack.web, self._chance.choice(self._stack.workers)]
        return self._chance.choice(web_or_worker)

    def _failpoint(self, process: Process) -> dict[str, str]:
        """Most lives may end at a named point, if nothing else is faster."""
        if self._chance.random() < 0.2:
            return {}
        is_web = process is self._stack.web
        point = self._chance.choice(WEB_POINTS if is_web else WORKER_POINTS)
        count = self._chance.randint(5, 30) if is_web else self._chance.randint(1, 5)
        return {"WABA_FAILPOINT": f"{point}:{count}:kill"}

    def _kill(self) -> None:
        self.done["kill -9"] += 1
        process = self._victim()
        with self._supervisor.hands_off(process):
            process.kill()
            process.start(**self._failpoint(process))

    def _terminate(self) -> None:
        self.done["SIGTERM"] += 1
        process = self._victim()
        allowed_s = 20 if process is self._stack.web else 40
        name = "web" if process is self._stack.web else "worker"
        with self._supervisor.hands_off(process):
            # While a process comes up, nothing of ours hears the signal yet.
            is_young = process.age_s < _COMES_UP_IN_S
            begun = time.monotonic()
            process.send(signal.SIGTERM, to_group=False)
            try:
                code = process.wait(45)
            except subprocess.TimeoutExpired:
                code = None
                process.kill()
            took_s = time.monotonic() - begun
            # A failpoint may have been faster than the signal.
            fine = {0, -signal.SIGKILL, -signal.SIGTERM} if is_young else {0, -signal.SIGKILL}
            if code not in fine or took_s > allowed_s:
                self.bad_exits.append(f"{name}: code {code} after {took_s:.1f} s")
            process.start(**self._failpoint(process))

    def _freeze(self) -> None:
        self.done["SIGSTOP and SIGCONT"] += 1
        process = self._victim()
        process.send(signal.SIGSTOP)
        self._ending.wait(self._chance.uniform(0.5, self._longest_s))
        process.send(signal.SIGCONT)

    def _lock(self) -> None:
        self.done["database locked"] += 1
        self._stack.hold_lock(self._chance.uniform(1, self._longest_s))

    def _fill_disk(self) -> None:
        self.done["disk full"] += 1
        self._stack.fill_disk()
        try:
            self._ending.wait(self._chance.uniform(1, self._longest_s))
        finally:
            self._stack.free_disk()

    def _stop_database(self) -> None:
        self.done["PostgreSQL stopped"] += 1
        assert self._stack.database is not None
        self._stack.database.stop()
        self._ending.wait(self._chance.uniform(1, self._longest_s))
        self._stack.database.start()

    def _kill_redis(self) -> None:
        self.done["Redis killed"] += 1
        assert self._stack.redis is not None
        self._stack.redis.kill()
        self._ending.wait(self._chance.uniform(0.5, self._longest_s))
        with contextlib.suppress(AssertionError):
            self._stack.redis.start()
