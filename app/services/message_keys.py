"""What a message's content is compared by, and what is taken out of it before it is stored."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest_of(message_type: str, content: dict[str, Any], conversation_id: int, *more: str | None) -> str:
    """By which the same key with another message is told. `more`: what is quoted, when it leaves."""
    parts = [message_type, content, conversation_id, *filter(None, more)]
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def cleaned(content: dict[str, Any]) -> dict[str, Any]:
    """Without NUL and half characters, which no database keeps and no phone shows."""
    text = json.dumps(content, ensure_ascii=False).replace("\\u0000", "")
    cleaned: dict[str, Any] = json.loads(text.encode("utf-8", "replace"))
    return cleaned
