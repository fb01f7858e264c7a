"""Faults in words: what the form offers, what each kind does, and what is on with what is left of it."""

from typing import Any

from .. import clock

OWN_CODE, OWN_FAILURE = "error:own", "failed_status:own"
OWN_CODES = (OWN_CODE, OWN_FAILURE)
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
    OWN_CODE: "Another error of Meta's, code below",
    "outage": "503 without an answer of Meta's",
    "slow": "Slow answer",
    "timeout": "No answer at all, nothing done",
    "lost_answer": "Done, but the answer is lost",
    "reset_before": "Connection reset before the answer",
    "reset_after": "Connection reset after the answer's body",
    "early_statuses": "Statuses before the answer",
    "token_expired": "190, token expired",
    "missing_permission:3": "3, app may not do this",
    "missing_permission:10": "10, permission missing",
    "missing_permission:200": "200, permission missing",
    "duplicate_webhooks": "Webhook twice",
    "reorder_webhooks": "Webhook overtaken",
    "delay_webhooks": "Webhook late",
    "batch_webhooks": "Webhooks in one batch",
    "drop_webhooks": "Webhook lost",
    "reject_message_templates": "Review rejects a message template",
    "media_expired": "File: its address has expired",
    "media_slow": "File comes slowly",
    "media_cut": "File breaks off half-way",
    "media_changed": "File with other bytes than promised",
    OWN_FAILURE: "Taken, then failed, code below",
}
# Kinds that wait → how long when nothing is said.
WAITING = {"slow": 8, "timeout": 60, "early_statuses": 3, "delay_webhooks": 5, "media_slow": 8}
EXPLAINED: dict[str, tuple[str, str]] = {
    "throttle": ("Rate limit", "The call is refused as too many; a good client waits and tries again."),
    "error": ("Error of Meta's", "The call is refused with that code, in Meta's envelope."),
    "outage": ("Outage", "The call gets status 503 and a page that is no JSON."),
    "token_expired": ("Token expired", "The call is refused with 190, subcode 463; only a new token helps."),
    "missing_permission": ("Permission missing", "The call is refused; the token lacks a permission."),
    "slow": ("Slow", "The call is done, but its answer waits; 8 seconds unless you say so."),
    "timeout": (
        "No answer",
        "Nothing is done; the connection stays open for a minute unless you say so, and is then cut.",
    ),
    "lost_answer": (
        "Answer lost",
        "The call is done, but the connection is cut without an answer; a second send would arrive twice.",
    ),
    "reset_before": ("Cut before", "The connection is cut before anything is done. It is safe to try again."),
    "reset_after": ("Cut after", "Done and answered, but the connection is cut before the announced end."),
    "early_statuses": ("Statuses first", "The answer waits until sent, delivered and read were reported."),
    "drop_webhooks": ("Webhook lost", "That webhook never comes."),
    "duplicate_webhooks": ("Webhook twice", "The same webhook comes two times; the app must count it once."),
    "reorder_webhooks": ("Webhook overtaken", "It waits 1.5 seconds, so that later ones come first."),
    "delay_webhooks": ("Webhook late", "It comes 5 seconds later unless you say so."),
    "batch_webhooks": ("Webhooks in a batch", "Up to 1,000 of them wait for each other and share one POST."),
    "reject_message_templates": ("Review rejects", "The next message template that is reviewed is rejected."),
    "media_expired": ("Address expired", "A file's address answers 404; a good client asks for a new one."),
    "media_slow": ("File slow", "A file stops half-way and goes on after 8 seconds unless you say so."),
    "media_cut": ("File cut", "The connection is cut in the middle of a file."),
    "media_changed": ("File changed", "One byte of a file is another; its SHA-256 no longer fits."),
    "failed_status": ("Fails later", "The send is taken; a webhook then reports it failed with that code."),
}
MATCH_WORDS = {
    "path": "at",
    "to": "to",
    "phone_number_id": "number",
    "waba_id": "account",
    "method": "method",
    "field": "field",
}


def in_words(fault: dict[str, Any]) -> str:
    """A fault that is on, as the list on the page says it, with what is left of it."""
    words = [_name(fault)]
    if (seconds := fault["options"].get("seconds")) is not None:
        words.append(f"{seconds:g} s")
    if fault["every"] > 1:
        words.append(f"one in {fault['every']}")
    if fault["percent"] < 100:
        words.append(f"{fault['percent']} % of the time")
    words += [f"{MATCH_WORDS[key]} {value}" for key, value in fault["match"].items()]
    return ", ".join([*words, _left(fault)])


def _name(fault: dict[str, Any]) -> str:
    kind, code = fault["kind"], fault["options"].get("code")
    named = KINDS.get(f"{kind}:{code}") or KINDS.get(kind)
    if named:
        return named
    return f"{EXPLAINED[kind][0]} {code}" if code else EXPLAINED[kind][0]


def _left(fault: dict[str, Any]) -> str:
    left = [] if fault["remaining"] is None else [f"{fault['remaining']} more"]
    if fault["until_at"] is not None:
        seconds = max(0, round(fault["until_at"] - clock.now()))
        left.append(f"{seconds} s left" if seconds < 120 else f"{seconds // 60} min left")
    return ", ".join(left) or "until removed"
