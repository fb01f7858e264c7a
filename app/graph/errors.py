"""What can go wrong with a call to Meta, named for what the caller does next.

GraphError
 ├─ GraphUnreachable   the call never got there (or it only reads): try again
 ├─ GraphThrottled     Meta says "not now": try again after `retry_after_s`
 ├─ GraphAuthError     the token does not work: ask the operator for a new one
 ├─ GraphBlocked       operator or Meta must act before anything like it can work
 ├─ GraphRejected      this request is refused for good: show why
 ├─ GraphUnconfirmed   a change was asked for and nobody knows if it happened: wait, never resend
 └─ GraphUnexpected    an answer that makes no sense: a bug, here or there
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.graph.call_info import CallInfo


class GraphError(Exception):
    """A failed call. Its text is fit for people; tokens are redacted from every field.

    `code`, `subcode`, `title`, `details`, `fbtrace_id`, `user_title` and `user_message` are Meta's
    own words (the last two come in the account's language); `retryable` says if the very same
    request may work later, `retry_after_s` when (None: the caller's own back-off). `partial` is
    what Meta did all the same, where it refuses only some parts of a request.
    """

    retryable = False

    def __init__(
        self,
        title: str,
        *,
        code: int | None = None,
        subcode: int | None = None,
        http_status: int | None = None,
        details: str = "",
        fbtrace_id: str | None = None,
        user_title: str | None = None,
        user_message: str | None = None,
        retry_after_s: int | None = None,
        info: CallInfo | None = None,
        partial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title)
        self.title = title
        self.code = code
        self.subcode = subcode
        self.http_status = http_status
        self.details = details
        self.fbtrace_id = fbtrace_id
        self.user_title = user_title
        self.user_message = user_message
        self.retry_after_s = retry_after_s
        self.info = info or CallInfo()
        self.partial = partial or {}

    def __str__(self) -> str:
        """One line: title, details, then the numbers that Meta's support asks for."""
        words = self.title if self.details in ("", self.title) else f"{self.title}: {self.details}"
        numbers = {
            "code": self.code,
            "subcode": self.subcode,
            "HTTP": self.http_status,
            "trace": self.fbtrace_id,
        }
        facts = ", ".join(f"{name} {value}" for name, value in numbers.items() if value is not None)
        return f"{words} ({facts})" if facts else words


class GraphUnreachable(GraphError):
    """No connection was made, or a mere read got no answer: safe to try again."""

    retryable = True


class GraphThrottled(GraphError):
    """Meta will not do it now but may later: too many calls, a fault of the moment, a fixed wait."""

    retryable = True


class GraphAuthError(GraphError):
    """The access token is missing, expired, revoked or malformed: ask the operator for a new one."""


class GraphBlocked(GraphError):
    """The operator or Meta must act: a permission, payment, restriction, paused message template."""


class GraphRejected(GraphError):
    """Meta refuses this request as it is; a changed one may work."""


class GraphUnconfirmed(GraphError):
    """The body may have reached Meta, the outcome is unknown. Never send again by itself.

    Read time-out, connection reset after the body left, 5xx without a Graph error, a 200 that
    cannot be read. Message ids cannot be asked for, so only a status webhook settles a send.
    """


class GraphUnexpected(GraphError):
    """An answer outside Meta's own rules: a redirect, a page instead of JSON, a missing id."""
