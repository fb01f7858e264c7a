"""The console's blueprint; the views stand in the files beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("console", __name__, url_prefix="/console")
