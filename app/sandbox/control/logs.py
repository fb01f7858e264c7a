"""What the sandbox saw and did: messages, Graph requests, webhooks."""

from typing import Any

from flask import Response, jsonify, request

from .. import ids
from ..context import current_sandbox
from ..database import Row, from_json
from ..store import deliveries, messages, phone_numbers, request_log
from . import inputs
from .blueprint import blueprint

MOST = 10_000


@blueprint.get("/messages")
def list_messages() -> Response:
    """Both directions, newest first. Filters: phone_number_id, to (the customer), since, before, limit."""
    db = current_sandbox().db
    to = request.args.get("to")
    rows = messages.list_filtered(
        db,
        phone_number_id=request.args.get("phone_number_id"),
        wa_id=ids.digits_of(to) if to is not None else None,
        limit=inputs.limit(100, MOST),
        since=inputs.query_number("since"),
        before=inputs.query_number("before"),
    )
    numbers = {row["id"]: row["wa_id"] for row in phone_numbers.list_all(db)}
    return jsonify({"data": [_message(row, numbers.get(row["phone_number_id"])) for row in rows]})


@blueprint.get("/requests")
def list_requests() -> Response:
    """Newest first; `http_status` 0: the connection was cut. Tokens are masked. since, before, limit."""
    rows = request_log.list_newest(
        current_sandbox().db,
        inputs.limit(100, MOST),
        since=inputs.query_number("since"),
        before=inputs.query_number("before"),
    )
    return jsonify({"data": rows})


@blueprint.get("/deliveries")
def list_deliveries() -> Response:
    """Webhooks, newest first.

    state: pending, sending, delivered, dropped, deleted, given_up, nobody (no app listens).
    Filters: state, field, waba_id.
    """
    db = current_sandbox().db
    wanted = {key: request.args.get(key) for key in ("state", "field", "waba_id")}
    rows = deliveries.list_newest(db, inputs.limit(100, MOST), **wanted)
    return jsonify({"data": [_delivery(row) for row in rows], "waiting": deliveries.count_waiting(db)})


@blueprint.delete("/deliveries")
def delete_deliveries() -> Response:
    """Webhooks that have not reached their app yet never will: all, or those of `?id=` or `?waba_id=`."""
    wanted = request.args.get("id")
    if wanted is not None and not (wanted.isascii() and wanted.isdigit()):
        raise inputs.BadInput("'id' must be the number of a delivery.")
    delivery_id = int(wanted[:15]) if wanted else None
    deleted = deliveries.delete_waiting(
        current_sandbox().db, delivery_id=delivery_id, waba_id=request.args.get("waba_id")
    )
    return jsonify({"success": True, "deleted": deleted})


@blueprint.post("/deliveries/retry")
def retry_deliveries() -> Response:
    """Send now what waits for a further try or was given up: all, or that of `?waba_id=`."""
    sandbox = current_sandbox()
    retried = deliveries.retry_waiting(sandbox.db, waba_id=request.args.get("waba_id"))
    sandbox.wake()
    return jsonify({"success": True, "retried": retried})


def _message(row: Row, number: str | None) -> dict[str, Any]:
    is_inbound = row["direction"] == "inbound"
    payload = {key: value for key, value in row["payload"].items() if not key.startswith("_")}
    return {
        "id": row["id"],
        "wamid": row["wamid"],
        "direction": row["direction"],
        "phone_number_id": row["phone_number_id"],
        "from": row["wa_id"] if is_inbound else number,
        "to": number if is_inbound else row["wa_id"],
        "type": row["type"],
        "status": row["status"],
        "payload": payload,
        "error": row["error"],
        "pricing": row["pricing"],
        "biz_opaque_callback_data": row["callback_data"],
        "created": row["created_at"],
        "sent": row["sent_at"],
        "delivered": row["delivered_at"],
        "read": row["read_at"],
    }


def _delivery(row: Row) -> dict[str, Any]:
    kept = (
        "id",
        "app_id",
        "url",
        "waba_id",
        "field",
        "summary",
        "state",
        "attempts",
        "last_result",
        "answer",
        "due_at",
        "created_at",
    )
    return {key: row[key] for key in kept} | {"body": from_json(row["body"])}
