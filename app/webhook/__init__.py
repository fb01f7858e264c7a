"""Meta's door."""

from app.webhook.views import blueprint, init_app

__all__ = ["blueprint", "init_app"]
