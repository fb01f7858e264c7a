"""Message templates as a file for other programs, and for another console. See `reading` for the way back.

`{"format": "waba-console.message-templates", "version": 1, "message_templates": [Meta's create bodies],
"families": [{"name", "tags", "least_role", "fallback_language"}]}`
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from app.extensions import db
from app.models import Role
from app.queries.access import AccountScope
from app.queries.message_template_families import Key, families_by_key, tags_by_key
from app.queries.message_template_names import list_keys, load_languages
from app.queries.message_templates import MessageTemplateFilters
from app.services.message_templates.rows import draft_of

FORMAT, VERSION = "waba-console.message-templates", 1
_AT_ONCE = 200


def write_export(scope: AccountScope, filters: MessageTemplateFilters, name: str = "") -> Iterator[str]:
    """The file in parts. All languages of each name of which one fits the filters; `name`: only that one."""
    keys = [key for key in list_keys(scope, filters) if name in ("", key[1])]
    return _parts(keys, {"format": FORMAT, "version": VERSION})


def export_of(keys: Sequence[Key]) -> dict[str, Any]:
    """The whole of it, of a few names."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "message_templates": _bodies(keys),
        "families": _families(keys),
    }


def _parts(keys: Sequence[Key], head: dict[str, Any]) -> Iterator[str]:
    yield json.dumps(head)[:-1] + ', "message_templates": ['
    yield from _items(keys, _bodies)
    yield '\n], "families": ['
    yield from _items(keys, _families)
    yield "\n]}\n"


def _items(keys: Sequence[Key], read: Any) -> Iterator[str]:
    comma = ""
    for start in range(0, len(keys), _AT_ONCE):
        found = read(keys[start : start + _AT_ONCE])
        if found:
            yield comma + "\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in found)
            comma = ","
        # A long file must not hold one transaction open all the while.
        db.session.rollback()


def _bodies(keys: Sequence[Key]) -> list[dict[str, Any]]:
    languages = load_languages(keys)
    return [draft_of(row).to_body() for key in keys for row in languages.get(key, [])]


def _families(keys: Sequence[Key]) -> list[dict[str, Any]]:
    """Only of names for which something is set."""
    rows, tags = families_by_key(keys), tags_by_key(keys)
    found: list[dict[str, Any]] = [
        {
            "name": key[1],
            "tags": tags.get(key, []),
            "least_role": rows[key].least_role.value,
            "fallback_language": rows[key].fallback_language,
        }
        for key in keys
        if key in rows
    ]
    return [
        one
        for one in found
        if one["tags"] or one["fallback_language"] or one["least_role"] != Role.AGENT.value
    ]
