"""The blueprint of the knowledge base; the views stand in the files beside it."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("knowledge", __name__, url_prefix="/bot/knowledge")
