"""Events for customers' systems, delivered by real workers: by themselves, and over a kill -9."""

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
from tests.support.receiver import Receiver


@pytest.fixture
def stack(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    if settings.database_url.startswith("postgresql"):
        settings = replace(settings, redis_url=request.getfixturevalue("redis_url"))
    stack = Stack(settings, tmp_path, OUTGOING_WEBHOOK_NETWORKS="127.0.0.1/32")
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


class Shop:
    """A customer's system that listens, and the sandbox account it listens to."""

    def __init__(self, stack: Stack, receiver: Receiver) -> None:
        self._stack, self._receiver = stack, receiver
        self.script = Script(stack)
        self.account = self.script.connect_sandbox_account()
        events = ["message.received", "message.status"]
        body = {"url": receiver.url, "events": events, "is_for_all": True}
        self.webhook = self.script.call("POST", "outgoing-webhooks/", json=body).json()

    def customer_writes(self, words: str) -> None:
        number = self.account["phone_numbers"][0]["phone_number_id"]
        message = {"type": "text", "text": {"body": words}}
        body = {"phone_number_id": number, "from": "447700900123", "message": message}
        url = f"{self._stack.sandbox_url}/_sandbox/inbound"
        requests.post(url, json=body, timeout=20).raise_for_status()

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """What arrived, repeats left out by their id, as an integrator would."""
        once = {post.headers["webhook-id"]: post.json for post in list(self._receiver.posts)}
        return [body["data"] for body in once.values() if body["type"] == kind]


@pytest.mark.timeout(180)
def test_a_message_in_and_one_out_are_told_by_themselves_and_signed(stack: Stack, receiver: Receiver) -> None:
    shop = Shop(stack, receiver)
    shop.customer_writes("Is it ready?")
    (told,) = wait_until(lambda: shop.heard("message.received"), what="the shop has heard of it")
    assert told["text_content"] == "Is it ready?"
    message_id = shop.script.send(shop.account["id"], "+447700900123", "first")
    wait_until(
        lambda: "read" in [data["status"] for data in shop.heard("message.status")],
        what="the shop has heard that it was read",
    )
    assert {data["id"] for data in shop.heard("message.status")} == {message_id}
    assert all(post.is_signed_with(shop.webhook["secret"]) for post in receiver.posts)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", ["delivery-after-claim", "delivery-before-finish"])
def test_what_a_killed_worker_had_in_hand_is_told_by_the_next(
    stack: Stack, receiver: Receiver, point: str
) -> None:
    shop = Shop(stack, receiver)
    stack.worker.kill()
    stack.worker.start(WABA_FAILPOINT=f"{point}:1:kill")
    shop.customer_writes("Are you there?")
    wait_until(lambda: stack.worker.has_ended, what="the worker has died")
    stack.worker.start()
    wait_until(
        lambda: shop.script.call("GET", "outgoing-webhooks/deliveries/?state=delivered").json()["results"],
        what="the next worker has told it",
    )
    assert [data["text_content"] for data in shop.heard("message.received")] == ["Are you there?"]


@pytest.mark.timeout(180)
def test_a_receiver_that_does_not_answer_holds_up_no_clean_stop(stack: Stack, receiver: Receiver) -> None:
    shop = Shop(stack, receiver)
    receiver.is_holding = True
    shop.customer_writes("Hello?")
    wait_until(lambda: receiver.posts, what="the post is on its way")
    assert stack.worker.signal(signal.SIGTERM) == 0
