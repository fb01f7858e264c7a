"""The door to message templates: list, one of them, the editor, and all ways in and out."""

from app.message_templates import (
    copies,
    editing,
    families,
    languages,
    library,
    life,
    listing,
    starting,
    transfers,
    versions,
    views,
)
from app.message_templates.blueprint import blueprint

__all__ = [
    "blueprint",
    "copies",
    "editing",
    "families",
    "languages",
    "library",
    "life",
    "listing",
    "starting",
    "transfers",
    "versions",
    "views",
]
