"""Copying message templates and Flows from one account to another of the same business.

Source: Meta docs, "Template migration" and "Migrating Flows" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, node
from app.graph.problems import Problem, refuse

MOST_MESSAGE_TEMPLATES = 500
MOST_FLOWS = 100


@dataclass(frozen=True, slots=True)
class MigratedMessageTemplates:
    """The ids that were copied, and why others were not: `{id: reason}`."""

    migrated: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MigratedFlow:
    """A Flow that was copied (`migrated_id`) or not (`error_*`)."""

    source_name: str
    source_id: str | None = None
    migrated_id: str | None = None
    error_code: int | None = None
    error_message: str | None = None


class Migrations:
    """`client.migrations`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def copy_message_templates(
        self,
        to_waba_id: str,
        *,
        from_waba_id: str,
        message_template_ids: Sequence[str] = (),
        page_number: int = 0,
        count: int = MOST_MESSAGE_TEMPLATES,
    ) -> MigratedMessageTemplates:
        """Copy approved message templates of good or unknown quality; up to 500 a call.

        Without ids all of them, `count` a page; the first page is 0.
        """
        chosen = len(message_template_ids)
        if not 1 <= count <= MOST_MESSAGE_TEMPLATES or chosen > MOST_MESSAGE_TEMPLATES:
            refuse([_too_many("count", MOST_MESSAGE_TEMPLATES)])
        body: dict[str, object] = {"source_waba_id": node(from_waba_id)}
        if message_template_ids:
            body["template_ids"] = [node(one) for one in message_template_ids]
        else:
            body |= {"page_number": page_number, "count": count}
        answer = self._call("POST", f"{node(to_waba_id)}/migrate_message_templates", body=body)
        return MigratedMessageTemplates(
            reading.texts(answer.data.get("migrated_templates")),
            reading.reasons(answer.data.get("failed_templates")),
        )

    def copy_flows(
        self, to_waba_id: str, *, from_waba_id: str, names: Sequence[str] = ()
    ) -> list[MigratedFlow]:
        """Copy Flows by name, up to 100 a call; without names all of them."""
        if len(names) > MOST_FLOWS:
            refuse([_too_many("source_flow_names", MOST_FLOWS)])
        body: dict[str, object] = {"source_waba_id": node(from_waba_id)}
        if names:
            body["source_flow_names"] = list(names)
        answer = self._call("POST", f"{node(to_waba_id)}/migrate_flows", body=body)
        listed = [
            *reading.items(answer.data.get("migrated_flows")),
            *reading.items(answer.data.get("failed_flows")),
        ]
        return [_flow(found) for found in reading.mappings(listed)]


def _too_many(where: str, most: int) -> Problem:
    return Problem(where, f"1 to {most} can be copied in one go.", "out_of_range")


def _flow(found: Mapping[str, Any]) -> MigratedFlow:
    return MigratedFlow(
        source_name=reading.text(found.get("source_name")) or "",
        source_id=reading.text(found.get("source_id")),
        migrated_id=reading.text(found.get("migrated_id")),
        error_code=reading.integer(found.get("error_code")),
        error_message=reading.text(found.get("error_message")),
    )
