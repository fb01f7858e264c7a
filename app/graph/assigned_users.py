"""Who in the business may do what with an account.

Source: Meta docs, "Assigned users" page, and Meta's own client library, read 2026-09.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, Params, each, node, post, succeeded
from app.graph.checking import Spot
from app.graph.problems import Problem, refuse

TASKS = (
    "MANAGE",
    "DEVELOP",
    "MANAGE_TEMPLATES",
    "VIEW_TEMPLATES",
    "MANAGE_PHONE",
    "MANAGE_PHONE_ASSETS",
    "VIEW_PHONE_ASSETS",
    "MANAGE_EXTENSIONS",
    "MESSAGING",
    "VIEW_COST",
)
_PAGE = 100


@dataclass(frozen=True, slots=True)
class AssignedUser:
    """A person or system user of the business; `tasks` are Meta's words, see TASKS."""

    user_id: str
    name: str | None = None
    tasks: tuple[str, ...] = ()


class AssignedUsers:
    """`client.assigned_users`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def list(self, waba_id: str, business_id: str) -> builtins.list[AssignedUser]:
        """Those of this business who may do something with the account."""
        params: Params = {"business": node(business_id), "fields": "id,name,tasks", "limit": _PAGE}
        return [_user(found) for found in each(self._call, _edge(waba_id), params)]

    def assign(self, waba_id: str, user_id: str, tasks: Sequence[str]) -> bool:
        """Let somebody do these tasks, instead of those before. Raises InvalidPayload."""
        refuse(check_tasks(tasks))
        return post(self._call, _edge(waba_id), {"user": node(user_id), "tasks": [*tasks]})

    def remove(self, waba_id: str, user_id: str) -> bool:
        """Take somebody off the account."""
        return succeeded(self._call("DELETE", _edge(waba_id), params={"user": node(user_id)}))


def check_tasks(tasks: Sequence[str]) -> list[Problem]:
    """What Meta would refuse: no task at all, or one that it does not know."""
    problems: list[Problem] = []
    for spot in Spot([*tasks], "tasks", problems).list("Tasks", 1):
        spot.choice("The task", TASKS)
    return problems


def _edge(waba_id: str) -> str:
    return f"{node(waba_id)}/assigned_users"


def _user(found: Mapping[str, Any]) -> AssignedUser:
    return AssignedUser(
        user_id=reading.text(found.get("id")) or "",
        name=reading.text(found.get("name")),
        tasks=reading.texts(found.get("tasks")),
    )
