"""A past for an account: further numbers, and message templates already reviewed."""

from dataclasses import replace
from typing import Any

from flask import Response, jsonify

from .. import ids
from ..context import current_sandbox
from ..database import Row
from ..graph import message_template_rules
from ..graph.errors import GraphError
from ..store import accounts, message_templates, phone_numbers
from ..webhooks import reviews
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

EVERYBODY_HAS = "hello_world"
STATUSES = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "ARCHIVED", "IN_APPEAL")
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
    """Message templates whose review is over (or stays open): no webhook, no timer. Known ones are left.

    `is_all`: the ready-made ones go, but for `hello_world`, which every account of Meta's has.
    """
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(given, ("waba_id", "message_templates", "is_all"))
    waba_id = _account(given).waba_id
    bodies = [_checked_body(item) for item in inputs.objects(given, "message_templates")]
    with db.write():
        if inputs.flag(given, "is_all", False):
            message_templates.forget_others(db, waba_id, {EVERYBODY_HAS, *(body["name"] for body in bodies)})
        for body in bodies:
            if message_templates.find_version(db, waba_id, body["name"], body["language"]) is None:
                row = message_templates.insert(db, waba_id, body, status=body["status"])
                message_templates.update(
                    db, row["id"], rejected_reason=body["reason"], quality_score=body["quality_score"]
                )
    return jsonify({"success": True}), 201


def _account(given: dict[str, Any]) -> accounts.NewAccount:
    waba_id = inputs.text(given, "waba_id")
    account = accounts.find_complete(current_sandbox().db, waba_id)
    if account is None:
        raise BadInput(f"There is no account with the id {waba_id} in this sandbox.")
    return account


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
        raise BadInput(f"{given.get('name')}: {error.user_message or error.message}") from error
    return body


def _number(row: Row) -> dict[str, str]:
    return {
        "phone_number_id": row["id"],
        "phone_number": f"+{row['wa_id']}",
        "display_number": row["display_phone_number"],
        "verified_name": row["verified_name"],
    }
