"""Read receipts and typing: what the account set, once each, and never in anybody's way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Account, Conversation, GraphCall, ReadReceipt, ReadReceipts, utcnow
from app.queries.access import SYSTEM
from app.services import receipts
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox


@pytest.fixture
def account(make: Factory, sandbox: RunningSandbox) -> Account:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def conversation(make: Factory, account: Account) -> Conversation:
    return make.conversation(account)


def writes(sandbox: RunningSandbox, make: Factory, conversation: Conversation) -> str:
    """The customer writes; Meta's id of it."""
    body = {
        "phone_number_id": conversation.phone_number.meta_id,
        "from": f"+{conversation.contact.wa_id}",
        "message": {"type": "text", "text": {"body": "Hello?"}},
    }
    wamid: str = sandbox.control("POST", "inbound", body)["wamid"]
    make.message(conversation, outbound=False, wamid=wamid, occurred_at=utcnow())
    return wamid


def is_read(sandbox: RunningSandbox, wamid: str) -> bool:
    return any(row["wamid"] == wamid and row["status"] == "read" for row in sandbox.messages())


def test_a_customer_sees_what_the_account_set_and_each_message_is_marked_once(
    sandbox: RunningSandbox, make: Factory, account: Account, conversation: Conversation
) -> None:
    wamid = writes(sandbox, make, conversation)
    for happens in (receipts.opened, receipts.answered, receipts.typing):
        happens(conversation)
    assert receipts.work_off() == 0
    for rule, happens in ((ReadReceipts.OPENED, receipts.opened), (ReadReceipts.ANSWERED, receipts.answered)):
        receipts.set_rules(account=account, read_receipts=rule, shows_typing=False, actor=SYSTEM)
        happens(conversation)
        happens(conversation)
        assert receipts.work_off() == 1
        assert is_read(sandbox, wamid)
        happens(conversation)
        assert receipts.work_off() == 0
        wamid = writes(sandbox, make, conversation)
    assert not is_read(sandbox, wamid)


def test_typing_is_shown_again_only_when_it_has_faded(
    sandbox: RunningSandbox, make: Factory, account: Account, conversation: Conversation
) -> None:
    receipts.set_rules(account=account, read_receipts=ReadReceipts.NEVER, shows_typing=True, actor=SYSTEM)
    wamid = writes(sandbox, make, conversation)
    receipts.typing(conversation)
    receipts.typing(conversation)
    assert (receipts.work_off(), is_read(sandbox, wamid)) == (1, True)
    receipts.typing(conversation)
    assert receipts.work_off() == 0
    row = db.session.get_one(ReadReceipt, conversation.id)
    row.sent_at = utcnow() - receipts.TYPING_LASTS - timedelta(seconds=1)
    db.session.commit()
    receipts.typing(conversation)
    assert receipts.work_off() == 1
    conversation.last_inbound_at = utcnow() - timedelta(hours=30)
    row.sent_at = None
    row.asked_at = utcnow() - timedelta(hours=1)
    db.session.commit()
    receipts.typing(conversation)
    # An old wish is let go without a call.
    before = len(db.session.scalars(select(GraphCall)).all())
    assert receipts.work_off() == 1
    assert len(db.session.scalars(select(GraphCall)).all()) == before


def test_what_meta_does_not_take_is_logged_and_nothing_else(
    make: Factory, account: Account, conversation: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    receipts.set_rules(account=account, read_receipts=ReadReceipts.OPENED, shows_typing=False, actor=SYSTEM)
    make.message(conversation, outbound=False, wamid="wamid.unknown", occurred_at=utcnow())
    receipts.opened(conversation)
    with caplog.at_level("INFO", logger="app.services.receipts"):
        assert receipts.work_off() == 1
    assert "not taken" in caplog.text
    assert receipts.work_off() == 0
