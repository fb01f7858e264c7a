"""The drainer: works while there is work, hears a ring, survives an error, stops after its batch."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from app.worker.bell import QueueBell
from app.worker.drainer import Drainer
from app.worker.queue import queue_for
from app.worker.tasks import tasks_for
from config import Settings
from tests.support.processes import wait_until


def test_a_ring_is_heard_long_before_the_next_poll() -> None:
    worked = threading.Event()
    drainer = Drainer("test", lambda: worked.set() or 0, poll_s=60)
    drainer.start()
    drainer.ring()
    assert worked.wait(20)
    drainer.stop()
    assert drainer.join(20)


def test_it_works_on_until_nothing_is_left() -> None:
    left = [3, 2, 1, 0]
    done = threading.Event()

    def work() -> int:
        count = left.pop(0) if left else 0
        if not left:
            done.set()
        return count

    drainer = Drainer("test", work, poll_s=0.01)
    drainer.start()
    assert done.wait(20)
    drainer.stop()
    assert drainer.join(20)


def test_an_error_is_not_its_end() -> None:
    tries: list[float] = []
    again = threading.Event()

    def work() -> int:
        tries.append(time.monotonic())
        if len(tries) == 1:
            raise OSError("the database restarts")
        again.set()
        return 0

    drainer = Drainer("test", work, poll_s=0.01)
    drainer.start()
    assert again.wait(20)
    drainer.stop()
    assert drainer.join(20)


def test_many_rings_become_few_tasks_and_the_last_is_not_lost(settings: Settings, tmp_path: Path) -> None:
    queue = queue_for(settings)
    bell = QueueBell(queue)
    began = time.monotonic()
    for _ in range(200):
        bell("events")
    rang_for_s = time.monotonic() - began
    time.sleep(0.5)
    assert 1 <= queue.pending_count() <= 3 + rang_for_s * 10
    # The last of them may still be on its way, and rings for this one, too.
    wait_until(lambda: not bell._waiting, what="every ring has become a task")
    queue.flush()
    bell("events")
    wait_until(lambda: queue.pending_count() == 1, what="the last ring has become a task")
    assert tasks_for(queue) is tasks_for(queue)
