"""Meta's posts as the benches make them: of one account, signed with its secret."""

from __future__ import annotations

import json
import time
from typing import Any

PATH = "/webhooks/whatsapp"


def metadata(account: dict[str, Any]) -> dict[str, Any]:
    """How each value of `messages` begins."""
    about = {
        "display_phone_number": account["phone_number"].lstrip("+"),
        "phone_number_id": account["phone_number_id"],
    }
    return {"messaging_product": "whatsapp", "metadata": about}


def text_value(account: dict[str, Any], wa_id: str, wamid: str, text: str) -> dict[str, Any]:
    """A customer's text, written now."""
    return {
        **metadata(account),
        "contacts": [{"profile": {"name": "Ada Obi"}, "wa_id": wa_id}],
        "messages": [
            {
                "from": wa_id,
                "id": wamid,
                "timestamp": str(int(time.time())),
                "type": "text",
                "text": {"body": text},
            }
        ],
    }


def body(account: dict[str, Any], value: dict[str, Any]) -> bytes:
    """The post around one value."""
    entry = {"id": account["waba_id"], "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def signature(account: dict[str, Any], post: bytes) -> dict[str, str]:
    """The header that shows that Meta wrote it."""
    from app.graph.signatures import sign

    return {"X-Hub-Signature-256": sign(account["app_secret"], post)}
