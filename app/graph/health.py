"""`health_status` of an account, number, message template or Flow.

Source: Meta docs, "Messaging health status" page, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.graph import reading
from app.graph.calls import Caller, node


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


class Health:
    """`client.health`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, node_id: str, *, phone_number_id: str | None = None) -> HealthStatus | None:
        """The health of an account, number, message template or Flow by its id.

        `phone_number_id` asks a Flow about sending it from that number. None if Meta says nothing.
        """
        wanted = "health_status"
        if phone_number_id is not None:
            wanted += f".phone_number({node(phone_number_id)})"
        found = self._call("GET", node(node_id), params={"fields": wanted}).data
        return read_health(found.get("health_status"))


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
