"""The door to the bot's knowledge base: its articles, a page to ask it, the import of files."""

from app.knowledge import asking, editing, importing, views
from app.knowledge.blueprint import blueprint

__all__ = ["asking", "blueprint", "editing", "importing", "views"]
