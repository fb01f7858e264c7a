"""Flows: create, read, change, assets, publish, deprecate, delete, migrate.

Source: Meta docs, "Flows API" and "Flows lifecycle" pages, read 2025-12 to 2026-05.
"""

import json
from typing import Any

from .. import flow_targets
from ..database import Database, Row
from ..flow_json.check import check
from ..flow_player import endpoint
from ..store import accounts, flows, node_settings
from ..webhooks import flow_events
from . import errors, flow_fields
from .errors import GraphError
from .nodes import read
from .paging import page
from .registry import MANAGEMENT, Answer, Call, Node, edge, finder

SUCCESS: Answer = {"success": True}
CATEGORIES = (
    "SIGN_UP", "SIGN_IN", "APPOINTMENT_BOOKING", "LEAD_GENERATION", "CONTACT_US", "CUSTOMER_SUPPORT",
    "SURVEY", "OTHER", "SHOPPING",
)  # fmt: skip
LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 200
# A published flow that is changed goes back to DRAFT, and its published version is still served.
CHANGEABLE = ("DRAFT", "PUBLISHED")


@finder
def find_flow(db: Database, node_id: str) -> Node | None:
    row = flows.find(db, node_id)
    return None if row is None else Node("flow", node_id, row, row["waba_id"])


@edge("waba", "flows", "GET", scope=MANAGEMENT)
def list_flows(call: Call) -> Answer:
    rows = flows.list_of(call.db, call.node.id)
    return page(call, rows, [flow_fields.show(call, row) for row in rows])


@edge("waba", "flows", "POST", scope=MANAGEMENT)
def create_flow(call: Call) -> Answer:
    if "flow_integrity" in node_settings.conditions_of(call.db, call.node.id):
        raise GraphError(139000)
    name, categories = _checked_name(call, call.node.id, None), _checked_categories(call, is_required=True)
    uri, text = _checked_uri(call), _draft_text(call)
    problems = check(text) if text is not None else []
    is_published = _is_true(call, "publish")
    if is_published:
        # Before anything is stored: nobody may wait for the endpoint with the database locked.
        planned = {"json": text, "validation_errors": problems, "endpoint_uri": uri, "application_id": None}
        _refuse_publishing(call, planned | {"status": "DRAFT", "waba_id": call.node.id})
    with call.db.write():
        flow_id = flows.insert(call.db, call.node.id, name, categories, uri)
        flows.update(call.db, flow_id, json=text, validation_errors=problems)
        if is_published:
            row = flows.find(call.db, flow_id) or {}
            flow_events.change_status(call.sandbox, row, "PUBLISHED", published_json=text)
    if text is None:
        return {"id": flow_id}
    return {"id": flow_id, "success": True, "validation_errors": problems}


@edge("flow", "", "GET", scope=MANAGEMENT)
def get_flow(call: Call) -> Answer:
    return read(call)


@edge("flow", "", "POST", scope=MANAGEMENT)
def change_flow(call: Call) -> Answer:
    _refuse_state(call, 139001, CHANGEABLE)
    changes: dict[str, Any] = {}
    if call.params.has("name"):
        changes["name"] = _checked_name(call, call.node.waba_id, call.node.id)
    if call.params.has("categories"):
        changes["categories"] = _checked_categories(call, is_required=True)
    if call.params.has("endpoint_uri"):
        changes["endpoint_uri"] = _checked_uri(call)
    if call.params.has("application_id"):
        changes["application_id"] = _checked_app(call)
    if not changes:
        raise errors.invalid("One of name, categories, endpoint_uri, application_id is required.")
    flow_events.change_status(call.sandbox, call.node.row, "DRAFT", **changes)
    return SUCCESS


@edge("flow", "", "DELETE", scope=MANAGEMENT)
def delete_flow(call: Call) -> Answer:
    _refuse_state(call, 139004, ("DRAFT",))
    if call.node.row["published_json"] is not None:
        raise GraphError(139004, details="A flow that was published can only be deprecated.")
    flows.delete(call.db, call.node.id)
    return SUCCESS


@edge("flow", "assets", "POST", scope=MANAGEMENT)
def upload_asset(call: Call) -> Answer:
    """Success even when the JSON has errors: they only hinder publishing."""
    _refuse_state(call, 139001, CHANGEABLE)
    if call.params.text("asset_type") != "FLOW_JSON":
        raise errors.one_of("asset_type", ("FLOW_JSON",), call.params.text("asset_type"))
    if call.params.text("name") != "flow.json":
        raise errors.one_of("name", ("flow.json",), call.params.text("name"))
    file = call.params.files.get("file")
    if file is None:
        raise errors.required("file")
    data = file.read()
    if not data or len(data) > LARGEST:
        raise errors.invalid(f"file must have 1 to {LARGEST} bytes, it has {len(data)}.")
    text = data.decode("utf-8", "replace")
    problems = check(text)
    changes = {"json": text, "validation_errors": problems}
    flow_events.change_status(call.sandbox, call.node.row, "DRAFT", **changes)
    return {"success": True, "validation_errors": problems}


@edge("flow", "assets", "GET", scope=MANAGEMENT)
def list_assets(call: Call) -> Answer:
    row = call.node.row
    if row["json"] is None:
        return {"data": []}
    url = flow_fields.download_url(call, row)
    asset = {"name": "flow.json", "asset_type": "FLOW_JSON", "download_url": url}
    return page(call, [row], [asset])


@edge("flow", "publish", "POST", scope=MANAGEMENT)
def publish_flow(call: Call) -> Answer:
    row = call.node.row
    _refuse_publishing(call, row)
    flow_events.change_status(call.sandbox, row, "PUBLISHED", published_json=row["json"])
    return SUCCESS


@edge("flow", "deprecate", "POST", scope=MANAGEMENT)
def deprecate_flow(call: Call) -> Answer:
    _refuse_state(call, 139003, ("PUBLISHED", "THROTTLED", "BLOCKED"))
    flow_events.change_status(call.sandbox, call.node.row, "DEPRECATED")
    return SUCCESS


@edge("waba", "migrate_flows", "POST", scope=MANAGEMENT)
def migrate_flows(call: Call) -> Answer:
    """Copies as drafts; the codes of `failed_flows` are (unverified) beyond 4233041."""
    source = accounts.find_waba(call.db, call.params.required_text("source_waba_id"))
    if source is None or not call.token.can_see(source["id"]):
        raise errors.invalid("source_waba_id: there is no such WhatsApp Business account.")
    names = call.params.words("source_flow_names")
    found = {row["name"]: row for row in flows.list_of(call.db, source["id"])}
    done, failed = [], []
    for name in names or list(found):
        if name not in found or flows.find_named(call.db, call.node.id, name):
            reason = "The flow does not exist." if name not in found else "The name is taken."
            failed.append({"source_name": name, "error_code": "4233041", "error_message": reason})
            continue
        done.append(
            {
                "source_name": name,
                "source_id": found[name]["id"],
                "migrated_id": _copy(call, call.node.id, found[name]),
            }
        )
    return {"migrated_flows": done, "failed_flows": failed}


def _copy(call: Call, waba_id: str, source: Row) -> str:
    with call.db.write():
        flow_id = flows.insert(call.db, waba_id, source["name"], source["categories"], source["endpoint_uri"])
        problems = source["validation_errors"]
        flows.update(call.db, flow_id, json=source["json"], validation_errors=problems)
    return flow_id


def _refuse_publishing(call: Call, row: Row) -> None:
    """What hinders it is an error 139002."""
    if row["status"] != "DRAFT":
        raise GraphError(139002, details=f"A flow that is {row['status']} cannot be published.")
    trouble = _trouble(call, row)
    if trouble:
        raise GraphError(139002, details=trouble)


def _trouble(call: Call, row: Row) -> str | None:
    """What hinders publishing."""
    if row["json"] is None:
        return "The flow has no Flow JSON."
    if row["validation_errors"]:
        return f"The Flow JSON has {len(row['validation_errors'])} validation errors."
    sql = "SELECT id FROM phone_numbers WHERE waba_id = ? AND code_verification_status = 'VERIFIED'"
    numbers = [found["id"] for found in call.db.rows(sql, row["waba_id"])]
    if not numbers:
        return "The account has no verified phone number."
    flow = flow_targets.opened(row["json"])
    return _endpoint_trouble(call, row, flow, numbers) if "data_api_version" in flow else None


def _endpoint_trouble(call: Call, row: Row, flow: dict[str, Any], numbers: list[str]) -> str | None:
    if not row["endpoint_uri"]:
        return "A flow with data_api_version needs an endpoint_uri."
    if not any(node_settings.get(call.db, number, node_settings.PUBLIC_KEY) for number in numbers):
        return "A flow with an endpoint needs the public key of a phone number."
    trouble = endpoint.ping(flow_targets.of_flow(call.db, row, flow))
    return None if trouble is None else f"The endpoint does not answer a ping: {trouble}."


def _refuse_state(call: Call, code: int, allowed: tuple[str, ...]) -> None:
    status = call.node.row["status"]
    if status not in allowed:
        raise GraphError(code, details=f"The flow is {status}; it must be {' or '.join(allowed)}.")


def _checked_name(call: Call, waba_id: str, own_id: str | None) -> str:
    name = call.params.required_text("name")
    if not name.strip():
        raise errors.required("name")
    if len(name) > LONGEST_NAME:
        raise errors.invalid(f"name has at most {LONGEST_NAME} characters.")
    other = flows.find_named(call.db, waba_id, name)
    if other is not None and other["id"] != own_id:
        raise GraphError(
            100,
            "Invalid parameter",
            subcode=4016019,
            user_title="Flow name is not unique",
            user_message="Another flow of this account has this name already.",
            is_prefixed=False,
        )
    return name


def _checked_categories(call: Call, *, is_required: bool) -> list[str]:
    categories = call.params.words("categories")
    if is_required and not categories:
        raise errors.required("categories")
    for category in categories:
        if category not in CATEGORIES:
            raise errors.one_of("categories", CATEGORIES, category)
    return categories


def _checked_uri(call: Call) -> str | None:
    uri = call.params.text("endpoint_uri")
    if uri and not uri.startswith(("http://", "https://")):
        raise errors.invalid("endpoint_uri must begin with https://.")
    return uri or None


def _checked_app(call: Call) -> str:
    app_id = call.params.required_text("application_id")
    if accounts.find_app(call.db, app_id) is None:
        raise errors.invalid("application_id: there is no such app.")
    return app_id


def _draft_text(call: Call) -> str | None:
    """From `flow_json` (a text) or a copy of another flow of the account; not from both."""
    given, source_id = call.params.get("flow_json"), call.params.text("clone_flow_id")
    if given is not None and source_id:
        raise errors.invalid("Give one of flow_json and clone_flow_id.")
    if given is not None:
        return given if isinstance(given, str) else json.dumps(given)
    if not source_id:
        return None
    source = flows.find(call.db, source_id)
    if source is None or source["waba_id"] != call.node.id:
        raise errors.invalid("clone_flow_id: there is no such flow in this account.")
    text: str | None = source["json"]
    return text


def _is_true(call: Call, name: str) -> bool:
    return str(call.params.get(name)).lower() in {"true", "1"}
