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
    """One field and what is wrong with it."""

    field: str
    message: str


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


class WindowClosed(DomainError):
    """The customer last wrote over 24 hours ago: only an approved message template may be sent."""

    code = "window_closed"


class NotReady(DomainError):
    """The account cannot do this in its present state."""

    code = "account_not_ready"


class KeyReused(DomainError):
    """The same idempotency key came with another body."""

    code = "idempotency_key_reused"


class Unavailable(DomainError):
    """We cannot store it just now; nothing was taken over."""

    code = "unavailable"
    status = 503
