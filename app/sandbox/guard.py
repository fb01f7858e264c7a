"""Who may drive the sandbox: no page of another site, no site that points its name at this machine."""

import ipaddress
from urllib.parse import urlsplit

from flask import Response, jsonify, request

from .context import current_sandbox

GUARDED = ("/_sandbox", "/phone")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def refuse_foreign_pages() -> tuple[Response, int] | None:
    """A before_request hook. Programs send neither Origin nor Sec-Fetch-Site and pass."""
    is_guarded = request.path == "/" or request.path.startswith(GUARDED)
    if not is_guarded:
        return None
    if not _is_known_host():
        return _refused("The sandbox is reached by an unknown name; open it by its address or by localhost.")
    if request.method not in SAFE_METHODS and _is_cross_site():
        return _refused("Requests from pages of other sites are refused.")
    return None


def _is_known_host() -> bool:
    """Addresses, localhost, names without a dot, the public address. Others may be DNS rebinding."""
    host = _name_in(f"//{request.host}")
    public = _name_in(current_sandbox().public_base_url or "")
    return (
        host in ({"localhost", public} - {""})
        or (host != "" and "." not in host and ":" not in host)
        or _is_address(host)
    )


def _name_in(url: str) -> str:
    """Blank when there is none, or the brackets of an address do not close."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_cross_site() -> bool:
    """Sec-Fetch-Site is the browser's own word; browsers without it send Origin."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    own = {request.host, urlsplit(current_sandbox().public_base_url or "").netloc} - {""}
    return origin.partition("://")[2] not in own


def _refused(why: str) -> tuple[Response, int]:
    return jsonify({"error": {"message": why}}), 403
