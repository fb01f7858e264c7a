"""What stands beside a message's content, under Meta's names: as the JSON API and outgoing webhooks tell it.

Source: Meta docs, "Webhooks: messages" pages, read 2026-09.
"""

from __future__ import annotations

from typing import Any

PHONE_APP = "_phone_app"
"""In a message's content: written in the WhatsApp Business app on the business's own phone."""


def content_of(message_type: str, content: dict[str, Any]) -> Any:
    """As Meta has it: our own notes (with a low line) left out, contact cards as a list."""
    if message_type == "contacts":
        return content.get("contacts", [])
    return {key: value for key, value in content.items() if not key.startswith("_")}


def marks_of(content: dict[str, Any], context_wamid: str | None) -> dict[str, Any]:
    """`context` (what it quotes, whether it was passed on, the product that is asked about), `referral` (the
    ad or post that brought the customer) and `group_id`; null where there is none."""
    return {
        "context": _context(content, context_wamid),
        "referral": content.get("_referral"),
        "group_id": content.get("_group"),
    }


def _context(content: dict[str, Any], context_wamid: str | None) -> dict[str, Any] | None:
    is_forwarded, is_often = content.get("_forwarded") is True, content.get("_forwarded_often") is True
    product = content.get("_product")
    if not (context_wamid or is_forwarded or product):
        return None
    return {
        "id": context_wamid,
        "forwarded": is_forwarded,
        "frequently_forwarded": is_often,
        "referred_product": product,
    }
