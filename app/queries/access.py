"""Who is asking, and which accounts they may see. Every query that lists or finds takes a scope."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, false, true

from app.models import ApiKey, Role, User
from app.models.roles import role_allows


@dataclass(frozen=True)
class AccountScope:
    """The accounts one may touch. `ids` None means all of them."""

    ids: frozenset[int] | None

    def covers(self, column: Any) -> ColumnElement[bool]:
        """The condition that keeps a query inside the scope; `column` holds account ids."""
        if self.ids is None:
            return true()
        return column.in_(self.ids) if self.ids else false()

    def __contains__(self, account_id: int) -> bool:
        return self.ids is None or account_id in self.ids


EVERYTHING = AccountScope(None)


@dataclass(frozen=True)
class Actor:
    """A person or an API key, with its rights as they stand now."""

    role: Role
    account_roles: dict[int, Role] = field(default_factory=dict)
    user: User | None = None
    api_key: ApiKey | None = None
    ip_address: str = ""

    @property
    def name(self) -> str:
        if self.user is not None:
            return self.user.display_name
        return f"API key {self.api_key.name}" if self.api_key is not None else "system"

    def may(self, permission: str, account_id: int | None = None) -> bool:
        """In this account; without one: anywhere (by base role, or in some account)."""
        if self.role is Role.OWNER:
            return True
        if account_id is not None:
            role = self.account_roles.get(account_id)
            return role is not None and role_allows(role, permission)
        roles = {self.role, *self.account_roles.values()}
        return any(role_allows(role, permission) for role in roles)

    def scope(self, permission: str) -> AccountScope:
        """The accounts in which this is allowed."""
        if self.role is Role.OWNER:
            return EVERYTHING
        allowed = (id_ for id_, role in self.account_roles.items() if role_allows(role, permission))
        return AccountScope(frozenset(allowed))


def actor_of_user(user: User, ip_address: str = "") -> Actor:
    roles = {membership.account_id: membership.role for membership in user.memberships}
    return Actor(role=user.role, account_roles=roles, user=user, ip_address=ip_address)


def actor_of_api_key(api_key: ApiKey, ip_address: str = "") -> Actor:
    roles = {link.account_id: api_key.role for link in api_key.accounts}
    return Actor(role=api_key.role, account_roles=roles, api_key=api_key, ip_address=ip_address)


SYSTEM = Actor(role=Role.OWNER)
"""The worker and the command line."""
