"""Erasing a person: nothing of them is found anywhere afterwards, nobody else loses
anything, figures stay.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, inspect, select

from app.errors import InvalidFields
from app.extensions import db
from app.models import (
    Account,
    AccountUsageLog,
    AuditEntry,
    Base,
    Contact,
    ContactField,
    ContactImport,
    ContactImportRow,
    ContactImportState,
    ContactRowState,
    ContactValue,
    Conversation,
    Erasure,
    ErasureState,
    GraphCall,
    Message,
    MessageStatus,
    RepeatableRequest,
    WebhookEvent,
    utcnow,
)
from app.queries.access import SYSTEM, actor_of_user
from app.services import audit, consents, contacts, event_work, messages, teamwork, usage
from app.services.contact_exports import note_export
from app.services.erasing import work
from app.services.erasing.registry import TABLES
from app.services.erasing.requests import is_genuine, request_erasure
from app.services.search_index import Indexer
from tests.api.conftest import Program
from tests.services.test_sending import send_all
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox
from tests.support.webhooks import Meta, change, envelope, status, text_message

WA_ID, OTHER = "447700900777", "447700900888"
NAME, WORDS = "Zephyrine Quimby", "xylophones"
TRACES = (
    WA_ID,
    "7700900777",
    "Zephyrine",
    "zephyrine",
    "Quimby",
    "quimby",
    "xylophone",
    "Nightingale",
    "nightingale",
)


def everything_with(*needles: str) -> list[str]:
    """Where one of these stands, in any column of any table (also those that the index keeps for itself)."""
    db.session.rollback()
    found = []
    with db.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"'):
                for value in row:
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    found += [
                        f"{table}: {needle} in {raw[:200]!r}" for needle in needles if needle.encode() in raw
                    ]
    return found


def files_with(folder: Path, content: bytes) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and "sqlite" not in path.name and content in path.read_bytes()
    ]


def erase(contact: Contact, worker: str = "w") -> Erasure:
    row = request_erasure(contact=contact, typed=f"+{WA_ID}", password=None, actor=SYSTEM)
    id_ = row.id
    for _ in range(5):
        work.work_off(worker)
    db.session.expire_all()
    return db.session.get_one(Erasure, id_)


def test_every_table_says_what_becomes_of_it_when_a_person_is_erased() -> None:
    """A new table with rows about customers must not be forgotten: registry.py."""
    assert set(TABLES) == set(Base.metadata.tables)


@pytest.fixture
def account(make: Factory, sandbox: RunningSandbox) -> Account:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def person(app: Flask, make: Factory, account: Account) -> Contact:
    """Somebody who has left a trace in every place there is."""
    secret = account.app_secret
    assert secret is not None
    meta = Meta(app, secret.reveal())
    webhook = make.outgoing_webhook()
    db.session.commit()
    meta.tell(account, text_message(account, wa_id=WA_ID, name=NAME, body=f"I play {WORDS}"))
    both = [
        change(account, text_message(account, wa_id=wa_id, name=name, body=body))
        for wa_id, name, body in ((WA_ID, NAME, f"More {WORDS}"), (OTHER, "Other One", "I stay"))
    ]
    meta.post(envelope(*both))
    meta.tell(account, text_message(account, wa_id=WA_ID, name=NAME, body="STOP"))
    meta.post(b'{"entry": [{"changes": "' + WA_ID.encode() + b'"}]}')
    while event_work.work_off():
        continue
    found = db.session.scalars(select(Contact).where(Contact.wa_id == WA_ID)).one()
    conversation = db.session.scalars(select(Conversation).where(Conversation.contact_id == found.id)).one()
    messages.queue_text(conversation=conversation, body=f"Nice {WORDS}", actor=SYSTEM)
    send_all()
    meta.tell(account, status(account, "delivered", "wamid.NOBODYS", recipient_id=WA_ID))
    while event_work.work_off():
        continue
    key = make.api_key()
    caller, keyed = Program(app, key), {"Idempotency-Key": "k-1"}
    sent = {"to_phone_number": f"+{WA_ID}", "message_type": "text", "text_content": f"By key: {WORDS}"}
    caller.call("POST", f"accounts/{account.id}/send_message/", json=sent, headers=keyed, status=202)
    caller.call(
        "POST", f"contacts/{found.id}/opt_out/", json={}, headers={"Idempotency-Key": "k-2"}, status=200
    )
    contacts.change_contact(
        contact=found,
        values={"own_name": "Nightingale", "note": f"Likes {WORDS}", "tags": ["music"]},
        actor=SYSTEM,
    )
    consents.opt_in(contact=found, actor=SYSTEM, note="Nightingale phoned")
    note_export(filters={"search": "Nightingale"}, actor=SYSTEM)
    audit.record(
        SYSTEM, "contacts.exported", object_type="contacts", details={"filters": {"search": "Other One"}}
    )
    teamwork.add_note(conversation=conversation, body=f"{NAME} called", client_key="n-1", actor=SYSTEM)
    field = ContactField(account_id=account.id, key="band", name="Band", kind="text", choices=[], position=1)
    db.session.add(field)
    db.session.flush()
    db.session.add(
        ContactValue(contact_id=found.id, field_id=field.id, value="Nightingale", folded="nightingale")
    )
    first = db.session.scalars(
        select(Message).where(Message.contact_id == found.id).order_by(Message.id)
    ).first()
    assert first is not None
    make.media_file(first, b"a picture of xylophones", file_name=f"{NAME}.png")
    make.outgoing_file(conversation, make.user(), b"notes of xylophones", file_name=f"{NAME}.txt")
    make.bot_trace(first, reason=f"{NAME} asked", steps=[{"text": WORDS}])
    make.flow_answer(make.flow(account), {"name": NAME}, conversation=conversation)
    db.session.add(
        GraphCall(
            account_id=account.id,
            method="POST",
            path="/1/messages",
            outcome="ok",
            duration_ms=1,
            request=json.dumps({"status": "read", "message_id": first.wamid}),
            answer="{}",
        )
    )
    files = ContactImport(
        account_id=account.id, file_name="a.csv", size_bytes=1, state=ContactImportState.DONE
    )
    waiting = ContactImport(
        account_id=account.id,
        file_name="b.csv",
        size_bytes=1,
        content=f"+44 7700 900777;{NAME}".encode("utf-16"),
    )
    db.session.add_all([files, waiting])
    db.session.flush()
    db.session.add(
        ContactImportRow(
            import_id=files.id,
            position=1,
            state=ContactRowState.UPDATED,
            contact_id=found.id,
            before={"own_name": NAME},
            after={"own_name": "Nightingale"},
        )
    )
    db.session.add(
        ContactImportRow(
            import_id=files.id,
            position=2,
            state=ContactRowState.FAILED,
            cells=[f"+{WA_ID}", "x"],
            error="No.",
        )
    )
    db.session.commit()
    while Indexer().step():
        continue
    assert webhook.id
    return found


def test_nothing_of_an_erased_person_is_left_in_any_table_or_file(
    app: Flask, make: Factory, account: Account, person: Contact, tmp_path: Path
) -> None:
    seen = {line.partition(":")[0] for line in everything_with(*TRACES)}
    assert seen >= {
        "contacts", "whatsapp_messages", "whatsapp_webhook_events", "webhook_event_keys",
        "outgoing_deliveries", "graph_calls", "audit_log", "conversation_notes", "contact_consents",
        "contact_values", "media_files", "bot_traces", "flow_answers", "contact_import_rows",
        "conversations", "search_contacts",
    }  # fmt: skip
    assert files_with(tmp_path, b"xylophones")
    answered = db.session.scalars(select(RepeatableRequest)).one()
    assert answered.answer is not None
    with time_machine.travel(utcnow() + timedelta(days=3), tick=True):
        row = erase(person)
        assert (row.state, row.error) == (ErasureState.DONE, "")
        assert everything_with(*TRACES) == []
        assert files_with(tmp_path, b"xylophones") == []
        db.session.expire_all()
        assert answered.answer is None
        assert is_genuine(row)
        assert (row.subject, row.shell_id) == (None, None)
        assert row.counts["whatsapp_messages"] == 7
        assert row.counts["whatsapp_webhook_events"] >= 5
        # The other person has lost nothing, neither here nor in what Meta posted about both.
        assert db.session.scalars(select(Message.text_content)).all() == ["I stay"]
        assert b"I stay" in db.session.scalars(select(WebhookEvent.body)).one()
        assert [
            e.details
            for e in db.session.scalars(
                select(AuditEntry).where(AuditEntry.action == "contacts.exported").order_by(AuditEntry.id)
            )
        ][1:] == [{"filters": {"search": "Other One"}}]
        logs = db.session.scalars(select(AccountUsageLog)).all()
        assert (sum(log.received for log in logs), sum(log.sent for log in logs)) == (5, 1)
        row.counts = {**row.counts, "whatsapp_messages": 5}
        assert not is_genuine(row)
        db.session.rollback()


def test_figures_of_today_stay_and_whoever_writes_again_is_somebody_new(
    app: Flask, make: Factory, account: Account, person: Contact
) -> None:
    row = erase(person)
    assert (row.state, row.error) == (ErasureState.DONE, "")
    assert everything_with(*TRACES) == []
    shell = db.session.get_one(Contact, person.id)
    shell_id = shell.id
    assert (shell.display_name, shell.wa_id) == ("Erased person", None)
    left = db.session.scalars(select(Message).where(Message.contact_id == shell.id)).all()
    assert {message.text_content for message in left} == {""}
    # Nothing that waited goes out.
    assert send_all() == []
    secret = account.app_secret
    assert secret is not None
    Meta(app, secret.reveal()).tell(account, text_message(account, wa_id=WA_ID, name=NAME, body="Me again"))
    while event_work.work_off():
        continue
    new = db.session.scalars(select(Contact).where(Contact.wa_id == WA_ID)).one()
    assert new.id != shell.id
    assert (new.note, new.opted_out_at) == ("", None)
    with time_machine.travel(utcnow() + timedelta(days=2), tick=True):
        assert work.drop_shells() == 1
        assert db.session.get(Contact, shell_id) is None
        usage.roll_up()
        logs = db.session.scalars(select(AccountUsageLog)).all()
        assert sum(log.received for log in logs) == 6
    assert db.session.scalar(select(func.count(Message.id)).where(Message.contact_id == new.id)) == 1


def test_a_killed_worker_loses_nothing_and_the_next_one_goes_on(
    make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make.account()
    contact = make.contact(account, wa_id=WA_ID)
    conversation = make.conversation(account, contact=contact)
    for number in range(5):
        make.message(conversation, outbound=False, text_content=f"{number} {WORDS}")
    under_way = make.message(conversation, status=MessageStatus.SENDING, text_content=WORDS)
    row = request_erasure(contact=contact, typed=WA_ID, password=None, actor=SYSTEM)
    assert request_erasure(contact=contact, typed=WA_ID, password=None, actor=SYSTEM).id == row.id
    work.work_off("a")
    db.session.expire_all()
    assert row.state is ErasureState.WORKING
    assert "on its way" in row.error
    under_way.status = MessageStatus.SENT
    row.lease_until = utcnow() - timedelta(seconds=1)
    db.session.commit()
    work.work_off("b")
    db.session.expire_all()
    assert row.state is ErasureState.DONE
    assert row.counts["whatsapp_messages"] == 6
    assert everything_with(WORDS) == []


def test_who_asks_says_whom_and_gives_their_own_password_again(make: Factory) -> None:
    contact = make.contact(make.account(), wa_id=WA_ID)
    owner = actor_of_user(make.user())
    for typed, fields in (("+447700900778", ["typed"]), ("", ["typed"]), ("+44 7700 900777", ["password"])):
        with pytest.raises(InvalidFields) as refused:
            request_erasure(contact=contact, typed=typed, password="wrong", actor=owner)
        assert [problem.field for problem in refused.value.problems] == fields
    assert db.session.scalars(select(Erasure)).all() == []
