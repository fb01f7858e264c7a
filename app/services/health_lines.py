"""The lines of an account's check list: what each asks Meta, and how it says what it found."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from app.graph import versions
from app.graph.errors import GraphAuthError, GraphBlocked, GraphError, GraphRejected
from app.graph.tokens import TokenInfo
from app.models import Account, CheckState, utcnow
from app.services.setup_checks import (
    MANAGEMENT,
    MESSAGING,
    Connection,
    Number,
    describe_scopes,
    find_number,
    meta_code,
    why_invalid,
)
from app.services.webhook_connection import callback_url, find_app_callback

TOKEN_WARNING = timedelta(days=14)
CONNECTED = "CONNECTED"
RETRY = "retry"
CONNECT = "connect"
TAKE_OVER = "take_over"
TEST_MESSAGE = "test_message"
_REFUSALS = (GraphAuthError, GraphBlocked, GraphRejected)
_LIMITS = {"TIER_UNLIMITED": "No limit of people a day.", "UNTIERED": ""}
_QUALITY = {"GREEN": "Quality high.", "YELLOW": "Quality medium.", "RED": "Quality low."}


@dataclass(frozen=True)
class CheckLine:
    """One line. `seconds` is what Meta took to answer; `what_to_do` is empty when nothing is wrong.

    `action`: what mends an open line: RETRY, CONNECT, TAKE_OVER or TEST_MESSAGE; empty if nothing here does.
    """

    key: str
    title: str
    state: CheckState
    evidence: str
    what_to_do: str = ""
    seconds: float | None = None
    action: str = RETRY

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"state": str(self.state)}


@dataclass
class Probe:
    """What is asked about one account, and what came back so far. Knows no table."""

    connection: Connection
    token: TokenInfo | None = None
    numbers: list[Number] = field(default_factory=list)


Check = Callable[[Probe], CheckLine]


def check_token(probe: Probe) -> CheckLine:
    connection = probe.connection
    token = probe.token = connection.client().tokens.debug(
        connection.access_token.reveal(),
        app_id=connection.app_id,
        app_secret=connection.app_secret.reveal(),
    )
    if not token.is_valid:
        return _failed("token", "Token does not work", *_halves(why_invalid(token)))
    whose = f"App {token.application}." if token.application else ""
    if token.expires_at is None:
        return _passed("token", "Token is valid", f"Permanent. {whose}".strip())
    left = token.expires_at - utcnow()
    text = f"It ends on {token.expires_at.day} {token.expires_at:%b %Y}. {whose}".strip()
    if left > TOKEN_WARNING:
        return _passed("token", "Token is valid", text)
    days = max(left.days, 0)
    return CheckLine(
        "token",
        "Token ends soon",
        CheckState.WARNING,
        f"{days} {'day' if days == 1 else 'days'} left. {text}",
        "Create a permanent token for a system user and save it in step 3, before sending stops.",
    )


def check_permissions(probe: Probe) -> CheckLine:
    token = probe.token
    if token is None or not token.is_valid:
        return _waiting("permissions", "Permissions are not known yet", "This comes after the token.")
    missing = tuple(
        scope for scope in (MESSAGING, MANAGEMENT) if not token.covers(scope, probe.connection.waba_id)
    )
    if missing:
        return _failed(
            "permissions",
            "Permissions are missing",
            f"The token may not use {describe_scopes(missing)} for this account.",
            "Give the system user this account with full control, create a new token with these permissions "
            "ticked, and save it in step 3.",
        )
    return _passed("permissions", "Permissions are complete", "Messaging and management.")


def check_number(probe: Probe) -> CheckLine:
    connection = probe.connection
    probe.numbers = connection.client().accounts.list_phone_numbers(connection.waba_id)
    number = find_number(probe.numbers, connection.phone_number_id)
    if number is None:
        return _failed(
            "number",
            "Number is not in this account",
            f"Meta does not list the number with the ID {connection.phone_number_id} any more.",
            "Check in WhatsApp Manager which account it is in, and correct step 1 or 2.",
        )
    shown = number.display_phone_number or connection.phone_number
    if number.status != CONNECTED:
        return _failed(
            "number",
            "Number is not registered",
            f"Meta says that {shown} is {(number.status or 'not ready').lower().replace('_', ' ')}.",
            "Open the number in WhatsApp Manager, verify it if asked, and register it for the Cloud API.",
        )
    if number.health is not None and number.health.can_send_message == "BLOCKED":
        return _blocked(shown, number)
    facts = (f"{shown}.", _QUALITY.get(number.quality_rating or "", "Not rated yet."), limit_words(number))
    return _passed("number", "Number is registered", " ".join(filter(None, facts)))


def _blocked(shown: str, number: Number) -> CheckLine:
    entities = number.health.entities if number.health else ()
    problems = [problem for entity in entities for problem in entity.problems]
    words = " ".join(problem.description for problem in problems) or "Meta does not say why."
    solution = " ".join(problem.solution for problem in problems if problem.solution)
    return CheckLine(
        "number",
        "Number may not send at present",
        CheckState.WARNING,
        f"{shown} is registered, but Meta holds its messages back. {words}",
        solution or "Open the account in WhatsApp Manager and see what Meta asks for.",
    )


def tier_size(limit: str) -> str:
    """`TIER_2K` → `2,000`; `TIER_250` → `250`."""
    size = limit.removeprefix("TIER_")
    return f"{size[:-1]},000" if size.endswith("K") else size


def limit_words(number: Number) -> str:
    """`TIER_2K` → `Up to 2,000 people in 24 hours, shared by the whole portfolio.`"""
    limit = number.messaging_limit or ""
    if limit in _LIMITS or not limit.startswith("TIER_"):
        return _LIMITS.get(limit, "")
    return f"Up to {tier_size(limit)} people in 24 hours, shared by the whole portfolio."


def check_subscription(probe: Probe) -> CheckLine:
    connection, url = probe.connection, callback_url()
    client = connection.client()
    apps = client.accounts.list_subscribed_apps(connection.waba_id)
    ours = next((app for app in apps if app.app_id == connection.app_id), None)
    if ours is None:
        return _failed(
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
        return _failed(
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
    return _passed("subscription", "App is subscribed to the account", f"Meta sends its events to {url}.")


GRAPH_CHECKS: dict[str, Check] = {
    "token": check_token,
    "permissions": check_permissions,
    "number": check_number,
    "subscription": check_subscription,
}


def run(key: str, probe: Probe) -> CheckLine:
    """One line, timed; Meta's refusal and silence are lines too."""
    started = time.monotonic()
    try:
        line = GRAPH_CHECKS[key](probe)
    except _REFUSALS as error:
        line = _failed(
            key,
            _COULD_NOT[key],
            f"Meta refused the question: “{error.details or error.title}”{meta_code(error)}.",
            "Check the token and the IDs in steps 1 to 3.",
        )
    except GraphError as error:
        line = CheckLine(
            key,
            _COULD_NOT[key],
            CheckState.WARNING,
            f"Meta could not be reached. This says nothing about the account.{meta_code(error)}",
            "Try again in a moment.",
        )
    return replace(line, seconds=round(time.monotonic() - started, 1))


_COULD_NOT = {
    "token": "Token could not be checked",
    "permissions": "Permissions could not be checked",
    "number": "Number could not be checked",
    "subscription": "Subscription could not be checked",
}


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
        return _waiting(
            "handshake",
            "Webhook is not verified yet",
            "Meta has not called this address with the verify token so far.",
            "Choose Connect the webhook. If this stays open, Meta cannot reach the address.",
            CONNECT,
        )
    return _passed("handshake", "Webhook is verified", "Meta called this address with the verify token.")


def first_event_line(account: Account) -> CheckLine:
    """From our own records: has a signed event of this account arrived?"""
    if account.first_event_at is None:
        return _waiting(
            "first_event",
            "No event has arrived yet",
            "Nothing signed with the App Secret has come in.",
            "Send a WhatsApp message to the number from any phone."
            + ("" if account.is_live else " You can finish without it."),
            TEST_MESSAGE,
        )
    return _passed("first_event", "First event has arrived", "Its signature fits the App Secret.")


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
    )


def in_hours(seconds: int | None) -> str:
    hours = max(round((seconds or 0) / 3600), 1)
    return f"{hours} {'hour' if hours == 1 else 'hours'}"


def open_line(key: str) -> CheckLine:
    """A line nobody has asked Meta about yet."""
    return _waiting(key, _COULD_NOT[key].replace("could not be checked", "is not checked yet"), "")


def _passed(key: str, title: str, evidence: str) -> CheckLine:
    return CheckLine(key, title, CheckState.PASSED, evidence)


def _waiting(key: str, title: str, evidence: str, what_to_do: str = "", action: str = RETRY) -> CheckLine:
    return CheckLine(key, title, CheckState.WAITING, evidence, what_to_do, action=action)


def _failed(key: str, title: str, evidence: str, what_to_do: str, action: str = RETRY) -> CheckLine:
    return CheckLine(key, title, CheckState.FAILED, evidence, what_to_do, action=action)


def _halves(text: str) -> tuple[str, str]:
    """(what is wrong, what to do): the explanation's first sentence, and the rest."""
    first, _, rest = text.partition(". ")
    return f"{first}.", rest
