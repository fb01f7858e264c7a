"""`health_status` of numbers, accounts, message templates and Flows: the worst of several entities.

Source: Meta docs, "Messaging health status" page, read 2026-03: `errors` only with BLOCKED, `additional_info`
only with LIMITED; account, portfolio and app always stand there. What limits an entity is partly unverified.
"""

from typing import Any

from . import conditions
from .registry import Call

RANKS = ("AVAILABLE", "LIMITED", "BLOCKED")


class Limited(str):
    """Why an entity can send only some messages."""


# Reason an entity is blocked, or code and reason; Limited: it is not.
Trouble = str | tuple[int, str] | None
Entity = tuple[str, str, Trouble]


def describe(call: Call, waba_id: str, *entities: Entity) -> dict[str, Any]:
    """From (entity type, id, reason it is blocked or limited, or None) and what is above the account."""
    business_id = call.db.value("SELECT business_id FROM wabas WHERE id = ?", waba_id)
    above: tuple[Entity, ...] = (
        ("WABA", waba_id, conditions.trouble(call, waba_id)),
        ("BUSINESS", business_id, _of_portfolio(call, waba_id)),
        ("APP", call.token.app_id, None),
    )
    described = [_entity(*entity) for entity in (*entities, *above)]
    worst = max((entity["can_send_message"] for entity in described), key=RANKS.index)
    return {"can_send_message": worst, "entities": described}


def _of_portfolio(call: Call, waba_id: str) -> Limited | None:
    reason = conditions.business_limit(call, waba_id)
    return Limited(reason) if reason else None


def _entity(entity_type: str, entity_id: str, trouble: Trouble) -> dict[str, Any]:
    entity = {"entity_type": entity_type, "id": entity_id}
    if trouble is None:
        return {**entity, "can_send_message": "AVAILABLE"}
    if isinstance(trouble, Limited):
        return {**entity, "can_send_message": "LIMITED", "additional_info": [str(trouble)]}
    code, reason = trouble if isinstance(trouble, tuple) else (141000, trouble)
    error = {"error_code": code, "error_description": reason, "possible_solution": "See the sandbox."}
    return {**entity, "can_send_message": "BLOCKED", "errors": [error]}
