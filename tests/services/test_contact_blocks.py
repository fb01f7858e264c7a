"""Blocking at Meta, against the real sandbox: what holds, what is refused, and what nobody knows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.errors import Blocked, NotReady
from app.extensions import db
from app.models import (
    Account,
    AuditEntry,
    BlockState,
    Contact,
    ContactBlock,
    Conversation,
    JobRun,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services import block_watch, contact_blocks, messages
from app.services.connections import client_for
from app.services.meta_refusals import RefusedByMeta
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox


@pytest.fixture
def account(make: Factory, sandbox: RunningSandbox) -> Account:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def ana(make: Factory, sandbox: RunningSandbox, account: Account) -> Conversation:
    """Without a number, and wrote a moment ago."""
    customer = {"user_id": "BR.1349", "name": "Ana", "username": "ana.d", "last_inbound_at": 1_790_000_000}
    given = {"phone_number_id": account.phone_numbers[0].meta_id, "customers": [customer]}
    sandbox.control("POST", "customers", {**given, "customers": [{**customer, "last_inbound_at": _now()}]})
    contact = make.contact(account, wa_id=None, user_id="BR.1349", username="ana.d", profile_name="Ana")
    return make.conversation(account, contact=contact)


def _now() -> int:
    return int(utcnow().timestamp()) - 60


def state(contact: Contact) -> BlockState:
    db.session.expire_all()
    row = db.session.scalars(select(ContactBlock).where(ContactBlock.contact_id == contact.id)).one()
    db.session.commit()
    return row.state


def test_a_blocked_customer_gets_nothing_and_is_not_heard_until_unblocked(
    sandbox: RunningSandbox, account: Account, ana: Conversation
) -> None:
    number = account.phone_numbers[0]
    contact_blocks.block(contact=ana.contact, number=number, actor=SYSTEM, reason="  Threats\n")
    row = db.session.scalars(select(ContactBlock)).one()
    assert (row.state, row.reason, row.user_id) == (BlockState.BLOCKED, "Threats", "BR.1349")
    with pytest.raises(Blocked, match="Ana is blocked on this number"):
        messages.queue_text(conversation=ana, body="Hello", actor=SYSTEM)
    db.session.rollback()
    meta_id = number.meta_id
    db.session.commit()
    (person,) = sandbox.control("GET", f"customers?phone_number_id={meta_id}")["data"]
    said = {"type": "text", "text": {"body": "Let me in"}}
    given = {"phone_number_id": meta_id, "from": person["wa_id"], "message": said}
    sandbox.control("POST", "inbound", given)
    assert sandbox.control("GET", "deliveries")["data"] == []
    contact_blocks.unblock(contact=ana.contact, number=account.phone_numbers[0], actor=SYSTEM)
    assert state(ana.contact) is BlockState.UNBLOCKED
    messages.queue_text(conversation=ana, body="Hello", actor=SYSTEM)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))
    assert list(actions) == ["contact.blocked", "contact.unblocked"]


def test_who_did_not_write_lately_is_refused_here_and_by_meta_in_plain_words(
    make: Factory, account: Account, ana: Conversation
) -> None:
    number = account.phone_numbers[0]
    silent = make.contact(account, wa_id="447700900777")
    with pytest.raises(NotReady, match="in the last 24 hours"):
        contact_blocks.block(contact=silent, number=number, actor=SYSTEM)
    # Here it looks as if they had written; Meta knows better.
    make.conversation(account, contact=silent)
    with pytest.raises(RefusedByMeta, match="last 24 hours can be blocked"):
        contact_blocks.block(contact=silent, number=account.phone_numbers[0], actor=SYSTEM)
    assert state(silent) is BlockState.UNBLOCKED


def test_a_lost_answer_is_unsure_until_it_is_asked_again_or_metas_list_is_fetched(
    sandbox: RunningSandbox, account: Account, ana: Conversation
) -> None:
    number = account.phone_numbers[0]
    db.session.commit()
    sandbox.control("POST", "faults", {"kind": "lost_answer"})
    with pytest.raises(RefusedByMeta, match="did not answer in time"):
        contact_blocks.block(contact=ana.contact, number=number, actor=SYSTEM)
    assert state(ana.contact) is BlockState.BLOCKING
    with pytest.raises(Blocked, match="not known yet"):
        messages.queue_text(conversation=ana, body="Hello", actor=SYSTEM)
    db.session.rollback()
    # The worker asks for the list by itself: once the answer cannot come any more, then once a day.
    assert (block_watch.fetch_due(), block_watch.fetch_due()) == (1, 0)
    assert state(ana.contact) is BlockState.BLOCKED
    contact_blocks.block(contact=ana.contact, number=account.phone_numbers[0], actor=SYSTEM)
    assert state(ana.contact) is BlockState.BLOCKED


def test_metas_list_is_asked_for_once_a_day_and_soon_where_a_block_is_not_confirmed(
    sandbox: RunningSandbox, account: Account, ana: Conversation
) -> None:
    def ask_after(**past: float) -> int:
        for run in db.session.scalars(select(JobRun)):
            for name in ("due_at", "started_at", "finished_at"):
                setattr(run, name, getattr(run, name) - timedelta(**past))
        for block in db.session.scalars(select(ContactBlock)):
            block.at -= timedelta(**past)
        db.session.commit()
        return block_watch.fetch_due()

    def told() -> str:
        line = block_watch.overdue_line(db.session.get_one(Account, account_id))
        db.session.rollback()
        return line.evidence if line else ""

    account_id, number_id = account.id, account.phone_numbers[0].id
    assert [ask_after(hours=0), ask_after(hours=23), ask_after(hours=2), told()] == [1, 0, 1, ""]
    unsure = ContactBlock(
        account_id=account_id,
        phone_number_id=number_id,
        contact_id=ana.contact_id,
        state=BlockState.UNBLOCKING,
        at=utcnow(),
    )
    db.session.add(unsure)
    db.session.commit()
    sandbox.control("POST", "faults", {"kind": "throttle", "count": 50})
    assert [ask_after(minutes=5), ask_after(minutes=30), ask_after(minutes=31)] == [1, 0, 1]
    assert (state(ana.contact), told()) == (BlockState.UNBLOCKING, "")
    assert ask_after(days=3) == 1
    assert "It was last taken over" in told()
    sandbox.control("DELETE", "faults")
    assert (ask_after(hours=2), told()) == (1, "")
    assert state(ana.contact) is BlockState.UNBLOCKED


def test_metas_list_is_taken_over_with_strangers_and_what_was_unblocked_elsewhere(
    make: Factory, sandbox: RunningSandbox, account: Account, ana: Conversation
) -> None:
    number = account.phone_numbers[0]
    gone = make.contact(account, wa_id="447700900778")
    block = ContactBlock(
        account_id=account.id,
        phone_number_id=number.id,
        contact_id=gone.id,
        state=BlockState.BLOCKED,
        at=utcnow() - timedelta(hours=1),
    )
    db.session.add(block)
    db.session.commit()
    meta_id = number.meta_id
    stranger = {"from": "447700900779", "name": "Stranger", "last_inbound_at": _now()}
    db.session.commit()
    sandbox.control("POST", "customers", {"phone_number_id": meta_id, "customers": [stranger]})
    client = client_for(account)
    db.session.commit()
    client.block_list.block(meta_id, ["BR.1349", "+447700900779"])
    for _ in range(2):
        assert contact_blocks.sync(number=account.phone_numbers[0], actor=SYSTEM) == 2
    rows = db.session.execute(
        select(ContactBlock.contact_id, ContactBlock.wa_id, ContactBlock.state).order_by(ContactBlock.id)
    )
    assert {tuple(row) for row in rows} == {
        (gone.id, None, BlockState.UNBLOCKED),
        (ana.contact_id, None, BlockState.BLOCKED),
        (None, "447700900779", BlockState.BLOCKED),
    }
