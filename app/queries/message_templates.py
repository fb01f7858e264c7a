"""Reads of message templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import contains_eager

from app.errors import NotFound
from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    AuditEntry,
    MessageTemplate,
    MessageTemplateStatus,
    Role,
)
from app.queries.access import AccountScope
from app.queries.message_template_families import is_open_to, is_tag_like, is_tagged
from app.queries.slices import Slice, Turn, fetch_slice

LIST_LENGTH = 50
QUALITIES = ("GREEN", "YELLOW", "RED")
UNRATED = "UNKNOWN"
_HISTORY_LENGTH = 20


@dataclass(frozen=True)
class MessageTemplateFilters:
    """What the list is narrowed to. Deleted ones are shown only when asked for by `status`."""

    account_id: int | None = None
    status: MessageTemplateStatus | None = None
    language: str = ""
    category: str = ""
    search: str = ""
    quality: str = ""
    """Meta's word; UNKNOWN are all that have none of the others."""
    tag: str = ""

    @property
    def is_narrowed(self) -> bool:
        words = (self.language, self.category, self.search, self.quality, self.tag)
        return bool(self.status or any(words))


def conditions_of(scope: AccountScope, filters: MessageTemplateFilters) -> list[ColumnElement[bool]]:
    """What may be seen and what the filters say, for a statement that is joined with the account."""
    return [_visible(scope), *_conditions(filters)]


def slice_message_templates(
    scope: AccountScope, filters: MessageTemplateFilters, turn: Turn | None, limit: int
) -> Slice[MessageTemplate]:
    """Newest first, page by page."""
    statement = select(MessageTemplate).join(MessageTemplate.account).where(*conditions_of(scope, filters))
    return fetch_slice(statement, MessageTemplate, turn=turn, limit=limit)


def count_by_status(scope: AccountScope, account_id: int | None = None) -> dict[MessageTemplateStatus, int]:
    """How many there are in each state, deleted ones left out."""
    statement = (
        select(MessageTemplate.status, func.count(MessageTemplate.id))
        .join(MessageTemplate.account)
        .where(_visible(scope), *_conditions(MessageTemplateFilters(account_id=account_id)))
        .group_by(MessageTemplate.status)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def list_languages(scope: AccountScope, account_id: int | None = None) -> list[str]:
    statement = (
        select(MessageTemplate.language)
        .join(MessageTemplate.account)
        .where(_visible(scope), *_conditions(MessageTemplateFilters(account_id=account_id)))
        .distinct()
        .order_by(MessageTemplate.language)
    )
    return list(db.session.scalars(statement))


def list_sendable(
    account_id: int, search: str = "", limit: int = LIST_LENGTH, *, role: Role | None
) -> list[MessageTemplate]:
    """Approved ones of an account that this role may send by hand, by name."""
    filters = MessageTemplateFilters(account_id, MessageTemplateStatus.APPROVED, search=search)
    statement = (
        select(MessageTemplate)
        .where(*_conditions(filters), is_open_to(role))
        .order_by(MessageTemplate.name, MessageTemplate.language)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def get_message_template(message_template_id: int, scope: AccountScope) -> MessageTemplate:
    """With its account. Raises NotFound outside the scope."""
    statement = (
        select(MessageTemplate)
        .join(MessageTemplate.account)
        .options(contains_eager(MessageTemplate.account))
        .where(MessageTemplate.id == message_template_id, _visible(scope))
    )
    message_template: MessageTemplate | None = db.session.scalar(statement)
    if message_template is None:
        raise NotFound("There is no such message template.")
    return message_template


def find_sendable(
    account_id: int, message_template_id: int | None, *, role: Role | None
) -> MessageTemplate | None:
    """An approved one of this account that this role may send by hand."""
    statement = select(MessageTemplate).where(
        MessageTemplate.id == message_template_id,
        MessageTemplate.account_id == account_id,
        MessageTemplate.status == MessageTemplateStatus.APPROVED,
        is_open_to(role),
    )
    return db.session.scalar(statement)


def find_by_meta_id(account_id: int, meta_id: str) -> MessageTemplate | None:
    statement = select(MessageTemplate).where(
        MessageTemplate.account_id == account_id, MessageTemplate.meta_id == meta_id
    )
    return db.session.scalar(statement)


def find_by_name(account_id: int, name: str, language: str) -> MessageTemplate | None:
    statement = select(MessageTemplate).where(
        MessageTemplate.account_id == account_id,
        MessageTemplate.name == name,
        MessageTemplate.language == language,
    )
    return db.session.scalar(statement)


def list_of_account(account_id: int) -> list[MessageTemplate]:
    """All of them, deleted ones too."""
    return list(db.session.scalars(select(MessageTemplate).where(MessageTemplate.account_id == account_id)))


def list_by_names(account_id: int, names: Iterable[str]) -> list[MessageTemplate]:
    """Every language of these names, whatever its state."""
    wanted = set(names)
    if not wanted:
        return []
    statement = select(MessageTemplate).where(
        MessageTemplate.account_id == account_id, MessageTemplate.name.in_(wanted)
    )
    return list(db.session.scalars(statement))


def list_by_body(account_id: int, text: str) -> list[MessageTemplate]:
    """Those with exactly this body, whatever their state."""
    statement = select(MessageTemplate).where(
        MessageTemplate.account_id == account_id, MessageTemplate.body_text == text
    )
    return list(db.session.scalars(statement))


def list_history(message_template: MessageTemplate) -> list[AuditEntry]:
    """What happened to it, newest first."""
    statement = (
        select(AuditEntry)
        .where(
            AuditEntry.account_id == message_template.account_id,
            AuditEntry.object_type == "message_template",
            AuditEntry.object_id == str(message_template.id),
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(_HISTORY_LENGTH)
    )
    return list(db.session.scalars(statement))


def _visible(scope: AccountScope) -> ColumnElement[bool]:
    return scope.covers(MessageTemplate.account_id) & (Account.status != AccountStatus.ARCHIVED)


def _conditions(filters: MessageTemplateFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.account_id is not None:
        conditions.append(MessageTemplate.account_id == filters.account_id)
    if filters.status is not None:
        conditions.append(MessageTemplate.status == filters.status)
    else:
        conditions.append(MessageTemplate.status != MessageTemplateStatus.DELETED)
    if filters.language:
        conditions.append(MessageTemplate.language == filters.language)
    if filters.category:
        conditions.append(MessageTemplate.category == filters.category)
    if filters.quality:
        conditions.append(_is_rated(filters.quality))
    if filters.tag:
        conditions.append(is_tagged(filters.tag))
    if filters.search:
        conditions.append(_matches(filters.search))
    return conditions


def _is_rated(quality: str) -> ColumnElement[bool]:
    if quality == UNRATED:
        return MessageTemplate.quality_score.not_in(QUALITIES)
    return MessageTemplate.quality_score == quality


def _matches(search: str) -> ColumnElement[bool]:
    return or_(
        MessageTemplate.name.icontains(search.strip().replace(" ", "_"), autoescape=True),
        MessageTemplate.body_text.icontains(search, autoescape=True),
        is_tag_like(search),
    )
