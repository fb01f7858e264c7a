"""People whom a note names by @: each is told once, if they may read the conversation."""

from __future__ import annotations

from sqlalchemy import select, update

from app.extensions import db
from app.models import Conversation, ConversationNote, NoteMention, User, utcnow
from app.queries.access import actor_of_user
from app.queries.teamwork import Colleague, list_colleagues

_MOST = 30
"""Of one note; whoever writes more names means everybody."""


def keep(note: ConversationNote, conversation: Conversation) -> None:
    """For a note that was just flushed. The caller commits."""
    if "@" not in note.body:
        return
    named = named_in(note.body, list_colleagues(conversation.account_id))
    for one in named[:_MOST]:
        if one.id != note.author_id and may_read(one.id, conversation):
            db.session.add(
                NoteMention(note_id=note.id, conversation_id=conversation.id, user_id=one.id, at=note.at)
            )


def named_in(body: str, people: list[Colleague]) -> list[Colleague]:
    """Whose name stands after an @, as it is shown; of "Ana" and "Ana Lima" the longer one that fits."""
    text, taken = body.casefold(), set[int]()
    found: list[Colleague] = []
    for one in sorted(people, key=lambda person: -len(person.name)):
        name = "@" + one.name.casefold()
        places = [at for at in _places(text, name) if at not in taken or one.name in {f.name for f in found}]
        if places:
            taken.update(places)
            found.append(one)
    return found


def _places(text: str, name: str) -> list[int]:
    places, at = [], text.find(name)
    while at >= 0:
        end = at + len(name)
        if end == len(text) or not text[end].isalnum():
            places.append(at)
        at = text.find(name, at + 1)
    return places


def may_read(user_id: int, conversation: Conversation) -> bool:
    """Whether somebody who may answer in the account sees this conversation."""
    user = db.session.get(User, user_id)
    limits = actor_of_user(user).limits if user is not None else None
    return user is not None and (limits is None or limits.sees(conversation))


def mark_read(*, user_id: int, conversation_id: int | None = None) -> bool:
    """Those in one conversation, or all of a person's. True when there were any."""
    unread = select(NoteMention.id).where(NoteMention.user_id == user_id, NoteMention.read_at.is_(None))
    if conversation_id is not None:
        unread = unread.where(NoteMention.conversation_id == conversation_id)
    ids = list(db.session.scalars(unread))
    if ids:
        db.session.execute(
            update(NoteMention)
            .where(NoteMention.id.in_(ids), NoteMention.read_at.is_(None))
            .values(read_at=utcnow())
            .execution_options(synchronize_session=False)
        )
    db.session.commit()
    return bool(ids)
