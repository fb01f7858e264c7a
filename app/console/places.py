"""The accounts and numbers whose conversations a page is about."""

from __future__ import annotations

from functools import cached_property

from app.models import Account, PhoneNumber
from app.queries import accounts as account_queries
from app.queries.access import AccountScope


class Places:
    """Those of a scope. Read when first asked for: most polls never ask."""

    def __init__(self, scope: AccountScope) -> None:
        self._scope = scope

    @cached_property
    def accounts(self) -> list[Account]:
        return account_queries.list_accounts(self._scope)

    @cached_property
    def numbers(self) -> list[PhoneNumber]:
        return [number for account in self.accounts for number in account.phone_numbers]

    @cached_property
    def has_many_numbers(self) -> bool:
        if "accounts" in self.__dict__:
            return len(self.numbers) > 1
        return account_queries.has_many_numbers(self._scope)

    def account_of(self, number_id: int) -> int | None:
        """None: there is no such number here."""
        return next((number.account_id for number in self.numbers if number.id == number_id), None)
