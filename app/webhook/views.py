"""Meta's handshake. Its posts are taken by `app.webhook.door` before they reach Flask."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app, request

from app.extensions import csrf
from app.services import webhook_events
from app.web.permissions import public
from app.web.security import SECURITY_HEADERS
from app.webhook.door import ADDRESSES, WebhookDoor

blueprint = Blueprint("webhook", __name__)


def init_app(app: Flask) -> None:
    """Put the door for posts in front of Flask. Both addresses are the same door."""
    intake = webhook_events.init_intake(app)
    limit = app.config["SETTINGS"].webhook_max_bytes
    door = WebhookDoor(app.wsgi_app, intake, max_bytes=limit, headers=SECURITY_HEADERS)
    app.wsgi_app = door  # type: ignore[method-assign]


@public
def receive() -> Response:
    """Meta asks whether this address is ours: the challenge as plain text, or an empty 403.

    Source: Meta docs, "Webhooks, verification requests", read 2026-09.
    """
    if request.method == "POST":
        raise RuntimeError(f"a post to {current_app.name} went past the webhook's door")
    arguments = request.args
    echo = webhook_events.answer_handshake(
        arguments.get("hub.mode", ""),
        arguments.get("hub.verify_token", ""),
        arguments.get("hub.challenge", ""),
    )
    if echo is None:
        return Response(status=403)
    return Response(echo, mimetype="text/plain")


csrf.exempt(receive)
for _address in sorted(ADDRESSES):
    blueprint.add_url_rule(_address, view_func=receive, methods=["GET", "POST"])
