"""Webhook events over the JSON API."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Account, EventState, WebhookEvent
from app.services import event_work
from tests.support.factories import Factory
from tests.support.webhooks import Meta, status, text_message

pytestmark = pytest.mark.both_databases  # cursors and filters are SQL

BASE = "/api/whatsapp/api/webhook-events/"


@pytest.fixture
def account(app: Flask, make: Factory) -> Account:
    made: Account = make.account()
    meta = Meta(app)
    meta.tell(made, text_message(made, wa_id="447700900118", wamid="wamid.IN"))
    meta.tell(made, status(made, "read", "wamid.OUT", recipient_id="447700900461"))
    while event_work.work_off():
        continue
    return made


def ask(app: Flask, key: str, path: str = "", method: str = "GET", **query: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = app.test_client().open(BASE + path, method=method, headers=headers, query_string=query)
    return answer.status_code, answer.get_json()


def kinds(body: Any) -> list[list[str]]:
    return [row["kinds"] for row in body["results"]]


@pytest.mark.parametrize(
    "query, found",
    [
        ({}, [["status.read"], ["messages.text"]]),
        ({"contact": "+44 7700 900118"}, [["messages.text"]]),
        ({"contact": "+44 7700 900118", "wamid": "wamid.OUT"}, []),
        ({"wamid": "wamid.OUT", "kind": "status.read"}, [["status.read"]]),
        ({"state": "parked"}, []),
        ({"since": "2020-01-01", "until": "2020-01-02", "kind": "messages.text"}, []),
    ],
)
def test_events_are_listed_by_filter(
    app: Flask, make: Factory, account: Account, query: dict[str, str], found: list[list[str]]
) -> None:
    answered, body = ask(app, make.api_key(), **query)
    assert (answered, kinds(body)) == (200, found)


def test_pages_follow_each_other(app: Flask, make: Factory, account: Account) -> None:
    key = make.api_key()
    _, first = ask(app, key, limit=1, kind="messages.text", phone_number_id=account.phone_numbers[0].id)
    assert (kinds(first), first["next"]) == ([["messages.text"]], None)
    _, first = ask(app, key, limit=1)
    answer = app.test_client().get(first["next"], headers={"Authorization": f"Bearer {key}"})
    assert kinds(answer.get_json()) == [["messages.text"]]


def test_one_event_comes_with_its_body_and_can_be_processed_again(
    app: Flask, make: Factory, account: Account
) -> None:
    key = make.api_key(role="manager", accounts=[account])
    event = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)).first()
    assert event is not None
    answered, body = ask(app, key, f"{event.id}/")
    assert (answered, body["body"]) == (200, event.body.decode())
    answered, body = ask(app, key, f"{event.id}/replay/", method="POST")
    assert (answered, body["state"]) == (202, "pending")
    event_work.work_off()
    db.session.expire_all()
    assert event.state is EventState.DUPLICATE


def test_a_key_of_another_account_sees_none_of_it(app: Flask, make: Factory, account: Account) -> None:
    key = make.api_key(role="manager", accounts=[make.account()])
    event_id = db.session.scalars(select(WebhookEvent.id)).first()
    assert ask(app, key)[1]["results"] == []
    assert ask(app, key, f"{event_id}/")[0] == 404
    assert ask(app, key, f"{event_id}/replay/", method="POST")[0] == 404
    assert ask(app, make.api_key(role="agent", accounts=[account]))[0] == 403
