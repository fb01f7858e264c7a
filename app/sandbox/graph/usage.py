"""How many calls an app made: management calls per account and hour (80007), all calls per hour (4), calls
of one edge (613).

Source: Meta docs, "Rate limits" page, read 2026-09. Sends are not counted: they have throughput limits.
"""

from dataclasses import dataclass

from .. import clock
from ..database import to_json
from ..store import phone_numbers
from .registry import Call, Node

HOUR_S = 3600.0
# The account itself and its edges that count.
COUNTED_EDGES = frozenset({"", "assigned_users", "phone_numbers", "message_templates", "subscribed_apps"})
# An account without a registered number gets no more than this.
INACTIVE_LIMIT = 200
MINUTES_TO_WAIT = 60


@dataclass(frozen=True)
class Usage:
    """Headers to send back, and whether the limit is used up."""

    headers: dict[str, str]
    is_exceeded: bool


def of_app(call: Call) -> Usage:
    """Counts one call of the token's app."""
    used = call.sandbox.limiter.count(("app", call.token.app_id), clock.now(), HOUR_S)
    most = call.sandbox.settings.app_calls_per_hour
    percent = _percent(used, most)
    shown = {"call_count": percent, "total_time": percent, "total_cputime": percent}
    return Usage({"x-app-usage": to_json(shown)}, used > most)


def of_account(call: Call, node: Node, edge_name: str) -> Usage | None:
    """Counts one management call; None when this kind of call is not counted."""
    if node.kind != "waba" or edge_name not in COUNTED_EDGES:
        return None
    key = ("management", call.token.app_id, node.id)
    used = call.sandbox.limiter.count(key, clock.now(), HOUR_S)
    most = _limit(call, node)
    return Usage({"x-business-use-case-usage": _business_header(node, used, most)}, used > most)


def of_edge(call: Call, node: Node, edge_name: str) -> Usage | None:
    """Counts one call of an edge of a node; None without a limit of that kind. Sends have their own limits.

    Meta's own limits per edge are not documented beside the error code 613 (unverified): off by default.
    """
    most = call.sandbox.settings.edge_calls_per_hour
    if not most or edge_name == "messages":
        return None
    used = call.sandbox.limiter.count(("edge", call.token.app_id, node.id, edge_name), clock.now(), HOUR_S)
    return Usage({}, used > most)


def _limit(call: Call, node: Node) -> int:
    most = call.sandbox.settings.management_calls_per_hour
    numbers = phone_numbers.list_of(call.db, node.id)
    is_active = any(phone_numbers.is_registered(number) for number in numbers)
    return most if is_active else min(most, INACTIVE_LIMIT)


def _business_header(node: Node, used: int, most: int) -> str:
    percent = _percent(used, most)
    usage = {
        "type": "whatsapp_business_management",
        "call_count": percent,
        "total_cputime": percent,
        "total_time": percent,
        "estimated_time_to_regain_access": MINUTES_TO_WAIT if used > most else 0,
    }
    return to_json({node.id: [usage]})


def _percent(used: int, most: int) -> int:
    return min(100, used * 100 // most)
