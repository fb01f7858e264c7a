"""What refers to a message template by its name: looked at before it is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.models import (
    BotRule,
    Message,
    MessageStatus,
    MessageTemplate,
    MessageTemplateFamily,
    MessageTemplateStatus,
)

_OPEN = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNCONFIRMED)
_FEW = 5
KIND = "template"


@dataclass(frozen=True)
class Uses:
    """`waiting`: messages with it that are still to be sent; `conversation_ids`: of the first few of them.
    `is_fallback`: its language goes to whoever's own there is none of. `languages`: the others of its name.
    """

    rules: list[BotRule]
    waiting: int
    conversation_ids: list[int]
    is_fallback: bool
    languages: list[MessageTemplate]

    @property
    def is_used(self) -> bool:
        return bool(self.rules or self.waiting or self.is_fallback)


def list_uses(row: MessageTemplate) -> Uses:
    waiting = db.session.scalar(select(func.count(Message.id)).where(*_waiting(row))) or 0
    return Uses(
        rules=_rules(row),
        waiting=waiting,
        conversation_ids=_conversations(row) if waiting else [],
        is_fallback=_is_fallback(row),
        languages=_languages(row),
    )


def _rules(row: MessageTemplate) -> list[BotRule]:
    statement = (
        select(BotRule)
        .where(BotRule.account_id == row.account_id, BotRule.message_type == KIND)
        .order_by(BotRule.priority, BotRule.id)
    )
    return [rule for rule in db.session.scalars(statement) if _names(rule.content, row)]


def _names(content: object, row: MessageTemplate) -> bool:
    if not isinstance(content, dict) or content.get("name") != row.name:
        return False
    language = content.get("language")
    return isinstance(language, dict) and language.get("code") == row.language


def _waiting(row: MessageTemplate) -> list[ColumnElement[bool]]:
    return [
        Message.status.in_(_OPEN),
        Message.account_id == row.account_id,
        Message.message_type == KIND,
        Message.content["name"].as_string() == row.name,
        Message.content["language"]["code"].as_string() == row.language,
    ]


def _conversations(row: MessageTemplate) -> list[int]:
    statement = select(Message.conversation_id).where(*_waiting(row)).distinct().limit(_FEW)
    return list(db.session.scalars(statement))


def _is_fallback(row: MessageTemplate) -> bool:
    statement = select(MessageTemplateFamily.id).where(
        MessageTemplateFamily.account_id == row.account_id,
        MessageTemplateFamily.name == row.name,
        MessageTemplateFamily.fallback_language == row.language,
    )
    return db.session.scalar(statement) is not None


def _languages(row: MessageTemplate) -> list[MessageTemplate]:
    gone = (MessageTemplateStatus.DELETED, MessageTemplateStatus.PENDING_DELETION)
    statement = (
        select(MessageTemplate)
        .where(
            MessageTemplate.account_id == row.account_id,
            MessageTemplate.name == row.name,
            MessageTemplate.id != row.id,
            MessageTemplate.status.not_in(gone),
        )
        .order_by(MessageTemplate.language)
    )
    return list(db.session.scalars(statement))
