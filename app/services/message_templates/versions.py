"""Versions of a message template: what its text was, who wrote it and when. The caller commits."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import MessageTemplate, MessageTemplateVersion, VersionOrigin, utcnow
from app.queries.access import SYSTEM, Actor

_ONE_SITTING = timedelta(minutes=10)


def keep_version(row: MessageTemplate, origin: VersionOrigin, actor: Actor = SYSTEM) -> bool:
    """Keep how `row` stands now, if that is new; whether a version was begun by it.

    What the same person goes on saving within ten minutes is one version, not a hundred.
    """
    latest = _latest(row)
    if latest is not None and _is_same(latest, row):
        if origin is not VersionOrigin.SAVED:
            latest.origin = origin
        return False
    if latest is not None and origin is VersionOrigin.SAVED and _goes_on(latest, actor):
        _copy(latest, row)
        latest.at = utcnow()
        return False
    version = MessageTemplateVersion(
        message_template_id=row.id,
        number=latest.number + 1 if latest is not None else 1,
        origin=origin,
        user_id=actor.user.id if actor.user else None,
        api_key_id=actor.api_key.id if actor.api_key else None,
        actor_name="Meta" if origin is VersionOrigin.META else actor.name,
    )
    _copy(version, row)
    db.session.add(version)
    return True


def keep_first(row: MessageTemplate) -> None:
    """Before it is changed: how it stood when versions were not kept yet."""
    if _latest(row) is None:
        keep_version(row, VersionOrigin.META if row.meta_id else VersionOrigin.SAVED)


def latest_number(row: MessageTemplate) -> int:
    latest = _latest(row)
    return latest.number if latest is not None else 0


def last_saved_by(row: MessageTemplate) -> int | None:
    """The id of the person who saved it last, if it was one."""
    latest = _latest(row)
    return latest.user_id if latest is not None else None


def _latest(row: MessageTemplate) -> MessageTemplateVersion | None:
    statement = (
        select(MessageTemplateVersion)
        .where(MessageTemplateVersion.message_template_id == row.id)
        .order_by(MessageTemplateVersion.number.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def _is_same(version: MessageTemplateVersion, row: MessageTemplate) -> bool:
    columns = ("category", "parameter_format", "components", "options")
    return all(getattr(version, name) == getattr(row, name) for name in columns)


def _goes_on(version: MessageTemplateVersion, actor: Actor) -> bool:
    is_own = actor.user is not None and version.user_id == actor.user.id
    is_open = version.origin is VersionOrigin.SAVED and utcnow() - version.at < _ONE_SITTING
    return is_own and is_open


def _copy(version: MessageTemplateVersion, row: MessageTemplate) -> None:
    version.category = row.category
    version.parameter_format = row.parameter_format
    version.components = list(row.components)
    version.options = dict(row.options)
