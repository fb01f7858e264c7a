"""Which role may do what. The one table of permissions, for pages and API alike."""

from __future__ import annotations

from app.models.enums import Role, SecondFactorFor

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
    "canned_replies.manage",
    "contacts.manage",
    "message_templates.manage",
    "flows.manage",
    "webhook_events.view",
    "webhook_events.manage",
    "graph_calls.view",
    "bot.manage",
    "knowledge.manage",
}
_OWNER = _MANAGER | {
    "audit_log.view",
    "contacts.erase",
    "keys.manage",
    "outgoing_webhooks.manage",
    "people.manage",
    "records.view",
}

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.VIEWER: _VIEWER,
    Role.AGENT: _AGENT,
    Role.MANAGER: _MANAGER,
    Role.OWNER: _OWNER,
}
ALL_PERMISSIONS = _OWNER


NEED_SECOND_FACTOR: dict[SecondFactorFor, frozenset[Role]] = {
    SecondFactorFor.NOBODY: frozenset(),
    SecondFactorFor.OWNERS: frozenset({Role.OWNER}),
    SecondFactorFor.MANAGERS: frozenset({Role.OWNER, Role.MANAGER}),
    SecondFactorFor.EVERYBODY: frozenset(Role),
}


def role_allows(role: Role, permission: str) -> bool:
    return permission in PERMISSIONS[role]


_ORDER = (Role.VIEWER, Role.AGENT, Role.MANAGER, Role.OWNER)
"""Each may what those before it may."""


def roles_above(role: Role | None) -> tuple[Role, ...]:
    """Those that may more; without a role: all."""
    return _ORDER[_ORDER.index(role) + 1 :] if role is not None else _ORDER
