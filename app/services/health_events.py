"""Meta's news about an account and its numbers, put down at once; a check that looks at the rest follows.

Source: Meta docs, webhook fields of accounts and numbers, read 2026-09. The caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from app.graph import reading
from app.graph.webhooks import AccountEvent
from app.models import Account, CheckState, PhoneNumber, utcnow
from app.services import health_signals
from app.services.health_lines import CheckLine, at_words

_NEWS_STANDS = timedelta(days=1)
"""News of something that was done, and is not a state that could end."""
_LONGEST = timedelta(days=365)
_ALL_IS_WELL = CheckState.PASSED
_RESTRICTIONS = {
    "RESTRICTED_BIZ_INITIATED_MESSAGING": "it may not write first",
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING": "it may not answer customers",
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION": "it may not add numbers",
    "RESTRICTED_UTILITY_TEMPLATES": "it may not send utility message templates",
}
_SECURITY = {
    "PIN_CHANGED": "The two-step PIN was changed",
    "PIN_RESET_REQUEST": "Somebody asked to switch the two-step PIN off",
    "PIN_REQUEST_SUCCESS": "The two-step PIN was switched off",
}


def apply(account: Account, item: AccountEvent) -> bool | None:
    """True: something may be new. None: nothing here acts on this kind."""
    act = _ACTS.get(item.field)
    if act is None or act(account, item) is None:
        return None
    health_signals.ask_for_check(account.id, health_signals.WEBHOOK)
    return True


def _quality(account: Account, item: AccountEvent) -> bool | None:
    number = _number_by_display(account, item)
    if number is None:
        return None
    limit = item.value.get("max_daily_conversations_per_business") or item.value.get("current_limit")
    number.messaging_limit = str(limit or number.messaging_limit)
    if item.event == "THROUGHPUT_UPGRADE":
        number.throughput_level = "HIGH"
    return True


def _name(account: Account, item: AccountEvent) -> bool | None:
    number = _number_by_display(account, item)
    if number is None:
        return None
    number.name_status = item.event
    return True


def _look(_account: Account, _item: AccountEvent) -> bool:
    """Meta can be asked for all of it."""
    return True


def _account_update(account: Account, item: AccountEvent) -> bool | None:
    if item.event == "ACCOUNT_RESTRICTION":
        return _restriction(account, item)
    if item.event == "ACCOUNT_VIOLATION":
        violation = reading.text(reading.mapping(item.value.get("violation_info")).get("violation_type"))
        said = (violation or "a rule").lower().replace("_", " ")
        return _report_news(account, "violation", "Meta reports a violation", f"It is about: {said}.")
    if item.event == "DISABLED_UPDATE":
        return _ban(account, item)
    return True if item.event in _LOOKED_AT else None


def _restriction(account: Account, item: AccountEvent) -> bool:
    entries = list(reading.mappings(item.value.get("restriction_info")))
    kinds = [reading.text(entry.get("restriction_type")) or "" for entry in entries]
    words = "; ".join(_RESTRICTIONS.get(kind, kind.lower().replace("_", " ")) for kind in kinds if kind)
    until = _latest(reading.integer(entry.get("expiration")) for entry in entries)
    ends = f" It ends {at_words(until)}." if until else ""
    line = CheckLine(
        "restriction",
        "Account is restricted",
        CheckState.WARNING if entries else _ALL_IS_WELL,
        f"By Meta: {words or 'restricted'}.{ends}",
        "Send no campaigns until it ends, see in Meta’s Business Support Home what led to it, and ask for a "
        "review there if it is wrong.",
        why="What is restricted is refused until then, and each further restriction lasts longer.",
    )
    health_signals.report(account, line, until=until)
    return True


def _latest(seconds: Iterable[int | None]) -> datetime | None:
    now = utcnow()
    last = max((one for one in seconds if one), default=0)
    if not 0 < last < (now + _LONGEST).timestamp():
        return None
    return datetime.fromtimestamp(last, UTC)


def _ban(account: Account, item: AccountEvent) -> bool:
    ban = reading.mapping(item.value.get("ban_info"))
    state, day = reading.text(ban.get("waba_ban_state")), reading.text(ban.get("waba_ban_date")) or ""
    is_planned = state == "SCHEDULE_FOR_DISABLE"
    line = CheckLine(
        "ban",
        "Account will be disabled" if is_planned else "Account is disabled",
        _ALL_IS_WELL if state == "REINSTATE" else CheckState.WARNING,
        f"By Meta{f', on {day}' if day else ''}.",
        "Open the account in Meta’s Business Support Home, see why, and ask for a review there.",
        why="A disabled account sends and receives nothing.",
        weight=0 if is_planned else 2,
    )
    health_signals.report(account, line)
    return True


def _alert(account: Account, item: AccountEvent) -> bool | None:
    """`NONE` of the same kind ends it."""
    info = reading.mapping(item.value.get("alert_info"))
    severity, kind = reading.text(info.get("alert_severity")), reading.text(info.get("alert_type")) or "ALERT"
    is_over = reading.text(info.get("alert_status")) == "NONE" or severity == "INFORMATIONAL"
    line = CheckLine(
        f"alert:{kind}",
        "Meta warns about the account",
        _ALL_IS_WELL if is_over else CheckState.WARNING,
        reading.text(info.get("alert_description")) or kind.lower().replace("_", " "),
        "Open the account in WhatsApp Manager and see what Meta asks for.",
        why="Meta has sent an alert, and may restrict what is not mended.",
        weight=int(severity == "CRITICAL"),
    )
    health_signals.report(account, line)
    return True


def _security(account: Account, item: AccountEvent) -> bool | None:
    said = _SECURITY.get(item.event)
    if said is None:
        return None
    shown = reading.text(item.value.get("display_phone_number")) or "a number"
    return _report_news(
        account,
        f"security:{shown}",
        said,
        f"Number {shown}.",
        "If none of you did this, change the passwords of everybody in the Meta business account, look "
        "through its people, and set a new PIN.",
        "With the PIN, somebody else can register the number elsewhere.",
    )


def _report_news(
    account: Account, key: str, title: str, evidence: str, what_to_do: str = "", why: str = ""
) -> bool:
    line = CheckLine(
        key,
        title,
        CheckState.WARNING,
        evidence,
        what_to_do
        or "See in Meta’s Business Support Home what it is about, and ask for a review if it is wrong.",
        why=why or "Violations add up, and lead to restrictions and in the end to a ban.",
    )
    health_signals.report(account, line, until=utcnow() + _NEWS_STANDS)
    return True


def _number_by_display(account: Account, item: AccountEvent) -> PhoneNumber | None:
    display: Any = item.value.get("display_phone_number", "")
    wanted = "".join(filter(str.isdigit, str(display)))
    for number in account.phone_numbers:
        if "".join(filter(str.isdigit, number.phone_number)) == wanted:
            return number
    return None


_LOOKED_AT = frozenset({"ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "ACCOUNT_RECONNECTED", "PARTNER_REMOVED"})
_ACTS = {
    "phone_number_quality_update": _quality,
    "phone_number_name_update": _name,
    "account_update": _account_update,
    "account_alerts": _alert,
    "account_review_update": _look,
    "business_capability_update": _look,
    "security": _security,
}
