"""Each route says who may use it. One that does not say so stops the app from starting."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort

from app.models.roles import ALL_PERMISSIONS
from app.web.identity import current_actor, require_sign_in

_MARK = "__waba_access__"
PUBLIC = "public"
SIGNED_IN = "signed-in"

View = Callable[..., Any]


class UndeclaredRoute(RuntimeError):
    """A route without a declared permission."""


def public(view: View) -> View:
    """Anyone, without signing in."""
    setattr(view, _MARK, PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Any signed-in person."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        require_sign_in()
        return view(*args, **kwargs)

    setattr(guarded, _MARK, SIGNED_IN)
    return guarded


def permission_required(permission: str) -> Callable[[View], View]:
    """People or keys that hold this permission somewhere; the view narrows it to the account.

    Not signed in: the sign-in page (people) or 401 (keys). Not allowed: 403.
    """
    if permission not in ALL_PERMISSIONS:
        raise ValueError(f"there is no permission called {permission}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            require_sign_in()
            if not current_actor().may(permission):
                abort(403)
            return view(*args, **kwargs)

        setattr(guarded, _MARK, permission)
        return guarded

    return decorate


def declared_access(view: View) -> str | None:
    """PUBLIC, SIGNED_IN, a permission, or None when the route says nothing."""
    mark = getattr(view, _MARK, None)
    return mark if isinstance(mark, str) else None


def check_routes(app: Flask) -> None:
    """Raises UndeclaredRoute naming every route without a permission; Flask's own static route is public."""
    missing = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and declared_access(view) is None
    )
    if missing:
        raise UndeclaredRoute("Routes without a declared permission: " + ", ".join(missing))
