"""What is printed: a figure a line, goals beside ratios."""

from __future__ import annotations


class Report:
    """Collects nothing: prints as it goes, so that a broken run still shows what it had."""

    def heading(self, text: str) -> None:
        print(f"\n{text}")

    def line(self, name: str, *values: str) -> None:
        print(f"  {name:<42}" + "".join(f"{value:>16}" for value in values))

    def ratio(self, name: str, value: float, word: str, goal: float) -> None:
        reached = value >= goal if word == "at least" else value <= goal
        verdict = "reached" if reached else "MISSED"
        print(f"  {name:<42}{value:>16.2f}   goal {word} {goal:.2f}: {verdict}")
