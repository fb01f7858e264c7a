"""Who is asking, and which accounts they may see. Every query that lists or finds takes a scope."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, false, or_, true

from app.models import ApiKey, Contact, Message, Role, User
from app.models.number_masks import NAME_NUMBERS, mask_number, mask_numbers_in
from app.models.roles import role_allows
from app.queries.desks import ConversationLimits, rules_for
from app.queries.search.folding import fold

_WHOLE = 9
"""Digits from which on a number is not guessed any more."""


def _digits_in(typed: str) -> str:
    """Of whichever script: a search takes them all for the same."""
    return re.sub(r"[^0-9]", "", fold(typed))


@dataclass(frozen=True)
class AccountScope:
    """The accounts one may touch. `ids` None means all of them.

    `limits`: in some of them only some conversations, and what belongs to these. `masked`: in these the
    customers' numbers are not shown in full.
    """

    ids: frozenset[int] | None
    limits: ConversationLimits | None = None
    masked: frozenset[int] = frozenset()

    def covers(self, column: Any) -> ColumnElement[bool]:
        """The condition that keeps a query inside the scope; `column` holds the account ids of any table.

        Of conversations, and of what belongs to one (messages, files, contacts …), it leaves out what this
        person may not see in these accounts.
        """
        if self.ids is None:
            return true()
        inside = column.in_(self.ids) if self.ids else false()
        return inside if self.limits is None else inside & self.limits.allow(column)

    def shown_number(self, account_id: int, number: str) -> str:
        """A customer's number as it may leave in a file."""
        return mask_number(number) if account_id in self.masked else number

    def shown_name(self, contact: Contact) -> str:
        """What a customer is called, in a file: of some the number is all we know."""
        return self.shown_words(contact.account_id, contact.display_name)

    def shown_words(self, account_id: int, text: str) -> str:
        """A name, in a file: some people have their number for one."""
        return mask_numbers_in(text) if account_id in self.masked else text

    def shown_wamid(self, account_id: int, wamid: str) -> str:
        """Meta's id of a message, in a file: the customer's number can be read out of it."""
        return "" if account_id in self.masked else wamid

    def finds_by(self, typed: str, contact: Any = Contact) -> ColumnElement[bool]:
        """Goes with a search for customers: where numbers are masked only a whole one finds its customer, or
        the masked digits could be guessed one by one."""
        typed_digits = _digits_in(typed)
        if not self.masked or not typed_digits:
            return true()
        digits = typed_digits.lstrip("0")
        is_known = contact.wa_id.endswith(digits) if len(digits) >= _WHOLE else false()
        return or_(contact.account_id.not_in(self.masked), is_known)

    def finds_words(self, typed: str) -> ColumnElement[bool]:
        """Goes with a search in messages: where numbers are masked, no digits find what names them."""
        if not self.masked or not _digits_in(typed):
            return true()
        return or_(Message.account_id.not_in(self.masked), Message.message_type.not_in(NAME_NUMBERS))

    def within(self, account_id: int) -> AccountScope:
        """Of this account alone, with the same limits."""
        return replace(self, ids=frozenset([account_id] if account_id in self else []))

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
    limits: ConversationLimits | None = None
    masked: frozenset[int] = frozenset()

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

    def role_in(self, account_id: int) -> Role | None:
        """In this account; None: it is none of his."""
        return Role.OWNER if self.role is Role.OWNER else self.account_roles.get(account_id)

    def scope(self, permission: str) -> AccountScope:
        """The accounts in which this is allowed."""
        if self.role is Role.OWNER:
            return EVERYTHING
        allowed = (id_ for id_, role in self.account_roles.items() if role_allows(role, permission))
        return AccountScope(frozenset(allowed), self.limits, self.masked)


def actor_of_user(user: User, ip_address: str = "") -> Actor:
    """With what the accounts keep from their agents and viewers. A key sees all of its accounts."""
    roles = {membership.account_id: membership.role for membership in user.memberships}
    if user.role is Role.OWNER:
        return Actor(role=user.role, account_roles=roles, user=user, ip_address=ip_address)
    limits, masked = rules_for(user.id, roles)
    return Actor(user.role, roles, user=user, ip_address=ip_address, limits=limits, masked=masked)


def actor_of_api_key(api_key: ApiKey, ip_address: str = "") -> Actor:
    roles = {link.account_id: api_key.role for link in api_key.accounts}
    return Actor(role=api_key.role, account_roles=roles, api_key=api_key, ip_address=ip_address)


SYSTEM = Actor(role=Role.OWNER)
"""The worker and the command line."""
