"""A Flow for clients that send Flows and cannot make them."""

from __future__ import annotations

import json

from tests.sandbox.support import Meta

FLOW_NAME = "breakfast by hand"


def publish_flow(meta: Meta, screen_id: str) -> str:
    """A published Flow of one screen; its id."""
    footer = {"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {}}}
    layout = {"type": "SingleColumnLayout", "children": [{"type": "TextBody", "text": "Bread?"}, footer]}
    screen = {"id": screen_id, "title": "Breakfast", "terminal": True, "layout": layout}
    flow = {"version": "7.1", "screens": [screen]}
    body = {
        "name": FLOW_NAME,
        "categories": ["OTHER"],
        "flow_json": json.dumps(flow),
        "publish": True,
    }
    answer = meta.post(f"{meta.waba_id}/flows", body).json()
    assert answer["success"], answer
    return str(answer["id"])
