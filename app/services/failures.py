"""Why a message failed, in words for people: the same on the pages and in the JSON API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.graph import error_table
from app.graph.advice import AdviceClass, Retry, Side
from app.models import Message
from app.models.number_masks import shown_words

__all__ = [
    "NEVER_REACHED_META",
    "RETRY_WORDS",
    "SIDE_WORDS",
    "UNCONFIRMED",
    "UNCONFIRMED_CHOICES",
    "AdviceClass",
    "Failure",
    "KnownCode",
    "Retry",
    "Side",
    "explain_code",
    "explain_failure",
    "failure_fields",
    "failure_title",
    "list_known_codes",
]

SIDE_WORDS = {
    Side.OURS: "Ours",
    Side.CUSTOMER: "The customer's",
    Side.META: "Meta's",
    Side.ACCOUNT: "The account's settings",
    Side.UNKNOWN: "Not known",
}
RETRY_WORDS = {
    Retry.NOW: "Sending it again can help.",
    Retry.LATER: "Sending it again can help after a wait.",
    Retry.AFTER_CHANGE: "Sending it again can help once this is put right.",
    Retry.NEVER: "Sending the same again does not help.",
}


@dataclass(frozen=True)
class Failure:
    """What happened, why, what to do; Meta's code last, None when Meta never saw the message.

    `wait_s`: how long to wait before it is sent again, where Meta says so.
    """

    title: str
    explanation: str
    what_to_do: str
    code: int | None
    side: Side = Side.OURS
    retry: Retry = Retry.NOW
    advice_class: AdviceClass | None = None
    wait_s: int | None = None

    @property
    def side_words(self) -> str:
        return SIDE_WORDS[self.side]

    @property
    def retry_words(self) -> str:
        return RETRY_WORDS[self.retry]

    @property
    def can_retry(self) -> bool:
        return self.retry is not Retry.NEVER


@dataclass(frozen=True)
class KnownCode:
    """A line of the list of all codes. `meta_title`: Meta's own short name, empty where we do not have it;
    `is_subcode`: it comes along with code 190."""

    section: str
    code: int
    meta_title: str
    failure: Failure
    is_subcode: bool = False


_OUR_ADVICE = "Look at the account's page, then send the message again."

NEVER_REACHED_META = Failure(
    "Never reached Meta",
    "The message failed before Meta took it.",
    _OUR_ADVICE,
    None,
    retry=Retry.AFTER_CHANGE,
)
UNCONFIRMED_CHOICES = (
    ("Send again anyway", "It goes out once more, and the customer may get it twice."),
    (
        "Do not send again",
        "It counts as failed here. If Meta still reports it as delivered, that is corrected by itself.",
    ),
)
"""What each way out of "not confirmed" does."""
UNCONFIRMED = Failure(
    "Meta has not confirmed this message",
    "The connection broke while it was being sent, so it may or may not have reached the customer. If a "
    "status still arrives, it settles itself.",
    " ".join(f"{name}: {what}" for name, what in UNCONFIRMED_CHOICES),
    None,
    Side.META,
    Retry.NOW,
)


def explain_failure(message: Message) -> Failure | None:
    """None for a message without a fault. Meta's own words are quoted at the explanation's end."""
    if message.error_code is None:
        if not message.error_title:
            return None
        return Failure(message.error_title, message.error_details, _OUR_ADVICE, None)
    details = shown_words(message.account_id, message.error_details)
    return _told(error_table.explain(message.error_code, details=details, title=message.error_title))


def failure_title(code: int | None, own_words: str = "") -> str:
    """What a code of Meta's means, in a few words; None stands for messages that Meta never saw, of which
    `own_words` may say more."""
    return own_words or "Not handed to Meta" if code is None else error_table.explain(code).title


def explain_code(code: int | None) -> Failure:
    """What a code means in general, for counts of failures; None are those that never reached Meta."""
    return NEVER_REACHED_META if code is None else _told(error_table.explain(code))


def failure_fields(failure: Failure | None) -> dict[str, Any] | None:
    """As programs are told it: the API's `error`, and that of outgoing webhooks."""
    if failure is None:
        return None
    return {
        "code": failure.code,
        "title": failure.title,
        "explanation": failure.explanation,
        "whose_side": failure.side.value,
        "can_retry": failure.can_retry,
        "what_to_do": failure.what_to_do,
    }


def list_known_codes(words: str = "", side: Side | None = None) -> list[KnownCode]:
    """All codes of the table, in its order; those in which all words stand, and of that side."""
    wanted = words.casefold().split()
    return [
        known
        for known in _known_codes()
        if side in (None, known.failure.side) and all(word in _searched(known) for word in wanted)
    ]


def _known_codes() -> Iterator[KnownCode]:
    for section, entries in error_table.SECTIONS.items():
        is_subcode = section == error_table.SUBCODES
        for code, entry in sorted(entries.items()):
            failure = Failure(
                entry.title,
                entry.explanation,
                entry.what_to_do,
                code,
                entry.side,
                entry.helps_again,
                entry.advice_class,
                entry.wait_s,
            )
            title = "" if is_subcode else error_table.meta_title(code)
            yield KnownCode(section, code, title, failure, is_subcode)


def _searched(known: KnownCode) -> str:
    failure = known.failure
    return " ".join(
        (str(known.code), known.meta_title, failure.title, failure.explanation, failure.what_to_do)
    ).casefold()


def _told(found: error_table.ErrorExplanation) -> Failure:
    return Failure(
        found.title,
        found.explanation,
        found.what_to_do,
        found.code,
        found.side,
        found.retry,
        found.advice_class,
        found.wait_s,
    )
