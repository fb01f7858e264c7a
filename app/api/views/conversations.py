"""Conversations: who writes, who answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.conversations import (
    AssignIn,
    ConversationList,
    ConversationOut,
    ConversationQuery,
    NoteIn,
    NoteList,
    NoteOut,
    NoteQuery,
)
from app.models import Conversation, ConversationNote, utcnow
from app.queries import bot as bot_queries
from app.queries import contact_lists as queries
from app.queries.conversation_filters import Show
from app.queries.conversations import get_conversation
from app.queries.teamwork import slice_notes
from app.services import messages, teamwork
from app.web.identity import current_actor

_TAGS = ["Conversations"]


@blueprint.get("/conversations/")
@allowed("messages.view")
@blueprint.input(ConversationQuery, location="query", unknown=RAISE)
@blueprint.output(ConversationList)
@blueprint.doc(tags=_TAGS)
def list_conversations(query_data: dict[str, Any]) -> dict[str, Any]:
    """List conversations

    The one with the latest message first.
    """
    filters = queries.ConversationFilters(
        account_id=query_data.get("account"),
        phone_number_id=query_data.get("phone_number_id"),
        contact_id=query_data.get("contact"),
        assigned_to_id=query_data.get("assigned_to"),
        assigned_team_id=query_data.get("assigned_team"),
        is_closed=_is_closed(query_data),
        show=Show(query_data.get("show", Show.ALL)),
    )
    scope = current_actor().scope("messages.view")
    found = queries.slice_conversations(scope, filters, query_data.get("cursor"), query_data["limit"])
    return {**page_of(found), "results": _shown(found.rows)}


@blueprint.get("/conversations/<int:conversation_id>/")
@allowed("messages.view", conversation=get_conversation)
@blueprint.output(ConversationOut)
@blueprint.doc(tags=_TAGS)
def show_conversation(conversation: Conversation) -> dict[str, Any]:
    """Show a conversation

    Its messages are in `messages/`, with the filter `contact` (the customer's number or user id).
    """
    return _shown([conversation])[0]


@blueprint.post("/conversations/<int:conversation_id>/mark_read/")
@allowed("console.use", conversation=get_conversation)
@blueprint.output(ConversationOut, description="Nothing in it is unread any more.")
@blueprint.doc(tags=_TAGS)
def mark_conversation_read(conversation: Conversation) -> dict[str, Any]:
    """Mark a conversation as read

    Here only: the customer's ticks do not change.
    """
    messages.mark_read(conversation=conversation)
    return _shown([conversation])[0]


@blueprint.post("/conversations/<int:conversation_id>/take_over/")
@allowed("console.use", conversation=get_conversation)
@blueprint.output(ConversationOut, description="The bot is silent in it from now on.")
@blueprint.doc(tags=_TAGS)
def take_conversation_over(conversation: Conversation) -> dict[str, Any]:
    """Take a conversation over from the bot"""
    teamwork.take_over(conversation=conversation, actor=current_actor())
    return _shown([conversation])[0]


@blueprint.post("/conversations/<int:conversation_id>/give_back/")
@allowed("console.use", conversation=get_conversation)
@blueprint.output(ConversationOut, description="The bot answers from the next message on.")
@blueprint.doc(tags=_TAGS)
def give_conversation_back(conversation: Conversation) -> dict[str, Any]:
    """Give a conversation back to the bot"""
    teamwork.give_back(conversation=conversation, actor=current_actor())
    return _shown([conversation])[0]


@blueprint.post("/conversations/<int:conversation_id>/assign/")
@allowed("console.use", conversation=get_conversation)
@blueprint.input(AssignIn, location="json")
@blueprint.output(ConversationOut)
@blueprint.doc(tags=_TAGS)
def assign_conversation(conversation: Conversation, json_data: dict[str, Any]) -> dict[str, Any]:
    """Assign a conversation to a person, a team, or to nobody

    A person who is not in the team that has it takes it from the team.
    """
    actor = current_actor()
    if "team_id" in json_data:
        teamwork.assign_team(conversation=conversation, team_id=json_data["team_id"], actor=actor)
    if json_data.get("user_id") or ("user_id" in json_data and not json_data.get("team_id")):
        teamwork.assign(conversation=conversation, user_id=json_data["user_id"], actor=actor)
    return _shown([conversation])[0]


@blueprint.post("/conversations/<int:conversation_id>/close/")
@allowed("console.use", conversation=get_conversation)
@blueprint.output(ConversationOut, description="The customer's next message opens it again.")
@blueprint.doc(tags=_TAGS)
def close_conversation(conversation: Conversation) -> dict[str, Any]:
    """Close a conversation"""
    teamwork.close(conversation=conversation, actor=current_actor())
    return _shown([conversation])[0]


@blueprint.post("/conversations/<int:conversation_id>/reopen/")
@allowed("console.use", conversation=get_conversation)
@blueprint.output(ConversationOut)
@blueprint.doc(tags=_TAGS)
def reopen_conversation(conversation: Conversation) -> dict[str, Any]:
    """Open a closed conversation again"""
    teamwork.reopen(conversation=conversation, actor=current_actor())
    return _shown([conversation])[0]


@blueprint.get("/conversations/<int:conversation_id>/notes/")
@allowed("console.use", conversation=get_conversation)
@blueprint.input(NoteQuery, location="query", unknown=RAISE)
@blueprint.output(NoteList)
@blueprint.doc(tags=_TAGS)
def list_notes(conversation: Conversation, query_data: dict[str, Any]) -> dict[str, Any]:
    """List a conversation's notes

    What colleagues wrote for each other, newest first.
    """
    return page_of(slice_notes(conversation, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/conversations/<int:conversation_id>/notes/")
@allowed("console.use", conversation=get_conversation)
@blueprint.input(NoteIn, location="json")
@blueprint.output(NoteOut, status_code=201)
@blueprint.doc(tags=_TAGS)
def add_note(conversation: Conversation, json_data: dict[str, Any]) -> ConversationNote:
    """Write a note in a conversation

    Colleagues see it in the thread; the customer never does.
    """
    return teamwork.add_note(conversation=conversation, body=json_data["body"], actor=current_actor())


def _is_closed(query_data: dict[str, Any]) -> bool | None:
    state = query_data.get("state", "open" if "assigned_to" in query_data else None)
    return None if state is None else state == "closed"


def _shown(conversations: Sequence[Conversation]) -> list[dict[str, Any]]:
    now = utcnow()
    names = (
        "id",
        "account_id",
        "phone_number_id",
        "contact",
        "last_message_at",
        "last_message_preview",
        "last_message_direction",
        "last_message_status",
        "unread_count",
        "assigned_to_id",
        "assigned_team_id",
        "closed_at",
        "window_closes_at",
        "created_at",
    )
    waiting = bot_queries.list_waiting(conversation.id for conversation in conversations)
    return [
        {
            **{name: getattr(conversation, name) for name in names},
            "window_is_open": conversation.window_is_open(now),
            "state": "closed" if conversation.is_closed else "open",
            "waits_for_person": conversation.id in waiting,
        }
        for conversation in conversations
    ]
