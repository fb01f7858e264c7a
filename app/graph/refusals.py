"""Turns what came back (or did not) into an answer or the right GraphError."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from app.graph import reading
from app.graph.advice import DAY_S, AdviceClass
from app.graph.call_info import CallInfo
from app.graph.error_table import advice_for, find_entry
from app.graph.errors import (
    GraphAuthError,
    GraphBlocked,
    GraphError,
    GraphRejected,
    GraphThrottled,
    GraphUnconfirmed,
    GraphUnexpected,
    GraphUnreachable,
)
from app.graph.json_limits import MalformedBody, loads
from app.graph.redaction import redact

_BY_ADVICE: dict[AdviceClass, type[GraphError]] = {
    AdviceClass.RETRY: GraphThrottled,
    AdviceClass.WAIT: GraphThrottled,
    AdviceClass.PERMANENT: GraphRejected,
    AdviceClass.RECONNECT: GraphAuthError,
    AdviceClass.OPERATOR: GraphBlocked,
}
_BY_STATUS: dict[int, type[GraphError]] = {
    HTTPStatus.UNAUTHORIZED: GraphAuthError,
    HTTPStatus.FORBIDDEN: GraphBlocked,
    HTTPStatus.REQUEST_TIMEOUT: GraphThrottled,
    HTTPStatus.TOO_MANY_REQUESTS: GraphThrottled,
}
# Codes of the call limits, which the usage headers count; throughput of messages is another thing.
_CALL_LIMITS = frozenset({4, 17, 32, 613, 80007, 80008})
_LONGEST_WAIT_S = 7 * DAY_S
_LONGEST_WORDS = 1000
_HANDSHAKE_REASONS = frozenset(
    {
        "CERTIFICATE_VERIFY_FAILED",
        "WRONG_VERSION_NUMBER",
        "UNSUPPORTED_PROTOCOL",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
    }
)


def from_failure(failure: Exception, *, method: str, info: CallInfo) -> GraphError:
    """No answer at all: was the connection never made, or may the body have arrived?"""
    kind = type(failure).__name__  # the text would have the URL
    if _never_connected(failure):
        return GraphUnreachable("Meta cannot be reached", details=kind, info=info)
    if method == "GET":
        return GraphUnreachable("Meta did not answer", details=kind, info=info)
    if _never_sent(failure):
        return GraphUnexpected("The call could not be made", details=kind, info=info)
    return GraphUnconfirmed("Meta did not answer", details=kind, info=info)


def _never_sent(failure: Exception) -> bool:
    """requests' own checks of URL, header and body: they fail before anything is opened."""
    return isinstance(failure, ValueError) and isinstance(failure, requests.RequestException)


def _never_connected(failure: Exception) -> bool:
    if isinstance(failure, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    return any(_is_connect_failure(cause) for cause in _causes(failure))


def _is_connect_failure(cause: BaseException) -> bool:
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return True
    if isinstance(cause, ssl.SSLCertVerificationError):
        return True
    return isinstance(cause, ssl.SSLError) and cause.reason in _HANDSHAKE_REASONS


def _causes(failure: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: urllib3 and requests hide the cause in `args` or `reason`."""
    waiting: list[object] = [failure]
    for _ in range(8):
        if not waiting:
            return
        current = waiting.pop()
        if isinstance(current, BaseException):
            yield current
            waiting.extend(current.args)
        if isinstance(current, MaxRetryError):
            waiting.append(current.reason)


def read_answer(
    content: bytes | None, info: CallInfo, secrets: Sequence[str], is_list: bool = False
) -> dict[str, Any] | GraphError:
    """Meta's object, or the error it stands for. `content` None: the body broke off.

    With `is_list` an array is wanted too, and becomes `{"data": […]}`.
    """
    found = _parsed(content, is_list)
    error = reading.mapping(found.pop("error", None)) if found is not None else {}
    if error:
        return _refusal(error, info, secrets, partial=found or {})
    if found is not None and _is_success(info.http_status or 0):
        return found
    return _nonsense(info, is_broken=content is None)


def _parsed(content: bytes | None, is_list: bool) -> dict[str, Any] | None:
    if content is None:
        return None
    try:
        found = loads(content)
    except MalformedBody:
        return None
    if is_list and isinstance(found, list):
        return {"data": found}
    return found if isinstance(found, dict) else None


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _nonsense(info: CallInfo, *, is_broken: bool) -> GraphError:
    """No Graph error, no usable answer: only the HTTP status and the method are left to go by."""
    status = info.http_status or 0
    if info.method != "GET" and (_is_success(status) or status >= HTTPStatus.INTERNAL_SERVER_ERROR):
        kind: type[GraphError] = GraphUnconfirmed
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR or (is_broken and _is_success(status)):
        kind = GraphUnreachable
    else:
        kind = _BY_STATUS.get(status, GraphUnexpected)
    return kind(
        "The answer is not one of Meta's",
        details=f"HTTP status {status} without anything that can be read.",
        http_status=status,
        retry_after_s=_header_wait(info.retry_after),
        info=info,
    )


def _refusal(
    error: dict[str, Any], info: CallInfo, secrets: Sequence[str], *, partial: dict[str, Any]
) -> GraphError:
    """The exception for Meta's error object.

    Source: Meta docs, "Error codes" page, read 2026-09: logic goes by code and details; status,
    title and subcode are only hints.
    """

    def words(value: object) -> str:
        return redact(reading.text(value) or "", secrets)[:_LONGEST_WORDS]

    code, subcode = reading.integer(error.get("code")), reading.integer(error.get("error_subcode"))
    advice = advice_for(
        code,
        subcode=subcode,
        http_status=info.http_status,
        is_transient=reading.boolean(error.get("is_transient")) is True,
    )
    return _BY_ADVICE[advice](
        words(error.get("message")) or "Meta refused without saying why",
        code=code,
        subcode=subcode,
        http_status=info.http_status,
        details=words(_details(error.get("error_data"))),
        fbtrace_id=reading.text(error.get("fbtrace_id")),
        user_title=words(error.get("error_user_title")) or None,
        user_message=words(error.get("error_user_msg")) or None,
        retry_after_s=_wait(advice, code, subcode, info),
        info=info,
        partial=partial,
    )


def _details(error_data: object) -> str | None:
    """`error_data` is an object with `details`, an object naming fields, or plain text."""
    data = reading.mapping(error_data)
    if not data:
        return reading.text(error_data)
    blamed = ["/".join(reading.texts(path)) for path in reading.items(data.get("blame_field_specs"))]
    named = ", ".join(path for path in blamed if path)
    return reading.text(data.get("details")) or (f"Fields: {named}" if named else None)


def _wait(advice: AdviceClass, code: int | None, subcode: int | None, info: CallInfo) -> int | None:
    """Seconds to wait: the answer's own word first, then what Meta's pages say for this code."""
    if advice not in (AdviceClass.RETRY, AdviceClass.WAIT):
        return None
    counted = info.regain_access_s if code in _CALL_LIMITS else None
    entry = find_entry(code, subcode)
    return _header_wait(info.retry_after) or counted or (entry.wait_s if entry else None)


def _header_wait(header: str | None) -> int | None:
    """`Retry-After` in seconds or as a date."""
    seconds = reading.integer(header)
    if seconds is not None or not header:
        return seconds if seconds is None else max(0, min(seconds, _LONGEST_WAIT_S))
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    left = (aware - datetime.now(UTC)).total_seconds()
    return max(0, min(round(left), _LONGEST_WAIT_S))
