"""The door for owners to every table: to look, to find and to take along, never to change."""

from app.admin import views
from app.admin.blueprint import blueprint

__all__ = ["blueprint", "views"]
