"""Taking one person out of a post of Meta's that may tell of others too. Pure."""

from __future__ import annotations

import json
from typing import Any

from app.graph.webhooks import MalformedBody, loads
from app.services.erasing.subject import Subject


def cut_out(body: bytes, subject: Subject) -> bytes | None:
    """The post without the person's messages, statuses and names; None when nothing of anybody else is left.

    What cannot be read goes as a whole. A change that still names the person outside of its lists goes, too.
    """
    try:
        post: Any = loads(body)
    except MalformedBody:
        return None
    if not isinstance(post, dict) or not isinstance(post.get("entry"), list):
        return None
    entries = [
        entry for entry in (_cut_entry(entry, subject) for entry in post["entry"]) if entry is not None
    ]
    if not entries:
        return None
    return json.dumps({**post, "entry": entries}, ensure_ascii=False, separators=(",", ":")).encode()


def _cut_entry(entry: object, subject: Subject) -> dict[str, Any] | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("changes"), list):
        return None
    changes = [
        change for change in (_cut_change(each, subject) for each in entry["changes"]) if change is not None
    ]
    return {**entry, "changes": changes} if changes else None


def _cut_change(change: object, subject: Subject) -> dict[str, Any] | None:
    if not isinstance(change, dict):
        return None
    value = change.get("value")
    if not subject.is_named_in(value):
        return change
    if not isinstance(value, dict):
        return None
    lists = {key: items for key, items in value.items() if isinstance(items, list)}
    left = {key: [item for item in items if not subject.is_named_in(item)] for key, items in lists.items()}
    left = {key: items for key, items in left.items() if items}
    rest = {key: item for key, item in value.items() if key not in lists}
    # Names alone, whose messages are gone, are of no use to anybody.
    if not (left.keys() - {"contacts"}) or subject.is_named_in(rest):
        return None
    return {**change, "value": {**rest, **left}}
