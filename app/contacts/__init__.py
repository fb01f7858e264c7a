"""The door to contacts: their list, each one's page, and the list as a file."""

from app.contacts import blocking, changing, fields, importing, joining, privacy, views
from app.contacts.blueprint import blueprint

__all__ = ["blocking", "blueprint", "changing", "fields", "importing", "joining", "privacy", "views"]
