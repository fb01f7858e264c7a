"""Who is who: addresses are written down as they come, and joined only where it is sure."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import (
    Account,
    AddressSource,
    Contact,
    ContactAddress,
    ContactJoin,
    Conversation,
    JoinState,
    Message,
    WebhookEvent,
)
from app.models.phone_twins import twin_of
from app.queries.access import SYSTEM
from app.services import contact_joins, event_work
from app.services.conversations import ensure_contact
from app.services.erasing import work as erasing_work
from app.services.erasing.requests import request_erasure
from tests.support.factories import Factory
from tests.support.webhooks import Meta, metadata, text_message

OLD_ID, NEW_ID = "BR.1349000000000000118", "BR.7310000000000000101"


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account()
    return made


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def tell(meta: Meta, account: Account, **values: Any) -> None:
    """A text by `wa_id`, `from_user_id`, or both."""
    wa_id, username = values.pop("wa_id", None), values.pop("username", None)
    value = text_message(account, wa_id=wa_id or "0", **values)
    value["contacts"] = [{"profile": {"name": "Ana"}, "user_id": values.get("from_user_id")}]
    if wa_id is None:
        del value["messages"][0]["from"]
    if username:
        value["contacts"][0]["profile"]["username"] = username
    meta.tell(account, value)
    work()


def system(meta: Meta, account: Account, said: dict[str, Any], **values: Any) -> None:
    message = text_message(account, **values)
    del message["contacts"], message["messages"][0]["text"]
    message["messages"][0] |= {"type": "system", "system": {"body": "Changed", **said}}
    meta.tell(account, message)
    work()


def contacts() -> list[tuple[str | None, str | None]]:
    rows = db.session.scalars(select(Contact).order_by(Contact.id))
    return [(row.wa_id, row.user_id) for row in rows]


def ledger(contact: Contact) -> list[tuple[str, str, str, bool]]:
    rows = db.session.scalars(
        select(ContactAddress).where(ContactAddress.contact_id == contact.id).order_by(ContactAddress.id)
    )
    return [(row.kind.value, row.value, row.source.value, row.ended_at is None) for row in rows]


def joins() -> list[tuple[int, int, JoinState]]:
    rows = db.session.scalars(select(ContactJoin).order_by(ContactJoin.id))
    return [(row.contact_id, row.into_id, row.state) for row in rows]


@pytest.mark.parametrize(
    "number, other, is_certain",
    [
        ("5511987654321", "551187654321", True),
        ("551187654321", "5511987654321", True),
        ("551134567890", None, True),  # a landline
        ("5511934567890", None, True),  # was never a mobile number without its 9
        ("5215512345678", "525512345678", True),
        ("525512345678", "5215512345678", True),
        ("5491141234567", "541141234567", False),
        ("541141234567", "5491141234567", False),
        ("447700900118", None, True),
        ("15550100001", None, True),
    ],
)
def test_other_spellings_of_a_number_are_known_and_landlines_left_alone(
    number: str, other: str | None, is_certain: bool
) -> None:
    twin = twin_of(number)
    assert (twin.wa_id if twin else None) == other
    assert twin is None or twin.is_certain is is_certain


def test_each_address_is_kept_with_when_and_by_which_event_it_came(meta: Meta, account: Account) -> None:
    tell(meta, account, wa_id="447700900118", timestamp=1_790_000_000)
    tell(meta, account, wa_id="447700900118", from_user_id=OLD_ID, username="@ana.d")
    tell(meta, account, from_user_id=OLD_ID, username="ana.doe", from_parent_user_id="BR.ENT.7")
    contact = db.session.scalars(select(Contact)).one()
    assert ledger(contact) == [
        ("number", "447700900118", "message", True),
        ("user_id", OLD_ID, "message", True),
        ("username", "ana.d", "message", True),
        ("parent_user_id", "BR.ENT.7", "message", True),
        ("username", "ana.doe", "message", True),
    ]
    rows = {row.value: row for row in db.session.scalars(select(ContactAddress))}
    events = list(db.session.scalars(select(WebhookEvent.id).order_by(WebhookEvent.id)))
    assert [rows[value].event_id for value in ("447700900118", OLD_ID, "ana.doe")] == events
    assert rows["447700900118"].at.timestamp() == 1_790_000_000


def test_brazils_and_mexicos_other_spelling_is_the_same_customer_and_metas_spelling_holds(
    meta: Meta, account: Account
) -> None:
    for typed, told in (("5511987654321", "551187654321"), ("525512345678", "5215512345678")):
        contact = ensure_contact(account.id, typed, None)
        contact_id = contact.id
        db.session.commit()
        tell(meta, account, wa_id=told)
        tell(meta, account, wa_id=typed)
        found = db.session.get(Contact, contact_id)
        assert found is not None
        assert found.wa_id == told
        assert ledger(found) == [("number", typed, "hand", True), ("number", told, "message", True)]
        assert ensure_contact(account.id, typed, None).id == contact_id
        db.session.commit()
    assert db.session.scalar(select(func.count(Contact.id))) == 2


def test_argentinas_nine_is_found_for_what_was_typed_and_a_landline_that_writes_is_its_own(
    meta: Meta, account: Account
) -> None:
    tell(meta, account, wa_id="5491141234567")
    assert ensure_contact(account.id, "541141234567", None).wa_id == "5491141234567"
    db.session.commit()
    # Typed without the 9 before anybody wrote: the mobile number that answers is meant.
    ensure_contact(account.id, "541155550000", None)
    db.session.commit()
    tell(meta, account, wa_id="5491155550000")
    assert [wa_id for wa_id, _ in contacts()] == ["5491141234567", "5491155550000"]
    # WhatsApp's own word without the 9 is a landline: another customer.
    tell(meta, account, wa_id="541141234567")
    tell(meta, account, wa_id="541177770000")
    tell(meta, account, wa_id="5491177770000")
    assert [wa_id for wa_id, _ in contacts()][2:] == ["541141234567", "541177770000", "5491177770000"]
    assert joins() == []


def test_a_spelling_that_a_person_refused_makes_another_customer(meta: Meta, account: Account) -> None:
    tell(meta, account, wa_id="5511987654321")
    contact = db.session.scalars(select(Contact)).one()
    tell(meta, account, wa_id="551187654321")
    row = db.session.scalars(select(ContactAddress).where(ContactAddress.value == "5511987654321")).one()
    contact_joins.refuse_address(row=row, actor=SYSTEM)
    tell(meta, account, wa_id="5511987654321")
    assert [wa_id for wa_id, _ in contacts()] == ["551187654321", "5511987654321"]
    assert contact.wa_id == "551187654321"


def test_a_changed_number_stays_one_customer_with_the_window_and_the_history(
    meta: Meta, account: Account
) -> None:
    tell(meta, account, wa_id="5511987654321", from_user_id=OLD_ID, timestamp=1_790_000_000)
    said = {"type": "user_changed_number", "wa_id": "447700900999"}
    values = {"wa_id": "5511987654321", "from_user_id": OLD_ID, "timestamp": 1_790_000_100}
    system(meta, account, said, **values)
    contact = db.session.scalars(select(Contact)).one()
    # The user id went with the number; the next message brings the new one.
    assert (contact.wa_id, contact.user_id) == ("447700900999", None)
    tell(meta, account, wa_id="447700900999", from_user_id=NEW_ID)
    # A post that was late: from before the change, under the id of then.
    tell(meta, account, wa_id="5511987654321", from_user_id=OLD_ID, timestamp=1_790_000_050)
    assert contacts() == [("447700900999", NEW_ID)]
    assert ledger(contact) == [
        ("number", "5511987654321", "message", False),
        ("user_id", OLD_ID, "message", False),
        ("number", "447700900999", "change", True),
        ("user_id", NEW_ID, "message", True),
    ]
    assert db.session.scalar(select(func.count(Conversation.id))) == 1
    # Somebody else gets the old number.
    tell(meta, account, wa_id="5511987654321", from_user_id="BR.5")
    assert contacts()[1] == ("5511987654321", "BR.5")


def test_a_changed_user_id_with_and_without_a_number_stays_the_same_customer(
    meta: Meta, account: Account
) -> None:
    tell(meta, account, wa_id="5511987654321", from_user_id=OLD_ID, timestamp=1_790_000_000)
    change = {"user_id": {"previous": OLD_ID, "current": NEW_ID}, "timestamp": "1790000100"}
    value = {"messaging_product": "whatsapp", "metadata": metadata(account), "user_id_update": [change]}
    for _ in range(2):
        meta.tell(account, value, field="user_id_update")
        work()
    assert contacts() == [("5511987654321", NEW_ID)]
    said = {"type": "user_changed_user_id", "user_id": "BR.9"}
    system(meta, account, said, wa_id="5511987654321", from_user_id=NEW_ID, timestamp=1_790_000_200)
    # Another number that is not told: what is sent to the old one would reach a stranger.
    assert contacts() == [(None, "BR.9")]
    tell(meta, account, from_user_id="BR.9")
    assert db.session.scalar(select(func.count(Conversation.id))) == 1


def test_a_number_and_an_id_in_one_message_join_whom_we_knew_by_one_of_them(
    meta: Meta, account: Account
) -> None:
    tell(meta, account, from_user_id=OLD_ID)
    tell(meta, account, wa_id="447700900118")
    tell(meta, account, wa_id="447700900118", from_user_id=OLD_ID)
    first, second = db.session.scalars(select(Contact).order_by(Contact.id))
    assert joins() == [(second.id, first.id, JoinState.JOINED)]
    assert (first.joined_to_id, second.joined_to_id) == (None, first.id)
    row = db.session.scalars(select(ContactJoin)).one()
    before = db.session.execute(select(Message.id, Message.contact_id).order_by(Message.id)).all()
    contact_joins.undo(row=row, actor=SYSTEM)
    tell(meta, account, wa_id="447700900118", from_user_id=OLD_ID)
    # Undone by a person: no rule joins them again, and every message is where it was.
    assert joins() == [(second.id, first.id, JoinState.UNDONE)]
    assert second.joined_to_id is None
    after = db.session.execute(select(Message.id, Message.contact_id).order_by(Message.id)).all()
    assert after[:-1] == before


def test_a_number_under_another_user_id_passes_on_and_the_two_are_only_suggested(
    meta: Meta, account: Account
) -> None:
    tell(meta, account, wa_id="447700900118", from_user_id=OLD_ID)
    tell(meta, account, wa_id="447700900118", from_user_id=NEW_ID)
    tell(meta, account, wa_id="447700900118", from_user_id=NEW_ID)
    assert contacts() == [(None, OLD_ID), ("447700900118", NEW_ID)]
    first, second = db.session.scalars(select(Contact).order_by(Contact.id))
    assert joins() == [(second.id, first.id, JoinState.SUGGESTED)]
    assert second.joined_to_id is None
    assert ("number", "447700900118", "message", False) in ledger(first)
    contact_joins.dismiss(row=db.session.scalars(select(ContactJoin)).one(), actor=SYSTEM)
    assert joins() == [(second.id, first.id, JoinState.DISMISSED)]


def test_a_number_that_was_asked_for_is_kept_and_a_card_passed_on_is_not(
    meta: Meta, account: Account
) -> None:
    tell(meta, account, from_user_id=OLD_ID, username="ana")
    for origin in ("other", "contact_request"):
        value = text_message(account, from_user_id=OLD_ID)
        message = value["messages"][0]
        del message["from"], message["text"], value["contacts"]
        phone = {"phone": "+44 7700 900118", "wa_id": "447700900118"}
        message |= {"type": "contacts", "contacts": [{"phones": [phone], "origin": origin}]}
        meta.tell(account, value)
        work()
        expected = "447700900118" if origin == "contact_request" else None
        assert contacts() == [(expected, OLD_ID)]
    contact = db.session.scalars(select(Contact)).one()
    assert ("number", "447700900118", AddressSource.CARD.value, True) in ledger(contact)


def test_three_joined_by_hand_are_one_person_and_undoing_the_first_leaves_the_others(
    make: Factory, account: Account
) -> None:
    one, two, three = (make.contact(account) for _ in range(3))
    contact_joins.join(contact=two, into=one, actor=SYSTEM)
    contact_joins.join(contact=one, into=three, actor=SYSTEM)
    assert [row.joined_to_id for row in (one, two, three)] == [three.id, three.id, None]
    first = db.session.scalars(select(ContactJoin).order_by(ContactJoin.id)).first()
    assert first is not None
    contact_joins.undo(row=first, actor=SYSTEM)
    assert [row.joined_to_id for row in (one, two, three)] == [three.id, None, None]
    with pytest.raises(contact_joins.NotReady):
        contact_joins.undo(row=first, actor=SYSTEM)
    with pytest.raises(contact_joins.NotReady):
        contact_joins.join(contact=three, into=one, actor=SYSTEM)
    contact_joins.join(contact=two, into=one, actor=SYSTEM)
    assert two.joined_to_id == three.id


def test_an_erased_person_leaves_no_address_and_who_was_joined_stands_alone(
    meta: Meta, make: Factory, account: Account
) -> None:
    tell(meta, account, wa_id="447700900118", from_user_id=OLD_ID)
    contact, other = db.session.scalars(select(Contact)).one(), make.contact(account)
    contact_joins.join(contact=other, into=contact, actor=SYSTEM)
    other_id = other.id
    request_erasure(contact=contact, typed="+447700900118", password=None, actor=SYSTEM)
    erasing_work.work_off("worker")
    db.session.expire_all()
    assert db.session.scalar(select(func.count(ContactAddress.id))) == 0
    assert joins() == []
    alone = db.session.get(Contact, other_id)
    assert alone is not None
    assert alone.joined_to_id is None
    # Whoever writes from there is somebody new.
    tell(meta, account, from_user_id=OLD_ID)
    assert contacts()[-1] == (None, OLD_ID)
