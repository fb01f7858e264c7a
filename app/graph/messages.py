"""Sending messages. Source: Meta docs, "Send messages" page, read 2026-09."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.graph import reading
from app.graph.call_info import CallInfo
from app.graph.calls import Answer, Caller, node
from app.graph.errors import GraphUnconfirmed
from app.graph.identifiers import is_user_id


@dataclass(frozen=True, slots=True)
class SentMessage:
    """Accepted by Meta, which is not yet delivered: that only a status webhook tells.

    `recipient_wa_id` may differ from the number given (Brazil, Mexico): keep this one. It is None
    when the message went to a user id. `message_status` comes for message templates only:
    `accepted`, `held_for_quality_assessment`, `paused`.
    """

    wamid: str
    recipient_wa_id: str | None = None
    recipient_user_id: str | None = None
    message_status: str | None = None
    info: CallInfo = field(default_factory=CallInfo, compare=False, repr=False)


class Messages:
    """`client.messages`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def send(self, phone_number_id: str, payload: Mapping[str, object]) -> SentMessage:
        """Send a payload made by `payloads.envelope`. Never repeated by itself.

        Raises GraphUnconfirmed if the outcome is unknown, also for a 200 without a message id.
        """
        return read_sent(self._call("POST", f"{node(phone_number_id)}/messages", body=payload))

    def mark_read(self, phone_number_id: str, wamid: str, typing: bool = False) -> None:
        """Mark this inbound message and all earlier ones read (not older than 30 days).

        `typing` also shows "typing…" for up to 25 seconds or until a message is sent.
        """
        body: dict[str, object] = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": wamid,
        }
        if typing:
            body["typing_indicator"] = {"type": "text"}
        self._call("POST", f"{node(phone_number_id)}/messages", body=body)


def read_sent(answer: Answer) -> SentMessage:
    """Read the answer to a send. Raises GraphUnconfirmed if it names no message."""
    message = next(iter(reading.mappings(answer.data.get("messages"))), {})
    contact = next(iter(reading.mappings(answer.data.get("contacts"))), {})
    wamid = reading.text(message.get("id"))
    if wamid is None:
        raise GraphUnconfirmed(
            "Meta's answer names no message",
            details="The message may have been sent.",
            http_status=answer.info.http_status,
            info=answer.info,
        )
    wa_id, user_id = _recipient(contact)
    return SentMessage(
        wamid=wamid,
        recipient_wa_id=wa_id,
        recipient_user_id=user_id,
        message_status=reading.text(message.get("message_status")),
        info=answer.info,
    )


def _recipient(contact: Mapping[str, object]) -> tuple[str | None, str | None]:
    wa_id = reading.text(contact.get("wa_id"))
    user_id = reading.text(contact.get("user_id"))
    if wa_id and is_user_id(wa_id):
        return None, user_id or wa_id
    return wa_id, user_id
