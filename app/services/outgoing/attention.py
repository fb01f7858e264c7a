"""An account that comes to need attention, and one that is well again: customers' systems hear of both, once.
The caller commits."""

from __future__ import annotations

from app.models import Account, AccountStatus
from app.services.outgoing.telling import tell_health


def hold(account: Account, reason: str) -> None:
    """Sending is held until somebody has acted."""
    is_known = account.status is AccountStatus.NEEDS_ATTENTION
    account.status, account.attention_reason = AccountStatus.NEEDS_ATTENTION, reason
    if not is_known:
        tell_health(account)


def remark(account: Account, reason: str) -> None:
    """Something is wrong that does not hold everything up."""
    is_known = account.attention_reason == reason
    account.attention_reason = reason
    if not is_known:
        tell_health(account)


def all_clear(account: Account) -> None:
    """It needed attention, and all is well again."""
    account.status, account.attention_reason = AccountStatus.LIVE, ""
    tell_health(account)
