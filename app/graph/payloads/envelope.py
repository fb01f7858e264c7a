"""The outer part of every message: who gets it and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.graph.identifiers import is_user_id, phone_with_plus
from app.graph.problems import InvalidPayload, Problem

MOST_CALLBACK_CHARACTERS = 512  # by one client library; Meta's page names no number


def envelope(
    to: str | None = None,
    recipient: str | None = None,
    *,
    content: Mapping[str, Any],
    context_wamid: str | None = None,
    callback_data: str | None = None,
    group_id: str | None = None,
    identity_key_hash: str | None = None,
) -> dict[str, Any]:
    """The body for `client.messages.send`. Raises InvalidPayload.

    `to`: phone number in any spelling, goes out with `+`; `recipient`: user id (BSUID) for people
    whose number is hidden; `group_id` instead of both for a group. `context_wamid` quotes that
    message; `callback_data` (512 characters) comes back in every status of this one. With
    `identity_key_hash` it is sent only while the person's key still has this hash; otherwise Meta
    answers 137000.
    """
    problems: list[Problem] = []
    body = {"messaging_product": "whatsapp", **_address(to, recipient, group_id, problems)}
    body |= content
    if context_wamid:
        if content.get("type") == "reaction":
            problems.append(Problem("context", "A reaction cannot quote a message.", "not_allowed"))
        body["context"] = {"message_id": context_wamid}
    if callback_data:
        if len(callback_data) > MOST_CALLBACK_CHARACTERS:
            problems.append(Problem("biz_opaque_callback_data", "The reference is too long.", "too_long"))
        body["biz_opaque_callback_data"] = callback_data
    if identity_key_hash:
        body["recipient_identity_key_hash"] = identity_key_hash
    if content.get("type") == "pin" and not group_id:
        problems.append(Problem("pin", "Messages can be pinned in groups only.", "not_allowed"))
    if problems:
        raise InvalidPayload(problems)
    return body


def _address(
    to: str | None, recipient: str | None, group_id: str | None, problems: list[Problem]
) -> dict[str, Any]:
    if group_id:
        return {"recipient_type": "group", "to": group_id}
    found: dict[str, Any] = {"recipient_type": "individual"}
    if to:
        phone = phone_with_plus(to)
        if phone is None:
            problems.append(Problem("to", "This is not a phone number with country code.", "bad_phone"))
        found["to"] = phone
    if recipient:
        if not is_user_id(recipient):
            problems.append(Problem("recipient", "This is not a WhatsApp user id.", "bad_user_id"))
        found["recipient"] = recipient
    if not to and not recipient:
        problems.append(Problem("to", "The recipient is missing.", "missing"))
    return found
