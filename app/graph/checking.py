"""A place in somebody's JSON, with the checks that Meta's limits are made of."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.problems import Problem, Severity

_LINK = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\ufe0f\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class Spot:
    """A value, where it stands, and the list that its faults go to.

    `name` in the checks is how the fault's sentence begins ("The body"). Each check notes its own
    fault and answers something usable, so that one fault does not hide the others.
    """

    value: Any
    path: str
    problems: list[Problem]

    def __getitem__(self, key: str) -> Spot:
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Spot(value, f"{self.path}.{key}" if self.path else key, self.problems)

    @property
    def is_missing(self) -> bool:
        return self.value is None

    def note(self, message: str, code: str = "invalid", severity: Severity = "error") -> None:
        self.problems.append(Problem(self.path, message, code, severity))

    def text(self, name: str, most: int | None = None, *, required: bool = True) -> str:
        """Text of at most this many characters; blank counts as missing."""
        if self.value is None or self.value == "":
            if required:
                self.note(f"{name} is missing.", "missing")
            return ""
        if not isinstance(self.value, str):
            self.note(f"{name} must be text.", "wrong_type")
            return ""
        if required and not self.value.strip():
            self.note(f"{name} is blank.", "missing")
        self._within(name, len(self.value), most, "characters")
        return self.value

    def _within(self, name: str, count: int, most: int | None, what: str) -> None:
        if most is not None and count > most:
            self.note(f"{name} has {count:,} {what}; WhatsApp allows {most:,}.", "too_long")

    def object(self, name: str, *, required: bool = True) -> bool:
        """Is this a JSON object that further checks can look into?"""
        if isinstance(self.value, dict):
            return True
        if self.value is None:
            if required:
                self.note(f"{name} is missing.", "missing")
        else:
            self.note(f"{name} must be an object.", "wrong_type")
        return False

    def list(self, name: str, least: int = 0, most: int | None = None) -> list[Spot]:
        """The places of an array of `least` to `most` entries."""
        if self.value is None and least:
            self.note(f"{name} are missing.", "missing")
        if self.value is not None and not isinstance(self.value, list):
            self.note(f"{name} must be a list.", "wrong_type")
        found = [
            Spot(value, f"{self.path}[{index}]", self.problems)
            for index, value in enumerate(reading.items(self.value))
        ]
        if self.value is not None and len(found) < least:
            self.note(f"{name}: at least {least} needed, {len(found)} given.", "too_few")
        if most is not None and len(found) > most:
            self.note(f"{name}: at most {most} allowed, {len(found)} given.", "too_many")
        return found

    def choice(self, name: str, allowed: Collection[str], *, required: bool = True) -> str:
        """One of these words."""
        if self.value is None and not required:
            return ""
        if isinstance(self.value, str) and self.value in allowed:
            return self.value
        self.note(f"{name} must be one of: {', '.join(allowed)}.", "not_allowed")
        return ""

    def whole(self, name: str, least: int, most: int) -> None:
        """A whole number in these bounds."""
        number = reading.integer(self.value)
        if number is None or not least <= number <= most:
            self.note(f"{name} must be a whole number from {least:,} to {most:,}.", "out_of_range")

    def number(self, name: str, least: float, most: float) -> None:
        """A number, or digits, in these bounds."""
        number = _float(self.value)
        if number is None or not least <= number <= most:
            self.note(f"{name} must be a number from {least:g} to {most:g}.", "out_of_range")

    def flag(self, name: str) -> None:
        """True, false or nothing."""
        if self.value is not None and not isinstance(self.value, bool):
            self.note(f"{name} must be true or false.", "wrong_type")

    def link(self, name: str, most: int = 2000, *, https_only: bool = False) -> None:
        """A web address."""
        address = self.text(name, most)
        if not address:
            return
        if not _LINK.fullmatch(address):
            self.note(f"{name} must be a web address such as https://example.com/.", "bad_link")
        elif https_only and not address.lower().startswith("https://"):
            self.note(f"{name} must begin with https://.", "bad_link")

    def absent(self, message: str) -> None:
        """This may not be given here."""
        if self.value is not None:
            self.note(message, "not_allowed")

    def only(self, known: Collection[str], name: str) -> None:
        """No other keys than these: Meta refuses those it does not know."""
        for key, value in self.value.items() if isinstance(self.value, dict) else ():
            if key not in known and value is not None:
                self[key].note(f"{name} has no “{key}”.", "not_allowed")

    def no_emoji(self, name: str) -> None:
        if isinstance(self.value, str) and has_emoji(self.value):
            self.note(f"{name} may not have emoji.", "emoji")


def has_emoji(text: str) -> bool:
    """Does the text have a pictograph? (A wide guess: Meta does not publish its list.)"""
    return _EMOJI.search(text) is not None


def count_emoji(text: str) -> int:
    """How many pictographs; joined ones count by their parts."""
    return len(_EMOJI.findall(text.replace("\ufe0f", "")))


def no_repeats(spots: list[Spot], message: str) -> None:
    """Note every place whose text stood in an earlier place of the list."""
    seen: set[str] = set()
    for spot in spots:
        if isinstance(spot.value, str) and spot.value:
            if spot.value in seen:
                spot.note(message, "repeated")
            seen.add(spot.value)


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
