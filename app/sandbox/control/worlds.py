"""What an operator decides about apps, accounts and flows; codes of a sign-up; ready uploads."""

import base64
import secrets
from typing import Any

from flask import Response, jsonify

from .. import clock
from ..context import current_sandbox
from ..graph import conditions
from ..graph.authentication import APP_SWITCHES
from ..store import accounts, flows, node_settings, phone_numbers, signup_codes, uploads
from ..webhooks import events, flow_events, outbox
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

FLOW_STATUSES = ("DRAFT", "PUBLISHED", "THROTTLED", "BLOCKED", "DEPRECATED")


@blueprint.post("/conditions")
def set_conditions() -> Response:
    """What is wrong with an account or a number; the list replaces the one before, an empty one heals."""
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(given, ("id", "conditions"))
    node_id, wanted = inputs.text(given, "id"), given.get("conditions")
    if not isinstance(wanted, list) or not set(map(str, wanted)) <= set(conditions.NAMES):
        raise BadInput(f"'conditions' must be a list of: {', '.join(conditions.NAMES)}.")
    waba = accounts.find_waba(db, node_id)
    if waba is None and phone_numbers.find(db, node_id) is None:
        raise BadInput(f"There is no account or phone number with the id {node_id} in this sandbox.")
    with db.write():
        before = conditions.account_status(db, node_id)
        node_settings.put(db, node_id, node_settings.CONDITIONS, sorted(set(wanted)))
        after = conditions.account_status(db, node_id)
        if waba is not None and before != after:
            _tell_status(node_id, before, after)
    return jsonify({"success": True})


def _tell_status(waba_id: str, before: str, after: str) -> None:
    """A ban, its end, or a restriction of sending."""
    sandbox = current_sandbox()
    value: dict[str, Any] = {"event": "ACCOUNT_RESTRICTION"}
    if "DISABLED" in (before, after):
        state = "DISABLE" if after == "DISABLED" else "REINSTATE"
        ban = {"waba_ban_state": state, "waba_ban_date": clock.day_in_words(clock.now())}
        value = {"event": "DISABLED_UPDATE", "ban_info": ban}
    elif after == "ACTIVE":
        return  # a restriction ends without a webhook (unverified)
    numbers = phone_numbers.list_of(sandbox.db, waba_id)
    if not numbers:
        return
    whole = events.build("account_update", value, events.Subject(sandbox, numbers[0]))
    outbox.send(
        sandbox,
        outbox.Event(
            waba_id=waba_id,
            field="account_update",
            value=whole,
            summary=f"account {after}",
            key=waba_id,
            has_time=True,
        ),
    )


@blueprint.post("/apps/<app_id>")
def change_app(app_id: str) -> Response:
    """`is_proof_required`: calls need appsecret_proof. `is_capable` false: error 3."""
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(given, ("is_proof_required", "is_capable"))
    if accounts.find_app(db, app_id) is None:
        raise BadInput(f"There is no app with the id {app_id} in this sandbox.")
    kept = node_settings.get(db, app_id, APP_SWITCHES, {})
    changes = {key: inputs.flag(given, key, False) for key in given}
    node_settings.put(db, app_id, APP_SWITCHES, kept | changes)
    return jsonify({"success": True})


@blueprint.post("/flows/<flow_id>")
def change_flow(flow_id: str) -> Response:
    """The state that Meta would decide from the health of the endpoint."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("status",))
    status = inputs.choice(given, "status", FLOW_STATUSES)
    row = flows.find(sandbox.db, flow_id)
    if row is None:
        raise BadInput(f"There is no flow with the id {flow_id} in this sandbox.")
    published = row["published_json"] or row["json"]
    flow_events.change_status(sandbox, row, status, published_json=published)
    return jsonify({"success": True, "status": status})


@blueprint.post("/codes")
def create_code() -> tuple[Response, int]:
    """A code as the sign-up window gives it: 30 seconds, one use, for one account."""
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(given, ("app_id", "waba_id", "expires_in_s"))
    app_id, waba_id = inputs.text(given, "app_id"), inputs.text(given, "waba_id")
    if accounts.find_app(db, app_id) is None or accounts.find_waba(db, waba_id) is None:
        raise BadInput("'app_id' and 'waba_id' must name an app and an account of this sandbox.")
    lasts = given.get("expires_in_s", signup_codes.LIFE_S)
    if isinstance(lasts, bool) or not isinstance(lasts, (int, float)) or abs(lasts) > 10**9:
        raise BadInput("'expires_in_s' must be seconds; a negative number has expired already.")
    code = "AQ" + secrets.token_urlsafe(90)
    signup_codes.insert(db, code, app_id, waba_id, clock.now() + lasts)
    return jsonify({"code": code}), 201


@blueprint.post("/handles")
def create_handle() -> tuple[Response, int]:
    """A handle without the steps of the resumable upload: `{app_id, file_type, data?}`, data in base64."""
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(given, ("app_id", "file_type", "data"))
    app_id, file_type = inputs.text(given, "app_id"), inputs.text(given, "file_type")
    if accounts.find_app(db, app_id) is None:
        raise BadInput(f"There is no app with the id {app_id} in this sandbox.")
    try:
        data = base64.b64decode(inputs.optional_text(given, "data", 10**7) or "AA==", validate=True)
    except ValueError as error:
        raise BadInput("'data' must be base64.") from error
    handle = uploads.insert_handle(db, app_id, data or b"\0", file_type, None)
    return jsonify({"handle": handle}), 201
