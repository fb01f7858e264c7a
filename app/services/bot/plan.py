"""All that the bot of one account goes by, out of the database and free of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Account, BotRule, BotSettings, RuleMatch, Team
from app.models.time_zones import zone
from app.services.bot.decisions import Reply
from app.services.bot.hours import Hours
from app.services.bot.wishes import USUAL
from app.services.bot.words import fold

OFFER_MESSAGE = "Is this what you mean? Choose one to read the answer."
OFFER_BUTTON = "See answers"


@dataclass(frozen=True)
class PlanRule:
    """A rule that is on; `phrases` are folded, `written` the same as people wrote them."""

    id: int
    name: str
    priority: int
    match: RuleMatch
    phrases: tuple[str, ...]
    written: tuple[str, ...]
    language: str = ""
    reply: Reply | None = None
    hands_over: bool = False


@dataclass(frozen=True)
class Plan:
    """Switches, texts, thresholds (0 to 1), hours and rules. `asks_model`: a language model writes."""

    is_live: bool = True
    is_on: bool = True
    greeting: str = ""
    greets_again_after: timedelta | None = None
    fallback: str = ""
    fallback_every: timedelta = timedelta(hours=24)
    fallbacks_before_hand_over: int = 3
    away: str = ""
    hand_over: str = ""
    offer: str = OFFER_MESSAGE
    offer_button: str = OFFER_BUTTON
    answer_threshold: float = 0.6
    offer_threshold: float = 0.35
    quiet: timedelta = timedelta(hours=24)
    loop_replies: int = 20
    loop_span: timedelta = timedelta(minutes=10)
    hours: Hours | None = None
    wish_words: Mapping[str, Sequence[str]] = field(default_factory=lambda: USUAL)
    rules: tuple[PlanRule, ...] = ()
    asks_model: bool = False


_RANK = {RuleMatch.EXACT: 0, RuleMatch.STARTS: 1, RuleMatch.CONTAINS: 2}


def in_order(rules: Iterable[PlanRule], language: str) -> list[PlanRule]:
    """By priority, then the stricter way of matching, then the customer's language, then the older."""
    return sorted(
        rules,
        key=lambda rule: (
            rule.priority,
            _RANK[rule.match],
            bool(language and rule.language and rule.language != language),
            rule.id,
        ),
    )


def load_plans(accounts: Iterable[Account]) -> dict[int, Plan]:
    """By account id; two queries, however many accounts."""
    by_id = {account.id: account for account in accounts}
    found = db.session.scalars(select(BotSettings).where(BotSettings.account_id.in_(by_id)))
    settings = {row.account_id: row for row in found}
    rules: dict[int, list[BotRule]] = {}
    for rule in db.session.scalars(select(BotRule).where(BotRule.account_id.in_(by_id), BotRule.is_on)):
        rules.setdefault(rule.account_id, []).append(rule)
    return {id_: make_plan(account, settings.get(id_), rules.get(id_, ())) for id_, account in by_id.items()}


def load_plan(account: Account) -> Plan:
    return load_plans([account])[account.id]


def make_plan(account: Account, row: BotSettings | None, rules: Iterable[BotRule] = ()) -> Plan:
    """`row` None: nothing was ever changed, and the columns' defaults hold."""
    row = row or defaults(account.id)
    return Plan(
        is_live=account.is_live,
        is_on=account.auto_reply_enabled,
        greeting=account.greeting_message,
        greets_again_after=timedelta(hours=row.greets_again_after_h) if row.greets_again_after_h else None,
        fallback=account.fallback_message,
        fallback_every=timedelta(hours=row.fallback_every_h),
        fallbacks_before_hand_over=row.fallbacks_before_hand_over,
        away=row.away_message,
        hand_over=row.hand_over_message,
        offer=row.offer_message or OFFER_MESSAGE,
        offer_button=row.offer_button or OFFER_BUTTON,
        answer_threshold=row.answer_threshold / 100,
        offer_threshold=row.offer_threshold / 100,
        quiet=timedelta(hours=row.quiet_h),
        loop_replies=row.loop_replies,
        loop_span=timedelta(minutes=row.loop_minutes),
        hours=hours_of(row),
        wish_words=row.wish_words or USUAL,
        rules=tuple(_plan_rule(rule) for rule in rules if rule.is_on),
        asks_model=bool(row.model_enabled and row.model_address),
    )


def defaults(account_id: int) -> BotSettings:
    """A row with every default spelt out, kept nowhere until somebody adds it."""
    values: dict[str, Any] = {}
    for column in BotSettings.__table__.columns:
        default = column.default
        if default is not None and column.name not in {"created_at", "updated_at"}:
            values[column.name] = default.arg if default.is_scalar else default.arg(None)
    return BotSettings(account_id=account_id, **values)


def hours_of(row: BotSettings | Team) -> Hours | None:
    """None: open always. A zone that this machine has lost counts as UTC, so that the bot goes on."""
    if not row.has_hours:
        return None
    try:
        zone(row.time_zone)
        time_zone = row.time_zone
    except ValueError:
        time_zone = "UTC"
    week = tuple(tuple((int(first), int(end)) for first, end in day) for day in row.hours)
    holidays = {date.fromisoformat(one["day"]): str(one.get("name", "")) for one in row.holidays}
    return Hours(time_zone, week, holidays)


def _plan_rule(rule: BotRule) -> PlanRule:
    return PlanRule(
        id=rule.id,
        name=rule.name,
        priority=rule.priority,
        match=rule.match,
        phrases=tuple(fold(phrase) for phrase in rule.phrases),
        written=tuple(rule.phrases),
        language=rule.language,
        reply=Reply(rule.message_type, rule.content) if rule.message_type else None,
        hands_over=rule.hands_over,
    )
