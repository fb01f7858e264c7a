"""Who answers in a conversation, as the bar above its messages says it; taking over and giving back."""

from __future__ import annotations

from flask import Response

from app.console import pages
from app.console.blueprint import blueprint
from app.models import Conversation
from app.queries import conversations as queries
from app.services import teamwork
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, wants_fragment


@blueprint.post("/<int:conversation_id>/take-over")
@permission_required("messages.send")
def take_over(conversation_id: int) -> Response:
    """The bot keeps quiet here; a person answers."""
    conversation = _conversation(conversation_id)
    teamwork.take_over(conversation=conversation, actor=current_actor())
    return _after(conversation)


@blueprint.post("/<int:conversation_id>/give-back")
@permission_required("messages.send")
def give_back(conversation_id: int) -> Response:
    """The bot answers here again."""
    conversation = _conversation(conversation_id)
    teamwork.give_back(conversation=conversation, actor=current_actor())
    return _after(conversation)


def _conversation(conversation_id: int) -> Conversation:
    return queries.get_conversation(conversation_id, current_actor().scope("messages.send"))


def _after(conversation: Conversation) -> Response:
    if not wants_fragment():
        return go_to(pages.thread_url(conversation))
    response = pages.fragment("_fresh.html", log=pages.build_log(conversation))
    response.headers["HX-Trigger"] = "conversation-changed"
    return response
