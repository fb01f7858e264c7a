"""The door for setup: the six-step wizard."""

from app.setup import review, views
from app.setup.blueprint import blueprint

__all__ = ["blueprint", "review", "views"]
