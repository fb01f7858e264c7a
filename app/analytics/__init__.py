"""The door for analytics."""

from app.analytics.views import blueprint

__all__ = ["blueprint"]
