"""The blueprint, apart from its views."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("webhook_events", __name__, url_prefix="/webhook-events")
