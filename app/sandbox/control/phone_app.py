"""The WhatsApp Business app on the business's own phone, for a number that is used there too."""

from typing import Any

from flask import Response, jsonify

from ..context import current_sandbox
from ..database import Row
from ..phone_app import echo, history
from ..store import phone_numbers
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput


@blueprint.post("/phone-app/echoes")
def send_echo() -> Response:
    """Somebody answers a customer on the phone: the app gets `smb_message_echoes`."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "to", "message"))
    number, message = _number(given), inputs.object_(given, "message")
    wamid = echo(sandbox, number, inputs.wa_id(given, "to"), message, sandbox.base_url())
    return jsonify({"wamid": wamid})


@blueprint.post("/phone-app/history")
def send_history() -> Response:
    """An old chat with a customer: the app gets a `history` webhook with its messages."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "from", "messages"))
    number, past = _number(given), inputs.objects(given, "messages")
    wamids = history(sandbox, number, inputs.wa_id(given, "from"), past, sandbox.base_url())
    return jsonify({"wamids": wamids})


def _number(given: dict[str, Any]) -> Row:
    number = inputs.number(current_sandbox(), given)
    if not phone_numbers.is_on_app(current_sandbox().db, number["id"]):
        raise BadInput(
            "The number is not used in the WhatsApp Business app. Say so by POST phone_numbers/{id} with "
            "'is_on_biz_app', true."
        )
    return number
