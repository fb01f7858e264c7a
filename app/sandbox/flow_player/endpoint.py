"""Asks a business's endpoint, encrypted and signed, and reads what it answers.

Source: Meta docs, "Data endpoint" page, read 2026-05.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from ..flow_json.reading import is_modest, is_writable
from .asking import INIT, PING, EndpointTrouble, Part, Question
from .sealing import CannotOpen, Sealed, open_answer, seal, signature, token_signature

TIMEOUT_S = 10.0
LARGEST_ANSWER = 1_000_000
USER_AGENT = "facebookexternalua"
KEY_STALE, TOKEN_OVER, SIGNATURE_WRONG = 421, 427, 432
NO_CONNECTION = "no connection to {uri} ({error}); is the endpoint running and the address right?"


@dataclass(frozen=True)
class Target:
    """Whom to ask and with what.

    public_key: reads the key (PEM) that the number has now, or None. note: is told of each exchange, without
    secrets.
    """

    uri: str
    app_secret: str
    public_key: Callable[[], str | None]
    flow_token: str
    version: str
    note: Callable[[Part], None] = lambda exchange: None

    def __repr__(self) -> str:
        return f"Target({self.uri!r})"


def ask(target: Target, question: Question) -> Part:
    """The decrypted answer. Raises EndpointTrouble."""
    if not target.uri:
        raise EndpointTrouble("the Flow has no endpoint_uri; set it at the Flow", error="endpoint_missing")
    message = _message(target, question)
    exchange: Part = {"at": time.time(), "asked": message, "answered": None, "http_status": 0, "trouble": ""}
    try:
        answer = _exchanged(target, message, exchange)
    except EndpointTrouble as trouble:
        exchange["trouble"] = str(trouble)
        raise
    finally:
        target.note(exchange)
    return answer


def ping(target: Target) -> str | None:
    """What is wrong with the endpoint; None when it is well."""
    try:
        answer = ask(target, Question(PING))
    except EndpointTrouble as trouble:
        return str(trouble)
    data = answer.get("data")
    if isinstance(data, dict) and data.get("status") == "active":
        return None
    return 'the endpoint must answer a ping with {"data":{"status":"active"}}'


def _message(target: Target, question: Question) -> Part:
    message: Part = {"version": target.version, "action": question.action}
    if question.action == PING:
        return message
    if question.action != INIT or question.screen:
        message["screen"] = question.screen
    message |= {"data": question.data, "flow_token": target.flow_token}
    if target.version == "4.0":
        message["flow_token_signature"] = token_signature(target.app_secret, target.flow_token)
    return message


def _exchanged(target: Target, message: Part, exchange: Part) -> Part:
    """A 421 makes the phone fetch the key again and ask once more."""
    sealed = _sealed(target, message)
    status, body = _post(target, sealed)
    if status == KEY_STALE:
        sealed = _sealed(target, message)
        status, body = _post(target, sealed)
    exchange["http_status"] = status
    if status in {200, TOKEN_OVER}:
        exchange["answered"] = answer = _read(body, sealed)
        if status == 200:
            return answer
        shown = answer.get("error_msg")
        why = "the endpoint says that this flow_token is no longer good (HTTP 427)"
        shown = shown[:1000] if isinstance(shown, str) else "This form is no longer available."
        raise EndpointTrouble(why, shown=shown, is_over=True, error="invalid_flow_token")
    raise EndpointTrouble(_refusal(status), error="endpoint_error")


def _refusal(status: int) -> str:
    if status == KEY_STALE:
        return "the endpoint cannot decrypt (HTTP 421); upload the public key that fits its private key"
    if status == SIGNATURE_WRONG:
        return "the endpoint refuses the signature (HTTP 432); it must check it with this app's secret"
    return f"the endpoint answered HTTP {status}; it must answer 200"


def _sealed(target: Target, message: Part) -> Sealed:
    key = target.public_key()
    if key is None:
        why = "the number has no public key; upload it to whatsapp_business_encryption"
        raise EndpointTrouble(why, error="public_key_missing")
    return seal(message, key)


def _post(target: Target, sealed: Sealed) -> tuple[int, bytes]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Hub-Signature-256": signature(target.app_secret, sealed.body),
    }
    until = time.monotonic() + TIMEOUT_S
    try:
        with requests.Session() as session:
            session.trust_env = False  # neither a proxy nor a .netrc may touch what goes to the endpoint
            answer = session.post(
                target.uri,
                sealed.body,
                headers=headers,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
            )
            return answer.status_code, _body(answer, until)
    except requests.Timeout as error:
        raise _too_late() from error
    except (requests.RequestException, ValueError, OSError) as error:
        why = NO_CONNECTION.format(uri=target.uri, error=type(error).__name__)
        raise EndpointTrouble(why, error="network_error") from error


def _body(answer: requests.Response, until: float) -> bytes:
    body = b""
    for chunk in answer.iter_content(65_536):
        body += chunk
        if time.monotonic() > until:
            raise _too_late()
        if len(body) > LARGEST_ANSWER:
            raise EndpointTrouble(f"the answer is larger than {LARGEST_ANSWER} bytes", error="endpoint_error")
    return body


def _too_late() -> EndpointTrouble:
    return EndpointTrouble("no answer within 10 seconds (timeout_error)", error="timeout_error")


def _read(body: bytes, sealed: Sealed) -> Part:
    try:
        found: Any = json.loads(open_answer(body, sealed))
    except CannotOpen as error:
        raise EndpointTrouble(str(error), error="decryption_error") from error
    except (ValueError, RecursionError) as error:
        raise EndpointTrouble("the decrypted answer is not JSON", error="invalid_response") from error
    if not isinstance(found, dict) or not is_modest(found) or not is_writable(found):
        why = "the decrypted answer must be a JSON object of a sensible size"
        raise EndpointTrouble(why, error="invalid_response")
    return found
