"""What a route needs: a permission, and the thing that its address names."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from app.api.blueprint import LARGEST_BIG_ID, LARGEST_ID
from app.api.repeating import once
from app.errors import NotFound
from app.queries.access import AccountScope
from app.web.identity import current_actor
from app.web.permissions import View, permission_required

Lookup = Callable[[int, AccountScope], Any]
_LARGEST = {
    "address": LARGEST_BIG_ID,
    "contact": LARGEST_BIG_ID,
    "conversation": LARGEST_BIG_ID,
    "message": LARGEST_BIG_ID,
    "event": LARGEST_BIG_ID,
    "join": LARGEST_BIG_ID,
    "media": LARGEST_BIG_ID,
    "delivery": LARGEST_BIG_ID,
}


def allowed(permission: str, **lookups: Lookup) -> Callable[[View], View]:
    """`@allowed("accounts.view", account=get_account)`: the view gets the account for `account_id`.

    The lookup goes before the body is looked at: what does not exist for this key is 404, whatever
    the body says.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def narrowed(**values: Any) -> Any:
            scope = current_actor().scope(permission)
            for name, get in lookups.items():
                values[name] = get(_storable(name, values.pop(f"{name}_id")), scope)
            return once(lambda: view(**values))

        return permission_required(permission)(narrowed)

    return decorate


def _storable(name: str, id_: int) -> int:
    """Most ids have 32 bits; PostgreSQL fails on a larger one instead of finding nothing."""
    if id_ > _LARGEST.get(name, LARGEST_ID):
        raise NotFound(f"There is no such {name.replace('_', ' ')}.")
    return id_
