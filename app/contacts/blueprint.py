"""The blueprint of contacts; the views stand in the files beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")
