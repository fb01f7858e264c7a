"""`health_status` of an account, number or message template.

Source: Meta docs, "Messaging health status" page, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.graph import reading


@dataclass(frozen=True, slots=True)
class HealthProblem:
    """Why an entity is blocked, in Meta's words."""

    code: int | None
    description: str
    solution: str


@dataclass(frozen=True, slots=True)
class HealthEntity:
    """One link of the chain. `problems` come when it is BLOCKED, `notes` when it is LIMITED."""

    entity_type: str
    entity_id: str
    can_send_message: str
    problems: tuple[HealthProblem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """AVAILABLE, LIMITED or BLOCKED over all; the worst entity decides."""

    can_send_message: str
    entities: tuple[HealthEntity, ...] = ()


def read_health(value: object) -> HealthStatus | None:
    """Read the object; None if Meta sent none."""
    found = reading.mapping(value)
    overall = reading.text(found.get("can_send_message"))
    if overall is None:
        return None
    entities = map(_entity, reading.mappings(found.get("entities")))
    return HealthStatus(overall, tuple(entities))


def _entity(found: dict[str, object]) -> HealthEntity:
    return HealthEntity(
        entity_type=reading.text(found.get("entity_type")) or "",
        entity_id=reading.text(found.get("id")) or "",
        can_send_message=reading.text(found.get("can_send_message")) or "",
        problems=tuple(map(_problem, reading.mappings(found.get("errors")))),
        notes=reading.texts(found.get("additional_info")),
    )


def _problem(found: dict[str, object]) -> HealthProblem:
    return HealthProblem(
        code=reading.integer(found.get("error_code")),
        description=reading.text(found.get("error_description")) or "",
        solution=reading.text(found.get("possible_solution")) or "",
    )
