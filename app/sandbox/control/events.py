"""Events of Meta's that nobody's message causes: about templates, quality, accounts, users, Flows."""

from typing import Any

from flask import Response, jsonify

from ..context import current_sandbox
from ..database import Row
from ..store import customers, message_templates
from ..webhooks import events, outbox
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

KEYS = ("phone_number_id", "field", "value", "message_template_id", "from")


@blueprint.post("/events")
def send_event() -> tuple[Response, int]:
    """Tell the apps of an account: `field` of Meta's, and of its `value` what is to differ from the usual.

    `message_template_id` says which message template it is about (otherwise the newest), `from` which
    customer. Nothing but the webhook changes; only a user id update gives the customer the new id.
    """
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, KEYS)
    number = inputs.number(sandbox, given)
    field = inputs.choice(given, "field", tuple(events.BUILDERS))
    with sandbox.db.write():
        subject = events.Subject(sandbox, number, _template(number, given), _customer(number, given))
        value = events.build(field, inputs.object_(given, "value"), subject)
        outbox.send(sandbox, _event(number, field, value, given))
    return jsonify({"success": True, "field": field, "value": value}), 201


def _event(number: Row, field: str, value: dict[str, Any], given: dict[str, Any]) -> outbox.Event:
    return outbox.Event(
        waba_id=number["waba_id"],
        field=field,
        value=value,
        summary=field.replace("_", " "),
        key=str(given.get("from") or number["id"]),
        phone_number_id=number["id"],
        has_time="metadata" not in value,
        entry_id=_portfolio(number) if _is_of_partners(field, value) else None,
    )


def _is_of_partners(field: str, value: dict[str, Any]) -> bool:
    """Such entries carry the id of the portfolio. Source: Meta docs, "Webhooks" pages, read 2026-09."""
    return field == "account_update" and str(value.get("event")).startswith("PARTNER_")


def _portfolio(number: Row) -> str:
    sql = "SELECT business_id FROM wabas WHERE id = ?"
    return str(current_sandbox().db.value(sql, number["waba_id"]))


def _template(number: Row, given: dict[str, Any]) -> Row | None:
    wanted = inputs.optional_text(given, "message_template_id", 30)
    if wanted is None:
        return None
    template = message_templates.find(current_sandbox().db, wanted)
    if template is None or template["waba_id"] != number["waba_id"]:
        raise BadInput(f"This account has no message template with the id {wanted}.")
    return template


def _customer(number: Row, given: dict[str, Any]) -> Row | None:
    if given.get("from") is None:
        return None
    db = current_sandbox().db
    business_id = db.value("SELECT business_id FROM wabas WHERE id = ?", number["waba_id"])
    return customers.get_or_add(db, business_id, inputs.wa_id(given, "from"))
