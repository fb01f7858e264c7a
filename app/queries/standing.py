"""How a conversation stands for whoever opens it: what takes a row each, read with one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.extensions import db
from app.models import (
    BotConversation,
    BotTrace,
    ContactBlock,
    Conversation,
    ConversationEvent,
    ConversationLook,
    ConversationNote,
    Draft,
    Message,
    MessageStatus,
    NoteMention,
    OutgoingFile,
    PlannedMessage,
)
from app.queries.contact_identity import is_elsewhere
from app.queries.planned import OPEN


@dataclass(frozen=True)
class Standing:
    """`draft`: this person's own; `seen`: the newest message they have seen, by our id; `bot`: what is kept
    of who answers; `waits`: see `waits_mark`; `is_named`: a note names them, and they have not looked yet.

    What `has_…` denies need not be asked for: `lines` are events and notes, `files` this person's own that
    wait to be sent, `traces` what the bot made of messages, `elsewhere` the customer's other conversations.
    """

    block: ContactBlock | None
    bot: BotConversation | None
    waits: str
    draft: Draft | None
    seen: int | None
    is_named: bool
    has_plans: bool
    has_files: bool
    has_lines: bool
    has_traces: bool
    has_elsewhere: bool


def read_standing(conversation: Conversation, user_id: int | None) -> Standing:
    """`user_id` None: for nobody in particular, who has neither drafts nor files."""
    here = Conversation.id
    waiting = _waiting(conversation.id).subquery()
    statement = (
        select(
            ContactBlock,
            BotConversation,
            Draft,
            ConversationLook.message_id.label("seen"),
            waiting.c.queued,
            waiting.c.latest,
            _is_named(here, user_id).label("is_named"),
            exists()
            .where(PlannedMessage.conversation_id == here, PlannedMessage.state.in_(OPEN))
            .label("has_plans"),
            exists()
            .where(OutgoingFile.conversation_id == here, OutgoingFile.user_id == user_id)
            .label("has_files"),
            (
                exists().where(ConversationEvent.conversation_id == here)
                | exists().where(ConversationNote.conversation_id == here)
            ).label("has_lines"),
            exists().where(BotTrace.conversation_id == here).label("has_traces"),
            exists().where(is_elsewhere(aliased(Conversation), conversation)).label("has_elsewhere"),
        )
        .select_from(Conversation)
        .join(waiting, true())
        .outerjoin(
            ContactBlock,
            and_(
                ContactBlock.phone_number_id == Conversation.phone_number_id,
                ContactBlock.contact_id == Conversation.contact_id,
            ),
        )
        .outerjoin(BotConversation, BotConversation.conversation_id == here)
        .outerjoin(Draft, and_(Draft.conversation_id == here, Draft.user_id == user_id))
        .outerjoin(
            ConversationLook,
            and_(ConversationLook.conversation_id == here, ConversationLook.user_id == user_id),
        )
        .where(here == conversation.id)
    )
    row = db.session.execute(statement).one()
    return Standing(
        block=row.ContactBlock,
        bot=row.BotConversation,
        waits=_mark(row.queued, row.latest),
        draft=row.Draft,
        seen=row.seen,
        is_named=row.is_named,
        has_plans=row.has_plans,
        has_files=row.has_files,
        has_lines=row.has_lines,
        has_traces=row.has_traces,
        has_elsewhere=row.has_elsewhere,
    )


def waits_mark(conversation: Conversation) -> str:
    """Changes when one of its queued messages is put off, or put off again."""
    return _mark(*db.session.execute(_waiting(conversation.id)).one())


def _waiting(conversation_id: int) -> Select[int, datetime | None]:
    return select(func.count().label("queued"), func.max(Message.next_attempt_at).label("latest")).where(
        Message.conversation_id == conversation_id,
        Message.status == literal(MessageStatus.QUEUED, Message.status.type, literal_execute=True),
        Message.wait_reason != "",
    )


def _mark(count: int, latest: datetime | None) -> str:
    return f"{count}-{latest.timestamp():.0f}" if latest is not None else ""


def _is_named(conversation_id: InstrumentedAttribute[int], user_id: int | None) -> ColumnElement[bool]:
    return exists().where(
        NoteMention.user_id == user_id,
        NoteMention.read_at.is_(None),
        NoteMention.conversation_id == conversation_id,
    )
