"""The door to message templates: list, one of them, the editor."""

from app.message_templates import editing, views
from app.message_templates.blueprint import blueprint

__all__ = ["blueprint", "editing", "views"]
