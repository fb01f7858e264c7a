"""What can be read of a Flow. Source: Meta docs, "Flows API" page, read 2026-05."""

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

from flask import Response, request

from .. import clock, flow_targets
from ..context import current_sandbox
from ..database import Row
from ..flow_player import endpoint
from ..store import accounts, flows, phone_numbers
from . import health, phone_number_fields
from .errors import GraphError
from .fields import Field, parse
from .nodes import column, computed, read
from .registry import MANAGEMENT, NODE_TYPES, Answer, Call, FieldReader, Node, NodeType

DOWNLOAD_LIFE_S = 3600


def _from_json(key: str) -> FieldReader:
    return lambda call, _: _property(call.node.row["json"], key)


def _property(text: str | None, key: str) -> Any:
    try:
        flow = json.loads(text) if text else {}
    except ValueError:
        return None
    return flow.get(key) if isinstance(flow, dict) else None


def _preview(call: Call, field: Field) -> dict[str, str]:
    row = call.node.row
    is_void = row["preview_expires_at"] <= clock.now() or field.arguments.get("invalidate") == "true"
    if is_void:
        row = flows.renew_preview(call.db, row["id"])
    url = f"{call.sandbox.base_url()}/_flows/{row['id']}/preview?key={row['preview_key']}"
    return {"preview_url": url, "expires_at": clock.graph_date(row["preview_expires_at"])}


def _account(call: Call, _field: Field) -> dict[str, Any]:
    """The fields that an account shows when none are asked for."""
    row = accounts.find_waba(call.db, call.node.waba_id) or {}
    shown = {name: row[name] for name in ("id", "name", "timezone_id")}
    return shown | {"message_template_namespace": row["namespace"]}


def _application(call: Call, _field: Field) -> dict[str, Any] | None:
    """With the link that every app has, as pywa 4.5.0 reads it (unverified)."""
    row = accounts.find_app(call.db, call.node.row["application_id"] or call.token.app_id)
    if row is None:
        return None
    link = f"https://www.facebook.com/games/?app_id={row['id']}"
    return {"id": row["id"], "name": row["name"], "link": link}


def _health_status(call: Call, field: Field) -> dict[str, Any]:
    row = call.node.row
    number = phone_numbers.find(call.db, field.arguments.get("phone_number", ""))
    entities: list[health.Entity] = [("FLOW", row["id"], _trouble(call, row))]
    if number is not None and number["waba_id"] == row["waba_id"]:
        entities.append(("PHONE_NUMBER", number["id"], phone_number_fields.trouble(number)))
    return health.describe(call, row["waba_id"], *entities)


def _trouble(call: Call, row: Row) -> health.Trouble:
    """Blocked, throttled, or an endpoint that does not answer a ping."""
    if row["status"] == "BLOCKED":
        return "The flow is blocked."
    if row["status"] == "THROTTLED":
        return health.Limited("The flow is throttled.")
    flow = flow_targets.opened(row["json"])
    if "data_api_version" not in flow:
        return None
    trouble = endpoint.ping(flow_targets.of_flow(call.db, row, flow))
    return None if trouble is None else f"The endpoint is not healthy: {trouble}."


def _metric(_call: Call, _field: Field) -> Any:
    """Nobody calls an endpoint here: there is never enough traffic."""
    raise GraphError(139006)


NODE_TYPES["flow"] = NodeType(
    graph_name="WhatsAppFlow",
    readers={
        "name": column("name"),
        "status": column("status"),
        "categories": column("categories"),
        "validation_errors": column("validation_errors"),
        "json_version": _from_json("version"),
        "data_api_version": _from_json("data_api_version"),
        "endpoint_uri": column("endpoint_uri"),
        "data_channel_uri": column("endpoint_uri"),
        "preview": _preview,
        "whatsapp_business_account": _account,
        "application": _application,
        "health_status": _health_status,
        "metric": _metric,
        "updated_at": computed(lambda row: clock.graph_date(row["updated_at"])),
    },
    default=("name", "status", "categories", "validation_errors"),
    scope=MANAGEMENT,
)


def show(call: Call, row: Row) -> Answer:
    """One flow as an item of a list."""
    fields = parse(call.params.text("fields"))
    return read(replace(call, node=Node("flow", row["id"], row, row["waba_id"])), fields)


def download_url(call: Call, row: Row) -> str:
    """Good for an hour, without a token."""
    expires_at = str(int(clock.now()) + DOWNLOAD_LIFE_S)
    query = f"ext={expires_at}&hash={_hash(row, expires_at)}"
    return f"{call.sandbox.base_url()}/_flows/{row['id']}/flow.json?{query}"


def answer_download(flow_id: str) -> Response:
    """The view behind download_url."""
    row = flows.find(current_sandbox().db, flow_id)
    expires_at, given = request.args.get("ext", ""), request.args.get("hash", "")
    if row is None or not hmac.compare_digest(_hash(row, expires_at).encode(), given.encode()):
        return Response("Not found", 404, content_type="text/plain")
    if not expires_at.isdigit() or int(expires_at) <= clock.now():
        return Response("Not found", 404, content_type="text/plain")
    return Response(row["json"] or "", content_type="application/json")


def _hash(row: Row, expires_at: str) -> str:
    return hmac.new(row["preview_key"].encode(), expires_at.encode(), hashlib.sha256).hexdigest()[:32]
