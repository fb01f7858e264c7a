"""The audit log as a CSV file, written while it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC

from app.models import AuditEntry
from app.queries.audit_log import AuditFilters, list_account_names, read_entries
from app.services.audit_words import action_words
from app.services.csv_lines import BYTE_ORDER_MARK, csv_line

_COLUMNS = (
    "entry_id",
    "at",
    "who",
    "user_id",
    "api_key_id",
    "action",
    "in_words",
    "account",
    "object_type",
    "object_id",
    "details",
    "from_address",
)


def write_csv(filters: AuditFilters) -> Iterator[str]:
    """Parts of many lines, newest first; each is whole."""
    names = list_account_names()
    yield BYTE_ORDER_MARK + csv_line(_COLUMNS)
    for entries in read_entries(filters):
        yield "".join(csv_line(_cells(entry, names)) for entry in entries)


def _cells(entry: AuditEntry, account_names: dict[int, str]) -> list[str]:
    return [
        str(entry.id),
        entry.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        entry.actor_name,
        str(entry.user_id or ""),
        str(entry.api_key_id or ""),
        entry.action,
        action_words(entry.action),
        account_names.get(entry.account_id, "") if entry.account_id else "",
        entry.object_type,
        entry.object_id,
        json.dumps(entry.details, ensure_ascii=False, sort_keys=True) if entry.details else "",
        entry.ip_address,
    ]
