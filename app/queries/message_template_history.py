"""What the audit log says about message templates, for rules that look back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, MessageTemplate

STATUS = "message_template.status"
QUALITY = "message_template.quality"
CATEGORY = "message_template.category"
ANNOUNCED = "message_template.category_announced"
RESUBMITTED = "message_template.resubmitted"
SYNCED = "message_templates.synced"
_MOST = 500


def list_entries(
    row: MessageTemplate, *actions: str, since: datetime | None = None, limit: int = _MOST
) -> list[AuditEntry]:
    """Of one message template, newest first."""
    statement = (
        select(AuditEntry)
        .where(
            AuditEntry.account_id == row.account_id,
            AuditEntry.object_type == "message_template",
            AuditEntry.object_id == str(row.id),
            AuditEntry.action.in_(actions),
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    if since is not None:
        statement = statement.where(AuditEntry.at > since)
    return list(db.session.scalars(statement))


def list_of_named(account_id: int, name: str, language: str, since: datetime) -> list[AuditEntry]:
    """States that one of this name and language came to, newest first, whatever its row is called now."""
    statement = (
        select(AuditEntry)
        .where(
            AuditEntry.account_id == account_id,
            AuditEntry.action == STATUS,
            AuditEntry.at > since,
            AuditEntry.details["name"].as_string() == name,
            AuditEntry.details["language"].as_string() == language,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(_MOST)
    )
    return list(db.session.scalars(statement))


def list_announced(rows: Iterable[MessageTemplate]) -> dict[int, AuditEntry]:
    """By our id: the latest announcement of another category, for those that await one."""
    ids = [str(row.id) for row in rows if row.correct_category]
    if not ids:
        return {}
    statement = (
        select(AuditEntry)
        .where(
            AuditEntry.object_type == "message_template",
            AuditEntry.object_id.in_(ids),
            AuditEntry.action == ANNOUNCED,
        )
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return {int(entry.object_id): entry for entry in db.session.scalars(statement)}


def find_synced(entry_id: int) -> AuditEntry | None:
    statement = select(AuditEntry).where(AuditEntry.id == entry_id, AuditEntry.action == SYNCED)
    return db.session.scalar(statement)


def find_last_synced(account_id: int) -> AuditEntry | None:
    """The last time that a look at Meta found something new."""
    statement = (
        select(AuditEntry)
        .where(AuditEntry.account_id == account_id, AuditEntry.action == SYNCED)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)
