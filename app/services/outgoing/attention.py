"""An account that comes to need attention, and one that is well again: customers' systems hear of both, once.
The caller commits."""

from __future__ import annotations

from datetime import timedelta

from app.models import Account, AccountStatus, CheckState, utcnow
from app.services import health_signals
from app.services.health_lines import CheckLine
from app.services.outgoing.telling import tell_health

_REMARK_STANDS = timedelta(hours=1)


def hold(account: Account, reason: str) -> None:
    """Sending is held until somebody has acted. A check looks at once what it is."""
    is_known = account.status is AccountStatus.NEEDS_ATTENTION
    account.status, account.attention_reason = AccountStatus.NEEDS_ATTENTION, reason
    if not is_known:
        tell_health(account)
        health_signals.ask_for_check(account.id, health_signals.SENDING)


def remark(account: Account, reason: str, *, source: str = health_signals.WEBHOOK) -> None:
    """Something is wrong that does not hold everything up. It is told by the check that follows at once, and
    counts as over when it has not been heard of again for an hour."""
    account.attention_reason = account.attention_reason or reason
    line = CheckLine(
        "reported",
        "Meta reports an error",
        CheckState.WARNING,
        reason,
        "Open the account in WhatsApp Manager and see what Meta asks for.",
        why="Messages may be refused until it is mended.",
    )
    health_signals.report(account, line, until=utcnow() + _REMARK_STANDS, source=source)


def all_clear(account: Account) -> None:
    """It needed attention, and all is well again."""
    account.status, account.attention_reason = AccountStatus.LIVE, ""
    tell_health(account)
