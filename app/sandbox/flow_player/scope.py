"""What `${data.x}`, `${form.x}` and `${screen.S.form.x}` stand for on the screen that is shown."""

from typing import Any

from ..flow_json import expressions
from .state import Frame

MOST_LINES = 200


class Scope:
    """frames: all screens on the way; the last one is shown."""

    def __init__(self, frames: list[Frame]) -> None:
        self._frames = {frame.screen: frame for frame in frames}
        self._shown = frames[-1]

    def plain(self) -> "Plain":
        return Plain([self._shown])

    def look_up(self, path: str) -> Any:
        """None for what is not there."""
        source, *rest = path.split(".")
        frame: Frame | None = self._shown
        if source == "screen" and rest:
            frame, rest = self._frames.get(rest[0]), rest[1:]
            source, rest = (rest[0], rest[1:]) if rest else ("", [])
        if frame is None or source not in {"data", "form"}:
            return None
        value: Any = frame.data if source == "data" else frame.form
        for name in rest:
            value = _inside(value, name)
        return value

    def resolve(self, value: Any) -> Any:
        return expressions.resolve(value, self.look_up)

    def is_true(self, value: Any, default: bool = True) -> bool:
        return default if value is None else expressions.is_true(value, self.look_up)

    def text(self, value: Any, longest: int = 4096) -> str:
        """What a person reads; a list is read line by line."""
        found = self.resolve(value)
        if isinstance(found, list):
            return "\n".join(expressions.joined(line) for line in found[:MOST_LINES])[:longest]
        return expressions.joined(found)[:longest]

    def whole(self, value: Any) -> int | None:
        """A whole number, or None."""
        found = self.resolve(value)
        if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 10:
            return int(found)
        is_number = isinstance(found, int | float) and not isinstance(found, bool)
        return int(found) if is_number and abs(found) < 1e9 else None


class Plain(Scope):
    """For what came out of a binding: it is taken as it stands, even when it looks like a binding itself."""

    def resolve(self, value: Any) -> Any:
        return value

    def is_true(self, value: Any, default: bool = True) -> bool:
        return default if value is None else bool(value)


def _inside(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list) and name.isascii() and name.isdigit() and int(name[:9]) < len(value):
        return value[int(name[:9])]
    return None
