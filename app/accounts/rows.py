"""What the accounts pages show of rows: one line of the list, a number's state, an audit entry in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.models import Account, AuditEntry, PhoneNumber, utcnow
from app.queries import health as health_queries
from app.queries.access import Actor
from app.queries.health import Usage
from app.services.account_fields import STEPS
from app.services.accounts import first_open_step
from app.services.health_lines import CONNECTED, TOKEN_WARNING
from app.services.numbers import GONE

_QUALITY_RANK = {"RED": 0, "YELLOW": 1, "GREEN": 2}


@dataclass(frozen=True)
class AccountRow:
    """One line of the list. `steps_done` counts the finished steps of a draft."""

    account: Account
    steps_done: int
    quality: str
    token: tuple[str, str, str]
    usage: Usage
    may_manage: bool


def build_rows(accounts: list[Account], actor: Actor) -> list[AccountRow]:
    usage = health_queries.usage_by_account([account.id for account in accounts])
    return [
        AccountRow(
            account=account,
            steps_done=STEPS if account.is_live else first_open_step(account) - 1,
            quality=worst_quality(account),
            token=token_state(account),
            usage=usage.get(account.id, Usage()),
            may_manage=actor.may("accounts.manage", account.id),
        )
        for account in accounts
    ]


def is_wanted(account: Account, query: str, state: str) -> bool:
    """Does the account fit the filters: a part of name, number or id, and a state?"""
    if state and account.status != state:
        return False
    words = query.strip().lower()
    numbers = (f"{number.phone_number} {number.display_number}" for number in account.phone_numbers)
    text = f"{account.name} {account.meta_id or ''} {' '.join(numbers)}".lower()
    return words in text


def worst_quality(account: Account) -> str:
    """Meta's word for the worst rated number; empty when none is rated."""
    rated = [
        number.quality_rating for number in account.phone_numbers if number.quality_rating in _QUALITY_RANK
    ]
    return min(rated, key=_QUALITY_RANK.__getitem__, default="")


def token_state(account: Account, now: datetime | None = None) -> tuple[str, str, str]:
    """(kind, words, icon) for the token column."""
    if account.access_token is None:
        return "mute", "None yet", "minus"
    if account.token_expires_at is None:
        return (
            ("ok", "Permanent", "circle-check") if account.token_scopes else ("mute", "Not checked", "minus")
        )
    left = account.token_expires_at - (now or utcnow())
    if left.total_seconds() <= 0:
        return "bad", "Has ended", "circle-x"
    if left > TOKEN_WARNING:
        return "ok", f"{left.days} days left", "circle-check"
    return "warn", f"{left.days} {'day' if left.days == 1 else 'days'} left", "clock"


def number_state(number: PhoneNumber) -> tuple[str, str, str]:
    """(kind, words, icon) of a number; Meta's newer words are shown as they came."""
    if number.status == CONNECTED:
        return "ok", "Connected", "circle-check"
    if number.status == GONE:
        return "mute", "Not at Meta any more", "minus"
    if not number.status:
        return "mute", "Not checked", "minus"
    kind = "bad" if number.status in {"BANNED", "DISCONNECTED"} else "warn"
    return kind, number.status.replace("_", " ").capitalize(), "alert-triangle"


@dataclass(frozen=True)
class Happening:
    """One line of what happened: said in words, by whom, when."""

    text: str
    by: str
    at: datetime


_SAID = {
    "account.setup_started": "Set-up started",
    "account.reopened": "Taken up again after it was archived",
    "account.connected": "Account connected",
    "account.webhook_connected": "Webhook connected",
    "account.numbers_synced": "Numbers fetched from Meta",
    "account.test_message": "Test message sent by the sandbox",
    "account.archived": "Account archived",
    "message_templates.synced": "Message templates fetched from Meta",
}


def describe_entry(entry: AuditEntry) -> Happening:
    """An audit entry as a sentence; actions without one show their own name, readable."""
    if entry.action == "account.step_saved":
        text = f"Step {entry.details.get('step', '')} saved"
    else:
        text = _SAID.get(entry.action) or entry.action.replace("_", " ").replace(".", ": ").capitalize()
    return Happening(text, entry.actor_name or "system", entry.at)
