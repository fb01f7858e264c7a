"""Messages for later, by program: `send_at` plans, and what is planned can be seen and cancelled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.models import Message, PlannedMessage, utcnow
from app.services import planning

TO = "+447700900123"


@pytest.fixture
def account(make: Any) -> Any:
    account = make.account()
    make.conversation(account, contact=make.contact(account, wa_id=TO[1:]))
    return account


@pytest.fixture
def caller(program: Any, account: Any) -> Any:
    return program(role="agent", accounts=[account])


def send(caller: Any, account: Any, status: int = 202, key: str = "", **body: Any) -> Any:
    at = (utcnow() + timedelta(hours=1)).isoformat()
    given = {"to_phone_number": TO, "message_type": "text", "text_content": "See you", "send_at": at, **body}
    headers = {"Idempotency-Key": key} if key else {}
    path = f"accounts/{account.id}/send_message/"
    return caller.call("POST", path, json=given, status=status, headers=headers)


def due(id_: int) -> None:
    now = utcnow() - timedelta(seconds=1)
    db.session.execute(
        update(PlannedMessage).where(PlannedMessage.id == id_).values(next_look_at=now, send_at=now)
    )
    db.session.commit()
    planning.work_off()
    db.session.rollback()


def test_it_is_planned_once_leaves_and_is_followed_to_its_message(caller: Any, account: Any) -> None:
    at = (utcnow() + timedelta(hours=2)).isoformat()
    planned = send(caller, account, key="k1", send_at=at)
    assert (planned["status"], planned["message_id"], planned["to_phone_number"]) == ("planned", None, TO)
    assert send(caller, account, key="k1", send_at=at)["id"] == planned["id"]
    send(caller, account, status=409, key="k1")
    assert [row["id"] for row in caller.get("planned-messages/", status="planned")["results"]] == [
        planned["id"]
    ]
    due(planned["id"])
    followed = caller.get(f"planned-messages/{planned['id']}/")
    assert followed["status"] == "sent"
    assert caller.get(f"messages/{followed['message_id']}/")["text_content"] == "See you"
    # Asked again after it left, the key still stands for it.
    assert send(caller, account, key="k1", send_at=at)["message_id"] == followed["message_id"]
    assert len(db.session.scalars(select(Message)).all()) == 1
    caller.refused("POST", f"planned-messages/{planned['id']}/cancel/", 409)


def test_a_template_is_planned_by_its_flat_fields_and_a_planned_one_is_cancelled_or_sent_now(
    make: Any, caller: Any, account: Any
) -> None:
    row = make.message_template(account)
    flat = {"message_type": "template", "template_name": row.name, "template_parameters": ["Ada", "BM-1"]}
    far = (utcnow() + timedelta(days=90)).isoformat()
    body = {"to_phone_number": TO, "send_at": far, "hold_if_answered": True, **flat}
    path = f"accounts/{account.id}/send_message/"
    trial = caller.call("POST", path, json={**body, "dry_run": True}, status=200)
    assert trial["send_at"] is not None
    assert caller.get("planned-messages/")["results"] == []
    first, second = (caller.call("POST", path, json=body, status=202) for _ in range(2))
    assert "Ada" in first["text_content"]
    gone = caller.call("POST", f"planned-messages/{first['id']}/cancel/", status=200)
    assert gone["status"] == "cancelled"
    sent = caller.call("POST", f"planned-messages/{second['id']}/send_now/", status=200)
    assert (sent["status"], sent["message_id"] is not None) == ("sent", True)


def test_what_cannot_be_is_refused_before_anything_is_kept(caller: Any, account: Any) -> None:
    soon = utcnow() + timedelta(hours=1)
    for more, status in (
        ({"send_at": (utcnow() - timedelta(minutes=1)).isoformat()}, 422),
        ({"send_at": (utcnow() + timedelta(hours=30)).isoformat()}, 409),
        ({"send_at": "tomorrow"}, 422),
        ({"expires_at": soon.isoformat()}, 422),
        ({"text_content": ""}, 422),
    ):
        send(caller, account, status=status, **more)
    body = {"to_phone_number": TO, "message_type": "text", "text_content": "x", "hold_if_answered": True}
    caller.call("POST", f"accounts/{account.id}/send_message/", json=body, status=422)
    assert db.session.scalars(select(PlannedMessage)).all() == []
