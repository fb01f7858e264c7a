"""How a conversation stands for the person behind this request."""

from __future__ import annotations

from app.models import Conversation
from app.queries.standing import Standing, read_standing
from app.web.identity import current_actor


def current_person() -> int | None:
    """Who looks; None: an API key."""
    user = current_actor().user
    return user.id if user else None


def standing_of(conversation: Conversation) -> Standing:
    """As it is now; what a page has read once it hands on."""
    return read_standing(conversation, current_person())
