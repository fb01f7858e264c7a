"""Flow JSON for tests, and answers to it as Meta posts them."""

from __future__ import annotations

import itertools
import json
from typing import Any

from app.models import Account
from tests.support.webhooks import text_message

_ids = itertools.count(1)


def claim_json(**more: Any) -> str:
    """One screen that asks for a place and a kind."""
    payload = {"place": "${form.place}", "kind": "${form.kind}"}
    screen = {
        "id": "CLAIM",
        "title": "Claim",
        "terminal": True,
        "layout": {
            "type": "SingleColumnLayout",
            "children": [
                {"type": "TextInput", "name": "place", "label": "Where was it?", "input-type": "text"},
                {
                    "type": "Dropdown",
                    "name": "kind",
                    "label": "What kind?",
                    "data-source": [{"id": "water", "title": "Water"}, {"id": "fire", "title": "Fire"}],
                },
                {
                    "type": "Footer",
                    "label": "Send",
                    "on-click-action": {"name": "complete", "payload": payload},
                },
            ],
        },
    }
    return json.dumps({"version": "7.3", "screens": [screen], **more}, indent=2)


def answer_value(account: Account, response_json: Any, **values: Any) -> dict[str, Any]:
    """The value of a `messages` change with one Flow sent off; a dict is written as Meta's text."""
    text = json.dumps(response_json) if isinstance(response_json, dict) else response_json
    reply = {"name": "flow", "body": "Sent", "response_json": text}
    return text_message(
        account,
        type="interactive",
        interactive={"type": "nfm_reply", "nfm_reply": reply},
        wamid=f"wamid.ANSWER{next(_ids)}",
        **values,
    )
