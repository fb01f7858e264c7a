"""Why a message failed, in words for people: the same on the pages and in the JSON API."""

from __future__ import annotations

from dataclasses import dataclass

from app.graph import error_table
from app.models import Message


@dataclass(frozen=True)
class Failure:
    """What happened, why, what to do; Meta's code last, None when Meta never saw the message."""

    title: str
    explanation: str
    what_to_do: str
    code: int | None


_OUR_ADVICE = "Look at the account's page, then send the message again."


def explain_failure(message: Message) -> Failure | None:
    """None for a message without a fault. Meta's own words are quoted at the explanation's end."""
    if message.error_code is None:
        if not message.error_title:
            return None
        return Failure(message.error_title, message.error_details, _OUR_ADVICE, None)
    found = error_table.explain(message.error_code, details=message.error_details, title=message.error_title)
    return Failure(found.title, found.explanation, found.what_to_do, found.code)
