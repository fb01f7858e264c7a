"""What Meta decides about numbers and portfolios, and tells: a higher limit, a higher throughput.

Source: Meta docs, "Messaging limits" and "Throughput" pages, read 2026-09. Hours are divided by the speed.
"""

from typing import Any

from .. import clock, ids, magic
from ..context import Sandbox
from ..database import Row
from ..store import node_settings, phone_numbers, portfolio, timers
from . import outbox

HOUR_S = 3600.0
RISE_AFTER_S = 6 * HOUR_S
# "At most a minute" unavailable during an upgrade.
UPGRADE_S = 60.0
MAINTENANCE_UNTIL = "maintenance_until"
_RISING = "limit_rises_from"
# Portfolios with a small limit have few numbers.
FEW_NUMBERS, MANY_NUMBERS = 2, 20


def capability(tier: str) -> dict[str, Any]:
    """Meta writes a number or a tier here; a number where there is one."""
    users = portfolio.TIERS[tier]
    is_small = users is not None and users < 2000
    return {
        "max_daily_conversations_per_business": tier if users is None else users,
        "max_phone_numbers_per_business": FEW_NUMBERS if is_small else MANY_NUMBERS,
    }


def change_limit(sandbox: Sandbox, business_id: str, tier: str) -> None:
    """The portfolio's new limit, told to each of its accounts and numbers. Nothing when it is the old one."""
    old = portfolio.tier(sandbox.db, business_id)
    if old == tier:
        return
    portfolio.set_tier(sandbox.db, business_id, tier)
    numbers = portfolio.numbers_of(sandbox.db, business_id)
    for waba_id in dict.fromkeys(number["waba_id"] for number in numbers):
        _send(sandbox, waba_id, "business_capability_update", capability(tier), waba_id)
    is_up = portfolio.next_tier(old) is not None and (portfolio.TIERS[tier] or 10**9) > (
        portfolio.TIERS[old] or 10**9
    )
    for number in numbers:
        value = {
            "event": "UPGRADE" if is_up else "DOWNGRADE",
            "old_limit": old,
            "current_limit": tier,
            "max_daily_conversations_per_business": tier,
        }
        _tell_quality(sandbox, number, value)


def plan_rise(sandbox: Sandbox, business_id: str, tier: str) -> None:
    """Once per tier: it rises six hours after half of it was used, if quality is still good then."""
    if node_settings.get(sandbox.db, business_id, _RISING) == tier:
        return
    node_settings.put(sandbox.db, business_id, _RISING, tier)
    payload = {"business_id": business_id, "tier": tier}
    timers.add(sandbox.db, timers.LIMIT, sandbox.settings.after(RISE_AFTER_S), payload)
    sandbox.wake()


def play_rise(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    business_id, tier = payload["business_id"], payload["tier"]
    node_settings.remove(sandbox.db, business_id, _RISING)
    numbers = portfolio.numbers_of(sandbox.db, business_id)
    is_good = numbers and all(number["quality_rating"] != "RED" for number in numbers)
    higher = portfolio.next_tier(tier)
    if is_good and higher and portfolio.tier(sandbox.db, business_id) == tier:
        change_limit(sandbox, business_id, higher)


def start_upgrade(sandbox: Sandbox, number: Row) -> None:
    """A number on its way to HIGH throughput: sends fail with 131057 until it is there."""
    wait_s = sandbox.settings.after(UPGRADE_S)
    node_settings.put(sandbox.db, number["id"], MAINTENANCE_UNTIL, clock.now() + wait_s)
    timers.add(sandbox.db, timers.UPGRADE, wait_s, {"phone_number_id": number["id"]})
    sandbox.wake()


def play_upgrade(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    number = phone_numbers.find(sandbox.db, payload["phone_number_id"])
    if number is None:
        return
    phone_numbers.update(sandbox.db, number["id"], throughput_level="HIGH")
    limit = number["messaging_limit"]
    value = {
        "event": "THROUGHPUT_UPGRADE",
        "current_limit": limit,
        "max_daily_conversations_per_business": limit,
    }
    _tell_quality(sandbox, number, value)


def plan_name_review(sandbox: Sandbox, phone_number_id: str, name: str) -> None:
    settings = sandbox.settings
    payload = {"phone_number_id": phone_number_id, "name": name}
    timers.add(sandbox.db, timers.NAME, settings.after(settings.review_delay_s), payload)
    sandbox.wake()


def play_name_review(sandbox: Sandbox, payload: dict[str, Any]) -> None:
    """Nothing when another name was submitted meanwhile, or this one is in use already."""
    number = phone_numbers.find(sandbox.db, payload["phone_number_id"])
    if number is None or number["new_display_name"] != payload["name"]:
        return
    is_refused = magic.is_refused_display_name(payload["name"])
    value = {
        "display_phone_number": ids.digits_of(number["display_phone_number"]),
        "decision": "REJECTED" if is_refused else "APPROVED",
        "requested_verified_name": payload["name"],
        "rejection_reason": "NAME_NOT_CONSISTENT" if is_refused else None,
    }
    _send(sandbox, number["waba_id"], "phone_number_name_update", value, number["id"], number["id"])


def _tell_quality(sandbox: Sandbox, number: Row, value: dict[str, Any]) -> None:
    shown = {"display_phone_number": ids.digits_of(number["display_phone_number"])} | value
    _send(sandbox, number["waba_id"], "phone_number_quality_update", shown, number["id"], number["id"])


def _send(
    sandbox: Sandbox, waba_id: str, field: str, value: dict[str, Any], key: str, number_id: str | None = None
) -> None:
    event = outbox.Event(
        waba_id=waba_id,
        field=field,
        value=value,
        summary=field.replace("_", " "),
        key=key,
        phone_number_id=number_id,
        has_time=True,
    )
    outbox.send(sandbox, event)
