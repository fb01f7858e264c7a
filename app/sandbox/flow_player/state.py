"""Where a person stands in a Flow: everything that is kept between two taps."""

from dataclasses import asdict, dataclass, field
from typing import Any

Part = dict[str, Any]
# What the endpoint was asked and answered is kept for the person who builds it, so many of it.
MOST_EXCHANGES = 6

OPEN, SENT, CLOSED = "open", "sent", "closed"


@dataclass(frozen=True)
class Setup:
    """How the Flow was opened. screen: None means its first one, or the endpoint's choice.

    is_preview: what is not given is taken from the Flow's examples. is_interactive: False for a preview that
    asks no endpoint.
    """

    token: str = "unused"  # noqa: S105 (Meta's word for none)
    action: str = "navigate"
    screen: str | None = None
    data: Part | None = None
    is_preview: bool = False
    is_interactive: bool = True


@dataclass
class Frame:
    """One screen on the way. `form`: name → what is entered."""

    screen: str
    data: Part = field(default_factory=dict)
    form: Part = field(default_factory=dict)


@dataclass
class State:
    """frames: from the first screen to the one that is shown; empty before the Flow is open.

    status: OPEN, SENT (with `answer`, what the business gets) or CLOSED (with the reason in `notice`).
    notice: a sentence for the person, above the screen. errors: field → what is wrong with it.
    """

    status: str = OPEN
    frames: list[Frame] = field(default_factory=list)
    notice: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    answer: Part | None = None
    exchanges: list[Part] = field(default_factory=list)

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def note(self, exchange: Part) -> None:
        self.exchanges = [*self.exchanges, exchange][-MOST_EXCHANGES:]

    def close(self, reason: str) -> None:
        self.status, self.notice = CLOSED, reason

    def as_json(self) -> Part:
        return asdict(self)


def from_json(kept: Part) -> State:
    return State(**(kept | {"frames": [Frame(**frame) for frame in kept["frames"]]}))
