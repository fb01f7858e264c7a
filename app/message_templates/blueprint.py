"""The blueprint of message templates; the views stand in the files beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("message_templates", __name__, url_prefix="/message-templates")
