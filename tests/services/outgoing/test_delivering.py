"""Deliveries as a customer's system gets them: signed, again and again, and never into a private network."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select

from app.crypto import Secret
from app.extensions import db
from app.models import (
    DeliveryState,
    OutgoingAttempt,
    OutgoingDelivery,
    OutgoingWebhook,
    utcnow,
)
from app.queries.access import SYSTEM
from app.queries.outgoing_webhooks import DeliveryFilters
from app.services.outgoing import claims, deliveries, delivering, webhooks
from app.services.outgoing.signing import signature_header
from app.worker.deliverer import Deliverer
from tests.support.factories import Factory
from tests.support.ports import free_port
from tests.support.processes import wait_until
from tests.support.receiver import Receiver
from tests.support.retention import purge


def go(most: int = 10) -> int:
    """Claim and deliver what is due."""
    claimed = claims.claim("tester", most, {}, most)
    for claim in claimed:
        delivering.deliver(claim)
    db.session.expire_all()
    return len(claimed)


def time_has_come(*rows: OutgoingDelivery) -> None:
    for row in rows:
        row.next_attempt_at = utcnow()
    db.session.commit()


def attempts(delivery: OutgoingDelivery) -> list[OutgoingAttempt]:
    statement = select(OutgoingAttempt).where(OutgoingAttempt.delivery_id == delivery.id)
    return list(db.session.scalars(statement.order_by(OutgoingAttempt.id)))


def test_the_signature_of_known_values_stays_the_same() -> None:
    """Receivers have built on it; a verifier of the standard's own accepted this header."""
    key = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    header = signature_header([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert header == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_delivery_arrives_signed_and_is_logged_with_its_answer(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery = make.outgoing_delivery(webhook, body='{"hello":"wörld"}')
    receiver.answers = [(202, {}, b"thanks\x00\xff")]
    assert go() == 1
    (post,) = receiver.posts
    assert (post.path, post.body) == ("/hooks", '{"hello":"wörld"}'.encode())
    assert post.headers["webhook-id"] == delivery.event_id
    assert abs(int(post.headers["webhook-timestamp"]) - time.time()) < 60
    assert webhook.secret is not None
    assert post.is_signed_with(webhook.secret.reveal())
    assert (delivery.state, delivery.attempts, delivery.next_attempt_at) == (DeliveryState.DELIVERED, 1, None)
    (attempt,) = attempts(delivery)
    assert (attempt.status, attempt.answer, attempt.error) == (202, "thanks\ufffd\ufffd", "")
    assert "webhook-signature" not in attempt.request_headers
    assert (webhook.failures, webhook.last_answer) == (0, "202")
    assert webhook.last_success_at is not None
    assert go() == 0


class Wait(NamedTuple):
    """Seconds until the next try: it was set at some moment between the two that these are counted from."""

    from_begin: float
    from_end: float

    def covers(self, least: float, most: float) -> bool:
        return self.from_begin >= least and self.from_end <= most


def wait_since(began: datetime, delivery: OutgoingDelivery) -> Wait:
    assert delivery.next_attempt_at is not None
    return Wait(
        (delivery.next_attempt_at - began).total_seconds(),
        (delivery.next_attempt_at - utcnow()).total_seconds(),
    )


def test_a_refused_delivery_is_tried_for_three_days_with_the_same_id_and_then_given_up(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery = make.outgoing_delivery(webhook)
    receiver.answers = [(500, {}, b"no")] * 20
    waits = []
    while delivery.state is not DeliveryState.FAILED:
        began = utcnow()
        assert go() == 1
        if delivery.next_attempt_at is not None:
            waits.append(wait_since(began, delivery))
            assert go() == 0
            time_has_come(delivery)
    planned = [wait.total_seconds() for wait in claims.WAITS]
    assert len(waits) == len(planned)
    assert all(wait.covers(least, least * 1.1) for wait, least in zip(waits, planned, strict=True))
    assert timedelta(days=3) <= timedelta(seconds=sum(planned)) < timedelta(days=3.5)
    assert len(receiver.posts) == 10
    assert {post.headers["webhook-id"] for post in receiver.posts} == {delivery.event_id}
    assert webhook.failures == 10
    assert [attempt.number for attempt in attempts(delivery)] == list(range(1, 11))


@pytest.mark.parametrize("value, seconds", [("7200", 7200), ("99999999", 5), ("soon", 5), ("900000", 86400)])
def test_the_receivers_own_wish_to_wait_is_followed_for_up_to_a_day(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook, value: str, seconds: int
) -> None:
    delivery = make.outgoing_delivery(webhook)
    receiver.answers = [(429, {"Retry-After": value}, b"")]
    began = utcnow()
    go()
    assert wait_since(began, delivery).covers(seconds, seconds * 1.1 + 1)


def test_410_switches_the_webhook_off_at_once(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery, other = make.outgoing_delivery(webhook), make.outgoing_delivery(webhook)
    receiver.answers = [(410, {}, b"")]
    go(most=1)
    assert (webhook.is_on, "410" in webhook.off_reason) == (False, True)
    time_has_come(delivery, other)
    assert go() == 0
    webhooks.switch_webhook(webhook=webhook, is_on=True, actor=SYSTEM)
    assert go() == 2
    assert (webhook.off_reason, other.state) == ("", DeliveryState.DELIVERED)


def test_five_days_of_failures_switch_it_off_and_one_success_in_between_does_not(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery = make.outgoing_delivery(webhook)
    receiver.answers = [(503, {}, b"")]
    go()
    assert webhook.failing_since is not None
    webhook.failing_since -= timedelta(days=4, hours=23)
    time_has_come(delivery)
    go()
    assert (webhook.failing_since, webhook.is_on) == (None, True)
    receiver.answers = [(503, {}, b"")] * 2
    second = make.outgoing_delivery(webhook)
    go()
    webhook.failing_since -= timedelta(days=5)
    time_has_come(second)
    go()
    assert not webhook.is_on
    assert "5 days" in webhook.off_reason
    assert "503" in webhook.off_reason


def test_a_redirect_is_a_failure_and_is_not_followed(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery = make.outgoing_delivery(webhook)
    receiver.answers = [(302, {"Location": f"http://127.0.0.1:{receiver.port}/elsewhere"}, b"")]
    go()
    assert [post.path for post in receiver.posts] == ["/hooks"]
    assert (delivery.state, delivery.last_answer) == (
        DeliveryState.WAITING,
        "302: redirects are not followed",
    )


def test_of_a_huge_answer_only_the_beginning_is_read_and_kept(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery = make.outgoing_delivery(webhook)
    receiver.answers = [(200, {}, b"x" * 30_000_000)]
    go()
    assert delivery.state is DeliveryState.DELIVERED
    assert len(attempts(delivery)[0].answer) == 2001


def test_a_receiver_that_is_not_there_or_drips_is_a_failure_in_words(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "TIMEOUT_S", 1.0)
    receiver.is_dripping = True
    gone = make.outgoing_delivery(make.outgoing_webhook(url=f"http://127.0.0.1:{free_port()}/"))
    slow = make.outgoing_delivery(webhook)
    begin = time.monotonic()
    go()
    assert time.monotonic() - begin < 7
    assert "could not be reached" in gone.last_answer
    assert slow.last_answer == "It did not answer within 1 s."


def test_for_a_day_after_a_new_secret_both_sign_and_then_only_the_new_one(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    old = webhook.secret
    _, new = webhooks.rotate_secret(webhook=webhook, actor=SYSTEM)
    make.outgoing_delivery(webhook)
    go()
    webhook.previous_secret_until = utcnow() - timedelta(seconds=1)
    make.outgoing_delivery(webhook)
    go()
    assert old is not None
    signed = [
        (post.is_signed_with(new.reveal()), post.is_signed_with(old.reveal())) for post in receiver.posts
    ]
    assert signed == [(True, True), (True, False)]


def test_what_a_killed_worker_left_is_delivered_by_another_when_its_lease_is_over(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery = make.outgoing_delivery(webhook)
    (lost,) = claims.claim("killed", 10, {}, 10)
    assert go() == 0
    db.session.expire_all()
    time_has_come(delivery)
    assert go() == 1
    assert delivery.state is DeliveryState.DELIVERED
    assert not delivering.deliver(lost), "it is late, and changes nothing"
    db.session.expire_all()
    assert (delivery.attempts, len(attempts(delivery))) == (2, 1)


def test_a_worker_that_leaves_gives_back_what_it_has_in_hand(make: Factory, webhook: OutgoingWebhook) -> None:
    make.outgoing_delivery(webhook)
    claims.claim("leaving", 10, {}, 10)
    assert claims.release("leaving") == 1
    assert go() == 1


def test_several_workers_at_once_deliver_each_event_once(
    app: Flask, make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    for _ in range(40):
        make.outgoing_delivery(webhook)

    def work(name: str) -> None:
        with app.app_context():
            while claimed := claims.claim(name, 3, {}, 3):
                for claim in claimed:
                    delivering.deliver(claim)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, ["a", "b", "c", "d"]))
    assert len(receiver.posts) == 40
    assert len({post.headers["webhook-id"] for post in receiver.posts}) == 40


def test_a_slow_receiver_has_its_share_of_threads_and_holds_up_nobody(
    app: Flask, make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    slow = Receiver()
    slow.is_holding = True
    stalled = make.outgoing_webhook(url=slow.url)
    for _ in range(20):
        make.outgoing_delivery(stalled)
    for _ in range(6):
        make.outgoing_delivery(webhook)
    deliverer = Deliverer(app, "tester")
    try:
        wait_until(
            lambda: deliverer.step() < 99 and len(receiver.posts) == 6, what="the quick one has everything"
        )
        assert slow.busiest == 2
    finally:
        deliverer.stop()
        slow.close()
        assert deliverer.finish(10)


def test_one_that_keeps_failing_gets_a_single_thread(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    webhook.failures = 5
    for _ in range(3):
        make.outgoing_delivery(webhook)
    assert len(claims.claim("tester", 10, {}, 4)) == 1


def test_a_replay_is_a_delivery_of_its_own_with_the_same_id(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    delivery = make.outgoing_delivery(webhook, body='{"a":1}')
    go()
    again = deliveries.replay_one(delivery=delivery, actor=SYSTEM)
    assert (again.id != delivery.id, again.is_replay, again.replay_of_id) == (True, True, delivery.id)
    go()
    first, second = receiver.posts
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert (delivery.state, again.state) == (DeliveryState.DELIVERED, DeliveryState.DELIVERED)


def test_a_range_is_replayed_as_filtered_in_its_order_and_leaves_out_what_is_under_way(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    done = [make.outgoing_delivery(webhook, state=DeliveryState.FAILED, next_attempt_at=None) for _ in "ab"]
    make.outgoing_delivery(webhook, next_attempt_at=utcnow() + timedelta(hours=1))
    make.outgoing_delivery(webhook, state=DeliveryState.DELIVERED, next_attempt_at=None)
    filters = DeliveryFilters(webhook_id=webhook.id, state=DeliveryState.FAILED)
    assert deliveries.replay_range(filters=filters, actor=SYSTEM) == 2
    assert deliveries.replay_range(filters=DeliveryFilters(webhook_id=-1), actor=SYSTEM) == 0
    go()
    assert [post.headers["webhook-id"] for post in receiver.posts] == [row.event_id for row in done]


def test_what_waits_is_tried_at_once_when_replayed(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    waiting = make.outgoing_delivery(webhook, next_attempt_at=utcnow() + timedelta(hours=5))
    assert deliveries.replay_one(delivery=waiting, actor=SYSTEM).id == waiting.id
    assert go() == 1


def test_old_deliveries_are_forgotten_with_their_tries_and_open_ones_after_a_month(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    old = utcnow() - timedelta(days=3)
    make.outgoing_delivery(webhook)
    go()
    done = db.session.scalars(select(OutgoingDelivery)).one()
    done.created_at = old
    waiting = make.outgoing_delivery(webhook, created_at=old)
    make.outgoing_delivery(webhook, created_at=utcnow() - timedelta(days=31))
    assert purge("deliveries", 2) == 2
    assert list(db.session.scalars(select(OutgoingDelivery.id))) == [waiting.id]
    assert db.session.scalars(select(OutgoingAttempt)).all() == []


def test_the_check_that_the_documentation_shows_knows_what_is_genuine(
    make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs" / "integrators.md").read_text(encoding="utf-8")
    shown: dict[str, Any] = {}
    exec(guide.split("```python\n")[1].split("```")[0], shown)  # noqa: S102
    make.outgoing_delivery(webhook, body='{"hello":"wörld"}')
    go()
    assert webhook.secret is not None
    (post,), secret = receiver.posts, webhook.secret.reveal()
    assert shown["is_genuine"](secret, post.headers, post.body)
    assert not shown["is_genuine"](secret, post.headers, post.body + b" ")
    assert not shown["is_genuine"](secret, {**post.headers, "webhook-timestamp": "1"}, post.body)
