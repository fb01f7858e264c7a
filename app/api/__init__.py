"""The JSON door: `/api/whatsapp/api/`, for programs with an API key."""

from __future__ import annotations

from apiflask import APIFlask

from app.api import authentication, errors, json_body
from app.api.blueprint import blueprint
from app.api.description import init_description
from app.api.views import (
    accounts,
    analytics,
    bot,
    flows,
    knowledge,
    media,
    message_templates,
    messages,
    outgoing_webhooks,
    phone_numbers,
    webhook_events,
)
from app.extensions import csrf

__all__ = [
    "accounts",
    "analytics",
    "authentication",
    "blueprint",
    "bot",
    "errors",
    "flows",
    "init_app",
    "json_body",
    "knowledge",
    "media",
    "message_templates",
    "messages",
    "outgoing_webhooks",
    "phone_numbers",
    "webhook_events",
]


def init_app(app: APIFlask) -> None:
    # No cookie opens anything here, so no other site can make a browser act in somebody's name.
    csrf.exempt(blueprint)
    init_description(app)
