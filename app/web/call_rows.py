"""A kept call to Meta as pages show it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from app.models import AttemptOutcome, GraphCall, MessageAttempt

_OUTCOMES = {
    "ok": ("ok", "Answered"),
    "unreachable": ("bad", "Not reached"),
    "throttled": ("warn", "Not now"),
    "autherror": ("bad", "Token refused"),
    "blocked": ("bad", "Blocked"),
    "rejected": ("bad", "Refused"),
    "unconfirmed": ("warn", "No answer"),
    "unexpected": ("bad", "Makes no sense"),
}
_ATTEMPTS = {
    AttemptOutcome.STARTED: ("mute", "Under way"),
    AttemptOutcome.ACCEPTED: ("ok", "Accepted"),
    AttemptOutcome.RETRY: ("warn", "Tried again later"),
    AttemptOutcome.REFUSED: ("bad", "Refused"),
    AttemptOutcome.UNKNOWN: ("warn", "Outcome unknown"),
}


@dataclass(frozen=True)
class CallRow:
    """`outcome`: (kind, words) of the badge; request and answer are indented where they are JSON."""

    call: GraphCall
    outcome: tuple[str, str]
    request: str
    answer: str


def call_row(call: GraphCall) -> CallRow:
    outcome = _OUTCOMES.get(call.outcome, ("mute", call.outcome))
    return CallRow(call, outcome, _indented(call.request), _indented(call.answer))


def _indented(text: str) -> str:
    """What was cut off is no JSON any more and stays as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
    except (ValueError, RecursionError):
        return text


def attempt_outcome(attempt: MessageAttempt) -> tuple[str, str]:
    return _ATTEMPTS.get(attempt.outcome, ("mute", str(attempt.outcome)))
