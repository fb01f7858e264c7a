"""Messages from customers, and their windows."""

from flask import Response, jsonify

from .. import clock
from ..context import current_sandbox
from ..every_kind import every_kind
from ..inbound import Sender, receive
from ..store import messages
from . import inputs
from .blueprint import blueprint


@blueprint.post("/inbound")
def inbound() -> tuple[Response, int]:
    """A customer writes: a signed webhook goes to the app, the window opens."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "from", "name", "username", "hide_phone", "message"))
    number = inputs.number(sandbox, given)
    sender = Sender(
        wa_id=inputs.wa_id(given, "from"),
        name=inputs.optional_text(given, "name", 100) or None,
        username=inputs.optional_text(given, "username", 36) or None,
        hide_phone=inputs.optional_flag(given, "hide_phone"),
    )
    wamid = receive(sandbox, number, sender, inputs.object_(given, "message"), sandbox.base_url())
    return jsonify({"wamid": wamid}), 200


@blueprint.post("/inbound/every-kind")
def every_kind_inbound() -> Response:
    """A customer sends one message of every kind there is, each in a webhook of its own."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "from", "name"))
    number = inputs.number(sandbox, given)
    sender = Sender(inputs.wa_id(given, "from"), inputs.optional_text(given, "name", 100) or None)
    base_url = sandbox.base_url()
    wamids = [receive(sandbox, number, sender, message, base_url) for message in every_kind(sender.wa_id)]
    return jsonify({"wamids": wamids})


@blueprint.post("/window")
def window() -> Response:
    """Open or close the 24-hour window of a customer without a message."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "from", "is_open"))
    number = inputs.number(sandbox, given)
    is_open = inputs.flag(given, "is_open", True)
    at = clock.now() - (0 if is_open else messages.WINDOW_S + 3600)
    messages.open_window(sandbox.db, number["id"], inputs.wa_id(given, "from"), at)
    return jsonify({"success": True, "is_open": is_open})
