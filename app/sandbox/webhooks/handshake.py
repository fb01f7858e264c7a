"""The GET with which Meta verifies a callback. Source: Meta docs, "Webhooks" page, read 2026-03."""

import secrets
from urllib.parse import urlsplit

from . import outgoing

LONGEST_URI = 200


class CallbackRefused(Exception):
    """The callback did not answer the challenge; the text says what it did instead."""


def verify(callback: str, verify_token: str) -> None:
    """Raises CallbackRefused unless the callback answers 200 with the bare challenge."""
    _check_uri(callback)
    challenge = str(secrets.randbelow(9 * 10**8) + 10**8)
    parameters = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        with outgoing.new_session() as session:
            answer = outgoing.ask(session, "GET", callback, params=parameters)
    except outgoing.Unreachable as error:
        raise CallbackRefused(f"The URL could not be reached ({error}).") from error
    if answer.status != 200:
        raise CallbackRefused(
            f"HTTP Status Code = {answer.status}; HTTP Message = {answer.reason or 'unknown'}"
        )
    if answer.text != challenge:
        raise CallbackRefused("The URL answered 200 but did not return the value of hub.challenge.")


def _check_uri(callback: str) -> None:
    if len(callback) > LONGEST_URI:
        raise CallbackRefused(f"The URL is longer than {LONGEST_URI} characters.")
    try:
        parts = urlsplit(callback)
    except ValueError as error:
        raise CallbackRefused("The URL is not a web address.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise CallbackRefused("The URL must begin with https:// (the sandbox also takes http://).")
