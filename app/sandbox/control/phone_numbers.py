"""What Meta would decide about a number: status, quality, limit, throughput, use in the phone app."""

from typing import Any

from flask import Response, jsonify

from ..context import current_sandbox
from ..database import Row
from ..store import node_settings, phone_numbers, portfolio
from ..webhooks import number_life
from . import inputs
from .blueprint import blueprint

NUMBER_CHOICES = {
    "status": ("CONNECTED", "DISCONNECTED", "PENDING", "FLAGGED", "RESTRICTED", "RATE_LIMITED", "BANNED"),
    "quality_rating": ("GREEN", "YELLOW", "RED", "UNKNOWN"),
    "code_verification_status": ("VERIFIED", "NOT_VERIFIED", "EXPIRED"),
    "name_status": ("APPROVED", "AVAILABLE_WITHOUT_REVIEW", "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE"),
    "throughput_level": ("STANDARD", "HIGH", "NOT_APPLICABLE"),
    "messaging_limit": tuple(portfolio.TIERS),
    "account_mode": ("LIVE", "SANDBOX"),
}
# Kept beside the row of the number.
KEPT = (phone_numbers.ON_APP, phone_numbers.ONBOARDED_AT)


@blueprint.post("/phone_numbers/<phone_number_id>")
def change_number(phone_number_id: str) -> Response:
    """Set any of NUMBER_CHOICES, `verified_name`, `is_on_biz_app`, `last_onboarded_time` (UNIX seconds).

    `messaging_limit` is the portfolio's: all its numbers get it, and its apps are told. `throughput_level`
    HIGH is reached after the minute of an upgrade.
    """
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, (*NUMBER_CHOICES, "verified_name", *KEPT))
    changes = {key: inputs.choice(given, key, NUMBER_CHOICES[key]) for key in given if key in NUMBER_CHOICES}
    if "verified_name" in given:
        changes["verified_name"] = inputs.text(given, "verified_name", 100)
    kept = _kept(given)
    number = inputs.number(sandbox, {"phone_number_id": phone_number_id})
    with sandbox.db.write():
        _decide(number, changes)
        if changes:
            phone_numbers.update(sandbox.db, number["id"], **changes)
        for name, value in kept.items():
            node_settings.put(sandbox.db, number["id"], name, value)
    return jsonify({"success": True})


def _decide(number: Row, changes: dict[str, str]) -> None:
    """What takes its time, or is true of the whole portfolio, leaves `changes` and goes its own way."""
    sandbox = current_sandbox()
    tier = changes.pop("messaging_limit", None)
    if tier is not None:
        number_life.change_limit(sandbox, portfolio.business_of(sandbox.db, number["waba_id"]), tier)
    if changes.get("throughput_level") == "HIGH" and number["throughput_level"] == "STANDARD":
        del changes["throughput_level"]
        number_life.start_upgrade(sandbox, number)


def _kept(given: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if phone_numbers.ON_APP in given:
        kept[phone_numbers.ON_APP] = inputs.flag(given, phone_numbers.ON_APP, False)
    if phone_numbers.ONBOARDED_AT in given:
        kept[phone_numbers.ONBOARDED_AT] = inputs.moment(given, phone_numbers.ONBOARDED_AT)
    return kept
