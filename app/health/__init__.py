"""The door machines knock at: is it alive, is it ready, how is it doing."""

from app.health.views import blueprint

__all__ = ["blueprint"]
