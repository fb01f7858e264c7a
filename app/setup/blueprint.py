"""The blueprint, apart from its views, so that these can stand in several files."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("setup", __name__, url_prefix="/setup")
