"""The settings door: one's own profile and sessions; for owners people, API keys and outgoing webhooks."""

from app.settings import keys, people, profile, webhook_log, webhooks
from app.settings.blueprint import blueprint

__all__ = ["blueprint", "keys", "people", "profile", "webhook_log", "webhooks"]
