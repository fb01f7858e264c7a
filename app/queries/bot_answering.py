"""Whether the bot answers in a conversation, as conditions of lists.

The bar above a thread says the same of one conversation (services/bot/hand_over.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select

from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    BotConversation,
    BotSettings,
    Conversation,
    Direction,
    Message,
    MessagePriority,
)
from app.queries.search.who import few_or

USUAL_QUIET_H = 24
"""For so many hours the bot keeps quiet after a person wrote, where the account says nothing else."""
_LIVE = (AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)


class BotIs(StrEnum):
    """`off`: a person has taken over for a while, or the account has no bot."""

    ON = "on"
    OFF = "off"


def bot_answers(now: datetime) -> ColumnElement[bool]:
    """The condition for conversations at hand, such as those of a page."""
    quiet_of = _quiet_by_account()
    if not quiet_of:
        return false()
    return and_(Conversation.account_id.in_(quiet_of), ~or_(*_reasons(quiet_of, now)))


def bot_condition(wanted: BotIs, now: datetime) -> ColumnElement[bool]:
    """The same, or its contrary, for the whole list: by ids where a person answers in few."""
    quiet_of = _quiet_by_account()
    has_bot = Conversation.account_id.in_(quiet_of) if quiet_of else false()
    if not quiet_of:
        return has_bot if wanted is BotIs.ON else ~has_bot
    is_quiet = or_(*_reasons(quiet_of, now))
    is_quiet = few_or(Conversation.id, select(Conversation.id).where(has_bot, is_quiet), is_quiet)
    return and_(has_bot, ~is_quiet) if wanted is BotIs.ON else or_(~has_bot, is_quiet)


def _quiet_by_account() -> dict[int, timedelta]:
    """Of accounts whose bot is on."""
    rows = db.session.execute(
        select(Account.id, func.coalesce(BotSettings.quiet_h, USUAL_QUIET_H))
        .join(BotSettings, BotSettings.account_id == Account.id, isouter=True)
        .where(Account.auto_reply_enabled, Account.status.in_(_LIVE))
    )
    return {id_: timedelta(hours=hours) for id_, hours in rows}


def _reasons(quiet_of: dict[int, timedelta], now: datetime) -> Iterator[ColumnElement[bool]]:
    """It was handed over, or a person wrote of their own accord; and it was not given back since."""
    yield Conversation.id.in_(
        select(BotConversation.conversation_id).where(
            BotConversation.quiet_until > now,
            or_(
                BotConversation.given_back_at.is_(None),
                BotConversation.handed_over_at > BotConversation.given_back_at,
            ),
        )
    )
    given_back = exists().where(
        BotConversation.conversation_id == Message.conversation_id,
        BotConversation.given_back_at >= Message.occurred_at,
    )
    for quiet in set(quiet_of.values()):
        since = now - quiet
        wrote = exists().where(
            Message.conversation_id == Conversation.id,
            Message.occurred_at > since,
            Message.direction == Direction.OUTBOUND,
            Message.priority == MessagePriority.PERSON,
            or_(Message.api_key_id.is_(None), Message.message_type != "template"),
            ~given_back,
        )
        accounts = [id_ for id_, one in quiet_of.items() if one == quiet]
        # No message is later than the last one: the others need not be looked into.
        yield and_(Conversation.account_id.in_(accounts), Conversation.last_message_at > since, wrote)
