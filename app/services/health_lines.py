"""Lines of the check list about the connection: token, permissions, webhook, version, silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.graph import versions
from app.graph.tokens import TokenInfo
from app.models import Account, CheckState, utcnow
from app.services.setup_checks import (
    MANAGEMENT,
    MESSAGING,
    Connection,
    Number,
    Waba,
    describe_scopes,
    find_number,
    why_invalid,
)
from app.services.webhook_connection import callback_url, find_app_callback

TOKEN_WARNING = timedelta(days=14)
CONNECTED = "CONNECTED"
RETRY = "retry"
CONNECT = "connect"
TAKE_OVER = "take_over"
TEST_MESSAGE = "test_message"
SHOW_TEMPLATES = "show_templates"
UNANSWERED = "unanswered"
"""The cause of a line that Meta did not answer: it says nothing about the account."""
_WHY = {
    "token": "Without a token that works, nothing is sent and no file of a customer can be fetched.",
    "permissions": "Meta refuses what the token may not do: sending, or reading the account.",
    "number": "A number that is not connected sends and receives nothing.",
    "account": "What Meta decides about the account holds for all of its numbers.",
    "subscription": "What customers write, and what became of your messages, does not reach this console.",
    "handshake": "Meta posts events only to an address that it has verified.",
    "api_version": "After that day Meta no longer answers this version, and nothing is sent.",
    "silence": "Messages of customers may be waiting at Meta while nobody sees them.",
}


@dataclass(frozen=True)
class CheckLine:
    """One line. `seconds` is what Meta took to answer; `what_to_do` is empty when nothing is wrong.

    `action`: what mends an open line: RETRY, CONNECT, TAKE_OVER, TEST_MESSAGE or SHOW_TEMPLATES; empty if
    nothing here does. `why`: why an open line matters. `cause`: tells one trouble of a key from another.
    `weight`: of two troubles of one state, the heavier is the worse.
    """

    key: str
    title: str
    state: CheckState
    evidence: str
    what_to_do: str = ""
    seconds: float | None = None
    action: str = RETRY
    why: str = ""
    cause: str = ""
    weight: int = 0

    def as_dict(self) -> dict[str, Any]:
        is_open = self.state is not CheckState.PASSED
        why = (self.why or _WHY.get(self.key.partition(":")[0], "")) if is_open else ""
        return asdict(self) | {"state": str(self.state), "why": why, "cause": self.cause or self.title}


@dataclass
class Probe:
    """What is asked about one account, and what came back so far. Knows no table."""

    connection: Connection
    token: TokenInfo | None = None
    numbers: list[Number] = field(default_factory=list)
    waba: Waba | None = None
    has_numbers: bool = False
    """Meta has answered the question about the numbers."""


Check = Callable[[Probe], CheckLine]


def check_token(probe: Probe) -> CheckLine:
    connection = probe.connection
    token = probe.token = connection.client().tokens.debug(
        connection.access_token.reveal(),
        app_id=connection.app_id,
        app_secret=connection.app_secret.reveal(),
    )
    if not token.is_valid:
        return failed("token", "Token does not work", *halves(why_invalid(token)))
    whose = f"App {token.application}." if token.application else ""
    if token.expires_at is None:
        return passed("token", "Token is valid", f"Permanent. {whose}".strip())
    left = token.expires_at - utcnow()
    text = f"It ends on {token.expires_at.day} {token.expires_at:%b %Y}. {whose}".strip()
    if left > TOKEN_WARNING:
        return passed("token", "Token is valid", text)
    days = max(left.days, 0)
    soon = "Sending stops on that day."
    return CheckLine(
        "token",
        "Token ends soon",
        CheckState.WARNING,
        f"{days} {'day' if days == 1 else 'days'} left. {text}",
        "Create a permanent token for a system user and save it in step 3, before sending stops.",
        why=soon,
        cause="ends_soon",
    )


def check_permissions(probe: Probe) -> CheckLine:
    token = probe.token
    if token is None or not token.is_valid:
        return waiting("permissions", "Permissions are not known yet", "This comes after the token.")
    missing = tuple(
        scope for scope in (MESSAGING, MANAGEMENT) if not token.covers(scope, probe.connection.waba_id)
    )
    if missing:
        return failed(
            "permissions",
            "Permissions are missing",
            f"The token may not use {describe_scopes(missing)} for this account.",
            "Give the system user this account with full control, create a new token with these permissions "
            "ticked, and save it in step 3.",
        )
    return passed("permissions", "Permissions are complete", "Messaging and management.")


def check_subscription(probe: Probe) -> CheckLine:
    connection, url = probe.connection, callback_url()
    client = connection.client()
    apps = client.accounts.list_subscribed_apps(connection.waba_id)
    ours = next((app for app in apps if app.app_id == connection.app_id), None)
    if ours is None:
        return failed(
            "subscription",
            "App is not subscribed to the account",
            "Meta sends this account's events to nobody here.",
            "Choose Connect the webhook.",
            CONNECT,
        )
    callbacks = client.apps.list_subscriptions(connection.app_id, connection.app_secret.reveal())
    app_url = find_app_callback(callbacks)
    number = find_number(probe.numbers, connection.phone_number_id)
    number_url = number.webhook_urls.get("phone_number", "") if number else ""
    goes_to = number_url or ours.override_callback_uri or app_url
    if goes_to != url:
        return failed(
            "subscription",
            "Events go somewhere else",
            f"Meta sends this account's messages to {goes_to or 'no address'}, not to {url}.",
            "Choose Connect the webhook to have them sent here.",
            CONNECT,
        )
    if app_url != url:
        return CheckLine(
            "subscription",
            "Messages come here, other events do not",
            CheckState.WARNING,
            "News about message templates and the account itself always go to the app's own callback, which "
            f"is {app_url or 'not set'}.",
            "Choose Send all events here, unless another system needs them.",
            action=TAKE_OVER,
        )
    return passed("subscription", "App is subscribed to the account", f"Meta sends its events to {url}.")


def version_lines(version: str) -> tuple[CheckLine, ...]:
    """A line from 90 days before Meta ends this version of its API; until then there is none."""
    warning = versions.warning(version, utcnow().date())
    if warning is None:
        return ()
    title = "The version of Meta's API ends"
    return (CheckLine("api_version", title, CheckState.WARNING, warning.text, warning.advice, action=""),)


def handshake_line(account: Account) -> CheckLine:
    """From our own records: has Meta called our address with the verify token?"""
    if account.handshake_seen_at is None:
        return waiting(
            "handshake",
            "Webhook is not verified yet",
            "Meta has not called this address with the verify token so far.",
            "Choose Connect the webhook. If this stays open, Meta cannot reach the address.",
            CONNECT,
        )
    return passed("handshake", "Webhook is verified", "Meta called this address with the verify token.")


def first_event_line(account: Account) -> CheckLine:
    """From our own records: has a signed event of this account arrived?"""
    if account.first_event_at is None:
        return waiting(
            "first_event",
            "No event has arrived yet",
            "Nothing signed with the App Secret has come in.",
            "Send a WhatsApp message to the number from any phone."
            + ("" if account.is_live else " You can finish without it."),
            TEST_MESSAGE,
        )
    last = f" The last one came {at_words(account.last_event_at)}." if account.last_event_at else ""
    return passed("first_event", "First event has arrived", f"Its signature fits the App Secret.{last}")


def silence_line(account: Account) -> CheckLine | None:
    """From our own records: numbers not heard of for longer than is usual; None when all is usual."""
    silent = [number for number in account.phone_numbers if number.silent_since is not None]
    if not silent:
        return None
    told = " ".join(
        f"Nothing about {number.shown_number} has come since {number.silent_since:%-d %b, %H:%M} UTC. "
        f"At that time of the week something usually comes within {in_hours(number.usual_gap_s)}."
        for number in silent
    )
    return CheckLine(
        "silence",
        "Events are missing",
        CheckState.WARNING,
        told,
        "Write to the number from any phone. If it does not show under Webhooks, choose Connect the webhook, "
        "and check that Meta can reach this console. On a holiday this may be as it should be.",
        action=CONNECT,
        cause=" ".join(number.meta_id for number in silent),
    )


def at_words(at: datetime) -> str:
    """`28 Nov, 10:12 UTC`."""
    return f"{at.day} {at:%b, %H:%M} UTC"


def in_hours(seconds: int | None) -> str:
    hours = max(round((seconds or 0) / 3600), 1)
    return f"{hours} {'hour' if hours == 1 else 'hours'}"


def passed(key: str, title: str, evidence: str) -> CheckLine:
    return CheckLine(key, title, CheckState.PASSED, evidence)


def waiting(key: str, title: str, evidence: str, what_to_do: str = "", action: str = RETRY) -> CheckLine:
    return CheckLine(key, title, CheckState.WAITING, evidence, what_to_do, action=action)


def failed(key: str, title: str, evidence: str, what_to_do: str, action: str = RETRY) -> CheckLine:
    return CheckLine(key, title, CheckState.FAILED, evidence, what_to_do, action=action)


def halves(text: str) -> tuple[str, str]:
    """(what is wrong, what to do): the explanation's first sentence, and the rest."""
    first, _, rest = text.partition(". ")
    return f"{first}.", rest
