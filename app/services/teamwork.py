"""What colleagues do among themselves in a conversation: take it, pass it on, close it, leave a note.

Nothing here is sent to the customer.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, insert, literal, select, update

from app.errors import FieldProblem, InvalidFields, NotAllowed
from app.extensions import db
from app.models import Conversation, ConversationEvent, ConversationNote, TeamEvent, User, utcnow
from app.queries import teams as team_queries
from app.queries.access import SYSTEM, Actor
from app.queries.teamwork import Colleague, find_colleague
from app.services import cases, mentions
from app.services.bot import hand_over
from app.services.bot.hand_over import lock

LONGEST_NOTE = 4096


def assign(*, conversation: Conversation, user_id: int | None, actor: Actor) -> None:
    """Give it to a person, or to nobody, and then no team has it either. A team that the person is not in
    loses it. Raises InvalidFields for somebody who may not answer here."""
    assignee = find_colleague(conversation.account_id, user_id) if user_id is not None else None
    if user_id is not None and assignee is None:
        problem = "This person may not answer in this account. Choose somebody else."
        raise InvalidFields([FieldProblem("user_id", problem)])
    conversation = lock(conversation.id)
    if leave_team(conversation, user_id) and user_id is None and conversation.assigned_to_id is None:
        note_event(conversation, TeamEvent.TEAM_UNASSIGNED, actor)
    if conversation.assigned_to_id != user_id:
        conversation.assigned_to_id = user_id
        if assignee is not None:
            note_event(conversation, TeamEvent.ASSIGNED, actor, assignee)
        else:
            note_event(conversation, TeamEvent.UNASSIGNED, actor)
    db.session.commit()


def leave_team(conversation: Conversation, user_id: int | None) -> bool:
    """A team that the new person is not in loses it; nobody is in none. The caller holds the row."""
    team_id = conversation.assigned_team_id
    if team_id is None or (user_id is not None and team_queries.is_member(team_id, user_id)):
        return False
    conversation.assigned_team_id = None
    return True


def assign_team(*, conversation: Conversation, team_id: int | None, actor: Actor) -> None:
    """Give it to a team, or take it from the one that has it. A person who is not in the team loses it.

    Raises InvalidFields for a team that does not serve the number.
    """
    team = team_queries.find_serving(conversation, team_id) if team_id is not None else None
    if team_id is not None and team is None:
        problem = "This team does not serve this number. Choose another one."
        raise InvalidFields([FieldProblem("team_id", problem)])
    conversation = lock(conversation.id)
    if conversation.assigned_team_id != team_id:
        conversation.assigned_team_id = team_id
        person = conversation.assigned_to_id
        if person is not None and team_id is not None and not team_queries.is_member(team_id, person):
            conversation.assigned_to_id = None
        kind = TeamEvent.TEAM_ASSIGNED if team else TeamEvent.TEAM_UNASSIGNED
        note_event(conversation, kind, actor, name=team.name if team else "")
    db.session.commit()


def require_free(conversation: Conversation, actor: Actor) -> None:
    """Raises NotAllowed where somebody else has a conversation that this person may not see."""
    is_somebodys = conversation.assigned_to_id is not None or conversation.assigned_team_id is not None
    if actor.limits is not None and is_somebodys and not actor.limits.sees(conversation):
        raise NotAllowed(
            "A colleague is in touch with this customer. Nothing was sent. "
            "Ask a manager to give the conversation to you."
        )


def take_over(*, conversation: Conversation, actor: Actor) -> None:
    """From the bot: it keeps quiet, and the person who said so has the conversation."""
    hand_over.take_over(conversation=conversation, actor=actor)
    if actor.user is not None and find_colleague(conversation.account_id, actor.user.id) is not None:
        assign(conversation=conversation, user_id=actor.user.id, actor=actor)


def give_back(*, conversation: Conversation, actor: Actor) -> None:
    """To the bot: it answers, so no person has the conversation any more. The team that has it keeps it."""
    hand_over.give_back(conversation=conversation, actor=actor)
    conversation = lock(conversation.id)
    if conversation.assigned_to_id is not None:
        conversation.assigned_to_id = None
        note_event(conversation, TeamEvent.UNASSIGNED, actor)
    db.session.commit()


def close(*, conversation: Conversation, actor: Actor) -> None:
    """Done with it. Nothing in it is unread any more; the customer's next message opens it again."""
    conversation = lock(conversation.id)
    if conversation.closed_at is None:
        conversation.closed_at = utcnow()
        conversation.unread_count = 0
        conversation.waiting_since = None
        cases.close(conversation, actor.user.id if actor.user else None)
        note_event(conversation, TeamEvent.CLOSED, actor)
    db.session.commit()


def reopen(*, conversation: Conversation, actor: Actor) -> None:
    """Back into the list of open ones."""
    conversation = lock(conversation.id)
    if conversation.closed_at is not None:
        cases.reopen(conversation)
        conversation.closed_at = None
        note_event(conversation, TeamEvent.REOPENED, actor)
    db.session.commit()


def release_all_of(user: User, account_ids: Collection[int] | None) -> None:
    """What a person has goes back to everybody: they were switched off, or may not answer any more in all
    accounts (None) or in these. The team that has it keeps it. The caller commits."""
    held: list[ColumnElement[bool]] = [Conversation.assigned_to_id == user.id]
    if account_ids is not None:
        held.append(Conversation.account_id.in_(account_ids))
    values = (
        literal(utcnow(), ConversationEvent.at.type),
        literal(TeamEvent.UNASSIGNED, ConversationEvent.kind.type),
    )
    db.session.execute(
        insert(ConversationEvent).from_select(
            ["conversation_id", "at", "kind", "actor_name", "assignee_name"],
            select(Conversation.id, *values, literal(""), literal(user.display_name)).where(
                *held, Conversation.closed_at.is_(None)
            ),
        )
    )
    db.session.execute(
        update(Conversation)
        .where(*held)
        .values(assigned_to_id=None, version=Conversation.version + 1)
        .execution_options(synchronize_session=False)
    )


def note_event(
    conversation: Conversation,
    kind: TeamEvent,
    actor: Actor,
    assignee: Colleague | None = None,
    name: str = "",
) -> None:
    """Into the conversation's history, and its pages hear of it. `name`: of a team. What
    happened by itself is SYSTEM's. The caller holds the row, and commits."""
    conversation.version = Conversation.version + 1
    db.session.add(
        ConversationEvent(
            conversation_id=conversation.id,
            kind=kind,
            actor_id=actor.user.id if actor.user else None,
            actor_name="" if actor == SYSTEM else actor.name,
            assignee_id=assignee.id if assignee else None,
            assignee_name=assignee.name if assignee else name,
        )
    )


def add_note(
    *, conversation: Conversation, body: str, actor: Actor, client_key: str | None = None
) -> ConversationNote:
    """For colleagues only; those it names by @ are told. The same key again is the same note. Raises
    InvalidFields."""
    body = body.strip()
    if not body or len(body) > LONGEST_NOTE:
        problem = f"Write the note: 1 to {LONGEST_NOTE} characters."
        raise InvalidFields([FieldProblem("body", problem)])
    conversation = lock(conversation.id)
    kept = _find_note(client_key) if client_key else None
    if kept is not None:
        db.session.commit()
        return kept
    conversation.version = Conversation.version + 1
    note = ConversationNote(
        conversation_id=conversation.id,
        client_key=client_key,
        author_id=actor.user.id if actor.user else None,
        author_name=actor.name,
        body=body,
    )
    db.session.add(note)
    db.session.flush()
    mentions.keep(note, conversation)
    db.session.commit()
    return note


def _find_note(client_key: str) -> ConversationNote | None:
    return db.session.scalar(select(ConversationNote).where(ConversationNote.client_key == client_key))
