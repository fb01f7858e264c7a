"""Faults as the page offers them: switches, and a form for all the rest."""

from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from ..context import Sandbox
from ..inbound import InvalidInbound
from ..store import faults
from .fault_words import KINDS, OWN_CODES, WAITING

SENDS = {"match": {"path": "/messages"}}


class Switch(NamedTuple):
    """`how`: what is switched on."""

    label: str
    help: str
    how: dict[str, Any]


SWITCHES: dict[str, Switch] = {
    "throttle": Switch(
        "Rate limit", "Every second send fails with 130429, then works on retry", {"every": 2, **SENDS}
    ),
    "outage": Switch("Meta outage", "Each call fails with status 503", {}),
    "slow": Switch("Slow network", "Each call takes 8 seconds", {"options": {"seconds": 8}}),
    "lost_answer": Switch(
        "Lost answers",
        "Every second send is delivered, but its answer never arrives",
        {"every": 2, **SENDS},
    ),
    "token_expired": Switch("Token expired", "Each call fails with 190", {}),
    "missing_permission": Switch("Missing permission", "Each call fails with 10", {}),
    "reset_before": Switch("Connection cut", "Each send is cut off before anything is done", SENDS),
    "early_statuses": Switch("Statuses first", "Statuses come before the answer to the send", SENDS),
    "duplicate_webhooks": Switch("Webhooks twice", "Each webhook comes two times", {}),
    "reorder_webhooks": Switch("Webhooks out of order", "Every second one is overtaken", {"every": 2}),
    "delay_webhooks": Switch("Webhooks late", "Each webhook comes 5 seconds later", {}),
    "batch_webhooks": Switch("Webhooks in batches", "Up to 1,000 updates in one request", {}),
    "drop_webhooks": Switch("Webhooks lost", "No webhook comes", {}),
    "reject_message_templates": Switch(
        "Reject message templates", "The next one sent to review comes back rejected", {"count": 1}
    ),
}
SHOWN_AT_ONCE = ("throttle", "outage", "slow", "lost_answer", "reject_message_templates")
GROUPS: tuple[tuple[str, dict[str, Switch]], ...] = (
    ("", {kind: SWITCHES[kind] for kind in SHOWN_AT_ONCE}),
    ("More", {kind: switch for kind, switch in SWITCHES.items() if kind not in SHOWN_AT_ONCE}),
)
# Field of the form → what it is matched against; `to` is taken by the conversation.
MATCHES = (
    ("endpoint", "path"), ("method", "method"), ("recipient", "to"), ("number", "phone_number_id"),
    ("webhook", "field"),
)  # fmt: skip
LONGEST_S, LONGEST_WAIT_S, MOST, MOST_CODE = 86_400, 300, 100_000, 9_999_999


def turn(sandbox: Sandbox, kind: str) -> None:
    """On, or off again; faults of that kind that were made by the form stay."""
    own = [fault["id"] for fault in faults.list_active(sandbox.db) if fault["kind"] == kind and is_own(fault)]
    if own:
        for fault_id in own:
            faults.delete(sandbox.db, fault_id=fault_id)
        return
    how = SWITCHES[kind].how
    faults.insert(
        sandbox.db,
        kind,
        remaining=how.get("count"),
        every=how.get("every", 1),
        match=how.get("match", {}),
        options=how.get("options", {}),
    )


def is_own(fault: dict[str, Any]) -> bool:
    """Whether it is what a switch of the page switches on."""
    if fault["kind"] not in SWITCHES or fault["until_at"] is not None:
        return False
    how = SWITCHES[fault["kind"]].how
    wanted = (how.get("every", 1), how.get("match", {}), how.get("options", {}), 100)
    return (fault["every"], fault["match"], fault["options"], fault["percent"]) == wanted


def add(sandbox: Sandbox, form: "MultiDict[str, str]") -> None:
    """From the form: kind, code, how many, share, seconds, whom it hits. Raises InvalidInbound."""
    wanted = form.get("kind", "")
    if wanted not in KINDS:
        raise InvalidInbound("Choose what is to go wrong.")
    kind, _, code = wanted.partition(":")
    own_code, waits_s = _number(form, "code", MOST_CODE), _number(form, "seconds", LONGEST_WAIT_S)
    if wanted in OWN_CODES and own_code is None:
        raise InvalidInbound("An error of your own needs its code, for example 131000.")
    options = {"code": own_code if wanted in OWN_CODES else int(code)} if code else {}
    match = {key: value for name, key in MATCHES if (value := form.get(name, "").strip())}
    faults.insert(
        sandbox.db,
        kind,
        remaining=_number(form, "count", MOST),
        every=_number(form, "every", MOST) or 1,
        match=match,
        options=options | ({"seconds": waits_s} if waits_s and kind in WAITING else {}),
        percent=_number(form, "percent", 100) or 100,
        lasts_s=_number(form, "for_s", LONGEST_S),
    )


def _number(form: "MultiDict[str, str]", key: str, most: int) -> int | None:
    """Blank: no limit."""
    value = form.get(key, "").strip()
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= most):
        raise InvalidInbound(f"A number from 1 to {most} is wanted, or nothing.")
    return int(value)
