"""What stands on a screen, ready to be shown: nothing in here is a binding any more."""

from dataclasses import dataclass, field
from typing import Any

Part = dict[str, Any]


@dataclass(frozen=True)
class Option:
    """`picture`: a data: address, or blank. `action`, `unselect`: of the item itself, or None."""

    id: str
    title: str
    description: str = ""
    metadata: str = ""
    picture: str = ""
    is_enabled: bool = True
    action: Part | None = None
    unselect: Part | None = None
    end: str = ""


@dataclass(frozen=True)
class Item:
    """One component. `kind`: of drawing.KINDS; `place`: what names it on this screen.

    value: what is entered (fields). limits: least and most of its kind: characters, items, days, files.
    """

    kind: str
    place: str
    name: str = ""
    label: str = ""
    text: str = ""
    description: str = ""
    help: str = ""
    value: Any = None
    options: list[Option] = field(default_factory=list)
    is_required: bool = False
    is_enabled: bool = True
    is_watched: bool = False
    error: str = ""
    error_message: str = ""
    input_type: str = "text"
    pattern: str = ""
    least: int | None = None
    most: int | None = None
    earliest: str = ""
    latest: str = ""
    unavailable: list[str] = field(default_factory=list)
    weekdays: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    accepts: list[str] = field(default_factory=list)
    largest_kb: int = 0
    action: Part | None = None
    select: Part | None = None
    unselect: Part | None = None

    @property
    def is_field(self) -> bool:
        return bool(self.name)


@dataclass(frozen=True)
class Page:
    """A screen. `can_go_back`: there is one before it."""

    screen: str
    title: str
    items: list[Item]
    can_go_back: bool
    is_terminal: bool

    @property
    def fields(self) -> list[Item]:
        return [item for item in self.items if item.is_field]

    @property
    def is_changing(self) -> bool:
        """What is entered changes the screen before it is left."""
        return any(item.is_watched for item in self.items)

    def at(self, place: str) -> Item | None:
        return next((item for item in self.items if item.place == place), None)
