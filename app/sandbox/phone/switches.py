"""Faults as the page offers them: switches, and a form for all the rest."""

from typing import Any, NamedTuple

from werkzeug.datastructures import MultiDict

from ..context import Sandbox
from ..inbound import InvalidInbound
from ..store import faults

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
# What the form offers: value → words. After the colon stands the code.
KINDS: dict[str, str] = {
    "throttle:130429": "130429, rate limit of the number",
    "throttle:131056": "131056, pair rate limit",
    "throttle:131048": "131048, spam rate limit",
    "throttle:80007": "80007, rate limit of the account",
    "throttle:4": "4, rate limit of the app",
    "throttle:133016": "133016, registration limit",
    "error:131000": "131000, something went wrong",
    "error:131016": "131016, service unavailable",
    "outage": "503 without an answer of Meta's",
    "slow": "Slow answer, 8 seconds",
    "timeout": "No answer for a minute, nothing done",
    "lost_answer": "Done, but the answer is lost",
    "reset_before": "Connection reset before the answer",
    "reset_after": "Connection reset after the answer's body",
    "early_statuses": "Statuses before the answer",
    "token_expired": "190, token expired",
    "missing_permission:10": "10, permission missing",
    "missing_permission:200": "200, permission missing",
    "duplicate_webhooks": "Webhook twice",
    "reorder_webhooks": "Webhook overtaken",
    "delay_webhooks": "Webhook late",
    "batch_webhooks": "Webhooks in one batch",
    "drop_webhooks": "Webhook lost",
}
# Field of the form → what it is matched against; `to` is taken by the conversation.
MATCHES = (("endpoint", "path"), ("recipient", "to"), ("number", "phone_number_id"))
LONGEST_S, MOST = 86_400, 100_000


MATCH_WORDS = {
    "path": "at",
    "to": "to",
    "phone_number_id": "number",
    "waba_id": "account",
    "method": "method",
    "field": "field",
}


def turn(sandbox: Sandbox, kind: str) -> None:
    """On, or all faults of that kind off."""
    if faults.delete(sandbox.db, kind=kind):
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


def add(sandbox: Sandbox, form: "MultiDict[str, str]") -> None:
    """From the form: kind, how many, share, seconds, endpoint, recipient. Raises InvalidInbound."""
    wanted = form.get("kind", "")
    if wanted not in KINDS:
        raise InvalidInbound("Choose what is to go wrong.")
    kind, _, code = wanted.partition(":")
    match = {key: value for name, key in MATCHES if (value := form.get(name, "").strip())}
    faults.insert(
        sandbox.db,
        kind,
        remaining=_number(form, "count", MOST),
        every=1,
        match=match,
        options={"code": int(code)} if code else {},
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


def in_words(fault: dict[str, Any]) -> str:
    """A fault that is on, as the list on the page says it."""
    code = fault["options"].get("code")
    named = KINDS.get(f"{fault['kind']}:{code}") or KINDS.get(fault["kind"])
    switch = SWITCHES.get(fault["kind"])
    words = [named or (switch.label if switch else fault["kind"].replace("_", " "))]
    if fault["remaining"] is not None:
        words.append(f"{fault['remaining']} more")
    if fault["every"] > 1:
        words.append(f"one in {fault['every']}")
    if fault["percent"] < 100:
        words.append(f"{fault['percent']} % of the time")
    words += [f"{MATCH_WORDS[key]} {value}" for key, value in fault["match"].items()]
    return ", ".join(map(str, words))
