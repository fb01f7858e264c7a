"""Which role may do what. The one table of permissions, for pages and API alike."""

from __future__ import annotations

from app.models.enums import Role

_VIEWER = frozenset(
    {
        "accounts.view",
        "messages.view",
        "message_templates.view",
        "flows.view",
        "analytics.view",
        "bot.view",
        "knowledge.view",
    }
)
_AGENT = _VIEWER | {"console.use", "messages.send"}
_MANAGER = _AGENT | {
    "accounts.manage",
    "accounts.create",
    "message_templates.manage",
    "flows.manage",
    "webhook_events.view",
    "webhook_events.manage",
    "graph_calls.view",
    "bot.manage",
    "knowledge.manage",
}
_OWNER = _MANAGER | {"people.manage", "keys.manage", "outgoing_webhooks.manage"}

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.VIEWER: _VIEWER,
    Role.AGENT: _AGENT,
    Role.MANAGER: _MANAGER,
    Role.OWNER: _OWNER,
}
ALL_PERMISSIONS = _OWNER


def role_allows(role: Role, permission: str) -> bool:
    return permission in PERMISSIONS[role]
