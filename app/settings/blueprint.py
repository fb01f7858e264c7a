"""The blueprint that the files of this door hang their pages on, and the tabs they share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from wtforms import Field

from app.services.password_tries import TooManyTries
from app.web.identity import current_actor

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

_TABS = (
    (
        "Profile",
        "settings.profile",
        (
            "settings.profile",
            "settings.save_profile",
            "settings.change_password",
            "settings.second_factor",
            "settings.confirm_second_factor",
            "settings.make_recovery_codes",
            "settings.turn_off_second_factor",
            "settings.passkeys",
            "settings.add_passkey",
        ),
        None,
    ),
    ("Notifications", "settings.desk", ("settings.desk",), "console.use"),
    (
        "People",
        "settings.people",
        (
            "settings.people",
            "settings.add_person",
            "settings.person",
            "settings.set_rights",
            "settings.give_one_time_password",
            "settings.renew_invitation",
            "settings.require_second_factor",
        ),
        "people.manage",
    ),
    (
        "Teams",
        "settings.teams",
        ("settings.teams", "settings.create_team", "settings.team", "settings.delete_team"),
        "people.manage",
    ),
    ("API keys", "settings.api_keys", ("settings.api_keys", "settings.create_key"), "keys.manage"),
    ("API", "settings.api_docs", ("settings.api_docs", "settings.api_docs_group"), None),
    ("Failures", "settings.failures", ("settings.failures",), None),
    (
        "Canned replies",
        "settings.canned_replies",
        (
            "settings.canned_replies",
            "settings.create_canned_reply",
            "settings.canned_reply",
            "settings.delete_canned_reply",
        ),
        "canned_replies.manage",
    ),
    (
        "Outgoing webhooks",
        "settings.webhooks",
        (
            "settings.webhooks",
            "settings.create_webhook",
            "settings.webhook",
            "settings.webhook_deliveries",
            "settings.webhook_delivery",
        ),
        "outgoing_webhooks.manage",
    ),
    ("Mail", "settings.mail", ("settings.mail",), "people.manage"),
    ("Audit log", "settings.audit_log", ("settings.audit_log",), "audit_log.view"),
)


@blueprint.context_processor
def settings_tabs() -> dict[str, Any]:
    """Only what this person may open."""
    return {
        "settings_tabs": [
            {"text": text, "url": url_for(endpoint), "is_current": request.endpoint in endpoints}
            for text, endpoint, endpoints, permission in _TABS
            if permission is None or current_actor().may(permission)
        ]
    }


def refuse_for_now(field: Field, error: TooManyTries, page: Callable[[int], Response]) -> Response:
    """429: the page once more, with the reason beside the password, and when to come again."""
    field.errors = [error.message]
    answer = page(error.status)
    answer.headers["Retry-After"] = str(error.wait_s)
    return answer
