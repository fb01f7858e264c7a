"""One table of Meta's error codes, in plain words for the owner of a shop.

The sections of Meta's page stand in a file each; together they are one table, TABLE.
Source: Meta docs, "Error codes" page, read 2026-09. The class of a code is this product's choice,
derived from Meta's advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from app.graph.advice import AdviceClass, Entry, Retry, Side
from app.graph.error_table.access import ACCESS, TOKEN_SUBCODES
from app.graph.error_table.message_templates import MESSAGE_TEMPLATES
from app.graph.error_table.meta_titles import META_TITLES
from app.graph.error_table.numbers import NUMBERS
from app.graph.error_table.products import PRODUCTS
from app.graph.error_table.sending import SENDING

SUBCODES = "Access tokens"
SECTIONS: dict[str, dict[int, Entry]] = {
    "Sending a message": SENDING,
    "Access, policy and limits": ACCESS,
    SUBCODES: TOKEN_SUBCODES,
    "Templates and Flows": MESSAGE_TEMPLATES,
    "Phone numbers": NUMBERS,
    "Block list, calls, groups and others": PRODUCTS,
}
"""Everything that is known, under headings for people; under SUBCODES those that come along with 190."""
TABLE: dict[int, Entry] = {**ACCESS, **SENDING, **MESSAGE_TEMPLATES, **NUMBERS, **PRODUCTS}

_PERMISSIONS = range(200, 300)
_OBJECT_MISSING = 33
_INVALID_PARAMETER = 100
_TOKEN_INVALID = 190
_SUBCODES_THAT_NAME_THE_FAULT = 100_000  # smaller subcodes mean different things with each code
_LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class ErrorExplanation:
    """An error for people: what happened, why, whose side it is on, whether the same again helps, what to do.

    Meta's code goes small at the end. `wait_s`: how long Meta wants us to wait, if it says.
    """

    title: str
    explanation: str
    what_to_do: str
    advice_class: AdviceClass
    side: Side
    retry: Retry
    wait_s: int | None = None
    code: int | None = None


def explain(
    code: int | None, *, details: str = "", subcode: int | None = None, title: str = ""
) -> ErrorExplanation:
    """Explain a code from an answer or a webhook.

    `details` and `title` are Meta's own words; they are quoted at the end, and are all there is
    for a code that the table does not know.
    """
    entry = find_entry(code, subcode) or _unknown(code)
    words = _quoted(details or (title if code not in TABLE else ""))
    return ErrorExplanation(
        title=entry.title,
        explanation=f"{entry.explanation} {words}".strip(),
        what_to_do=entry.what_to_do,
        advice_class=entry.advice_class,
        side=entry.side,
        retry=entry.helps_again,
        wait_s=entry.wait_s,
        code=code,
    )


def find_entry(code: int | None, subcode: int | None = None) -> Entry | None:
    """The table's entry, or None for a code it does not know.

    Message-template faults often arrive as code 100 with the number that names them in the
    subcode (unverified), so a large subcode goes first.
    """
    if code == _TOKEN_INVALID and subcode in TOKEN_SUBCODES:
        return TOKEN_SUBCODES[subcode]
    if code == _INVALID_PARAMETER and subcode == _OBJECT_MISSING:
        return TABLE[_OBJECT_MISSING]
    if subcode is not None and subcode > _SUBCODES_THAT_NAME_THE_FAULT and subcode in TABLE:
        return TABLE[subcode]
    if code in _PERMISSIONS and code not in TABLE:
        return TABLE[10]
    return TABLE.get(code) if code is not None else None


def advice_for(
    code: int | None,
    *,
    subcode: int | None = None,
    http_status: int | None = None,
    is_transient: bool = False,
) -> AdviceClass:
    """What to do about an error: the table's word, else Meta's own hint, else by HTTP status."""
    entry = find_entry(code, subcode)
    if entry is not None:
        return entry.advice_class
    status = http_status or 0
    if is_transient or status == HTTPStatus.TOO_MANY_REQUESTS:
        return AdviceClass.RETRY
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return AdviceClass.RETRY
    by_status = {
        int(HTTPStatus.UNAUTHORIZED): AdviceClass.RECONNECT,
        int(HTTPStatus.FORBIDDEN): AdviceClass.OPERATOR,
    }
    return by_status.get(status, AdviceClass.PERMANENT)


def _unknown(code: int | None) -> Entry:
    number = f"the error {code}, which we have no explanation for" if code else "no error code"
    return Entry(
        AdviceClass.PERMANENT,
        Side.UNKNOWN,
        "Meta reported an error",
        f"Meta refused this and gave {number}.",
        "Read Meta's words. If they do not help, look the code up in Meta's list of errors or ask "
        "Meta's support.",
        # Nobody knows, so nobody is kept from trying.
        retry=Retry.NOW,
    )


def meta_title(code: int | None) -> str:
    """Meta's own short name of a code, empty where we do not have it. Meta changes them at will."""
    return META_TITLES.get(code, "") if code is not None else ""


def _quoted(words: str) -> str:
    tidy = " ".join(words.split())
    if not tidy:
        return ""
    short = tidy if len(tidy) <= _LONGEST_WORDS else f"{tidy[:_LONGEST_WORDS]}…"
    return f"Meta's words: “{short}”"
