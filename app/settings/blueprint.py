"""The blueprint that the files of this door hang their pages on, and the tabs they share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from app.web.identity import current_actor

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

_TABS = (
    ("Profile", "settings.profile", ("settings.profile", "settings.change_password"), None),
    (
        "People",
        "settings.people",
        ("settings.people", "settings.add_person", "settings.person"),
        "people.manage",
    ),
    ("API keys", "settings.api_keys", ("settings.api_keys", "settings.create_key"), "keys.manage"),
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
