"""How much a number may send: per second, to one person, and the portfolio's users a day.

Source: Meta docs, "Throughput" and "Messaging limits" pages, read 2026-09. What Meta answers over the
portfolio's limit is unverified: here 131048 at once.
"""

from typing import Any

from .. import clock
from ..database import Row
from ..settings import Settings
from ..store import messages, node_settings, phone_numbers, portfolio
from ..webhooks import number_life
from .errors import GraphError
from .registry import Call

DAY_S = 86_400.0


def check(call: Call, wa_id: str) -> None:
    """Counts the send. Raises 131057 during an upgrade, 130429, 131056."""
    settings, limiter = call.sandbox.settings, call.sandbox.limiter
    kept = node_settings.all_of(call.db, call.node.id)
    if kept.get(number_life.MAINTENANCE_UNTIL, 0.0) > clock.now():
        raise GraphError(131057, details="The throughput of the phone number is being upgraded.")
    if not limiter.allow_send(call.node.id, clock.now(), _per_second(settings, call.node.row, kept)):
        raise GraphError(130429, details="Cloud API message throughput has been reached.")
    if settings.pair_limit and not limiter.allow_pair(call.node.id, wa_id, clock.now()):
        raise GraphError(131056, details="Too many messages from this number to the same recipient.")


def _per_second(settings: Settings, number: Row, kept: dict[str, Any]) -> int:
    if kept.get(phone_numbers.ON_APP):
        return settings.app_throughput_per_second
    if number["throughput_level"] == "HIGH":
        return settings.high_throughput_per_second
    return settings.throughput_per_second


# The number may answer, but not begin (unverified).
RESTRICTED = ("RESTRICTED", "RATE_LIMITED")


def check_portfolio(call: Call, wa_id: str, template: Row | None) -> None:
    """Counts a person reached by a message template outside the window.

    Raises 131048 over the limit, and for a number that people blocked and reported too often.
    """
    is_restricted = call.node.row["status"] in RESTRICTED
    is_counted = is_restricted or call.sandbox.settings.messaging_limit
    if template is None or not is_counted or messages.is_window_open(call.db, call.node.id, wa_id):
        return
    if is_restricted:
        raise GraphError(131048, details="The phone number is restricted: people blocked or reported it.")
    business_id = portfolio.business_of(call.db, call.node.waba_id)
    window_s = call.sandbox.settings.after(DAY_S)
    tier = portfolio.tier(call.db, business_id)
    most = portfolio.TIERS[tier]
    with call.db.write():
        used = portfolio.count_reached(call.db, business_id, window_s)
        is_new = not portfolio.was_reached(call.db, business_id, wa_id, window_s)
        if most is not None and is_new and used >= most:
            details = f"The messaging limit of the business portfolio, {most} users in 24 hours, is reached."
            raise GraphError(131048, details=details)
        portfolio.note_reached(call.db, business_id, wa_id)
        if most is not None and used + is_new >= most / 2 and call.node.row["quality_rating"] == "GREEN":
            number_life.plan_rise(call.sandbox, business_id, tier)
