"""The classes of errors, whose side they are on, and the form of one entry in the error table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AdviceClass(StrEnum):
    """What an error asks for.

    RETRY: the same request again with back-off. WAIT: again, but only after a stated time.
    PERMANENT: this message or request failed; a changed one may work. RECONNECT: stop using this token
    and ask for a new one. OPERATOR: somebody must act, here or at Meta, before it can work.
    """

    RETRY = "R"
    WAIT = "W"
    PERMANENT = "P"
    RECONNECT = "T"
    OPERATOR = "O"


class Side(StrEnum):
    """Where the cause lies. OURS: in what was sent, or how. ACCOUNT: in how the account stands at Meta."""

    OURS = "ours"
    CUSTOMER = "customer"
    META = "meta"
    ACCOUNT = "account"
    UNKNOWN = "unknown"


class Retry(StrEnum):
    """Whether the very same once more can help.

    AFTER_CHANGE: as soon as something else was put right. NEVER: only something else than this may work.
    """

    NOW = "now"
    LATER = "later"
    AFTER_CHANGE = "after_change"
    NEVER = "never"


_RETRIES = {
    AdviceClass.RETRY: Retry.NOW,
    AdviceClass.WAIT: Retry.LATER,
    AdviceClass.PERMANENT: Retry.NEVER,
    AdviceClass.RECONNECT: Retry.AFTER_CHANGE,
    AdviceClass.OPERATOR: Retry.AFTER_CHANGE,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One of Meta's codes in plain words. `wait_s`: how long Meta wants us to wait, if it says; `retry`:
    where it is another than the class has."""

    advice_class: AdviceClass
    side: Side
    title: str
    explanation: str
    what_to_do: str
    wait_s: int | None = None
    retry: Retry | None = None

    @property
    def helps_again(self) -> Retry:
        return self.retry or _RETRIES[self.advice_class]


RETRY = AdviceClass.RETRY
WAIT = AdviceClass.WAIT
PERMANENT = AdviceClass.PERMANENT
RECONNECT = AdviceClass.RECONNECT
OPERATOR = AdviceClass.OPERATOR

OURS = Side.OURS
CUSTOMER = Side.CUSTOMER
META = Side.META
ACCOUNT = Side.ACCOUNT

NOW = Retry.NOW
AFTER_CHANGE = Retry.AFTER_CHANGE
NEVER = Retry.NEVER

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
