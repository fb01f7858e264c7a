"""Making, changing and deleting the bot's rules. Replies keep Meta's limits before they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.models import Account, BotRule, RuleMatch
from app.queries.access import Actor
from app.services import audit
from app.services.account_cleaners import Unfit
from app.services.bot import cleaners
from app.services.messages import check_content

MOST_RULES = 200
KINDS = frozenset({"text", "interactive", "image", "video", "audio", "document", "sticker", "template"})
LOWEST_PRIORITY = 9


def _match(value: object) -> RuleMatch:
    if str(value) not in set(RuleMatch):
        raise Unfit("Choose how the phrases are looked for.")
    return RuleMatch(str(value))


def _name(value: object) -> str:
    text = cleaners.words(80)(value)
    if not text:
        raise Unfit("Give the rule a name.")
    return text


def _phrases(value: object) -> list[str]:
    found = cleaners.phrases(value)
    if not found:
        raise Unfit("Give at least one word or phrase.")
    return found


_FIELDS = {
    "name": _name,
    "is_on": cleaners.switch,
    "priority": cleaners.number(1, LOWEST_PRIORITY),
    "match": _match,
    "phrases": _phrases,
    "language": cleaners.language,
    "hands_over": cleaners.switch,
}


def save_rule(*, account: Account, rule: BotRule | None, values: Mapping[str, Any], actor: Actor) -> BotRule:
    """A new rule, or a changed one. `message_type` "" says nothing. Raises InvalidFields."""
    cleaned: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, clean in _FIELDS.items():
        try:
            cleaned[name] = clean(values[name])
        except Unfit as error:
            problems.append(FieldProblem(name, str(error)))
    message_type, content = str(values.get("message_type") or ""), dict(values.get("content") or {})
    problems += _reply_problems(account, message_type, content)
    if not message_type and not values["hands_over"]:
        problems.append(FieldProblem("message_type", "A rule must say something, hand over, or both."))
    if problems:
        raise InvalidFields(problems)
    is_new = rule is None
    if rule is None:
        _refuse_too_many(account)
        rule = BotRule(account_id=account.id)
        db.session.add(rule)
    for name, value in cleaned.items():
        setattr(rule, name, value)
    rule.message_type, rule.content = message_type, content if message_type else {}
    db.session.flush()
    _record(rule, actor, "bot.rule_created" if is_new else "bot.rule_changed")
    return rule


def _reply_problems(account: Account, message_type: str, content: dict[str, Any]) -> list[FieldProblem]:
    if not message_type:
        return []
    if message_type not in KINDS:
        return [FieldProblem("message_type", f"The kind must be one of: {', '.join(sorted(KINDS))}.")]
    try:
        check_content(account.id, message_type, content)
    except InvalidFields as error:
        return [FieldProblem(f"content.{found.field}", found.message) for found in error.problems]
    return []


def _refuse_too_many(account: Account) -> None:
    count = db.session.scalar(select(func.count()).where(BotRule.account_id == account.id)) or 0
    if count >= MOST_RULES:
        raise DomainError(f"An account has at most {MOST_RULES} rules. Delete one, then create this again.")


def switch_rule(*, rule: BotRule, is_on: bool, actor: Actor) -> None:
    rule.is_on = is_on
    _record(rule, actor, "bot.rule_switched_on" if is_on else "bot.rule_switched_off")


def move_rule(*, rule: BotRule, by: int, actor: Actor) -> None:
    """To an earlier (-1) or later (1) priority, as far as there is one."""
    rule.priority = min(max(rule.priority + by, 1), LOWEST_PRIORITY)
    _record(rule, actor, "bot.rule_moved")


def delete_rule(*, rule: BotRule, actor: Actor) -> None:
    """Its traces stay, without it."""
    db.session.delete(rule)
    _record(rule, actor, "bot.rule_deleted")


def _record(rule: BotRule, actor: Actor, action: str) -> None:
    audit.record(
        actor,
        action,
        account_id=rule.account_id,
        object_type="bot_rule",
        object_id=rule.id,
        details={"name": rule.name},
    )
    db.session.commit()
