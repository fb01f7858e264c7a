"""The business's endpoint as the player sees it: a question, an answer, or a reason why there is none."""

from dataclasses import dataclass, field
from typing import Any, Protocol

Part = dict[str, Any]
INIT, BACK, EXCHANGE, PING = "INIT", "BACK", "data_exchange", "ping"


@dataclass(frozen=True)
class Question:
    """`action`: INIT, BACK, EXCHANGE or PING."""

    action: str
    screen: str = ""
    data: Part = field(default_factory=dict)


class EndpointTrouble(Exception):
    """The endpoint gave no answer one can go on with; the text says why and what to do.

    shown: what the person reads. is_over: the Flow cannot go on (the token is no longer good).
    error: Meta's key, for an error notification.
    """

    def __init__(self, why: str, *, shown: str = "", is_over: bool = False, error: str = "") -> None:
        super().__init__(why)
        self.shown = shown or "Something went wrong. Please try again later."
        self.is_over = is_over
        self.error = error


class Ask(Protocol):
    """Asks the endpoint. Raises EndpointTrouble."""

    def __call__(self, question: Question) -> Part: ...
