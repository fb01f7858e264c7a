"""What the bot's tests have in common: a customer who writes, and what was answered."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Account, BotTrace, Direction, Message
from app.services import event_work
from tests.support.webhooks import Meta, metadata, text_message

KNOWLEDGE = """Opening hours, when are you open
We are open from 8 to 18 o'clock, Monday to Saturday.

Claim status, how far is my claim
You find your claim's state at example.com/claims."""


def write(app: Flask, account: Account, *bodies: str, **values: Any) -> None:
    """Each body is a message of the customer's, worked off before the next."""
    for body in bodies:
        Meta(app).tell(account, text_message(account, body=body, **values))
        work_off()


def choose(app: Flask, account: Account, row_id: str, title: str, *, wamid: str) -> None:
    """The customer taps a row of a list."""
    value = text_message(account, wamid=wamid)
    message = value["messages"][0]
    del message["text"]
    message["type"] = "interactive"
    message["interactive"] = {"type": "list_reply", "list_reply": {"id": row_id, "title": title}}
    assert value["metadata"] == metadata(account)
    Meta(app).tell(account, value)
    work_off()


def work_off() -> None:
    while event_work.work_off():
        continue


def sent() -> list[Message]:
    db.session.expire_all()
    statement = select(Message).where(Message.direction == Direction.OUTBOUND)
    return list(db.session.scalars(statement.order_by(Message.id)))


def replies() -> list[str]:
    return [message.text_content for message in sent()]


def traces() -> list[BotTrace]:
    db.session.expire_all()
    return list(db.session.scalars(select(BotTrace).order_by(BotTrace.id)))
