"""Many rows with one statement: the same rows as SQLAlchemy would have written, whatever stands in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import pytest
from sqlalchemy import Table, func, select, text

from app.extensions import db
from app.models import (
    Contact,
    Conversation,
    Direction,
    Message,
    MessageStatus,
    MessageStatusEvent,
    utcnow,
)
from app.services.bulk import Find, Insert, Update
from tests.support.factories import Factory

CONTACTS = cast(Table, Contact.__table__)
MESSAGES = cast(Table, Message.__table__)
CONVERSATIONS = cast(Table, Conversation.__table__)
STATUSES = cast(Table, MessageStatusEvent.__table__)

AWKWARD = [
    "",
    "NULL",
    "null",
    "a,b",
    '{"a": "b"}',
    "{1,2}",
    'it\'s "quoted"',
    "back\\slash",
    "two\nlines\tand a tab",
    "100 % of %s and ?",
    "naïve café 你好 🎉",
    " edges ",
]
INSERT_CONTACTS = Insert(
    CONTACTS, "account_id", "wa_id", "user_id", "profile_name", returning=("id", "wa_id", "user_id")
)


def test_awkward_texts_come_back_as_they_were(make: Factory) -> None:
    account = make.account()
    rows = [(account.id, str(place), None, name) for place, name in enumerate(AWKWARD)]
    assert len(INSERT_CONTACTS.write(rows)) == len(AWKWARD)
    found = db.session.scalars(select(Contact.profile_name).order_by(Contact.id)).all()
    assert found == AWKWARD
    by_name = Find(CONTACTS.c.id, by=(CONTACTS.c.account_id, CONTACTS.c.profile_name))
    assert len(by_name.rows([account.id], AWKWARD)) == len(AWKWARD)


def test_what_is_there_stays_and_is_not_among_the_new(make: Factory) -> None:
    account = make.account()
    INSERT_CONTACTS.write([(account.id, "447700900001", None, "Ada")])
    made = INSERT_CONTACTS.write(
        [
            (account.id, "447700900001", "GB.1", "somebody else"),
            (account.id, None, "GB.2", "Grace"),
            (account.id, None, "GB.2", "twice in one go"),
        ]
    )
    assert [tuple(row[1:]) for row in made] == [(None, "GB.2")]
    assert db.session.scalars(select(Contact.profile_name).order_by(Contact.id)).all() == ["Ada", "Grace"]


def test_ids_follow_the_order_of_the_rows(make: Factory) -> None:
    account = make.account()
    names = [f"{place * 7919 % 1000:03d}" for place in range(1000)]
    INSERT_CONTACTS.write([(account.id, name, None, name) for name in names])
    assert db.session.scalars(select(Contact.wa_id).order_by(Contact.id)).all() == names


def test_columns_that_are_not_given_get_their_defaults(make: Factory) -> None:
    conversation = make.conversation(make.account())
    given = ("account_id", "phone_number_id", "contact_id", "conversation_id", "message_type")
    insert = Insert(
        MESSAGES,
        *given,
        constants={"direction": Direction.OUTBOUND, "status": MessageStatus.SENT, "next_attempt_at": None},
    )
    before = utcnow()
    row = (conversation.account_id, conversation.phone_number_id, conversation.contact_id, conversation.id)
    insert.write([(*row, "text"), (*row, "image")])
    by_hand = Message(
        **dict(zip(given, (*row, "text"), strict=True)),
        direction=Direction.OUTBOUND,
        status=MessageStatus.SENT,
    )
    db.session.add(by_hand)
    db.session.commit()
    first, second, other = db.session.scalars(select(Message).order_by(Message.id))
    differing = {"id", "client_ref", "created_at", "updated_at", "occurred_at", "next_attempt_at"}
    for column in MESSAGES.columns:
        if column.name not in differing:
            assert getattr(first, column.name) == getattr(other, column.name), column.name
    assert len({first.client_ref, second.client_ref, other.client_ref}) == 3
    assert before <= first.created_at <= utcnow()
    assert first.next_attempt_at is None


def test_times_words_and_objects_are_stored_as_sqlalchemy_stores_them(make: Factory) -> None:
    account = make.account()
    moments = [
        datetime(2026, 11, 28, 9, 30, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
    ]
    details = {"error": {"code": 131026, "title": "It's “undeliverable”", "details": None}, "list": [1, 2.5]}
    names = ("account_id", "wamid", "status", "occurred_at", "received_at", "details")
    rows = [
        (account.id, f"wamid.{place}", "read", at, moments[0], details) for place, at in enumerate(moments)
    ]
    Insert(STATUSES, *names).write(rows)
    for row in rows:
        values = dict(zip(names, row, strict=True))
        db.session.add(MessageStatusEvent(**{**values, "status": "delivered"}))
    db.session.commit()
    columns = ", ".join(name for name in ("message_id", *names) if name != "status")
    stored = {
        word: db.session.execute(
            text(f"SELECT {columns} FROM message_status_events WHERE status = '{word}' ORDER BY wamid")
        ).all()
        for word in ("read", "delivered")
    }
    assert stored["read"] == stored["delivered"]
    found = Find(STATUSES.c.wamid, STATUSES.c.occurred_at, by=(STATUSES.c.status,)).rows(["read"])
    assert sorted(found) == [(f"wamid.{place}", at) for place, at in enumerate(moments)]
    assert {at.tzinfo for _, at in found} == {UTC}


def test_a_time_without_a_zone_is_refused(make: Factory) -> None:
    account = make.account()
    insert = Insert(STATUSES, "account_id", "wamid", "status", "occurred_at")
    with pytest.raises(ValueError, match="without a zone"):
        insert.write([(account.id, "wamid.1", "read", datetime(2026, 11, 28))])  # noqa: DTZ001


def test_each_row_is_changed_by_its_own_values_and_dated(make: Factory) -> None:
    account = make.account()
    conversations = [make.conversation(account) for _ in range(3)]
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    db.session.execute(CONVERSATIONS.update().values(updated_at=long_ago, version=10))
    update = Update(
        CONVERSATIONS,
        {"id": CONVERSATIONS.c.id, "count": CONVERSATIONS.c.version, "at": CONVERSATIONS.c.last_inbound_at},
        {"version": "version + new.count", "last_inbound_at": "new.at"},
    )
    now = utcnow()
    update.write([(conversations[0].id, 1, now), (conversations[2].id, 5, None)])
    db.session.commit()
    assert [row.version for row in conversations] == [11, 10, 15]
    assert [row.last_inbound_at for row in conversations] == [now, conversations[1].last_inbound_at, None]
    assert [row.updated_at > long_ago for row in conversations] == [True, False, True]


def test_more_rows_and_keys_than_values_can_be_bound_go_in_one_statement(make: Factory) -> None:
    account = make.account()
    many = 70_000
    made = Insert(STATUSES, "account_id", "wamid", "status", "occurred_at", returning=("wamid",)).write(
        [(account.id, f"wamid.{number}", "read", utcnow()) for number in range(many)]
    )
    assert len(made) == many
    find = Find(STATUSES.c.id, by=(STATUSES.c.account_id, STATUSES.c.wamid))
    assert len(find.rows([account.id], {wamid for (wamid,) in made})) == many


def test_nothing_is_asked_for_nothing(make: Factory) -> None:
    account = make.account()
    assert INSERT_CONTACTS.write([]) == []
    assert Find(CONTACTS.c.id, by=(CONTACTS.c.account_id, CONTACTS.c.wa_id)).rows([account.id], []) == []
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 0
