"""Accounts, tokens, settings, reset."""

from typing import Any

from flask import Response, jsonify

from .. import clock, ids
from .. import settings as settings_store
from ..context import Sandbox, current_sandbox
from ..database import Row
from ..store import accounts, node_settings, phone_numbers, subscriptions, tokens, worlds
from ..webhooks import outbox
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

EVERYTHING = (
    "businesses", "apps", "wabas", "phone_numbers", "registrations", "tokens", "subscribed_apps",
    "app_subscriptions", "message_templates", "customers", "messages", "windows", "reached", "seen", "timers",
    "deliveries", "faults", "requests", "media", "settings", "node_settings", "node_events", "uploads",
    "flows", "flow_runs", "blocked_users", "qr_codes", "signup_codes",
)  # fmt: skip
# Decision → what the account and the webhook say. Source: Meta docs, "WhatsApp Business Account" and
# "account_review_update" pages, read 2026-03.
REVIEWS = {"approve": "APPROVED", "reject": "REJECTED", "reopen": "PENDING"}
ID_KEYS = ("waba_id", "meta_business_account_id", "app_id", "phone_number_id")


@blueprint.post("/accounts")
def create_account() -> tuple[Response, int]:
    """201 and all the console asks for. The same pinned body again answers 200 and the same account."""
    sandbox = current_sandbox()
    wanted = _wanted_account()
    with sandbox.db.write():
        same = accounts.find_same(sandbox.db, wanted)
        if same is not None:
            return jsonify(same.answer()), 200
        account = accounts.plan(sandbox.db, wanted)
        accounts.create(sandbox.db, account)
    return jsonify(account.answer()), 201


@blueprint.get("/accounts")
def list_accounts() -> Response:
    """Without secrets."""
    db = current_sandbox().db
    return jsonify({"data": [_account(current_sandbox(), waba) for waba in accounts.list_wabas(db)]})


@blueprint.post("/accounts/<waba_id>/review")
def review_account(waba_id: str) -> Response:
    """What Meta's review of an account decides: it is read at the account, and the apps are told."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("decision",))
    status = REVIEWS[inputs.choice(given, "decision", tuple(REVIEWS))]
    if accounts.find_waba(sandbox.db, waba_id) is None:
        raise BadInput(f"There is no account with the id {waba_id} in this sandbox.")
    event = outbox.Event(
        waba_id=waba_id,
        field="account_review_update",
        value={"decision": status},
        summary="account review update",
        key=waba_id,
        has_time=True,
    )
    with sandbox.db.write():
        node_settings.put(sandbox.db, waba_id, accounts.REVIEW_STATUS, status)
        outbox.send(sandbox, event)
    return jsonify({"success": True, "account_review_status": status})


@blueprint.post("/tokens")
def create_token() -> tuple[Response, int]:
    """A further token of an app: fewer scopes, other accounts, or an end."""
    db = current_sandbox().db
    given = inputs.body()
    inputs.known_keys(given, ("app_id", "scopes", "target_ids", "expires_in_s", "data_access_expires_in_s"))
    app_id = inputs.text(given, "app_id")
    if accounts.find_app(db, app_id) is None:
        raise BadInput(f"There is no app with the id {app_id} in this sandbox.")
    targets = given.get("target_ids")
    token = tokens.system_user(
        ids.access_token(),
        app_id,
        *_words(targets or [], "target_ids"),
        scopes=tuple(_words(given.get("scopes", list(tokens.ALL_SCOPES)), "scopes")),
        expires_at=_end(given, "expires_in_s"),
        all_targets=targets is None,
        data_access_expires_at=_end(given, "data_access_expires_in_s"),
    )
    tokens.insert(db, token)
    return jsonify({"access_token": token.value, "app_id": app_id}), 201


@blueprint.post("/tokens/revoke")
def revoke_token() -> Response:
    given = inputs.body()
    inputs.known_keys(given, ("access_token", "reason"))
    reason = inputs.choice({"reason": "invalidated"} | given, "reason", tuple(tokens.REVOCATIONS))
    if not tokens.revoke(current_sandbox().db, inputs.text(given, "access_token", 1000), reason):
        raise BadInput("There is no such access token in this sandbox.")
    return jsonify({"success": True})


@blueprint.get("/settings")
def get_settings() -> Response:
    return jsonify(settings_store.as_dict(current_sandbox().settings))


@blueprint.post("/settings")
def change_settings() -> Response:
    return jsonify(settings_store.as_dict(settings_store.change(current_sandbox().db, inputs.body())))


@blueprint.post("/reset")
def reset() -> Response:
    """Forget everything: accounts, messages, faults, settings. With `waba_id` only that account's world."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("waba_id",))
    waba_id = inputs.optional_text(given, "waba_id")
    if waba_id is not None:
        if accounts.find_waba(sandbox.db, waba_id) is None:
            raise BadInput(f"There is no account with the id {waba_id} in this sandbox.")
        worlds.forget(sandbox.db, waba_id)
        return jsonify({"success": True})
    with sandbox.db.write():
        sandbox.db.flush()
        for table in EVERYTHING:
            sandbox.db.execute(f"DELETE FROM {table}")  # noqa: S608 (names are literals)
        settings_store.forget(sandbox.db)
    sandbox.limiter.reset()
    return jsonify({"success": True})


@blueprint.get("/health")
def health() -> Response:
    db = current_sandbox().db
    return jsonify({"status": "ok", "accounts": db.value("SELECT count(*) FROM wabas")})


def _wanted_account() -> dict[str, str]:
    given = inputs.body()
    inputs.known_keys(given, ("name", *accounts.PINNABLE))
    wanted = {key: value for key in given if (value := inputs.optional_text(given, key)) is not None}
    for key in ID_KEYS:
        if key in wanted and not (wanted[key].isascii() and wanted[key].isdigit()):
            raise BadInput(f"'{key}' must be digits, like Meta's ids.")
    if "access_token" in wanted and not wanted["access_token"].startswith("EAA"):
        raise BadInput("'access_token' must begin with EAA, like Meta's.")
    if "phone_number" in wanted:
        wanted["phone_number"] = "+" + inputs.wa_id(wanted, "phone_number")
    empty = [key for key, value in wanted.items() if not value]
    if empty:
        raise BadInput(f"{', '.join(empty)} must not be empty; leave it out to have it made up.")
    return wanted


def _account(sandbox: Sandbox, waba: Row) -> dict[str, Any]:
    db = sandbox.db
    return {
        "name": waba["name"],
        "waba_id": waba["id"],
        "meta_business_account_id": waba["business_id"],
        "apps": [{"id": app["id"], "name": app["name"]} for app in accounts.list_apps_of(db, waba["id"])],
        "subscribed_apps": [
            {
                "id": app["id"],
                "override_callback_uri": app["override_callback_uri"],
                "callbacks": [row["callback_url"] for row in subscriptions.list_app_callbacks(db, app["id"])],
            }
            for app in subscriptions.list_apps_on(db, waba["id"])
        ],
        "phone_numbers": [
            {
                "id": number["id"],
                "phone_number": "+" + number["wa_id"],
                "display_number": number["display_phone_number"],
                "verified_name": number["verified_name"],
                "status": number["status"],
            }
            for number in phone_numbers.list_of(db, waba["id"])
        ],
    }


def _end(given: dict[str, Any], key: str) -> float:
    """UNIX seconds; 0 for never."""
    lasts = given.get(key, 0)
    if isinstance(lasts, bool) or not isinstance(lasts, (int, float)) or abs(lasts) > 10**9:
        raise BadInput(f"'{key}' must be seconds; 0 means never, a negative number has expired already.")
    return clock.now() + lasts if lasts else 0.0


def _words(value: Any, key: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadInput(f"'{key}' must be a list of texts.")
    return value
