"""The settings door: one's own profile and sessions; for owners also people and API keys."""

from app.settings import keys, people, profile
from app.settings.blueprint import blueprint

__all__ = ["blueprint", "keys", "people", "profile"]
