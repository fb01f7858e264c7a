"""Reads of what all languages of a message template's name share: tags, who may send it, the fallback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, tuple_

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    MessageTemplate,
    MessageTemplateFamily,
    MessageTemplateStatus,
    MessageTemplateTag,
    Role,
)
from app.models.roles import roles_above
from app.queries.access import AccountScope

Key = tuple[int, str]
"""Account and name."""
_AT_ONCE = 500
_MOST_TAGS = 500
_IS_ITS_FAMILY = and_(
    MessageTemplateFamily.account_id == MessageTemplate.account_id,
    MessageTemplateFamily.name == MessageTemplate.name,
)


def find_family(account_id: int, name: str) -> MessageTemplateFamily | None:
    statement = select(MessageTemplateFamily).where(
        MessageTemplateFamily.account_id == account_id, MessageTemplateFamily.name == name
    )
    return db.session.scalar(statement)


def list_tags_of(family_id: int) -> list[str]:
    statement = select(MessageTemplateTag.tag).where(MessageTemplateTag.family_id == family_id)
    return sorted(db.session.scalars(statement))


def list_tags(scope: AccountScope, account_id: int | None = None) -> list[str]:
    """Every tag in use, to choose from."""
    statement = (
        select(MessageTemplateTag.tag)
        .join(MessageTemplateFamily, MessageTemplateFamily.id == MessageTemplateTag.family_id)
        .join(Account, Account.id == MessageTemplateFamily.account_id)
        .where(scope.covers(MessageTemplateFamily.account_id), Account.status != AccountStatus.ARCHIVED)
    )
    if account_id is not None:
        statement = statement.where(MessageTemplateFamily.account_id == account_id)
    return list(db.session.scalars(statement.distinct().order_by(MessageTemplateTag.tag).limit(_MOST_TAGS)))


def families_by_key(keys: Iterable[Key]) -> dict[Key, MessageTemplateFamily]:
    """Those that have a row; the others share nothing but their name."""
    found: dict[Key, MessageTemplateFamily] = {}
    for some in _some(keys):
        place = tuple_(MessageTemplateFamily.account_id, MessageTemplateFamily.name)
        for row in db.session.scalars(select(MessageTemplateFamily).where(place.in_(some))):
            found[row.account_id, row.name] = row
    return found


def tags_by_key(keys: Iterable[Key]) -> dict[Key, list[str]]:
    """Sorted; names without a tag are missing."""
    found: dict[Key, list[str]] = {}
    for some in _some(keys):
        place = tuple_(MessageTemplateFamily.account_id, MessageTemplateFamily.name)
        statement = (
            select(MessageTemplateFamily.account_id, MessageTemplateFamily.name, MessageTemplateTag.tag)
            .join(MessageTemplateTag, MessageTemplateTag.family_id == MessageTemplateFamily.id)
            .where(place.in_(some))
            .order_by(MessageTemplateTag.tag)
        )
        for row in db.session.execute(statement):
            found.setdefault((row.account_id, row.name), []).append(row.tag)
    return found


def list_variants(account_id: int, name: str) -> list[MessageTemplate]:
    """Every language of a name, deleted ones left out."""
    statement = (
        select(MessageTemplate)
        .where(
            MessageTemplate.account_id == account_id,
            MessageTemplate.name == name,
            MessageTemplate.status != MessageTemplateStatus.DELETED,
        )
        .order_by(MessageTemplate.language)
    )
    return list(db.session.scalars(statement))


def is_tagged(tag: str) -> ColumnElement[bool]:
    """Message templates with this tag."""
    return exists().where(
        _IS_ITS_FAMILY,
        MessageTemplateTag.family_id == MessageTemplateFamily.id,
        MessageTemplateTag.tag == tag,
    )


def is_tag_like(search: str) -> ColumnElement[bool]:
    return exists().where(
        _IS_ITS_FAMILY,
        MessageTemplateTag.family_id == MessageTemplateFamily.id,
        MessageTemplateTag.tag.icontains(search, autoescape=True),
    )


def is_open_to(role: Role | None) -> ColumnElement[bool]:
    """Message templates that somebody of this role may send."""
    return ~exists().where(_IS_ITS_FAMILY, MessageTemplateFamily.least_role.in_(roles_above(role)))


def _some(keys: Iterable[Key]) -> Iterable[list[Any]]:
    """As many at a time as one statement takes."""
    listed = sorted(set(keys))
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))
