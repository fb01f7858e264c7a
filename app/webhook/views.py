"""Meta's door: the handshake, and events that are stored before they are answered.

Both answers are the same for everybody who is refused: empty, with nothing to learn from.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request

from app.extensions import csrf
from app.errors import Unavailable
from app.services import webhook_events
from app.web.permissions import public

blueprint = Blueprint("webhook", __name__)

ADDRESSES = ("/webhooks/whatsapp", "/api/whatsapp/api/webhook/webhook/")
_CHUNK = 64 * 1024


def init_app(app: Flask) -> None:
    """The second address belongs to the JSON API's paths; it is the same view."""
    webhook_events.init_intake(app)


def _handshake() -> Response:
    """Meta asks whether this address is ours.

    Source: Meta docs, "Webhooks, verification requests", read 2026-09.
    """
    arguments = request.args
    echo = webhook_events.answer_handshake(
        arguments.get("hub.mode", ""), arguments.get("hub.verify_token", ""), arguments.get("hub.challenge", "")
    )
    if echo is None:
        return Response(status=403)
    return Response(echo, mimetype="text/plain")


def _receive() -> Response:
    """An event: 200 once it is stored, 403 when the signature does not fit, 413 above 3 MiB."""
    body = _read_body(current_app.config["SETTINGS"].webhook_max_bytes)
    if body is None:
        return Response(status=413)
    try:
        stored = webhook_events.record(body, request.headers.get("X-Hub-Signature-256"))
    except Unavailable:
        return Response(status=503, headers={"Retry-After": "5"})
    return Response(status=200 if stored else 403)


def _read_body(limit: int) -> bytes | None:
    """The raw bytes, or None when there are more than `limit`. A chunked body names no length, so the
    limit is checked on what is read."""
    if (request.content_length or 0) > limit:
        return None
    # Above our own limit: Flask's would answer with a page, and cut what a chunked body has too much.
    request.max_content_length = limit + 2 * _CHUNK
    parts: list[bytes] = []
    size = 0
    while chunk := request.stream.read(_CHUNK):
        size += len(chunk)
        if size > limit:
            return None
        parts.append(chunk)
    return b"".join(parts)


@csrf.exempt
@public
def receive() -> Response:
    """Both directions at one address."""
    return _receive() if request.method == "POST" else _handshake()


for _address in ADDRESSES:
    blueprint.add_url_rule(_address, view_func=receive, methods=["GET", "POST"])
