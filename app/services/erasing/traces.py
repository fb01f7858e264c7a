"""What passed through and names the person: events, deliveries, calls to Meta, answers to programs, the audit
log, files of contacts.

Each walks its table by id, some thousand rows at a time, and looks at what was there when the erasing was
asked for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select, update

from app.extensions import db
from app.graph.webhooks import loads, parse
from app.models import (
    AuditEntry,
    ContactImport,
    ContactImportRow,
    ContactImportState,
    Conversation,
    EventState,
    GraphCall,
    Message,
    MessageStatusEvent,
    OutgoingDelivery,
    RepeatableRequest,
    WebhookEvent,
    WebhookEventKey,
    utcnow,
)
from app.services import event_keys
from app.services.erasing.cutting import cut_out
from app.services.erasing.progress import DONE, Job, NotYet, run
from app.services.erasing.subject import Subject

_SPAN = 5_000
"""Ids that one statement looks through."""
_EVENTS_AT_A_TIME = 100
_ANSWERS_AT_A_TIME = 200
_TELLING = 8
"""So many last digits of a number are hardly anybody else's."""
_NO_DIGIT = re.compile(rb"\D")
_WAMID = re.compile(r"wamid\.[\w+/=-]+")
_ABOUT_PEOPLE = ("contact", "contacts", "conversation", "message", "media")
BLANKED: dict[str, Any] = {"erased": "Details are gone: the customer was erased."}
"""What stands in the details of an entry that named the person."""


def wait_for_events(job: Job, _place: int) -> int:
    """What came in before is worked off first: a message in it would otherwise come
    back as somebody new's.
    """
    pending = select(WebhookEvent.id).where(
        WebhookEvent.state == EventState.PENDING, WebhookEvent.received_at <= job.before
    )
    if db.session.scalar(pending.limit(1)) is not None:
        raise NotYet("Events that came in before are still being worked off. This goes on after them.")
    return DONE


def cut_events(job: Job, place: int) -> int:
    """Found by their keys, and parts of theirs that were parked."""
    keys = [f"{event_keys.PERSON}{number}" for number in job.subject.numbers]
    keys += [f"{event_keys.USER}{user_id}" for user_id in job.subject.user_ids]
    named = select(WebhookEventKey.event_id).where(WebhookEventKey.key.in_(keys))
    found = or_(WebhookEvent.id.in_(named), WebhookEvent.parent_id.in_(named))
    return _cut(job, place, found)


def cut_parked_events(job: Job, place: int) -> int:
    """Those nobody could read have no keys; there are few."""
    return _cut(job, place, WebhookEvent.state == EventState.PARKED)


def _cut(job: Job, place: int, found: ColumnElement[bool]) -> int:
    is_ours = or_(WebhookEvent.account_id == job.account_id, WebhookEvent.account_id.is_(None))
    statement = (
        select(WebhookEvent)
        .where(found, is_ours, WebhookEvent.id > place, WebhookEvent.received_at <= job.before)
        .order_by(WebhookEvent.id)
        .limit(_EVENTS_AT_A_TIME)
        .with_for_update()
    )
    events = list(db.session.scalars(statement))
    if not events:
        return DONE
    last = events[-1].id
    touched = [event for event in events if _names(event, job.subject)]
    for event in touched:
        _cut_one(event, job.subject)
    job.count("whatsapp_webhook_events", len(touched))
    return last


def _names(event: WebhookEvent, subject: Subject) -> bool:
    return subject.stands_in(event.body.decode("utf-8", "replace")) or subject.stands_in(event.reason)


def _cut_one(event: WebhookEvent, subject: Subject) -> None:
    left = cut_out(event.body, subject)
    if left is None:
        db.session.delete(event)
        db.session.flush()
        return
    event.body, event.body_sha256 = left, hashlib.sha256(left).hexdigest()
    if subject.stands_in(event.reason):
        event.reason = ""
    run(delete(WebhookEventKey).where(WebhookEventKey.event_id == event.id))
    db.session.flush()
    event_keys.store([(event.id, parse(loads(left)).items)])


def drop_deliveries(job: Job, place: int) -> int:
    """An event that waits to be told is not told any more."""

    def drop(here: ColumnElement[bool]) -> int:
        named = job.subject.condition(OutgoingDelivery.body)
        return run(
            delete(OutgoingDelivery).where(
                here,
                OutgoingDelivery.account_id == job.account_id,
                OutgoingDelivery.created_at <= job.before,
                named,
            )
        )

    return _walk(job, place, OutgoingDelivery.id, "outgoing_deliveries", drop)


def empty_calls(job: Job, place: int) -> int:
    """Calls that carry the number, or the id of one of the person's messages (marked as read, say). They
    stay, as counts.
    """

    def empty(here: ColumnElement[bool]) -> int:
        ours = and_(here, GraphCall.account_id == job.account_id, GraphCall.at <= job.before)
        ids = set(
            db.session.scalars(
                select(GraphCall.id).where(ours, job.subject.condition(GraphCall.request, GraphCall.answer))
            )
        )
        ids |= set(_calls_about_messages(job, ours))
        return run(update(GraphCall).where(GraphCall.id.in_(ids)).values(request="", answer="")) if ids else 0

    return _walk(job, place, GraphCall.id, "graph_calls", empty)


def _calls_about_messages(job: Job, ours: ColumnElement[bool]) -> Iterable[int]:
    rows = db.session.execute(
        select(GraphCall.id, GraphCall.request).where(
            ours, GraphCall.message_id.is_(None), GraphCall.request.contains("wamid.")
        )
    ).all()
    named = {row.id: set(_WAMID.findall(row.request)) for row in rows}
    wanted = {wamid for wamids in named.values() for wamid in wamids}
    known = set(
        db.session.scalars(
            select(Message.wamid).where(
                Message.account_id == job.account_id,
                Message.contact_id == job.contact_id,
                Message.wamid.in_(wanted),
            )
        )
    )
    return [id_ for id_, wamids in named.items() if wamids & known]


def drop_stray_statuses(job: Job, place: int) -> int:
    """Of messages that are not known here, where Meta's words quote the number."""

    def drop(here: ColumnElement[bool]) -> int:
        return run(
            delete(MessageStatusEvent).where(
                here,
                MessageStatusEvent.account_id == job.account_id,
                MessageStatusEvent.message_id.is_(None),
                job.subject.condition(MessageStatusEvent.details),
            )
        )

    return _walk(job, place, MessageStatusEvent.id, "message_status_events", drop)


def blank_audit_entries(job: Job, place: int) -> int:
    """The log is never changed: an entry that names the person gives way to one that says the same without
    them.
    """
    conversations = select(Conversation.id).where(Conversation.contact_id == job.contact_id)
    own = {("contact", str(job.contact_id))}
    own |= {("conversation", str(id_)) for id_ in db.session.scalars(conversations)}
    about_them = or_(
        False,
        *(and_(AuditEntry.object_type == kind, AuditEntry.object_id == id_) for kind, id_ in sorted(own)),
    )

    def blank(here: ColumnElement[bool]) -> int:
        is_ours = or_(AuditEntry.account_id == job.account_id, AuditEntry.account_id.is_(None))
        named = job.subject.condition(AuditEntry.details, AuditEntry.object_id)
        told = and_(
            AuditEntry.object_type.in_(_ABOUT_PEOPLE),
            job.subject.condition(AuditEntry.details, with_names=True),
        )
        statement = select(AuditEntry.__table__).where(
            here, is_ours, AuditEntry.at <= job.before, or_(about_them, named, told)
        )
        rows = [dict(row) for row in db.session.execute(statement).mappings()]
        rows = [row for row in rows if row["details"] and row["details"] != BLANKED]
        if rows:
            run(delete(AuditEntry).where(AuditEntry.id.in_([row["id"] for row in rows])))
            db.session.execute(
                insert(cast(Table, AuditEntry.__table__)), [{**row, "details": BLANKED} for row in rows]
            )
        return len(rows)

    return _walk(job, place, AuditEntry.id, "audit_log", blank)


def forget_answers(job: Job, place: int) -> int:
    """Answers to programs are encrypted, so each is looked at. Asked again under the same key a program hears
    that nobody knows the outcome: nothing is ever done twice.
    """
    rows = db.session.execute(
        select(RepeatableRequest.id, RepeatableRequest.answer)
        .where(RepeatableRequest.id > place, RepeatableRequest.started_at <= job.before)
        .order_by(RepeatableRequest.id)
        .limit(_ANSWERS_AT_A_TIME)
    ).all()
    if not rows:
        return DONE
    named = [row.id for row in rows if row.answer is not None and job.subject.stands_in(row.answer.reveal())]
    if named:
        run(update(RepeatableRequest).where(RepeatableRequest.id.in_(named)).values(answer=None))
    job.count("repeatable_requests", len(named))
    return int(rows[-1].id)


def empty_imports(job: Job, _place: int) -> int:
    """What files said of them, and files that wait and would bring them back."""
    belongs = ContactImportRow.contact_id == job.contact_id
    in_account = ContactImportRow.import_id.in_(
        select(ContactImport.id).where(ContactImport.account_id == job.account_id)
    )
    named = job.subject.condition(ContactImportRow.cells, ContactImportRow.error)
    emptied = (
        update(ContactImportRow)
        .where(in_account, or_(belongs, named))
        .values(before={}, after={}, cells=[], error="")
    )
    job.count("contact_import_rows", run(emptied))
    _let_go_of_files(job)
    return DONE


def _let_go_of_files(job: Job) -> None:
    statement = select(ContactImport).where(
        ContactImport.account_id == job.account_id, ContactImport.content.is_not(None)
    )
    for row in db.session.scalars(statement.with_for_update()):
        if row.state in (ContactImportState.WORKING, ContactImportState.UNDOING):
            raise NotYet("A file of contacts is being taken over. This goes on when that is done.")
        if _may_name(row.content or b"", job.subject):
            row.state, row.content, row.finished_at = ContactImportState.FAILED, None, utcnow()
            row.error = (
                "A customer was erased while this file waited, and the file may name them. Take them out of "
                "it, then bring it again."
            )
            job.count("contact_imports", 1)


def _may_name(content: bytes, subject: Subject) -> bool:
    """By the number's last digits, however it is spelt and in whichever encoding."""
    digits = _NO_DIGIT.sub(b"", content)
    numbers = (number[-_TELLING:].encode() for number in subject.numbers)
    return any(number in digits for number in numbers) or any(
        user_id.encode() in content for user_id in subject.user_ids
    )


def _walk(job: Job, place: int, id_: Any, name: str, work: Callable[[ColumnElement[bool]], int]) -> int:
    """Some thousand ids further; DONE behind the last one."""
    last = db.session.scalar(select(func.max(id_))) or 0
    if place >= last:
        return DONE
    first = db.session.scalar(select(func.min(id_)).where(id_ > place)) or last
    end = first + _SPAN
    job.count(name, work(and_(id_ >= first, id_ < end)))
    return int(end - 1)
