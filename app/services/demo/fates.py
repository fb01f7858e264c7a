"""What became of each outgoing message: when it was sent, delivered, read, or why it failed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from app.models import MessageStatus
from app.services.demo.drafts import Draft
from app.services.demo.script import By

# Meta's titles and details. Source: Meta docs, "Error codes" page, read 2026-09.
_WORDS: dict[int, tuple[str, str]] = {
    131026: ("Message undeliverable", "Message Undeliverable."),
    131047: (
        "Re-engagement message",
        (
            "Message failed to send because more than 24 hours have passed since the customer last replied "
            "to this number."
        ),
    ),
    131049: (
        "Meta chose not to deliver",
        "This message was not delivered to maintain healthy ecosystem engagement.",
    ),
    131050: (
        "Unable to deliver the message",
        "This recipient has chosen to stop receiving marketing messages on WhatsApp from your business.",
    ),
    131053: (
        "Media upload error",
        "Unsupported Image mime type image/heic. Please use one of image/jpeg, image/png.",
    ),
    130472: ("User's number is part of an experiment", "Failed to send message because of an experiment."),
}
_USUAL_FAILURES = ((131026, 1),)
_MARKETING_FAILURES = ((131049, 11), (131026, 5), (131050, 3), (130472, 2))
_FAILS_USUALLY, _FAILS_AS_MARKETING = 0.011, 0.10
_NEVER_ARRIVES, _NEVER_READ = 0.016, 0.29


def decide(draft: Draft, now: datetime, rng: random.Random) -> None:
    """Fill the draft's `fate`: status, times, error and price. Nothing lies in the future."""
    if draft.line.is_inbound:
        draft.fate = {"status": MessageStatus.RECEIVED}
    elif draft.line.is_lost:
        draft.fate = {"status": MessageStatus.UNCONFIRMED, "wamid": None}
    else:
        code = _failure(draft, rng)
        draft.fate = _failed(draft, code, rng) if code else _arrived(draft, now, rng)
        draft.fate |= _price(draft)


def _failure(draft: Draft, rng: random.Random) -> int | None:
    """A message that was answered did arrive."""
    if draft.line.failure or draft.reply_at is not None:
        return draft.line.failure
    chance, reasons = (
        (_FAILS_AS_MARKETING, _MARKETING_FAILURES)
        if draft.is_marketing
        else (_FAILS_USUALLY, _USUAL_FAILURES)
    )
    if draft.line.by is not By.SYSTEM or rng.random() > chance:
        return None
    return rng.choices([code for code, _ in reasons], [weight for _, weight in reasons])[0]


def _failed(draft: Draft, code: int, rng: random.Random) -> dict[str, Any]:
    """Meta takes it first and says a moment later that it came to nothing."""
    title, details = _WORDS[code]
    sent_at = _soon(draft, rng)
    return {
        "status": MessageStatus.FAILED,
        "sent_at": sent_at,
        "failed_at": sent_at + timedelta(seconds=rng.uniform(0.6, 4)),
        "error_code": code,
        "error_title": title,
        "error_details": details,
    }


def _arrived(draft: Draft, now: datetime, rng: random.Random) -> dict[str, Any]:
    sent_at = _soon(draft, rng)
    delivered_at = sent_at + timedelta(seconds=rng.lognormvariate(0.7, 1.1))
    read_at = delivered_at + timedelta(minutes=rng.lognormvariate(2.0, 1.4))
    if draft.reply_at is not None:
        latest = draft.reply_at - timedelta(seconds=rng.uniform(2, 15))
        read_at = max(min(read_at, latest), sent_at + timedelta(seconds=0.5))
        delivered_at = min(delivered_at, read_at)
    elif rng.random() < _NEVER_ARRIVES:
        return _reached(sent_at=sent_at)
    elif rng.random() < _NEVER_READ:
        return _reached(sent_at=sent_at, delivered_at=delivered_at)
    times = {"sent_at": sent_at, "delivered_at": delivered_at, "read_at": read_at}
    if draft.content.get("voice") and draft.reply_at is not None:
        times["played_at"] = read_at + timedelta(seconds=0.4)
    return _reached(**{name: at for name, at in times.items() if at <= now})


_STATIONS = (
    ("played_at", MessageStatus.PLAYED),
    ("read_at", MessageStatus.READ),
    ("delivered_at", MessageStatus.DELIVERED),
    ("sent_at", MessageStatus.SENT),
)


def _reached(**times: datetime) -> dict[str, Any]:
    """A message younger than a second has at least been sent."""
    status = next((status for name, status in _STATIONS if name in times), MessageStatus.SENT)
    return {"status": status, **times}


def _soon(draft: Draft, rng: random.Random) -> datetime:
    return draft.at + timedelta(seconds=rng.uniform(0.2, 0.9))


def _price(draft: Draft) -> dict[str, str]:
    """Source: Meta docs, "Pricing" page, read 2026-09."""
    if draft.line.sample is None:
        return {"pricing_category": "service", "pricing_type": "free_customer_service"}
    return {"pricing_category": draft.line.sample.category.lower(), "pricing_type": "regular"}
