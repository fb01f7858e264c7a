"""The door for accounts: the list, an account's overview, checks, archiving."""

from app.accounts import calls, views
from app.accounts.blueprint import blueprint

__all__ = ["blueprint", "calls", "views"]
