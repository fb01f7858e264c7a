"""Reads about the bot: rules, traces, who waits for a person, and figures of the last days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.errors import NotFound
from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    BotConversation,
    BotOutcome,
    BotRule,
    BotTrace,
    Message,
    MessagePriority,
    utcnow,
)
from app.queries.access import AccountScope
from app.queries.cursors import Cursor
from app.queries.slices import Slice, Turn, fetch_slice

FIGURES_OVER = timedelta(days=7)
LIST_LENGTH = 40
_MOST_UNANSWERED = 2000
_SHOWN_UNANSWERED = 10


@dataclass(frozen=True)
class Figures:
    """What the bot did in the last seven days. `unanswered`: (question, how often), most frequent first."""

    counts: dict[BotOutcome, int] = field(default_factory=dict)
    unanswered: list[tuple[str, int]] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        return sum(self.counts.values())

    def of(self, *outcomes: str) -> int:
        return sum(self.counts.get(BotOutcome(outcome), 0) for outcome in outcomes)


@dataclass(frozen=True)
class TraceFilters:
    """They all hold at once."""

    account_id: int | None = None
    outcome: BotOutcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    unanswered_only: bool = False


def count_waiting(scope: AccountScope, account_id: int | None = None) -> int:
    statement = select(func.count()).where(
        scope.covers(BotConversation.account_id), BotConversation.waits_since.is_not(None)
    )
    if account_id is not None:
        statement = statement.where(BotConversation.account_id == account_id)
    return db.session.scalar(statement) or 0


def list_waiting(conversation_ids: Iterable[int]) -> set[int]:
    """Those of them that wait for a person."""
    statement = select(BotConversation.conversation_id).where(
        BotConversation.conversation_id.in_(list(conversation_ids)), BotConversation.waits_since.is_not(None)
    )
    return set(db.session.scalars(statement))


def list_written_by_bot(message_ids: Iterable[int]) -> set[int]:
    """Those of them that the bot wrote."""
    ids = list(message_ids)
    statement = select(Message.id).where(Message.id.in_(ids), Message.priority == MessagePriority.BOT)
    return set(db.session.scalars(statement)) if ids else set()


def list_looked_at(message_ids: Iterable[int]) -> set[int]:
    """Those of them that the bot looked at, whether it answered or not."""
    ids = list(message_ids)
    statement = select(BotTrace.message_id).where(BotTrace.message_id.in_(ids))
    return set(db.session.scalars(statement)) if ids else set()


def find_hand_over_message_id(conversation_id: int) -> int | None:
    """The inbound message at which the bot last gave the conversation to people, if that is still kept."""
    statement = (
        select(BotTrace.message_id)
        .where(
            BotTrace.conversation_id == conversation_id,
            BotTrace.outcome.in_([BotOutcome.HANDED_OVER, BotOutcome.FAILED]),
        )
        .order_by(BotTrace.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def list_rules(account_id: int) -> list[BotRule]:
    """In the order of their priority."""
    statement = select(BotRule).where(BotRule.account_id == account_id).order_by(BotRule.priority, BotRule.id)
    return list(db.session.scalars(statement))


def get_rule(rule_id: int, scope: AccountScope) -> BotRule:
    """Raises NotFound outside the scope."""
    statement = (
        select(BotRule)
        .join(Account, Account.id == BotRule.account_id)
        .where(
            BotRule.id == rule_id,
            scope.covers(BotRule.account_id),
            Account.status != AccountStatus.ARCHIVED,
        )
    )
    rule = db.session.scalar(statement)
    if rule is None:
        raise NotFound("There is no such rule.")
    return rule


def slice_rules(scope: AccountScope, account_id: int | None, turn: Turn | None, limit: int) -> Slice[BotRule]:
    """Newest first, page by page, of one account or all."""
    statement = (
        select(BotRule)
        .join(Account, Account.id == BotRule.account_id)
        .where(scope.covers(BotRule.account_id), Account.status != AccountStatus.ARCHIVED)
    )
    if account_id is not None:
        statement = statement.where(BotRule.account_id == account_id)
    return fetch_slice(statement, BotRule, turn=turn, limit=limit)


def get_trace(message_id: int, scope: AccountScope) -> BotTrace:
    """What the bot made of an inbound message. Raises NotFound, also when the trace is no longer kept."""
    statement = (
        select(BotTrace)
        .join(Account, Account.id == BotTrace.account_id)
        .options(joinedload(BotTrace.message), joinedload(BotTrace.reply), joinedload(BotTrace.rule))
        .where(
            BotTrace.message_id == message_id,
            scope.covers(BotTrace.account_id),
            Account.status != AccountStatus.ARCHIVED,
        )
    )
    trace = db.session.scalar(statement)
    if trace is None:
        raise NotFound("The bot did not look at this message, or that is longer ago than it is kept.")
    return trace


def slice_traces(
    scope: AccountScope, filters: TraceFilters, turn: Turn | None, limit: int = LIST_LENGTH
) -> Slice[BotTrace]:
    """Newest first, page by page."""
    statement = (
        select(BotTrace)
        .join(BotTrace.message)
        .join(Account, Account.id == BotTrace.account_id)
        .options(contains_eager(BotTrace.message), joinedload(BotTrace.reply))
        .where(scope.covers(BotTrace.account_id), Account.status != AccountStatus.ARCHIVED)
    )
    if filters.account_id is not None:
        statement = statement.where(BotTrace.account_id == filters.account_id)
    if filters.outcome is not None:
        statement = statement.where(BotTrace.outcome == filters.outcome)
    if filters.unanswered_only:
        statement = statement.where(BotTrace.is_unanswered)
    if filters.since is not None:
        statement = statement.where(BotTrace.created_at >= filters.since)
    if filters.until is not None:
        statement = statement.where(BotTrace.created_at < filters.until)
    return fetch_slice(statement, BotTrace, turn=turn, limit=limit)


def page_of_traces(
    scope: AccountScope, filters: TraceFilters, before: Cursor | None
) -> tuple[list[BotTrace], Cursor | None]:
    """For the pages: rows, and where the older ones begin."""
    found = slice_traces(scope, filters, Turn(before) if before else None)
    return found.rows, found.older.place if found.older else None


def figures_by_account(account_ids: Iterable[int]) -> dict[int, Figures]:
    """Counts alone, for the list of accounts."""
    statement = (
        select(BotTrace.account_id, BotTrace.outcome, func.count())
        .where(BotTrace.account_id.in_(list(account_ids)), BotTrace.created_at >= utcnow() - FIGURES_OVER)
        .group_by(BotTrace.account_id, BotTrace.outcome)
    )
    counts: dict[int, dict[BotOutcome, int]] = {}
    for account_id, outcome, count in db.session.execute(statement):
        counts.setdefault(account_id, {})[outcome] = count
    return {id_: Figures(found) for id_, found in counts.items()}


def figures_of(account_id: int, scope: AccountScope) -> Figures:
    """Counts of all; of what customers asked only what lies in the scope."""
    found = figures_by_account([account_id]).get(account_id, Figures())
    return Figures(found.counts, _unanswered(account_id, scope))


def _unanswered(account_id: int, scope: AccountScope) -> list[tuple[str, int]]:
    """The same question in another case or spacing is the same; the newest spelling is shown."""
    statement = (
        select(Message.text_content)
        .join(BotTrace, BotTrace.message_id == Message.id)
        .where(
            BotTrace.account_id == account_id,
            scope.covers(BotTrace.account_id),
            BotTrace.created_at >= utcnow() - FIGURES_OVER,
            BotTrace.is_unanswered,
        )
        .order_by(BotTrace.created_at.desc())
        .limit(_MOST_UNANSWERED)
    )
    counted: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for text in db.session.scalars(statement):
        key = " ".join(text.casefold().strip(" ?!.").split())
        counted[key] += 1
        spelt.setdefault(key, text)
    return [(spelt[key], count) for key, count in counted.most_common(_SHOWN_UNANSWERED)]
