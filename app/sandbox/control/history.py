"""A past for an account: further numbers, message templates already reviewed, people already known."""

from dataclasses import replace
from typing import Any

from flask import Response, jsonify

from .. import clock, ids
from ..context import current_sandbox
from ..database import Row
from ..graph import message_template_rules
from ..graph.errors import GraphError
from ..store import accounts, customers, message_templates, messages, phone_numbers
from ..webhooks import reviews
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

MOST_AT_ONCE = 2000
STATUSES = ("APPROVED", "PENDING", *(status for status in reviews.DECISIONS.values() if status != "APPROVED"))
QUALITIES = ("GREEN", "YELLOW", "RED", "UNKNOWN")
MESSAGE_TEMPLATE_KEYS = (
    "name", "language", "category", "components", "parameter_format", "status", "reason", "quality_score",
)  # fmt: skip


@blueprint.post("/phone_numbers")
def add_number() -> tuple[Response, int]:
    """One more number for an account; what is left out is made up. The same id again answers 200."""
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(
        given, ("waba_id", "phone_number_id", "phone_number", "display_number", "verified_name")
    )
    account = _account(given)
    with db.write():
        known = phone_numbers.find(db, inputs.optional_text(given, "phone_number_id") or "")
        if known is not None and known["waba_id"] == account.waba_id:
            return jsonify(_number(known)), 200
        phone_number_id = inputs.optional_text(given, "phone_number_id") or ids.node_id()
        wa_id = inputs.wa_id(given, "phone_number") if "phone_number" in given else None
        phone_number = f"+{wa_id}" if wa_id else phone_numbers.free_number(db)
        shown = ids.display_number(ids.digits_of(phone_number))
        number = replace(
            account,
            name=inputs.optional_text(given, "verified_name", 100) or account.name,
            phone_number_id=phone_number_id,
            phone_number=phone_number,
            display_number=inputs.optional_text(given, "display_number", 40) or shown,
        )
        accounts.refuse_taken_number(db, number)
        phone_numbers.insert(db, number)
    return jsonify(_number(phone_numbers.find(db, phone_number_id) or {})), 201


@blueprint.post("/message_templates")
def add_message_templates() -> tuple[Response, int]:
    """Message templates whose review is over (or stays open): no webhook, no timer. Known ones are left."""
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(given, ("waba_id", "message_templates"))
    waba_id = _account(given).waba_id
    bodies = [_checked_body(item) for item in _objects(given, "message_templates")]
    with db.write():
        for body in bodies:
            if message_templates.find_version(db, waba_id, body["name"], body["language"]) is None:
                row = message_templates.insert(db, waba_id, body, status=body["status"])
                message_templates.update(
                    db, row["id"], rejected_reason=body["reason"], quality_score=body["quality_score"]
                )
    return jsonify({"success": True}), 201


@blueprint.post("/customers")
def add_customers() -> tuple[Response, int]:
    """People a number has talked to: `{from, name?, username?, last_inbound_at?}`, UNIX seconds.

    Answers their user ids. `last_inbound_at` is what their 24-hour window counts from.
    """
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "customers"))
    number = inputs.number(sandbox, given)
    business_id = sandbox.db.value("SELECT business_id FROM wabas WHERE id = ?", number["waba_id"])
    with sandbox.db.write():
        known = [_know(number, business_id, person) for person in _objects(given, "customers")]
    return jsonify({"data": [{"wa_id": row["wa_id"], "user_id": row["user_id"]} for row in known]}), 201


def _know(number: Row, business_id: str, person: dict[str, Any]) -> Row:
    db = current_sandbox().db
    inputs.known_keys(person, ("from", "name", "username", "last_inbound_at"))
    wa_id, at = inputs.wa_id(person, "from"), person.get("last_inbound_at")
    if at is not None:
        if isinstance(at, bool) or not isinstance(at, (int, float)) or not 0 <= at <= clock.now():
            raise BadInput("'last_inbound_at' must be UNIX seconds, not in the future.")
        messages.open_window(db, number["id"], wa_id, float(at))
    name, username = inputs.optional_text(person, "name", 100), inputs.optional_text(person, "username", 36)
    return customers.rename(db, business_id, wa_id, name, username)


def _account(given: dict[str, Any]) -> accounts.NewAccount:
    waba_id = inputs.text(given, "waba_id")
    account = accounts.find_complete(current_sandbox().db, waba_id)
    if account is None:
        raise BadInput(f"There is no account with the id {waba_id} in this sandbox.")
    return account


def _objects(given: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = given.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise BadInput(f"'{key}' must be a list of objects.")
    if len(found) > MOST_AT_ONCE:
        raise BadInput(f"'{key}' may hold {MOST_AT_ONCE} at once.")
    return found


def _checked_body(given: dict[str, Any]) -> dict[str, Any]:
    """By the rules of a creation, with the outcome of its review beside it."""
    inputs.known_keys(given, MESSAGE_TEMPLATE_KEYS)
    body = given | {
        "status": inputs.choice({"status": "APPROVED"} | given, "status", STATUSES),
        "quality_score": inputs.choice({"quality_score": "UNKNOWN"} | given, "quality_score", QUALITIES),
        "reason": inputs.choice(given, "reason", reviews.REASONS) if given.get("reason") else "NONE",
    }
    try:
        message_template_rules.check_creation(body)
    except GraphError as error:
        raise BadInput(f"{given.get('name')}: {error.message}") from error
    return body


def _number(row: Row) -> dict[str, str]:
    return {
        "phone_number_id": row["id"],
        "phone_number": f"+{row['wa_id']}",
        "display_number": row["display_phone_number"],
        "verified_name": row["verified_name"],
    }
