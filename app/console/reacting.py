"""Reactions as they stand on a thread's messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.console.later import target_of
from app.console.offers import Help, help_for
from app.models import Message, MessageStatus
from app.queries.access import Actor
from app.services.failures import Failure, explain_failure

FIRST_CHOICES = ("👍", "❤️", "😂", "😮", "😢", "🙏")
"""WhatsApp's own six."""


@dataclass(frozen=True)
class Trouble:
    """Our last reaction, where it was refused or never confirmed."""

    message: Message
    emoji: str
    failure: Failure | None
    help: Help


@dataclass(frozen=True)
class Reactions:
    """What stands on a message: the customer's, ours with the message it went out as, and what went wrong."""

    theirs: str = ""
    ours: str = ""
    sent_as: Message | None = None
    trouble: Trouble | None = None

    @property
    def are_there(self) -> bool:
        return bool(self.theirs or self.ours)


NONE = Reactions()


def read_reactions(messages: Iterable[Message], actor: Actor) -> dict[str, Reactions]:
    """By the wamid they stand on: each side's last one. An empty one takes it back; a failed one changes
    nothing."""
    found: dict[str, Reactions] = {}
    for message in messages:
        wamid = target_of(message)
        before = found.get(wamid, NONE)
        emoji = str(message.content.get("emoji") or "")
        if not message.is_outbound:
            found[wamid] = replace(before, theirs=emoji)
        elif message.status is MessageStatus.FAILED:
            found[wamid] = replace(before, trouble=_trouble(message, emoji, actor))
        else:
            is_unsure = message.status is MessageStatus.UNCONFIRMED
            trouble = Trouble(message, emoji, None, Help()) if is_unsure else None
            found[wamid] = replace(before, ours=emoji, sent_as=message, trouble=trouble)
    return found


def _trouble(message: Message, emoji: str, actor: Actor) -> Trouble:
    failure = explain_failure(message)
    return Trouble(message, emoji, failure, help_for(message, failure, actor) if failure else Help())
