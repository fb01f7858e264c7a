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
    canned_replies,
    contact_fields,
    contact_identity,
    contact_imports,
    contacts,
    conversations,
    flows,
    knowledge,
    limits,
    media,
    message_template_files,
    message_template_life,
    message_templates,
    messages,
    outgoing_webhooks,
    people,
    phone_numbers,
    planned_messages,
    privacy,
    receipts,
    teams,
    usage,
    webhook_events,
)
from app.extensions import csrf

__all__ = [
    "accounts",
    "analytics",
    "authentication",
    "blueprint",
    "bot",
    "canned_replies",
    "contact_fields",
    "contact_identity",
    "contact_imports",
    "contacts",
    "conversations",
    "errors",
    "flows",
    "init_app",
    "json_body",
    "knowledge",
    "limits",
    "media",
    "message_template_files",
    "message_template_life",
    "message_templates",
    "messages",
    "outgoing_webhooks",
    "people",
    "phone_numbers",
    "planned_messages",
    "privacy",
    "receipts",
    "teams",
    "usage",
    "webhook_events",
]


def init_app(app: APIFlask) -> None:
    # No cookie opens anything here, so no other site can make a browser act in somebody's name.
    csrf.exempt(blueprint)
    init_description(app)
