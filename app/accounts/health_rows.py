"""What the page of an account's health shows: findings with their button, and a line per number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import url_for

from app.models import Account, AccountHealthLog, CheckState, PhoneNumber
from app.services import health
from app.services.health_lines import SHOW_TEMPLATES
from app.services.health_numbers import QUALITY, size_of, size_words

_LOOKS = {
    CheckState.FAILED: ("bad", "Failed", "alert-circle"),
    CheckState.WARNING: ("warn", "Warning", "alert-triangle"),
    CheckState.WAITING: ("mute", "Waiting", "clock"),
}
_STEPS = {"token": (3, "Enter a token"), "permissions": (3, "Enter a token")}
_NAMES = {
    "APPROVED": "Approved",
    "AVAILABLE_WITHOUT_REVIEW": "Approved without a review",
    "DECLINED": "Declined",
    "EXPIRED": "Expired",
    "PENDING_REVIEW": "Under review",
    "NONE": "None",
}


@dataclass(frozen=True)
class FindingRow:
    """One finding. A button is a POST to `form_url` or a link to `link_url`."""

    key: str
    kind: str
    word: str
    icon: str
    title: str
    evidence: str
    since: datetime | None
    why: str
    what_to_do: str
    action_text: str = ""
    form_url: str = ""
    link_url: str = ""


def finding_rows(
    account: Account,
    checks: list[dict[str, Any]],
    actions: Mapping[str, Mapping[str, tuple[str, str]]],
) -> list[FindingRow]:
    """What is not in order, the worst first. `actions`: empty for those who may only read."""
    return [_row(account, check, actions) for check in health.findings_of(checks)]


def _row(
    account: Account, check: dict[str, Any], actions: Mapping[str, Mapping[str, tuple[str, str]]]
) -> FindingRow:
    kind, word, icon = _LOOKS[CheckState(check["state"])]
    text, form_url, link_url = _button(account, check, actions)
    return FindingRow(
        key=check["key"],
        kind=kind,
        word=word,
        icon=icon,
        title=check["title"],
        evidence=check["evidence"],
        since=_moment(check.get("since")),
        why=check.get("why", ""),
        what_to_do=check["what_to_do"],
        action_text=text,
        form_url=form_url,
        link_url=link_url,
    )


def _button(
    account: Account, check: dict[str, Any], actions: Mapping[str, Mapping[str, tuple[str, str]]]
) -> tuple[str, str, str]:
    """(words, address to POST to, address to open)"""
    if not actions:
        return "", "", ""
    if check["key"] in _STEPS:
        number, text = _STEPS[check["key"]]
        return text, "", url_for("setup.step", account_id=account.id, number=number)
    if check["action"] == SHOW_TEMPLATES:
        template_id = int(check["key"].partition(":")[2])
        url = url_for("message_templates.detail", message_template_id=template_id)
        return "Open the message template", "", url
    text, form_url = actions.get(check["action"], {}).get("", ("", ""))
    # The page's own button asks Meta again.
    return (text, form_url, "") if check["action"] != "retry" else ("", "", "")


def _moment(text: str | None) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


@dataclass(frozen=True)
class NumberRow:
    """A number: our row, and Meta's other words in ours."""

    number: PhoneNumber
    limit: str
    throughput: str
    name: str
    quality: str


def number_rows(account: Account, log: AccountHealthLog | None) -> list[NumberRow]:
    facts = log.numbers if log else {}
    return [_number_row(number, facts.get(number.meta_id, {})) for number in account.phone_numbers]


def _number_row(number: PhoneNumber, facts: Mapping[str, str]) -> NumberRow:
    limit = number.messaging_limit or facts.get("messaging_limit", "")
    throughput = number.throughput_level or facts.get("throughput_level", "")
    name = number.name_status or facts.get("name_status", "")
    return NumberRow(
        number=number,
        limit=size_words(limit).capitalize() if size_of(limit) else "–",
        throughput=size_words(throughput) if size_of(throughput) else "–",
        name=_NAMES.get(name, name.replace("_", " ").capitalize()) or "–",
        quality=QUALITY.get(number.quality_rating, ""),
    )
