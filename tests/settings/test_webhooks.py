"""The owner's pages of outgoing webhooks: set up, tested, switched, their log and replays."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import DeliveryState, OutgoingDelivery, OutgoingWebhook, User
from app.services.outgoing import claims, delivering
from config import Settings
from tests.support.factories import Factory
from tests.support.pages import PageClient
from tests.support.receiver import Receiver


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, outgoing_webhook_networks=(ipaddress.ip_network("127.0.0.1/32"),))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(autouse=True)
def owner(sign_in: Callable[..., User]) -> User:
    return sign_in("owner")


def typed(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {"url": receiver.url, "events": ["message.received"], "which": "all", **more}


def deliver() -> None:
    for claim in claims.claim("tester", 20, {}, 20):
        delivering.deliver(claim)
    db.session.expire_all()
    db.session.commit()


def test_a_new_webhook_shows_its_secret_once_and_a_test_event_arrives_signed(
    page: PageClient, receiver: Receiver
) -> None:
    assert "No outgoing webhooks yet" in page.get("settings.webhooks").text()
    made = page.post("settings.create_webhook", data=typed(receiver, description="Shop"), status=201)
    secret = made.soup.select_one("#new-secret-value")["value"]
    row = db.session.scalars(select(OutgoingWebhook)).one()
    id_ = row.id
    db.session.commit()
    assert secret not in page.get("settings.webhook", outgoing_webhook_id=id_).html
    page.post("settings.test_webhook", outgoing_webhook_id=id_, status=303)
    deliver()
    (post,) = receiver.posts
    assert post.is_signed_with(secret)
    sent = db.session.scalars(select(OutgoingDelivery.id)).one()
    db.session.commit()
    shown = page.get("settings.webhook_delivery", delivery_id=sent)
    assert "Delivered" in shown.texts(".wc-badge")
    assert post.headers["webhook-id"] in shown.text()
    assert shown.texts("#delivery-body") == [post.body.decode()]


def test_a_private_address_is_refused_beside_its_field_with_what_to_do(
    page: PageClient, receiver: Receiver
) -> None:
    data = typed(receiver) | {"url": "http://10.0.0.1/hooks"}
    answer = page.post("settings.create_webhook", data=data, status=422)
    assert "OUTGOING_WEBHOOK_NETWORKS" in answer.texts("#url-err")[0]
    assert db.session.scalars(select(OutgoingWebhook)).all() == []


def test_no_event_and_no_account_are_named(page: PageClient, receiver: Receiver, make: Factory) -> None:
    make.account()
    data = typed(receiver) | {"events": [], "which": "some"}
    answer = page.post("settings.create_webhook", data=data, status=422)
    assert "Choose at least one kind of event." in answer.text()
    assert "Choose at least one account, or all of them." in answer.text()


def test_it_is_changed_and_narrowed_to_an_account(
    page: PageClient, receiver: Receiver, make: Factory
) -> None:
    account, webhook = make.account(), make.outgoing_webhook(url=receiver.url)
    data = typed(receiver, which="some", account_ids=[account.id], description="CRM")
    page.post("settings.webhook", outgoing_webhook_id=webhook.id, data=data, status=303)
    db.session.expire_all()
    assert (webhook.description, webhook.account_ids) == ("CRM", [account.id])
    assert (webhook.is_for_all, webhook.events, webhook.is_on) == (False, ["message.received"], True)


def test_one_that_was_switched_off_here_is_seen_on_every_page_and_can_be_switched_on(
    page: PageClient, make: Factory
) -> None:
    reason = "Every try has failed for 5 days, the last one with: 503"
    webhook = make.outgoing_webhook(is_on=False, off_reason=reason, description="Shop")
    make.outgoing_delivery(webhook)
    assert "1 switched off" in page.get("analytics.overview").text()
    assert reason in page.get("settings.webhooks").text()
    assert reason in page.get("settings.webhook", outgoing_webhook_id=webhook.id).text()
    page.post("settings.switch_webhook_on", outgoing_webhook_id=webhook.id, status=303)
    db.session.expire_all()
    assert (webhook.is_on, webhook.off_reason) == (True, "")
    page.post("settings.switch_webhook_off", outgoing_webhook_id=webhook.id, status=303)
    page.post("settings.test_webhook", outgoing_webhook_id=webhook.id, status=303)
    assert "switched off" in page.get("settings.webhook", outgoing_webhook_id=webhook.id).text()


def test_a_new_secret_is_shown_once(page: PageClient, make: Factory) -> None:
    webhook = make.outgoing_webhook()
    answer = page.post("settings.new_webhook_secret", outgoing_webhook_id=webhook.id)
    secret = answer.soup.select_one("#new-secret-value")["value"]
    db.session.expire_all()
    assert webhook.secret is not None
    assert webhook.secret.reveal() == secret


def test_deleting_asks_first(page: PageClient, make: Factory) -> None:
    webhook = make.outgoing_webhook()
    make.outgoing_delivery(webhook)
    assert (
        "1 event still waiting" in page.get("settings.delete_webhook", outgoing_webhook_id=webhook.id).text()
    )
    page.post("settings.delete_webhook_now", outgoing_webhook_id=webhook.id, status=303)
    assert db.session.scalars(select(OutgoingDelivery)).all() == []


def test_the_log_is_filtered_and_a_range_goes_out_again(page: PageClient, make: Factory) -> None:
    webhook = make.outgoing_webhook(description="Shop")
    for _ in range(2):
        make.outgoing_delivery(webhook, state=DeliveryState.FAILED, next_attempt_at=None)
    make.outgoing_delivery(state=DeliveryState.DELIVERED, next_attempt_at=None)
    assert len(page.get("settings.webhook_deliveries").texts("#deliveries tbody tr")) == 3
    listed = page.get("settings.webhook_deliveries", state="failed", webhook=webhook.id)
    assert listed.texts("#deliveries tbody .wc-badge") == ["Failed", "Failed"]
    asked = page.get("settings.replay_webhook_deliveries", state="failed", webhook=webhook.id)
    assert "Send 2 events once more" in asked.text()
    data = {"state": "failed", "webhook": webhook.id}
    page.post("settings.replay_webhook_deliveries_now", data=data, status=303)
    assert "Replay" in page.get("settings.webhook_deliveries").texts("#deliveries tbody .wc-badge")
    nonsense = {"state": "x", "event": "é", "webhook": "9" * 40, "since": "soon", "before": "-"}
    assert len(page.get("settings.webhook_deliveries", **nonsense).texts("#deliveries tbody tr")) == 5


def test_a_failed_delivery_goes_out_again_as_one_of_its_own(page: PageClient, make: Factory) -> None:
    failed = make.outgoing_delivery(state=DeliveryState.FAILED, next_attempt_at=None, attempts=10)
    shown = page.get("settings.webhook_delivery", delivery_id=failed.id)
    assert "Given up after 10 tries." in shown.text()
    page.post("settings.replay_webhook_delivery", delivery_id=failed.id, status=303)
    newest = db.session.scalars(select(OutgoingDelivery).order_by(OutgoingDelivery.id.desc())).first()
    assert newest is not None
    assert newest.replay_of_id == failed.id


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_only_owners_may_look(
    role: str, page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    sign_in(role, accounts=[make.account()])
    assert page.open("/settings/webhooks/").status == 403
