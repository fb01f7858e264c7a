"""How long each kind of data is kept: one table, for the hourly clean-up and for the command `purge`.

What is old goes some rows at a time, each batch in a transaction of its own: nobody waits for a long delete.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, inspect, or_, select, tuple_

from app.extensions import db
from app.models import (
    Account,
    AccountHealthLog,
    AccountStatus,
    AuditEntry,
    BotTrace,
    ConversationCase,
    ConversationEvent,
    ConversationNote,
    Draft,
    EventState,
    GraphCall,
    HealthAlert,
    HealthChange,
    HealthSignal,
    JobRun,
    ListChange,
    Mail,
    MediaFile,
    MediaState,
    Message,
    NumberActiveHour,
    OutgoingDelivery,
    OutgoingFile,
    PlannedMessage,
    SignInAttempt,
    UserSession,
    WebhookEvent,
    utcnow,
)
from app.queries.outgoing_files import is_left
from app.services import media_upkeep, message_upkeep
from config import Settings

_AT_A_TIME = 1_000
_KEPT_OPEN = timedelta(days=30)
"""What never got delivered, since its address is switched off, is of no more use then."""

Old = Callable[[datetime, Settings], ColumnElement[bool]]


@dataclass(frozen=True)
class Kind:
    """One kind of data. `days`: how long it is kept, 0 for ever; `is_old`: which rows go, given the moment
    before which they are old; `let_go`: for what is more than rows."""

    name: str
    words: str
    days: Callable[[Settings], int]
    model: Any
    is_old: Old
    let_go: Callable[[int], int] | None = None


def _worked_off(before: datetime, _settings: Settings) -> ColumnElement[bool]:
    """Parked events stay until somebody has looked, and so does the post that a parked part came in."""
    finished = (EventState.PROCESSED, EventState.DUPLICATE, EventState.IGNORED)
    parked_parts = select(WebhookEvent.parent_id).where(
        WebhookEvent.state == EventState.PARKED, WebhookEvent.parent_id.is_not(None)
    )
    return and_(
        WebhookEvent.state.in_(finished),
        WebhookEvent.received_at < before,
        WebhookEvent.id.not_in(parked_parts),
    )


def _delivered(before: datetime, _settings: Settings) -> ColumnElement[bool]:
    """What is still to be delivered stays for a month."""
    return and_(
        OutgoingDelivery.created_at < before,
        or_(OutgoingDelivery.finished_at.is_not(None), OutgoingDelivery.created_at < utcnow() - _KEPT_OPEN),
    )


def _ended(before: datetime, settings: Settings) -> ColumnElement[bool]:
    """Signed out, or past the longest life of a session; never one that is still open."""
    ran_out = before - timedelta(seconds=settings.session_absolute_s)
    return or_(UserSession.revoked_at < before, UserSession.created_at < ran_out)


def _looked_at(before: datetime, _settings: Settings) -> ColumnElement[bool]:
    """News about accounts: those that no check has taken up yet stay while their account is in use."""
    in_use = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)
    unused = HealthSignal.account_id.not_in(select(Account.id).where(Account.status.in_(in_use)))
    return and_(HealthSignal.at < before, or_(HealthSignal.handled_at.is_not(None), unused))


def _stored(before: datetime, _settings: Settings) -> ColumnElement[bool]:
    return and_(MediaFile.state == MediaState.STORED, MediaFile.stored_at < before)


KINDS = (
    Kind(
        "messages",
        "messages with their files",
        lambda s: s.message_retention_days,
        Message,
        lambda before, _: message_upkeep.is_old(before),
        message_upkeep.let_go_of_old,
    ),
    Kind("webhook-events", "webhook events", lambda s: s.retention_days, WebhookEvent, _worked_off),
    Kind(
        "graph-calls",
        "calls to Meta",
        lambda s: s.graph_call_retention_days,
        GraphCall,
        lambda before, _: GraphCall.at < before,
    ),
    Kind("deliveries", "outgoing deliveries", lambda s: s.retention_days, OutgoingDelivery, _delivered),
    Kind(
        "bot-traces",
        "decisions of the bot",
        lambda s: s.bot_trace_retention_days,
        BotTrace,
        lambda before, _: BotTrace.created_at < before,
    ),
    # As long as the messages that they stand between.
    Kind(
        "notes",
        "notes of colleagues",
        lambda s: s.message_retention_days,
        ConversationNote,
        lambda before, _: ConversationNote.at < before,
    ),
    Kind(
        "drafts",
        "drafts of messages",
        lambda s: s.message_retention_days,
        Draft,
        lambda before, _: Draft.updated_at < before,
    ),
    Kind(
        "planned-messages",
        "messages planned for a time that is past",
        lambda s: s.message_retention_days,
        PlannedMessage,
        lambda before, _: PlannedMessage.send_at < before,
    ),
    Kind(
        "conversation-events",
        "who had or closed a conversation",
        lambda s: s.message_retention_days,
        ConversationEvent,
        lambda before, _: ConversationEvent.at < before,
    ),
    # An undo is offered for minutes.
    Kind(
        "list-changes",
        "what was done to many conversations at once",
        lambda _: 1,
        ListChange,
        lambda before, _: ListChange.created_at < before,
    ),
    Kind(
        "conversation-cases",
        "times to answer and to close",
        lambda s: s.message_retention_days,
        ConversationCase,
        lambda before, _: ConversationCase.began_at < before,
    ),
    Kind(
        "media",
        "files of messages",
        lambda s: s.media_retention_days,
        MediaFile,
        _stored,
        media_upkeep.let_go_of_old,
    ),
    # The window in which they could be sent is long over.
    Kind(
        "unsent-files",
        "files that were chosen and not sent",
        lambda _: 2,
        OutgoingFile,
        lambda before, _: is_left(before),
        media_upkeep.let_go_of_unsent,
    ),
    Kind(
        "health-logs",
        "health checks",
        lambda _: 90,
        AccountHealthLog,
        lambda before, _: AccountHealthLog.checked_at < before,
    ),
    Kind(
        "health-changes",
        "changes that health checks found",
        lambda _: 90,
        HealthChange,
        lambda before, _: HealthChange.at < before,
    ),
    Kind(
        "health-alerts",
        "alerts that are over",
        lambda _: 90,
        HealthAlert,
        lambda before, _: HealthAlert.closed_at < before,
    ),
    Kind("health-signals", "news about accounts, looked at", lambda _: 90, HealthSignal, _looked_at),
    Kind("mail", "e-mails", lambda s: s.retention_days, Mail, lambda before, _: Mail.created_at < before),
    Kind(
        "active-hours",
        "hours in which numbers were active",
        lambda _: 60,
        NumberActiveHour,
        lambda before, _: NumberActiveHour.hour_at < before,
    ),
    Kind(
        "sign-in-attempts",
        "tries to sign in",
        lambda _: 30,
        SignInAttempt,
        lambda before, _: SignInAttempt.at < before,
    ),
    Kind("sessions", "ended sessions", lambda _: 30, UserSession, _ended),
    Kind("job-runs", "runs of periodic jobs", lambda _: 7, JobRun, lambda before, _: JobRun.due_at < before),
    Kind(
        "audit-log",
        "entries of the audit log",
        lambda s: s.audit_retention_days,
        AuditEntry,
        lambda before, _: AuditEntry.at < before,
    ),
)


def count_old(kind: Kind, settings: Settings, days: int) -> int:
    """How many of them are older than so many days; 0 days keeps all."""
    if days <= 0:
        return 0
    counting = select(func.count()).select_from(kind.model).where(kind.is_old(_before(days), settings))
    found = db.session.scalar(counting)
    db.session.rollback()
    return found or 0


def purge(kind: Kind, settings: Settings, days: int) -> int:
    """Let go of what is older than so many days, and answer how many; 0 days keeps all."""
    if days <= 0:
        return 0
    if kind.let_go is not None:
        return kind.let_go(days)
    key = tuple_(*inspect(kind.model).primary_key)
    old = select(*inspect(kind.model).primary_key).where(kind.is_old(_before(days), settings))
    gone = 0
    while keys := [tuple(row) for row in db.session.execute(old.limit(_AT_A_TIME))]:
        db.session.execute(
            delete(kind.model).where(key.in_(keys)), execution_options={"synchronize_session": False}
        )
        db.session.commit()
        gone += len(keys)
    db.session.rollback()
    return gone


def _before(days: int) -> datetime:
    return utcnow() - timedelta(days=days)


def clean_up(settings: Settings) -> None:
    """Let go of every kind's old rows, as the settings say."""
    for kind in KINDS:
        purge(kind, settings, kind.days(settings))
