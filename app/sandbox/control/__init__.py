"""`/_sandbox/…`: what Meta does not have. JSON in and out, no sign-in, not for web pages of other sites."""

from flask import Flask, Response, jsonify

from ..inbound import InvalidInbound
from ..settings import InvalidSetting
from ..store.accounts import AlreadyTaken
from ..webhooks.events import InvalidEvent
from . import (
    accounts,
    customers,
    events,
    faults,
    history,
    logs,
    media,
    message_templates,
    phone_app,
    phone_numbers,
    traffic,
    worlds,
)
from .blueprint import blueprint
from .inputs import BadInput

NOUNS = (
    accounts,
    customers,
    events,
    faults,
    history,
    logs,
    media,
    message_templates,
    phone_app,
    phone_numbers,
    traffic,
    worlds,
)


def init_control(app: Flask) -> None:
    app.register_blueprint(blueprint)
    for error in (BadInput, InvalidEvent, InvalidInbound, InvalidSetting, AlreadyTaken):
        app.register_error_handler(error, bad_request)


def bad_request(error: Exception) -> tuple[Response, int]:
    return jsonify({"error": {"message": str(error)}}), 400
