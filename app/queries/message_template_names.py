"""The list of message templates, a row a name: all its languages, what they share, how often it was sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import MessageTemplate, MessageTemplateFamily, MessageTemplateStatus, Role
from app.queries.access import AccountScope
from app.queries.message_template_families import Key, families_by_key, tags_by_key
from app.queries.message_template_usage import NameUsage, sum_names
from app.queries.message_templates import LIST_LENGTH, MessageTemplateFilters, conditions_of

_AT_ONCE = 500


class Order(StrEnum):
    """How the list is sorted."""

    NAME = "name"
    NEWEST = "newest"
    USED = "used"


@dataclass(frozen=True)
class NameRow:
    """One name of an account. `languages` are all there are, whether the filters fit each of them or not."""

    account_id: int
    name: str
    languages: list[MessageTemplate]
    family: MessageTemplateFamily | None = None
    tags: list[str] = field(default_factory=list)
    usage: NameUsage = field(default_factory=NameUsage)

    @property
    def first(self) -> MessageTemplate:
        """Whose words stand for all: one that can be sent, if there is one."""
        return next((row for row in self.languages if row.is_sendable), self.languages[0])

    @property
    def least_role(self) -> Role:
        return self.family.least_role if self.family is not None else Role.AGENT

    @property
    def created_at(self) -> datetime:
        """Of its newest language."""
        return max(row.created_at for row in self.languages)


@dataclass(frozen=True)
class NamePage:
    """`page` counts from 1 and is the last one where a later one was asked for; `total` counts names."""

    rows: list[NameRow]
    page: int
    total: int

    @property
    def has_more(self) -> bool:
        return self.page * LIST_LENGTH < self.total


def list_names(scope: AccountScope, filters: MessageTemplateFilters, order: Order, page: int = 1) -> NamePage:
    """Names of which some language fits the filters."""
    found = _ordered(_matching_names(scope, filters), order)
    page = max(1, min(page, -(-len(found) // LIST_LENGTH)))
    start = (page - 1) * LIST_LENGTH
    shown = [key for key, _ in found[start : start + LIST_LENGTH]]
    return NamePage(build_rows(shown, with_deleted=_is_for_deleted(filters)), page, len(found))


def list_keys(scope: AccountScope, filters: MessageTemplateFilters) -> list[Key]:
    """All of them, by name."""
    return sorted(_matching_names(scope, filters), key=lambda key: (key[1], key[0]))


def build_rows(keys: Sequence[Key], *, with_deleted: bool = False) -> list[NameRow]:
    """With all that a row shows, in the order of the keys."""
    languages = load_languages(keys, with_deleted=with_deleted)
    families, tags = families_by_key(keys), tags_by_key(keys)
    usage = sum_names({account_id for account_id, _ in keys})
    return [
        NameRow(
            account_id,
            name,
            languages[account_id, name],
            families.get((account_id, name)),
            tags.get((account_id, name), []),
            usage.get((account_id, name), NameUsage()),
        )
        for account_id, name in keys
        if (account_id, name) in languages
    ]


def load_languages(keys: Iterable[Key], *, with_deleted: bool = False) -> dict[Key, list[MessageTemplate]]:
    """By language, with their account."""
    listed = list(keys)
    found: dict[Key, list[MessageTemplate]] = {}
    for start in range(0, len(listed), _AT_ONCE):
        place = tuple_(MessageTemplate.account_id, MessageTemplate.name)
        statement = (
            select(MessageTemplate)
            .options(joinedload(MessageTemplate.account))
            .where(place.in_(listed[start : start + _AT_ONCE]))
            .order_by(MessageTemplate.language)
        )
        if not with_deleted:
            statement = statement.where(MessageTemplate.status != MessageTemplateStatus.DELETED)
        for row in db.session.scalars(statement):
            found.setdefault((row.account_id, row.name), []).append(row)
    return found


def _matching_names(scope: AccountScope, filters: MessageTemplateFilters) -> dict[Key, datetime]:
    """With the moment at which the newest fitting language was made. Meta allows 6,000 an account at most."""
    statement = (
        select(MessageTemplate.account_id, MessageTemplate.name, func.max(MessageTemplate.created_at))
        .join(MessageTemplate.account)
        .where(*conditions_of(scope, filters))
        .group_by(MessageTemplate.account_id, MessageTemplate.name)
    )
    return {(row[0], row[1]): row[2] for row in db.session.execute(statement)}


def _ordered(found: dict[Key, datetime], order: Order) -> list[tuple[Key, datetime]]:
    by_name = sorted(found.items(), key=lambda item: (item[0][1], item[0][0]))
    if order is Order.NEWEST:
        return sorted(by_name, key=lambda item: item[1], reverse=True)
    if order is Order.USED:
        usage = sum_names({account_id for account_id, _ in found})
        return sorted(by_name, key=lambda item: usage.get(item[0], NameUsage()).sent, reverse=True)
    return by_name


def _is_for_deleted(filters: MessageTemplateFilters) -> bool:
    return filters.status is MessageTemplateStatus.DELETED
