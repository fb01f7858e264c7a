"""Our reaction to a customer's message: one at a time, changed by another one, taken back by an empty one.

Source: Meta docs, "Reaction messages" page, read 2026-09. Of a reaction only `sent` is ever reported.
"""

from __future__ import annotations

import unicodedata

from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.models import Conversation, Message, MessageStatus
from app.queries.access import Actor
from app.queries.messages import list_own_reactions
from app.services.bot.hand_over import lock
from app.services.messages import queue_message
from app.services.quoting import may_be_reacted_to

_LONGEST_EMOJI = 16
"""Code points; a family of four with skin colours has eleven."""
_KEYCAP = "\u20e3"


def react(*, conversation: Conversation, message: Message, emoji: str, actor: Actor) -> Message | None:
    """Queue a reaction; an empty `emoji` takes ours back. What stands already is not sent again.

    Returns the reaction that stands, None if there was none to take back. Raises InvalidFields, DomainError
    when WhatsApp would not take one for this message, and what `queue_message` raises.
    """
    emoji = emoji.strip()
    if emoji and not is_emoji(emoji):
        raise InvalidFields(
            [FieldProblem("emoji", "WhatsApp takes one emoji as a reaction. Nothing was sent.")]
        )
    if not may_be_reacted_to(message):
        raise DomainError(
            "WhatsApp takes no reaction to this message: it is too old, or was deleted. Nothing was sent."
        )
    # One after the other: of two presses at once the second sees what the first has queued.
    conversation = lock(conversation.id)
    standing = find_standing(message)
    if (standing.text_content if standing is not None else "") == emoji:
        db.session.commit()
        return standing
    return queue_message(
        conversation=conversation,
        message_type="reaction",
        content={"message_id": message.wamid, "emoji": emoji},
        actor=actor,
    )


def find_standing(message: Message) -> Message | None:
    """Our last reaction to it that did not fail; its text is empty when it took an earlier one back."""
    ours = reversed(list_own_reactions(message))
    return next((row for row in ours if row.status is not MessageStatus.FAILED), None)


def is_emoji(text: str) -> bool:
    """A sign, with what belongs to it: no letters, no blanks, no digits but on a keycap."""
    if not 0 < len(text) <= _LONGEST_EMOJI:
        return False
    kinds = {unicodedata.category(sign)[0] for sign in text if not sign.isdigit() or _KEYCAP not in text}
    return "L" not in kinds and "Z" not in kinds and "N" not in kinds and ("S" in kinds or _KEYCAP in text)
