"""The bot pages' blueprint; the views stand in the files beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("bot", __name__, url_prefix="/bot")
