"""The closed sets of words that rows use. Meta's open sets (quality, status of a number) stay plain text."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person or key may do; see app.models.roles for the permissions behind each."""

    OWNER = "owner"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"


class SecondFactorFor(StrEnum):
    """From which role on nobody gets further without a second factor."""

    NOBODY = "nobody"
    OWNERS = "owners"
    MANAGERS = "managers"
    EVERYBODY = "everybody"


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


class QuotaWindow(StrEnum):
    """For how long a limit of messages counts."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"


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


class ThumbnailState(StrEnum):
    """Whether a picture has a small one beside it; `none`: it will not have one."""

    MADE = "made"
    NONE = "none"


class AttemptOutcome(StrEnum):
    """How one try to send ended; `started` is what a killed worker leaves behind."""

    STARTED = "started"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRY = "retry"
    UNKNOWN = "unknown"


class ConsentKind(StrEnum):
    """What a customer said about advertising."""

    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"


class ConsentSource(StrEnum):
    """How it came: a word in a message, a person of ours, a program, a choice in WhatsApp itself, a file."""

    WORD = "word"
    HAND = "hand"
    API = "api"
    META = "meta"
    IMPORT = "import"


class FieldKind(StrEnum):
    """What can stand in a field of one's own."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    CHOICE = "choice"
    LINK = "link"


class ContactImportState(StrEnum):
    """How far the import of a file of contacts is."""

    DRAFT = "draft"
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class ContactRowState(StrEnum):
    """What became of one line of a file of contacts. `kept`: an undoing found it changed meanwhile."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    UNDONE = "undone"
    KEPT = "kept"


class ErasureState(StrEnum):
    """How far the erasing of a person is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"


class AddressKind(StrEnum):
    """What an address of a contact is. A username recognises somebody, and nothing can be sent to it."""

    NUMBER = "number"
    USER_ID = "user_id"
    PARENT_USER_ID = "parent_user_id"
    USERNAME = "username"


class AddressSource(StrEnum):
    """By what an address came."""

    EARLIER = "earlier"
    """It was known before addresses were written down one by one."""
    MESSAGE = "message"
    ANSWER = "answer"
    """Meta's answer to a message of ours, which may know the number in another spelling."""
    CHANGE = "change"
    """Meta said that the customer's number or id has changed."""
    CARD = "card"
    """The customer shared it, asked for it by us."""
    HAND = "hand"
    API = "api"
    FILE = "file"


class JoinState(StrEnum):
    """Whether two contacts count as one person."""

    SUGGESTED = "suggested"
    JOINED = "joined"
    UNDONE = "undone"
    DISMISSED = "dismissed"


class BlockState(StrEnum):
    """How a block stands at Meta, as far as is known."""

    BLOCKING = "blocking"
    BLOCKED = "blocked"
    UNBLOCKING = "unblocking"
    UNBLOCKED = "unblocked"


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


class TeamEvent(StrEnum):
    """What colleagues did with a conversation among themselves."""

    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    TEAM_ASSIGNED = "team_assigned"
    TEAM_UNASSIGNED = "team_unassigned"
    CLOSED = "closed"
    REOPENED = "reopened"


class PlannedState(StrEnum):
    """A message planned for later. `held`: due, but a person is to look first; `sent`: it is in the queue."""

    PLANNED = "planned"
    HELD = "held"
    SENT = "sent"
    CANCELLED = "cancelled"


class ReadReceipts(StrEnum):
    """When customers see that their messages were read."""

    NEVER = "never"
    OPENED = "opened"
    ANSWERED = "answered"


class ListAction(StrEnum):
    """What can be done to many conversations at once."""

    ASSIGN = "assign"
    CLOSE = "close"
    REOPEN = "reopen"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    MARK_READ = "mark_read"
    MARK_UNREAD = "mark_unread"
    BOT_ON = "bot_on"
    BOT_OFF = "bot_off"


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


class AssignBy(StrEnum):
    """How an account's waiting conversations find a person by themselves."""

    NOBODY = "nobody"
    LOAD = "load"


class AgentsSee(StrEnum):
    """Which conversations of an account those below a manager see."""

    EVERYTHING = "everything"
    TEAMS = "teams"
    OWN = "own"
