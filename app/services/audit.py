"""The audit log: who did what, when, from where. Added to the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.extensions import db
from app.models import AuditEntry
from app.queries.access import Actor


def record(
    actor: Actor,
    action: str,
    *,
    account_id: int | None = None,
    object_type: str = "",
    object_id: object = "",
    details: dict[str, Any] | None = None,
) -> None:
    """Add one entry; the caller commits. `details` must hold no secret."""
    db.session.add(
        AuditEntry(
            user_id=actor.user.id if actor.user else None,
            api_key_id=actor.api_key.id if actor.api_key else None,
            account_id=account_id,
            actor_name=actor.name,
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            details=details or {},
            ip_address=actor.ip_address,
        )
    )


def differences(fields: Iterable[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Details of a change. A field that stands in neither mapping (a secret) is named, and no more."""
    names = sorted(fields)
    shown = [name for name in names if name in before and name in after]
    return {
        "fields": names,
        "before": {name: before[name] for name in shown},
        "after": {name: after[name] for name in shown},
    }
