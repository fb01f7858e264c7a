"""The Flows that a message template's buttons open: Meta takes only those of the same account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.errors import FieldProblem, InvalidFields
from app.queries import flows as queries


def require_own(account_id: int, components: Sequence[Any]) -> None:
    """Raises InvalidFields for a Flow that is known to be another account's; Meta judges of the others."""
    problems = [
        FieldProblem(
            f"components[{place}].buttons[{index}].flow_id",
            "This Flow belongs to another account, and Meta takes only Flows of the message template’s own. "
            "Choose another one, or make a copy of it in this account.",
        )
        for place, part in enumerate(components)
        for index, button in _buttons(part)
        if queries.is_of_another_account(account_id, str(button.get("flow_id") or ""))
    ]
    if problems:
        raise InvalidFields(problems)


def _buttons(part: Any) -> list[tuple[int, dict[str, Any]]]:
    found = part.get("buttons") if isinstance(part, dict) else None
    listed = enumerate(found if isinstance(found, list) else [])
    return [(index, one) for index, one in listed if isinstance(one, dict) and one.get("type") == "FLOW"]
