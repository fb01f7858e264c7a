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


def failure_title(code: int | None) -> str:
    """What a code of Meta's means, in a few words; None stands for messages that Meta never saw."""
    return "Not handed to Meta" if code is None else error_table.explain(code).title


def explain_code(code: int | None) -> Failure:
    """What a code means in general, for counts of failures; None are those that never reached Meta."""
    if code is None:
        return Failure("Never reached Meta", "The message failed before Meta took it.", _OUR_ADVICE, None)
    found = error_table.explain(code)
    return Failure(found.title, found.explanation, found.what_to_do, code)
