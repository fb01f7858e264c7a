"""The door for accounts: the list, an account's overview, checks, archiving."""

from app.accounts import calls, health, receipts, teamwork, usage, views
from app.accounts.blueprint import blueprint

__all__ = ["blueprint", "calls", "health", "receipts", "teamwork", "usage", "views"]
