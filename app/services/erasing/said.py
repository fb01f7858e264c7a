"""The person's own rows: made nameless, their messages emptied, and deleted when their days are settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, delete, func, literal, select, update

from app.extensions import db
from app.models import (
    Account,
    Base,
    BotOutcome,
    BotTrace,
    Contact,
    ContactAddress,
    Conversation,
    GraphCall,
    MediaDeletion,
    Message,
    MessageStatus,
    PhoneNumber,
    SearchContact,
    SearchMessage,
    utcnow,
)
from app.models.base import JsonType
from app.models.time_zones import day_bounds, day_of, zone_or_utc
from app.queries.analytics import first_recent_day
from app.services import contact_joins, media_upkeep, usage, usage_changes
from app.services.erasing.progress import DONE, Job, NotYet, run
from app.services.erasing.registry import ERASED, TABLES, By, Emptied, Gone

_AT_A_TIME = 200
_NAMELESS = {
    "wa_id": None,
    "user_id": None,
    "profile_name": "",
    "username": "",
    "own_name": "Erased person",
    "language": "",
    "note": "",
    "time_zone": "",
    "opted_out_at": None,
}
_UNANSWERABLE = {
    "last_message_preview": "",
    "last_message_id": None,
    "last_message_direction": None,
    "last_message_status": None,
    "last_inbound_at": None,
    "unread_count": 0,
    "waiting_since": None,
    "assigned_to_id": None,
}
_EMPTY = {
    "text_content": "",
    "wamid": None,
    "context_wamid": None,
    "client_key": None,
    "client_key_digest": None,
    "error_details": "",
    "error_trace_id": "",
    "wait_reason": "",
    "expires_at": None,
    "resends_unconfirmed": False,
    "lease_owner": None,
    "lease_until": None,
}


def make_nameless(job: Job, _place: int) -> int:
    """From here on whoever writes from this number is somebody new, and nothing more is sent to them."""
    _call_off(job)
    touched = Conversation.contact_id == job.contact_id
    now = utcnow()
    values = {**_UNANSWERABLE, "closed_at": func.coalesce(Conversation.closed_at, now)}
    conversations = update(Conversation).where(touched).values(**values, version=Conversation.version + 1)
    job.count("conversations", run(conversations))
    contact = update(Contact).where(Contact.id == job.contact_id).values(_NAMELESS)
    job.count("contacts", run(contact))
    # With the ids: an earlier one must not lead whoever writes to what is left of the person.
    addresses = delete(ContactAddress).where(ContactAddress.contact_id == job.contact_id)
    job.count("contact_addresses", run(addresses))
    contact_joins.forget(job.contact_id)
    return DONE


def _call_off(job: Job) -> None:
    """What waits to be sent is not sent any more; what nobody knows of is never sent again."""
    rows = db.session.execute(
        select(Message.id, Message.phone_number_id, Message.created_at)
        .where(
            Message.contact_id == job.contact_id,
            Message.conversation_id.in_(
                select(Conversation.id).where(Conversation.contact_id == job.contact_id)
            ),
            Message.status.in_((MessageStatus.QUEUED, MessageStatus.UNCONFIRMED)),
        )
        .order_by(Message.id)
        .with_for_update()
    ).all()
    values = {
        "status": MessageStatus.FAILED,
        "failed_at": utcnow(),
        "error_title": ERASED,
        "next_attempt_at": None,
    }
    called_off = update(Message).where(Message.id.in_([row.id for row in rows])).values(values)
    run(called_off)
    usage_changes.note((row.phone_number_id, row.created_at) for row in rows)


def empty_messages(job: Job, place: int) -> int:
    """A few hundred at a time, each with all that hangs on it. The row stays, as a count, until its day is
    settled.
    """
    rows = db.session.execute(
        _of_person(job, Message.id, Message.status)
        .where(Message.id > place)
        .order_by(Message.id)
        .limit(_AT_A_TIME)
        .with_for_update()
    ).all()
    if not rows:
        return DONE
    if any(row.status is MessageStatus.SENDING for row in rows):
        raise NotYet("A message to them is on its way to Meta. This goes on when its outcome is known.")
    ids = [row.id for row in rows]
    media_upkeep.note_files_of(ids)
    run(update(Message).where(Message.id.in_(ids)).values(**_EMPTY, content=_content()))
    job.count("whatsapp_messages", len(ids))
    _stop_asking(ids)
    _empty_what_hangs_on(job, ids)
    run(delete(SearchMessage).where(SearchMessage.id.in_(ids)))
    return int(ids[-1])


def _of_person(job: Job, *columns: Any) -> Any:
    """By conversation: that is what messages have an index for."""
    conversations = select(Conversation.id).where(Conversation.contact_id == job.contact_id)
    return select(*columns).where(Message.conversation_id.in_(conversations))


def _content() -> Any:
    """Which message template it was is a figure, and says nothing of the customer."""
    named = Message.content["name"].as_string()
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    build = func.json_object if is_sqlite else func.jsonb_build_object
    nothing = literal({}, JsonType)
    return case((Message.message_type == "template", build("name", func.coalesce(named, ""))), else_=nothing)


def _stop_asking(message_ids: Sequence[int]) -> None:
    """No language model is asked about what is gone."""
    waiting = BotTrace.message_id.in_(message_ids), BotTrace.outcome == BotOutcome.WAITING
    run(update(BotTrace).where(*waiting).values(outcome=BotOutcome.SILENT, lease_until=None))


def _empty_what_hangs_on(job: Job, message_ids: Sequence[int]) -> None:
    calls = update(GraphCall).where(GraphCall.message_id.in_(message_ids)).values(request="", answer="")
    job.count("graph_calls", run(calls))
    for name, treatment in TABLES.items():
        if isinstance(treatment, Gone | Emptied) and treatment.by is By.MESSAGE:
            _treat(job, name, treatment, message_ids)


def treat_other_rows(job: Job, _place: int) -> int:
    """Rows that hang on the contact or on a conversation: a handful each."""
    conversations = list(
        db.session.scalars(select(Conversation.id).where(Conversation.contact_id == job.contact_id))
    )
    media_upkeep.note_unsent_of(conversations)
    keys = {By.CONTACT: [job.contact_id], By.CONVERSATION: conversations}
    for name, treatment in TABLES.items():
        if isinstance(treatment, Gone | Emptied) and treatment.by in keys:
            _treat(job, name, treatment, keys[treatment.by])
    run(delete(SearchContact).where(SearchContact.id == job.contact_id))
    return DONE


def _treat(job: Job, name: str, treatment: Gone | Emptied, keys: Sequence[int]) -> None:
    table = Base.metadata.tables[name]
    if isinstance(treatment, Emptied) and not treatment.values:
        return
    belongs = table.c[treatment.by.value].in_(keys)
    statement: Any = (
        delete(table).where(belongs)
        if isinstance(treatment, Gone)
        else update(table).where(belongs).values(dict(treatment.values))
    )
    job.count(name, run(statement))


def wait_for_files(_job: Job, _place: int) -> int:
    """The store's own answer is waited for: a file that is still there is not erased."""
    db.session.rollback()
    media_upkeep.work_off_deletions()
    left = db.session.scalar(select(func.count(MediaDeletion.id)).where(MediaDeletion.attempts > 0))
    db.session.rollback()
    if left:
        raise NotYet("The media store does not delete a file just now. This goes on when it does.")
    return DONE


def delete_settled(job: Job, _place: int) -> int:
    """One number's oldest day at a time, as far as figures of its day can be settled; at the end the rest of
    the contact, if no message is left.
    """
    found = _next_day(job)
    if found is None:
        return DONE
    number_id, day, start, end = found
    # Before the first of them goes: a process that is killed in between leaves true figures.
    usage.settle_day(number_id, day)
    while _delete_batch(job, number_id, start, end):
        continue
    return 0


def _next_day(job: Job) -> tuple[int, date, datetime, datetime] | None:
    rows = db.session.execute(
        select(PhoneNumber.id, Account.time_zone)
        .join(Account, Account.id == PhoneNumber.account_id)
        .where(PhoneNumber.account_id == job.account_id)
        .order_by(PhoneNumber.id)
    ).all()
    for number_id, name in rows:
        there = zone_or_utc(name)
        settled = day_bounds(first_recent_day(there), there)[0]
        first = db.session.scalar(
            _of_person(job, func.min(Message.created_at)).where(
                Message.phone_number_id == number_id, Message.created_at < settled
            )
        )
        if first is not None:
            day = day_of(first, there)
            return number_id, day, *day_bounds(day, there)
    return None


def _delete_batch(job: Job, number_id: int, start: datetime, end: datetime) -> int:
    ids = list(
        db.session.scalars(
            _of_person(job, Message.id)
            .where(
                Message.phone_number_id == number_id, Message.created_at >= start, Message.created_at < end
            )
            .order_by(Message.id)
            .limit(_AT_A_TIME)
            .with_for_update()
        )
    )
    run(delete(Message).where(Message.id.in_(ids)))
    db.session.commit()
    return len(ids)


def drop_shell(job: Job) -> bool:
    """The nameless contact and its conversations, when nothing hangs on them any
    more; False while it does.
    """
    if db.session.scalar(_of_person(job, Message.id).limit(1)) is not None:
        return False
    for model, column in ((Conversation, Conversation.contact_id), (Contact, Contact.id)):
        run(delete(model).where(column == job.contact_id))
    return True
