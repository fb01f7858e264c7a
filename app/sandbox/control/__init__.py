"""`/_sandbox/…`: what Meta does not have. JSON in and out, no sign-in, not for web pages of other sites."""

from flask import Flask, Response, jsonify

from ..inbound import InvalidInbound
from ..settings import InvalidSetting
from ..store.accounts import AlreadyTaken
from . import accounts, faults, history, logs, traffic
from .blueprint import blueprint
from .inputs import BadInput

NOUNS = (accounts, faults, history, logs, traffic)


def init_control(app: Flask) -> None:
    app.register_blueprint(blueprint)
    for error in (BadInput, InvalidInbound, InvalidSetting, AlreadyTaken):
        app.register_error_handler(error, bad_request)


def bad_request(error: Exception) -> tuple[Response, int]:
    return jsonify({"error": {"message": str(error)}}), 400
