"""The door to Flows: list, one of them, the editor, what customers answered."""

from app.flows import answers, confirming, editing, views
from app.flows.blueprint import blueprint

__all__ = ["answers", "blueprint", "confirming", "editing", "views"]
