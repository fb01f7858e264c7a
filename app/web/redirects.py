"""Where to go after signing in: an address somebody else wrote, so only pages of our own count."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

_LONGEST = 2000


def own_path(target: str | None) -> str | None:
    """The target if it is a path of a page of this application, with its query; None for anything else."""
    if not target or len(target) > _LONGEST or not _is_plain_path(target):
        return None
    adapter = current_app.create_url_adapter(request)
    try:
        if adapter is not None:
            adapter.match(urlsplit(target).path, method="GET")
            return target
    except HTTPException:
        pass
    return None


def this_page() -> str:
    """The address of the page that is being made, to come back to it; "" where nobody can."""
    return (own_path(request.full_path.removesuffix("?")) or "") if request.method == "GET" else ""


def sign_in_url() -> str:
    """The sign-in page, with the page that was asked for (or that the form stood on) to come back to."""
    target = own_path(_asked_for())
    return url_for("auth.sign_in", next=None if target in {None, "/"} else target)


def _asked_for() -> str:
    """A POST cannot be repeated by a link, and HTMX asks for parts: there the page around it counts."""
    around = request.headers.get("HX-Current-URL") or request.referrer or ""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.full_path.removesuffix("?")
    parts = urlsplit(around)
    if parts.netloc != request.host:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_plain_path(target: str) -> bool:
    """Browsers take `//x`, `/\\x` and paths with tabs in them for other hosts."""
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc and " " not in parts.path
