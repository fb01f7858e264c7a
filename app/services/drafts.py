"""Drafts: what a person has typed and not sent, kept while they type, for any of their browsers.

A browser saves on top of the version it knows. Where another tab or device was there meanwhile, neither text
is lost: the one kept stays, and the browser is told of it. A draft holds the one-time key of its form: sent
from two places, it is one message.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import Conversation, ConversationNote, Draft, Message, PlannedMessage, utcnow
from app.queries.drafts import find_draft

LONGEST = 200_000
"""Characters of all fields together: far above what any form may send, far below what hurts."""
_TYPED = re.compile(
    r"body|note|header|footer|url|products|latitude|longitude|name|address|buttons-\d{1,2}"
    r"|rows-\d{1,2}-(section|title|description)|people-\d{1,2}-\w{1,30}|value_\w{1,100}"
)
_BESIDE = frozenset({"button", "what", "catalog", "screen", "flow", "message_template", "quote", "send_key"})


def typed_text(fields: Mapping[str, Any]) -> str:
    """The first text that was typed."""
    texts = (text for name, values in fields.items() if _TYPED.fullmatch(name) for text in values)
    return next((text.strip() for text in texts if text.strip()), "")


def words_of(fields: Mapping[str, Any]) -> str:
    """What was typed, for a line in a list."""
    return " ".join(typed_text(fields).split())


@dataclass(frozen=True)
class Kept:
    """`version`: what is kept now; empty: nothing. `other`: what another tab or device has kept instead.
    `is_gone`: it was sent or emptied there."""

    version: str = ""
    other: Draft | None = None
    is_gone: bool = False

    @property
    def other_words(self) -> str:
        return words_of(self.other.fields) if self.other is not None else ""


def keep(
    *,
    conversation: Conversation,
    user_id: int,
    face: str,
    fields: Mapping[str, list[str]],
    base: str,
    client_key: str | None,
) -> Kept:
    """Keep what is typed now on top of the version `base` (empty: of nothing). Raises InvalidFields.

    `client_key`: that of the form; once a message, note or plan has it, there is nothing to keep any more.
    """
    known = {name: values for name, values in fields.items() if name in _BESIDE or _TYPED.fullmatch(name)}
    if sum(len(text) for values in known.values() for text in values) > LONGEST:
        problem = "This is too long to be kept as a draft. Shorten it, or keep it elsewhere."
        raise InvalidFields([FieldProblem("body", problem)])
    if client_key and _was_sent(conversation, client_key):
        return Kept(is_gone=True)
    try:
        return _keep(conversation, user_id, face, known, base)
    except IntegrityError:
        # Two first saves at once: the other one stands.
        db.session.rollback()
        return Kept(other=find_draft(conversation.id, user_id))


def _keep(
    conversation: Conversation, user_id: int, face: str, fields: dict[str, list[str]], base: str
) -> Kept:
    statement = (
        select(Draft)
        .where(Draft.conversation_id == conversation.id, Draft.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    draft = db.session.scalar(statement)
    kept = _decide(draft, conversation.id, user_id, face, fields, base)
    db.session.commit()
    return kept


def _decide(
    draft: Draft | None,
    conversation_id: int,
    user_id: int,
    face: str,
    fields: dict[str, list[str]],
    base: str,
) -> Kept:
    is_empty = not words_of(fields)
    if draft is None:
        if base or is_empty:
            return Kept(is_gone=bool(base) and not is_empty)
        draft = Draft(conversation_id=conversation_id, user_id=user_id)
        db.session.add(draft)
    elif (draft.face, draft.fields) == (face, fields):
        return Kept(draft.version)
    elif draft.version != base:
        return Kept(base, other=draft)
    elif is_empty:
        db.session.delete(draft)
        return Kept()
    draft.face, draft.fields = face, fields
    draft.version, draft.updated_at = secrets.token_hex(8), utcnow()
    return Kept(draft.version)


def _was_sent(conversation: Conversation, client_key: str) -> bool:
    is_message = exists().where(
        Message.account_id == conversation.account_id, Message.client_key == client_key
    )
    is_note = exists().where(ConversationNote.client_key == client_key)
    is_plan = exists().where(
        PlannedMessage.account_id == conversation.account_id, PlannedMessage.client_key == client_key
    )
    return bool(db.session.scalar(select(or_(is_message, is_note, is_plan))))


def forget(*, conversation_id: int, user_id: int, version: str, send_key: str) -> None:
    """It was sent. Only that one goes: what another tab has kept meanwhile stays."""
    draft = find_draft(conversation_id, user_id)
    if draft is not None and (draft.version == version or send_key in draft.fields.get("send_key", ())):
        db.session.delete(draft)
    db.session.commit()
