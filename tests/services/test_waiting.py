"""Since when a customer waits for an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import BotOutcome, Conversation, utcnow
from app.queries.access import SYSTEM
from app.services import conversation_changes, messages, teamwork
from app.services.bot import live
from app.services.conversation_changes import Arrived

LONG_AGO = timedelta(hours=2)


def arrive(make: Any, conversation: Any, ago: timedelta, *, is_unread: bool = True) -> Any:
    """A message of the customer's, stored as the worker does."""
    at = utcnow() - ago
    message = make.message(conversation, outbound=False, occurred_at=at, text_content="Is it open?")
    conversation_changes.store(
        [],
        [
            Arrived(
                conversation_id=conversation.id,
                message_id=message.id,
                at=at,
                opens_window=True,
                is_unread=is_unread,
                preview="",
            )
        ],
    )
    db.session.commit()
    return message


def waiting_since(conversation: Any) -> Any:
    db.session.expire_all()
    return db.session.get_one(Conversation, conversation.id).waiting_since


def test_it_is_the_first_message_that_nobody_answered_and_no_reaction(make: Any) -> None:
    conversation = make.conversation()
    arrive(make, conversation, LONG_AGO, is_unread=False)
    assert waiting_since(conversation) is None
    first = arrive(make, conversation, timedelta(hours=1))
    arrive(make, conversation, timedelta(minutes=1))
    assert waiting_since(conversation) == first.occurred_at
    messages.queue_text(conversation=conversation, body="Yes, until six.", actor=SYSTEM)
    assert waiting_since(conversation) is None
    arrive(make, conversation, timedelta(0))
    teamwork.close(conversation=conversation, actor=SYSTEM)
    assert waiting_since(conversation) is None


def test_the_bots_answer_ends_it_and_saying_that_it_did_not_understand_does_not(make: Any) -> None:
    account = make.account(auto_reply_enabled=True, fallback_message="I did not understand.")
    make.bot_rule(account, phrases=["open"])
    answered, puzzled = make.conversation(account), make.conversation(account)
    understood = arrive(make, answered, timedelta(minutes=1))
    strange = arrive(make, puzzled, timedelta(minutes=1))
    strange.text_content = "Qwertz"
    db.session.commit()
    live.answer_all([understood.id, strange.id])
    db.session.commit()
    assert waiting_since(answered) is None
    assert waiting_since(puzzled) == strange.occurred_at
    assert BotOutcome.FALLBACK not in live._ANSWERING
