"""Security headers on every answer, errors included. Nothing inline is ever allowed."""

from __future__ import annotations

from flask import Flask, Response, abort, current_app, request

from app.web.errors import is_for_programs

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: over HTTPS Flask-WTF refuses a form that comes without one.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


# Where agents record voice messages and send where they are; the browser still asks them each.
_CONSOLE_PERMISSIONS = "camera=(), microphone=(self), geolocation=(self), payment=(), usb=()"


def init_security(app: Flask) -> None:
    app.before_request(_refuse_nul)
    app.after_request(_add_headers)


def _refuse_nul() -> None:
    """Nobody types a NUL, and PostgreSQL fails on one in a text. Programs are told by field instead."""
    if is_for_programs():
        return
    for values in (request.args, request.form):
        if any("\0" in name or "\0" in value for name, value in values.items(multi=True)):
            abort(400, "Something in it cannot be stored as text. Type it again, then send it again.")


def _add_headers(response: Response) -> Response:
    if request.blueprint == "console":
        response.headers.setdefault("Permissions-Policy", _CONSOLE_PERMISSIONS)
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SETTINGS"].is_https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("HX-Request")
    return response
