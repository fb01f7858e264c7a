"""The five classes of errors, and the form of one entry in the error table."""

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One of Meta's codes in plain words. `wait_s`: how long Meta wants us to wait, if it says."""

    advice_class: AdviceClass
    title: str
    explanation: str
    what_to_do: str
    wait_s: int | None = None


RETRY = AdviceClass.RETRY
WAIT = AdviceClass.WAIT
PERMANENT = AdviceClass.PERMANENT
RECONNECT = AdviceClass.RECONNECT
OPERATOR = AdviceClass.OPERATOR

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
