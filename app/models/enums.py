"""The closed sets of words that rows use. Meta's open sets (quality, status of a number) stay plain text."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person or key may do; see app.models.roles for the permissions behind each."""

    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"


class AccountStatus(StrEnum):
    SETUP = "setup"
    LIVE = "live"
    NEEDS_ATTENTION = "needs_attention"
    ARCHIVED = "archived"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class MessageStatus(StrEnum):
    """A message's state. It only moves forward: see `rank`."""

    QUEUED = "queued"
    SENDING = "sending"
    UNCONFIRMED = "unconfirmed"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"
    RECEIVED = "received"

    @property
    def rank(self) -> int:
        """Only a higher rank may replace a lower one; `failed` stands just above `sent`, so that a
        message which reached the customer never turns into a failed one.

        Source: Meta docs, "Webhooks, messages field", read 2026-09 (statuses arrive in any order).
        """
        return _RANKS[self]

    @property
    def is_open(self) -> bool:
        """Still ours to send or to settle."""
        return self in {MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNCONFIRMED}


_RANKS = {
    MessageStatus.QUEUED: 0,
    MessageStatus.SENDING: 1,
    MessageStatus.UNCONFIRMED: 2,
    MessageStatus.SENT: 3,
    MessageStatus.FAILED: 4,
    MessageStatus.DELIVERED: 5,
    MessageStatus.READ: 6,
    MessageStatus.PLAYED: 7,
    MessageStatus.RECEIVED: 8,
}


class MessagePriority(StrEnum):
    """Who goes first when a number's pace is the limit."""

    PERSON = "person"
    BOT = "bot"
    BULK = "bulk"


class EventState(StrEnum):
    PENDING = "pending"
    PROCESSED = "processed"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    PARKED = "parked"


class MediaState(StrEnum):
    """A file's way from Meta to us. `failed` may be tried again by a person; `gone` is no longer anywhere."""

    WAITING = "waiting"
    FETCHING = "fetching"
    STORED = "stored"
    FAILED = "failed"
    GONE = "gone"


class AttemptOutcome(StrEnum):
    """How one try to send ended; `started` is what a killed worker leaves behind."""

    STARTED = "started"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRY = "retry"
    UNKNOWN = "unknown"


class MessageTemplateStatus(StrEnum):
    """Meta's review states, and our own `DRAFT` before a submission.

    Source: Meta docs, "Message templates", read 2026-05.
    """

    DRAFT = "DRAFT"
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"
    IN_APPEAL = "IN_APPEAL"
    PENDING_DELETION = "PENDING_DELETION"
    DELETED = "DELETED"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    ARCHIVED = "ARCHIVED"


class CheckState(StrEnum):
    """One line of a check list."""

    PASSED = "passed"
    WAITING = "waiting"
    WARNING = "warning"
    FAILED = "failed"


class RuleMatch(StrEnum):
    """How a bot rule's phrases are looked for in a message. The first is the strictest."""

    EXACT = "exact"
    STARTS = "starts"
    CONTAINS = "contains"


class BotOutcome(StrEnum):
    """What the bot did about one inbound message. `waiting`: its language model is still to answer."""

    ANSWERED = "answered"
    OFFERED = "offered"
    GREETED = "greeted"
    AWAY = "away"
    FALLBACK = "fallback"
    HANDED_OVER = "handed_over"
    SILENT = "silent"
    WAITING = "waiting"
    FAILED = "failed"


class ArticleSource(StrEnum):
    """Where a knowledge article comes from: step 5 of the set-up, a person, a file."""

    SETUP = "setup"
    HAND = "hand"
    IMPORT = "import"


class ImportState(StrEnum):
    """How far the import of a file is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class ImportItemState(StrEnum):
    """What became of one article of a file."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


class OutgoingEvent(StrEnum):
    """What customers' systems can be told of. `TEST` is only ever sent by hand."""

    MESSAGE_RECEIVED = "message.received"
    MESSAGE_STATUS = "message.status"
    MESSAGE_TEMPLATE_STATUS = "message_template.status"
    ACCOUNT_HEALTH = "account.health"
    TEST = "test"


CHOSEN_EVENTS = tuple(event for event in OutgoingEvent if event is not OutgoingEvent.TEST)
"""Those that an outgoing webhook can be set to."""


class DeliveryState(StrEnum):
    """An event's way to a customer's system. `failed`: given up after three days of tries."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
