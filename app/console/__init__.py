"""The door to conversations: list, thread, composer, new conversations."""

from app.console import calls, sending, starting, views
from app.console.blueprint import blueprint

__all__ = ["blueprint", "calls", "sending", "starting", "views"]
