"""Mail about an account's health: what is wrong, why it matters and what to do; and the all-clear."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app

from app.models import Account, HealthAlert
from app.queries import health_alerts as queries
from app.services.health_lines import at_words
from app.services.mail import outbox


def queue_worse(account: Account, alerts: Sequence[HealthAlert]) -> None:
    """To those who can act: these have just opened or got worse. The caller commits."""
    worst_first = sorted(alerts, key=lambda alert: (-alert.level, alert.key))
    more = f" and {len(alerts) - 1} more" if len(alerts) > 1 else ""
    parts = [f"{account.name} needs you.", *map(_describe, worst_first), _close(account)]
    _queue(account, f"{account.name}: {worst_first[0].title}{more}", parts)


def queue_well(account: Account, alerts: Sequence[HealthAlert], rest: Sequence[HealthAlert]) -> None:
    """These are over; `rest` still stands."""
    over = [f"Over: {alert.title} (since {at_words(alert.opened_at)}). {alert.evidence}" for alert in alerts]
    still = [f"Still open: {alert.title}. {alert.evidence}" for alert in rest]
    title = f"all is well again: {alerts[0].title}" if not rest else f"over: {alerts[0].title}"
    more = f" and {len(alerts) - 1} more" if len(alerts) > 1 else ""
    said = "All is well again." if not rest else "Something is over, something else is not."
    _queue(
        account, f"{account.name}: {title}{more}", [f"{account.name}: {said}", *over, *still, _close(account)]
    )


def _describe(alert: HealthAlert) -> str:
    lines = (
        f"{alert.title}.",
        alert.evidence,
        f"Since: {at_words(alert.opened_at)}",
        f"Why it matters: {alert.why}" if alert.why else "",
        f"What to do: {alert.what_to_do}" if alert.what_to_do else "",
    )
    return "\n".join(filter(None, lines))


def _close(account: Account) -> str:
    base = current_app.config["SETTINGS"].public_base_url
    link = f"Look at it: {base}/accounts/{account.id}/health"
    return f"{link}\n\nYou get this as an owner or manager of the account."


def _queue(account: Account, subject: str, parts: Sequence[str]) -> None:
    mark = "[Sandbox] " if account.is_sandbox else ""
    outbox.queue(
        queries.list_addressees(account.id),
        subject=f"{mark}{subject}",
        body="\n\n".join(parts) + "\n",
        account_id=account.id,
    )
