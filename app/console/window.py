"""The 24-hour window as the bar above the composer says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models import ContactBlock, Conversation, utcnow
from app.models.conversations import WINDOW, WINDOW_MARGIN
from app.web.filters import clock, day_label, duration

WARN_BELOW = timedelta(hours=2)


@dataclass(frozen=True)
class Window:
    """`kind` is ok, warn or bad.

    `left` is the length of the bar, 0 to 100: the time left, or all of it when closed.
    """

    kind: str
    title: str
    text: str
    side: str = ""
    left: int = 0
    closes_at: datetime | None = None
    """When free text is no longer taken here; None once it is not."""
    is_blocked: bool = False
    """Nothing reaches the customer, a message template neither."""

    @property
    def is_open(self) -> bool:
        return self.kind != "bad"


_CLOSED = "Only an approved message template reaches the customer; their answer opens the window."
_UNSURE = "Meta has not said yet whether this number has blocked the customer."


def window_of(conversation: Conversation, block: ContactBlock | None) -> Window:
    """Of one open conversation: its block comes first, however much time is left."""
    if block is None or not block.holds:
        return window_by_time(conversation)
    text = _UNSURE if block.is_unsure else "This number has blocked the customer."
    return Window("bad", "Nothing can be sent.", text, left=100, is_blocked=True)


@dataclass(frozen=True)
class ShortWindow:
    """As the list's rows say it: `kind` as of a Window, and the time left in a word."""

    kind: str
    short: str

    @property
    def is_open(self) -> bool:
        return self.kind != "bad"


def window_kind(last_inbound_at: datetime | None, now: datetime) -> str:
    """By the clock alone: ok, warn or bad."""
    if last_inbound_at is None or now >= last_inbound_at + WINDOW - WINDOW_MARGIN:
        return "bad"
    return "warn" if last_inbound_at + WINDOW - now < WARN_BELOW else "ok"


def short_window(last_inbound_at: datetime | None, now: datetime) -> ShortWindow:
    kind = window_kind(last_inbound_at, now)
    if last_inbound_at is None:
        return ShortWindow(kind, "not open yet")
    if kind == "bad":
        return ShortWindow(kind, "closed")
    rest = last_inbound_at + WINDOW - now
    # By the hour, so that a list of many rows does not change each minute.
    words = duration(_minutes(rest)) if kind == "warn" else f"{rest // timedelta(hours=1)} h"
    return ShortWindow(kind, words)


def window_by_time(conversation: Conversation, now: datetime | None = None) -> Window:
    """By the clock alone."""
    now = now or utcnow()
    closes_at, kind = conversation.window_closes_at, window_kind(conversation.last_inbound_at, now)
    if closes_at is None:
        return Window("bad", "The customer has not written yet.", _CLOSED, left=100)
    if kind == "bad":
        return Window("bad", "The 24-hour window is closed.", _CLOSED, f"since {_when(closes_at, now)}", 100)
    rest = closes_at - now
    left = max(1, round(rest / WINDOW * 100))
    until = closes_at - WINDOW_MARGIN
    if kind == "warn":
        text = "Answer now; later only a message template can be sent."
        title = f"The window closes in {_words(rest)}."
        return Window(kind, title, text, f"at {clock(closes_at)}", left, until)
    text = "Each message of the customer opens a new 24 hours."
    title = f"You can write freely for {_words(rest)}."
    return Window(kind, title, text, f"until {_when(closes_at, now)}", left, until)


def _minutes(rest: timedelta) -> timedelta:
    return timedelta(minutes=max(1, rest // timedelta(minutes=1)))


def _words(rest: timedelta) -> str:
    hours, minutes = divmod(_minutes(rest) // timedelta(minutes=1), 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part)


def _when(at: datetime, now: datetime) -> str:
    label = {"Today": "today", "Yesterday": "yesterday"}.get(day_label(at, now), day_label(at, now))
    if at > now and label != "today":
        label = "tomorrow"
    return f"{label}, {clock(at)}"
