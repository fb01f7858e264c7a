"""Conversations: who writes, who answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.conversations import (
    AssignIn,
    BulkIn,
    BulkOut,
    ConversationList,
    ConversationOut,
    ConversationQuery,
    NoteIn,
    NoteList,
    NoteOut,
    NoteQuery,
)
from app.models import Conversation, ConversationNote, ListAction, utcnow
from app.queries import bot as bot_queries
from app.queries.bot_answering import BotIs
from app.queries.conversation_filters import ConversationFilters, Sort, WindowIs
from app.queries.conversation_slices import Asked, list_with_bot, slice_conversations
from app.queries.conversations import get_conversation
from app.queries.teamwork import slice_notes
from app.services import list_changes, messages, teamwork
from app.services.failure_filters import read_failed
from app.web.identity import current_actor

_TAGS = ["Conversations"]


@blueprint.get("/conversations/")
@allowed("messages.view")
@blueprint.input(ConversationQuery, location="query", unknown=RAISE)
@blueprint.output(ConversationList)
@blueprint.doc(tags=_TAGS)
def list_conversations(query_data: dict[str, Any]) -> dict[str, Any]:
    """List conversations

    The one with the latest message first, unless `sort` says otherwise. Filters hold all at once.
    """
    scope, asked = current_actor().scope("messages.view"), _asked(query_data)
    found = slice_conversations(scope, asked, query_data.get("cursor"), query_data["limit"])
    return {**page_of(found.page), "results": _shown(found.page.rows, found.messages)}


@blueprint.post("/conversations/bulk/")
@allowed("console.use")
@blueprint.input(BulkIn, location="json")
@blueprint.output(BulkOut)
@blueprint.doc(tags=_TAGS)
def change_conversations(json_data: dict[str, Any]) -> dict[str, Any]:
    """Change many conversations at once

    Each by itself: what cannot be done to one says why, and the others are changed.
    """
    ids = list(dict.fromkeys(json_data["ids"]))
    change, skipped = list_changes.change_each(
        ids=ids,
        action=ListAction(json_data["action"]),
        actor=current_actor(),
        user_id=json_data.get("user_id"),
        tag=json_data.get("tag", ""),
    )
    results = [{"id": id_, "is_changed": id_ not in skipped, "reason": skipped.get(id_)} for id_ in ids]
    return {"changed": change.changed, "results": results}


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


def _asked(query_data: dict[str, Any]) -> Asked:
    said = {name: query_data.get(name) for name in ("unread", "unanswered", "unassigned")}
    answers = {name: None if word is None else word == "yes" for name, word in said.items()}
    show, window, bot = (query_data.get(name) for name in ("show", "window", "bot"))
    return Asked(
        filters=ConversationFilters(
            account_id=query_data.get("account"),
            number_id=query_data.get("phone_number_id"),
            search=query_data.get("search", "").strip(),
            agent_id=query_data.get("assigned_to"),
            team_id=query_data.get("assigned_team"),
            tag=query_data.get("tag", "").casefold(),
            asks_person=show == "waiting",
            is_quiet="quiet" in query_data,
            bot=BotIs(bot) if bot else None,
            failed=read_failed(query_data.get("failed")),
            window=WindowIs(window) if window else None,
            sort=Sort(query_data["sort"]),
        ),
        contact_id=query_data.get("contact"),
        is_closed=_is_closed(query_data),
        is_unread=True if show == "unread" else answers["unread"],
        is_unanswered=answers["unanswered"],
        is_unassigned=answers["unassigned"],
    )


def _shown(
    conversations: Sequence[Conversation], found: Mapping[int, int] | None = None
) -> list[dict[str, Any]]:
    """`found`: of a search, the message to show, by conversation id."""
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
        "waiting_since",
        "created_at",
    )
    with_bot = list_with_bot([conversation.id for conversation in conversations])
    waiting = bot_queries.list_waiting(conversation.id for conversation in conversations)
    return [
        {
            **{name: getattr(conversation, name) for name in names},
            "window_is_open": conversation.window_is_open(now),
            "state": "closed" if conversation.is_closed else "open",
            "waits_for_person": conversation.id in waiting,
            "bot_answers": conversation.id in with_bot,
            "found_message_id": (found or {}).get(conversation.id),
        }
        for conversation in conversations
    ]
