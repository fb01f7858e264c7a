"""People that a number has blocked. Source: Meta docs, "Block users" page, read 2026-09."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, each, node
from app.graph.errors import GraphError
from app.graph.identifiers import is_user_id, phone_with_plus
from app.graph.problems import Problem, refuse

MOST_BLOCKED = 64_000
_PARTLY_REFUSED = 139100
_PAGE = 100


@dataclass(frozen=True, slots=True)
class BlockedUser:
    """Somebody on the list, by number, by user id, or both."""

    wa_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class RefusedUser:
    """Somebody who could not be blocked or unblocked, and why."""

    given: str
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BlockResult:
    """Whom it worked for, by what was given, and whom not."""

    done: tuple[str, ...] = ()
    refused: tuple[RefusedUser, ...] = ()


class BlockList:
    """`client.block_list`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def each(self, phone_number_id: str) -> Iterator[BlockedUser]:
        """The blocked people one by one; 139102 means the list changed meanwhile: begin again."""
        for found in each(self._call, f"{node(phone_number_id)}/block_users", {"limit": _PAGE}):
            yield BlockedUser(reading.text(found.get("wa_id")), reading.text(found.get("user_id")))

    def list(self, phone_number_id: str) -> builtins.list[BlockedUser]:
        """All blocked people."""
        return [*self.each(phone_number_id)]

    def block(self, phone_number_id: str, people: Sequence[str]) -> BlockResult:
        """Block people by number or user id: only who wrote in the last 24 hours, 64,000 in all.

        That some are refused is an answer, not an error.
        """
        return self._change("POST", phone_number_id, people, "added_users")

    def unblock(self, phone_number_id: str, people: Sequence[str]) -> BlockResult:
        """Let people write again."""
        return self._change("DELETE", phone_number_id, people, "removed_users")

    def _change(self, method: str, phone_number_id: str, people: Sequence[str], key: str) -> BlockResult:
        path, body = f"{node(phone_number_id)}/block_users", _body(people)
        try:
            data = self._call(method, path, body=body).data
        except GraphError as error:
            if error.code != _PARTLY_REFUSED or not error.partial:
                raise
            data = dict(error.partial)
        return _result(reading.mapping(data.get("block_users")), key)


def _body(people: Sequence[str]) -> dict[str, object]:
    problems: list[Problem] = []
    if not people:
        problems.append(Problem("block_users", "Nobody is named.", "missing"))
    listed = [_person(one, f"block_users[{at}]", problems) for at, one in enumerate(people)]
    refuse(problems)
    return {"messaging_product": "whatsapp", "block_users": listed}


def _person(given: str, path: str, problems: list[Problem]) -> dict[str, str]:
    if is_user_id(given):
        return {"user_id": given}
    phone = phone_with_plus(given)
    if phone is None:
        problems.append(Problem(path, "This is neither a phone number nor a user id.", "bad_phone"))
    return {"user": phone or given}


def _result(found: Mapping[str, Any], key: str) -> BlockResult:
    done = (_name(user) for user in reading.mappings(found.get(key)))
    refused = map(_refused, reading.mappings(found.get("failed_users")))
    return BlockResult(tuple(name for name in done if name), tuple(refused))


def _refused(found: Mapping[str, Any]) -> RefusedUser:
    error = next(iter(reading.mappings(found.get("errors"))), {})
    details = reading.mapping(error.get("error_data")).get("details")
    return RefusedUser(
        given=_name(found) or "",
        code=reading.integer(error.get("code")),
        reason=reading.text(details) or reading.text(error.get("message")) or "",
    )


def _name(found: Mapping[str, Any]) -> str | None:
    return next(
        (name for key in ("input", "wa_id", "user_id") if (name := reading.text(found.get(key)))), None
    )
