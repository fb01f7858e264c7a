"""How an exception from Meta's description is written, and whether it is still needed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """These faults of this operation (`*`: of any) are the description's."""

    operation: str
    faults: tuple[str, ...]
    reason: str


def fits(entry: Known, operation: str) -> bool:
    return entry.operation in ("*", operation)


def idle(entries: Iterable[Known], found: Collection[tuple[str, str]]) -> list[str]:
    """The faults of these entries that are not among those found, `(operation, fault)`."""
    return [
        f"{entry.operation}: {fault}"
        for entry in entries
        for fault in entry.faults
        if not any(fits(entry, operation) and fault == one for operation, one in found)
    ]


def fields(status: int, names: str, before: str = "") -> tuple[str, ...]:
    """One fault for each field of an answer that is not described."""
    return tuple(f"{status} {before}{name}: not described" for name in names.split())


def sent(names: str, before: str = "") -> tuple[str, ...]:
    """One fault for each member of a request body that is not described."""
    return tuple(f"body {before}{name}: not described" for name in names.split())
