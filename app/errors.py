"""Domain errors: what services raise when the answer is no. Each text is for the person who asked."""

from __future__ import annotations

from dataclasses import dataclass


class DomainError(Exception):
    """Something the caller can do something about. `code` is stable; `message` is for people."""

    code = "refused"
    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class FieldProblem:
    """One field and what is wrong with it. `code` is a stable word for programs."""

    field: str
    message: str
    code: str = "invalid"


class InvalidFields(DomainError):
    """Values that cannot be taken; every one is named."""

    code = "invalid_fields"
    status = 422

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


class NotFound(DomainError):
    """It does not exist, or not for this caller: the answer is the same."""

    code = "not_found"
    status = 404


class NotAllowed(DomainError):
    """It is there and can be seen, but takes another role. The message says whose."""

    code = "forbidden"
    status = 403


class WindowClosed(DomainError):
    """The customer last wrote over 24 hours ago: only an approved message template may be sent."""

    code = "window_closed"


class OptedOut(DomainError):
    """The customer wants no advertising: a marketing message template may not be sent."""

    code = "opted_out"


class Blocked(DomainError):
    """The number has blocked this customer at Meta: nothing can be sent to them."""

    code = "blocked"


class NotReady(DomainError):
    """The account cannot do this in its present state."""

    code = "account_not_ready"


class ChangedMeanwhile(DomainError):
    """Somebody else saved it since the caller read it; nothing was saved over that."""

    code = "changed_meanwhile"

    def __init__(self, message: str = "Somebody else has saved it meanwhile. Nothing was saved.") -> None:
        super().__init__(message)


class TooMany(DomainError):
    """A limit is used up for now. `wait_s`: seconds until there is room again."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, wait_s: int) -> None:
        super().__init__(message)
        self.wait_s = max(1, wait_s)


class KeyReused(DomainError):
    """The same idempotency key came with another body."""

    code = "idempotency_key_reused"


class Unavailable(DomainError):
    """We cannot store it just now; nothing was taken over."""

    code = "unavailable"
    status = 503
