"""Reads of what a message template was before."""

from __future__ import annotations

from sqlalchemy import func, select

from app.errors import NotFound
from app.extensions import db
from app.models import MessageTemplate, MessageTemplateChange, MessageTemplateVersion, User, VersionOrigin
from app.queries.slices import Slice, Turn, fetch_slice

MOST_SHOWN = 100


def list_versions(row: MessageTemplate, limit: int = MOST_SHOWN) -> list[MessageTemplateVersion]:
    """Newest first."""
    statement = (
        select(MessageTemplateVersion)
        .where(MessageTemplateVersion.message_template_id == row.id)
        .order_by(MessageTemplateVersion.number.desc())
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def slice_versions(row: MessageTemplate, turn: Turn | None, limit: int) -> Slice[MessageTemplateVersion]:
    """Newest first, page by page."""
    statement = select(MessageTemplateVersion).where(MessageTemplateVersion.message_template_id == row.id)
    return fetch_slice(statement, MessageTemplateVersion, turn=turn, limit=limit, by="at")


def count_versions(row: MessageTemplate) -> int:
    statement = select(func.count(MessageTemplateVersion.id)).where(
        MessageTemplateVersion.message_template_id == row.id
    )
    return db.session.scalar(statement) or 0


def find_version(row: MessageTemplate, number: int | None) -> MessageTemplateVersion | None:
    statement = select(MessageTemplateVersion).where(
        MessageTemplateVersion.message_template_id == row.id, MessageTemplateVersion.number == number
    )
    return db.session.scalar(statement)


def get_version(row: MessageTemplate, number: int) -> MessageTemplateVersion:
    """Raises NotFound."""
    version = find_version(row, number)
    if version is None:
        raise NotFound(f"This message template has no version {number}.")
    return version


def find_change(row: MessageTemplate) -> MessageTemplateChange | None:
    """What somebody has written and not sent to Meta yet."""
    statement = select(MessageTemplateChange).where(MessageTemplateChange.message_template_id == row.id)
    return db.session.scalar(statement)


def find_change_author(change: MessageTemplateChange | None) -> str:
    """The name of whoever saved it last; empty when that is not known any more."""
    user = db.session.get(User, change.saved_by_id) if change is not None and change.saved_by_id else None
    return user.display_name if user is not None else ""


def find_newer_text(row: MessageTemplate, change: MessageTemplateChange) -> MessageTemplateVersion | None:
    """The text that came to Meta, or was found there, after `change` was last saved."""
    statement = (
        select(MessageTemplateVersion)
        .where(
            MessageTemplateVersion.message_template_id == row.id,
            MessageTemplateVersion.origin.in_((VersionOrigin.META, VersionOrigin.EDITED)),
            MessageTemplateVersion.at > change.updated_at,
        )
        .order_by(MessageTemplateVersion.number.desc())
        .limit(1)
    )
    return db.session.scalar(statement)
