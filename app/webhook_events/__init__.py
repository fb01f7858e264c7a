"""The door for Meta's events: what came, what was made of it, and processing it again."""

from app.webhook_events import replaying, views
from app.webhook_events.blueprint import blueprint

__all__ = ["blueprint", "replaying", "views"]
