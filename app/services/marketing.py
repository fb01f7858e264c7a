"""Which messages are advertising, as Meta has filed their message templates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import MessageTemplate


def is_marketing(message: Any) -> bool:
    """`message`: a row with its account, type and content. A message template that is not known here counts
    as none: Meta decides about it."""
    if message.message_type != "template":
        return False
    language = message.content.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    category = select(MessageTemplate.category).where(
        MessageTemplate.account_id == message.account_id,
        MessageTemplate.name == str(message.content.get("name") or ""),
        MessageTemplate.language == str(code or ""),
    )
    return db.session.scalar(category) == "MARKETING"
