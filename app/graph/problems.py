"""What is wrong with a payload or a message template, in the users' words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `field` is Meta's path (`interactive.action.buttons[0].reply.title`).

    `code` is a stable word for programs (`too_long`, `missing`); a warning may be sent all the
    same.
    """

    field: str
    message: str
    code: str = "invalid"
    severity: Severity = "error"


class InvalidPayload(ValueError):
    """The content breaks Meta's limits; nothing was sent. `problems` says what to correct."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def refuse(problems: list[Problem]) -> None:
    """Raise InvalidPayload if any of these is an error."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidPayload(errors)
