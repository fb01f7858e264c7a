"""Reads of accounts and numbers. Archived accounts do not exist for anyone."""

from __future__ import annotations

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db
from app.models import Account, AccountStatus, PhoneNumber
from app.queries.access import AccountScope
from app.queries.slices import Slice, Turn, fetch_slice


def list_accounts(scope: AccountScope) -> list[Account]:
    statement = (
        select(Account)
        .where(scope.covers(Account.id), Account.status != AccountStatus.ARCHIVED)
        .order_by(Account.name, Account.id)
    )
    return list(db.session.scalars(statement))


def has_many_numbers(scope: AccountScope) -> bool:
    """Whether customers write to more than one of ours."""
    statement = (
        select(PhoneNumber.id)
        .join(PhoneNumber.account)
        .where(scope.covers(PhoneNumber.account_id), Account.status != AccountStatus.ARCHIVED)
        .limit(2)
    )
    return len(db.session.scalars(statement).all()) > 1


def list_known_account_ids() -> frozenset[int]:
    """The ids of all accounts that are not archived."""
    return frozenset(db.session.scalars(select(Account.id).where(Account.status != AccountStatus.ARCHIVED)))


def get_account(account_id: int, scope: AccountScope) -> Account:
    """Raises NotFound when it does not exist, is archived, or lies outside the scope."""
    statement = select(Account).where(
        Account.id == account_id, scope.covers(Account.id), Account.status != AccountStatus.ARCHIVED
    )
    account = db.session.scalar(statement)
    if account is None:
        raise NotFound("There is no such account.")
    return account


def find_account_by_meta_id(meta_id: str) -> Account | None:
    """Also archived ones: a WABA has one row for ever."""
    return db.session.scalar(select(Account).where(Account.meta_id == meta_id))


def find_number_by_meta_id(meta_id: str) -> PhoneNumber | None:
    return db.session.scalar(select(PhoneNumber).where(PhoneNumber.meta_id == meta_id))


def get_number(number_id: int, scope: AccountScope) -> PhoneNumber:
    """Raises NotFound when it does not exist or lies outside the scope."""
    statement = (
        select(PhoneNumber)
        .join(PhoneNumber.account)
        .where(
            PhoneNumber.id == number_id,
            scope.covers(PhoneNumber.account_id),
            Account.status != AccountStatus.ARCHIVED,
        )
    )
    number = db.session.scalar(statement)
    if number is None:
        raise NotFound("There is no such phone number.")
    return number


def list_numbers(scope: AccountScope, account_id: int | None = None) -> list[PhoneNumber]:
    statement = (
        select(PhoneNumber)
        .join(PhoneNumber.account)
        .where(scope.covers(PhoneNumber.account_id), Account.status != AccountStatus.ARCHIVED)
        .order_by(PhoneNumber.account_id, PhoneNumber.id)
    )
    if account_id is not None:
        statement = statement.where(PhoneNumber.account_id == account_id)
    return list(db.session.scalars(statement))


def slice_accounts(scope: AccountScope, turn: Turn | None, limit: int) -> Slice[Account]:
    """Newest first, page by page."""
    statement = select(Account).where(scope.covers(Account.id), Account.status != AccountStatus.ARCHIVED)
    return fetch_slice(statement, Account, turn=turn, limit=limit)


def slice_numbers(
    scope: AccountScope, account_id: int | None, turn: Turn | None, limit: int
) -> Slice[PhoneNumber]:
    """Newest first, page by page, of one account or all."""
    statement = (
        select(PhoneNumber)
        .join(PhoneNumber.account)
        .where(scope.covers(PhoneNumber.account_id), Account.status != AccountStatus.ARCHIVED)
    )
    if account_id is not None:
        statement = statement.where(PhoneNumber.account_id == account_id)
    return fetch_slice(statement, PhoneNumber, turn=turn, limit=limit)
