"""One account's row, held: what is counted and then added to is done by one after the other."""

from __future__ import annotations

from sqlalchemy import select

from app.extensions import db
from app.models import Account


def hold_account(account_id: int) -> None:
    """Until the transaction ends. What only refers to the account, as webhooks' rows do, does not wait.

    On SQLite nothing is done: each transaction that may write is the only one anyhow.
    """
    db.session.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
