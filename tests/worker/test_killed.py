"""Real processes killed with -9 while messages are on their way: each is there exactly once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from config import Settings
from tests.support.processes import Script, Stack, wait_until

MESSAGES = 200
KILLS = 3


@pytest.fixture
def stack(settings: Settings, tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(settings, tmp_path)
    stack.start()
    yield stack
    stack.stop()


def deliveries(stack: Stack) -> Counter[str]:
    listed = requests.get(f"{stack.sandbox_url}/_sandbox/messages?limit=1000", timeout=10).json()["data"]
    return Counter(row["to"].lstrip("+") for row in listed if row["direction"] == "outbound")


@pytest.mark.timeout(300)
def test_killing_worker_and_web_loses_and_doubles_nothing(stack: Stack) -> None:
    script = Script(stack)
    account = script.connect_sandbox_account()
    numbers = [f"+4477009{index:05d}" for index in range(MESSAGES)]
    with ThreadPoolExecutor(8) as pool:
        taken = [pool.submit(script.send, account["id"], number, number) for number in numbers]
        for _ in range(KILLS):
            time.sleep(0.7)
            stack.worker.kill()
            stack.web.kill()
            stack.web.start()
            stack.worker.start()
            stack.wait()
        message_ids = [future.result() for future in taken]
    assert len(set(message_ids)) == MESSAGES
    wanted = {number.lstrip("+") for number in numbers}
    wait_until(lambda: wanted <= set(deliveries(stack)), what="every message is delivered")
    time.sleep(2)
    assert {count for number, count in deliveries(stack).items() if number in wanted} == {1}
    wait_until(
        lambda: _statuses(script) == {"read": MESSAGES}, what="every message is known to have been read"
    )


def _statuses(script: Script) -> dict[str, int]:
    counts: Counter[str] = Counter()
    path = "messages/?limit=100&direction=outbound"
    while path:
        page = script.call("GET", path).json()
        counts.update(message["status"] for message in page["results"])
        path = page["next"].split("/api/whatsapp/api/")[1] if page["next"] else ""
    return dict(counts)
