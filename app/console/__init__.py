"""The door to conversations: list, thread, composer, new conversations."""

from app.console import bot_bar, calls, media, sending, starting, views
from app.console.blueprint import blueprint

__all__ = ["blueprint", "bot_bar", "calls", "media", "sending", "starting", "views"]
