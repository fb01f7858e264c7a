"""Callbacks: `/{waba}/subscribed_apps` and `/{app}/subscriptions`; every URL is verified at once.

Source: Meta docs, "Webhook overrides" and Graph "Application subscriptions" pages, read 2026-03.
"""

from ..store import subscriptions
from ..webhooks import handshake
from . import accounts, errors
from .errors import GraphError
from .registry import MANAGEMENT, Answer, Call, edge

SUCCESS: Answer = {"success": True}

# Source: Meta docs, "Webhooks" field list, read 2026-09.
_FIELD_NAMES = """
    messages message_template_status_update message_template_quality_update
    message_template_components_update template_category_update phone_number_quality_update
    phone_number_name_update account_update account_alerts account_review_update
    business_capability_update security user_preferences user_id_update business_username_update
    flows calls history smb_message_echoes smb_app_state_sync group_lifecycle_update
    group_participants_update group_settings_update group_status_update automatic_events
    partner_solutions payment_configuration_update message_echoes tracking_events standby
    messaging_handovers
"""
FIELDS = frozenset(_FIELD_NAMES.split())


def verified(uri: str, verify_token: str) -> None:
    """Raises GraphError 2200 (unverified code) with what the callback did wrong."""
    if not verify_token:
        raise errors.required("verify_token")
    try:
        handshake.verify(uri, verify_token)
    except handshake.CallbackRefused as refusal:
        message = f"Callback verification failed with the following errors: {refusal}"
        raise GraphError(2200, message, http=400, details=str(refusal)) from refusal


@edge("waba", "subscribed_apps", "GET", scope=MANAGEMENT)
def list_apps(call: Call) -> Answer:
    return accounts.list_subscribed(call)


@edge("waba", "subscribed_apps", "POST", scope=MANAGEMENT)
def subscribe(call: Call) -> Answer:
    """Without a URI: subscribe, and forget an override that was there."""
    uri = call.params.text("override_callback_uri")
    if uri:
        verified(uri, call.params.text("verify_token") or "")
    subscriptions.subscribe_app(call.db, call.node.id, call.token.app_id, uri or None)
    return SUCCESS


@edge("waba", "subscribed_apps", "DELETE", scope=MANAGEMENT)
def unsubscribe(call: Call) -> Answer:
    subscriptions.unsubscribe_app(call.db, call.node.id, call.token.app_id)
    return SUCCESS


@edge("app", "subscriptions", "GET", app_only=True)
def list_callbacks(call: Call) -> Answer:
    rows = subscriptions.list_app_callbacks(call.db, call.node.id)
    return {
        "data": [
            {
                "object": row["object"],
                "callback_url": row["callback_url"],
                "active": True,
                "fields": [{"name": name, "version": f"v{call.version}.0"} for name in row["fields"]],
            }
            for row in rows
        ]
    }


@edge("app", "subscriptions", "POST", app_only=True)
def save_callback(call: Call) -> Answer:
    object_ = call.params.required_text("object")
    if object_ != subscriptions.OBJECT:
        raise errors.one_of("object", (subscriptions.OBJECT,), object_)
    uri = call.params.required_text("callback_url")
    fields = _checked_fields(call)
    verified(uri, call.params.text("verify_token") or "")
    subscriptions.save_app_callback(call.db, call.node.id, object_, uri, fields)
    return SUCCESS


@edge("app", "subscriptions", "DELETE", app_only=True)
def delete_callback(call: Call) -> Answer:
    """The whole object, or only the given fields; without an object everything."""
    object_ = call.params.text("object") or subscriptions.OBJECT
    dropped = set(call.params.words("fields"))
    row = subscriptions.find_app_callback(call.db, call.node.id)
    left = [name for name in row["fields"] if name not in dropped] if row and dropped else []
    if row and left:
        subscriptions.save_app_callback(call.db, call.node.id, object_, row["callback_url"], left)
    else:
        subscriptions.delete_app_callback(call.db, call.node.id, object_)
    return SUCCESS


def _checked_fields(call: Call) -> list[str]:
    fields = call.params.words("fields")
    if not fields:
        raise errors.required("fields")
    unknown = sorted(set(fields) - FIELDS)
    if unknown:
        raise errors.one_of("fields", tuple(sorted(FIELDS)), ", ".join(unknown))
    return fields
