"""What a message template needs beside its text: sample files and Flows of its own account."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.graph.problems import Problem
from app.models import Flow, MessageTemplateFile
from app.models.message_template_files import FILE_PREFIX


@dataclass(frozen=True)
class Belongings:
    """What an account has: Meta's ids of its Flows, our ids of its sample files."""

    flow_ids: frozenset[str]
    file_ids: frozenset[str]

    def is_foreign(self, handle: str) -> bool:
        return handle.removeprefix(FILE_PREFIX) not in self.file_ids


def belongings_of(account_id: int) -> Belongings:
    """Read once for a whole file."""
    flow_ids = db.session.scalars(select(Flow.meta_id).where(Flow.account_id == account_id))
    file_ids = db.session.scalars(
        select(MessageTemplateFile.id).where(MessageTemplateFile.account_id == account_id)
    )
    return Belongings(frozenset(id_ for id_ in flow_ids if id_), frozenset(str(id_) for id_ in file_ids))


def missing_parts(belongings: Belongings, components: list[Any]) -> list[Problem]:
    """Sample files and Flows that this account does not have. A draft can be made all the same."""
    problems = [
        Problem(
            path,
            "This sample file is not in this account. Choose one again before it goes to Meta.",
            "file_missing",
        )
        for path, _, handle in _handles(components)
        if belongings.is_foreign(handle)
    ]
    for path, button in _buttons(components):
        flow_id = button.get("flow_id")
        if flow_id and str(flow_id) not in belongings.flow_ids:
            text = "This account has no such Flow. Choose one of its own before it goes to Meta."
            problems.append(Problem(f"{path}.flow_id", text, "flow_missing"))
    return problems


def without_foreign_files(belongings: Belongings, components: list[Any]) -> list[Any]:
    """The same, with those samples left out that would be another account's."""
    kept = copy.deepcopy(components)
    for _, handles, handle in list(_handles(kept)):
        if belongings.is_foreign(handle):
            handles.remove(handle)
    return kept


def _handles(components: list[Any]) -> Iterator[tuple[str, list[Any], str]]:
    """(where, the list, the handle) of every sample that names a file of ours."""
    for path, part in _parts(components, "components"):
        example = part.get("example")
        handles = _list(example.get("header_handle") if isinstance(example, dict) else None)
        for handle in handles:
            if isinstance(handle, str) and handle.startswith(FILE_PREFIX):
                yield f"{path}.example.header_handle", handles, handle


def _parts(components: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Components, and those of a carousel's cards."""
    for index, part in enumerate(_list(components)):
        if not isinstance(part, dict):
            continue
        place = f"{path}[{index}]"
        yield place, part
        for number, card in enumerate(_list(part.get("cards"))):
            inner = card.get("components") if isinstance(card, dict) else None
            yield from _flat(inner, f"{place}.cards[{number}].components")


def _flat(components: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, part in enumerate(_list(components)):
        if isinstance(part, dict):
            yield f"{path}[{index}]", part


def _buttons(components: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, part in _parts(components, "components"):
        yield from _flat(part.get("buttons"), f"{path}.buttons")


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
