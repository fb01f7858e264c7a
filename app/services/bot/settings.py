"""Changing how an account's bot behaves. The pages and the JSON API use the same table of fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.crypto import Secret
from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import Account, BotSettings
from app.queries.access import Actor
from app.services import audit
from app.services.account_cleaners import Unfit, text_of
from app.services.bot import cleaners
from app.services.bot.plan import defaults

LONGEST_TEXT = 1024


def _secret(value: object) -> Secret | None:
    """Empty takes it away."""
    text = cleaners.words(500)(value)
    return Secret(text) if text else None


FIELDS: dict[str, Callable[[object], Any]] = {
    "greets_again_after_h": cleaners.number(0, 24 * 365),
    "away_message": text_of(LONGEST_TEXT),
    "hand_over_message": text_of(LONGEST_TEXT),
    "offer_message": text_of(LONGEST_TEXT),
    "offer_button": cleaners.words(20),
    "answer_threshold": cleaners.number(1, 100),
    "offer_threshold": cleaners.number(1, 100),
    "fallbacks_before_hand_over": cleaners.number(0, 20),
    "fallback_every_h": cleaners.number(0, 24 * 30),
    "quiet_h": cleaners.number(1, 24 * 30),
    "loop_replies": cleaners.number(2, 100),
    "loop_minutes": cleaners.number(1, 24 * 60),
    "time_zone": cleaners.time_zone,
    "has_hours": cleaners.switch,
    "hours": cleaners.week,
    "holidays": cleaners.holidays,
    "wish_words": cleaners.wish_words,
    "model_enabled": cleaners.switch,
    "model_address": cleaners.address,
    "model_name": cleaners.words(200),
    "model_api_key": _secret,
    "model_instructions": text_of(2000),
    "model_timeout_s": cleaners.number(1, 60),
    "model_daily_budget": cleaners.number(0, 100_000),
    "model_allows_private": cleaners.switch,
}


def settings_of(account: Account) -> BotSettings:
    """The row, or one with every default that is kept nowhere."""
    return db.session.get(BotSettings, account.id) or defaults(account.id)


def change_settings(*, account: Account, values: Mapping[str, Any], actor: Actor) -> BotSettings:
    """Change those that are given. Raises InvalidFields naming each that cannot be taken."""
    cleaned, problems = _cleaned(values)
    row = settings_of(account)
    if not problems:
        problems = _together(row, cleaned)
    if problems:
        raise InvalidFields(problems)
    changed = [name for name, value in cleaned.items() if getattr(row, name) != value]
    before = _plain(row, changed)
    for name in changed:
        setattr(row, name, cleaned[name])
    if changed:
        db.session.add(row)
        details = audit.differences(changed, before, _plain(row, changed))
        audit.record(actor, "bot.settings_changed", account_id=account.id, details=details)
    db.session.commit()
    return row


def _plain(row: BotSettings, names: Iterable[str]) -> dict[str, Any]:
    """What may stand in the audit log: everything but the model's key."""
    return {name: getattr(row, name) for name in names if name != "model_api_key"}


def _cleaned(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldProblem]]:
    cleaned: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for name, value in values.items():
        try:
            cleaned[name] = FIELDS[name](value)
        except Unfit as error:
            problems.append(FieldProblem(name, str(error)))
    return cleaned, problems


def _together(row: BotSettings, cleaned: Mapping[str, Any]) -> list[FieldProblem]:
    """What only shows when fields are looked at side by side."""

    def now(name: str) -> Any:
        return cleaned.get(name, getattr(row, name))

    problems = []
    if now("offer_threshold") > now("answer_threshold"):
        text = "This must not be above the score from which an article is the answer."
        problems.append(FieldProblem("offer_threshold", text))
    if now("has_hours") and not any(now("hours")):
        problems.append(
            FieldProblem("hours", "No day has an opening time. Give one, or switch the hours off.")
        )
    if now("model_enabled"):
        for name, what in (("model_address", "its address"), ("model_name", "the model's name")):
            if not now(name):
                problems.append(FieldProblem(name, f"To ask a language model, give {what}."))
    return problems


def switch_bot(*, account: Account, is_on: bool, actor: Actor) -> None:
    """On or off; the same switch as in step 5 of the set-up."""
    if account.auto_reply_enabled != is_on:
        account.auto_reply_enabled = is_on
        audit.record(actor, "bot.switched_on" if is_on else "bot.switched_off", account_id=account.id)
    db.session.commit()
