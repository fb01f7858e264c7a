"""The door to the bot: its figures, rules, hours, texts, language model, traces, and a page to try it."""

from app.bot import rules, settings, traces, trying, views
from app.bot.blueprint import blueprint

__all__ = ["blueprint", "rules", "settings", "traces", "trying", "views"]
