"""What the check of one component must know of the whole message template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.graph import reading
from app.graph.checking import Spot


@dataclass(frozen=True, slots=True)
class Context:
    """Category, whether variables have names, and the components by kind."""

    category: str
    is_named: bool
    components: dict[str, Spot] = field(default_factory=dict)
    is_card: bool = False

    def has(self, kind: str) -> bool:
        return kind in self.components

    def component(self, kind: str) -> Spot:
        return self.components[kind]

    def button_kinds(self) -> list[str]:
        """The kinds of all buttons, upper case, in order."""
        if "BUTTONS" not in self.components:
            return []
        buttons: list[Any] = reading.items(self.components["BUTTONS"]["buttons"].value)
        return [(reading.text(reading.mapping(button).get("type")) or "").upper() for button in buttons]

    def header_format(self) -> str | None:
        """TEXT, IMAGE, …; None without a header."""
        if "HEADER" not in self.components:
            return None
        return (reading.text(self.components["HEADER"]["format"].value) or "").upper()
