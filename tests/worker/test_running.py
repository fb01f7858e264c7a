"""The console as it runs: web, worker and sandbox as processes of their own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from config import Settings
from tests.support.processes import Script, Stack, wait_until


@pytest.fixture
def stack(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    if settings.database_url.startswith("postgresql"):
        # Where one machine is not enough there is Redis too: that pair is tried together.
        settings = replace(settings, redis_url=request.getfixturevalue("redis_url"))
    stack = Stack(settings, tmp_path)
    stack.start()
    yield stack
    stack.stop()


def newest(script: Script, **filters: Any) -> dict[str, Any] | None:
    results = script.call("GET", "messages/", params=filters).json()["results"]
    return results[0] if results else None


@pytest.mark.timeout(180)
def test_a_message_goes_out_is_read_and_answered_and_the_worker_stops_cleanly(stack: Stack) -> None:
    script = Script(stack)
    account = script.connect_sandbox_account()
    message_id = script.send(account["id"], "+447700900123", "first")
    wait_until(
        lambda: script.call("GET", f"messages/{message_id}/").json()["status"] == "read",
        what="the message is known to have been read",
    )
    inbound = {
        "phone_number_id": account["phone_numbers"][0]["phone_number_id"],
        "from": "447700900123",
        "name": "Ada",
        "message": {"type": "text", "text": {"body": "Thank you"}},
    }
    requests.post(f"{stack.sandbox_url}/_sandbox/inbound", json=inbound, timeout=10).raise_for_status()
    answer = wait_until(lambda: newest(script, direction="inbound"), what="the customer's answer arrives")
    assert answer["text_content"] == "Thank you"
    body = {"to_phone_number": "+447700900123", "message_type": "text", "text_content": "You are welcome"}
    reply = script.call("POST", f"accounts/{account['id']}/send_message/", json=body)
    assert reply.status_code == 202
    assert stack.worker.signal(signal.SIGTERM) == 0
    assert stack.web.signal(signal.SIGTERM) == 0


@pytest.mark.timeout(120)
def test_the_health_pages_tell_when_the_worker_is_gone(stack: Stack) -> None:
    def heartbeat_age() -> Any:
        return requests.get(f"{stack.url}/metrics", timeout=5).text

    wait_until(lambda: "waba_" in heartbeat_age(), what="metrics are served")
    assert requests.get(f"{stack.url}/readyz", timeout=5).ok
