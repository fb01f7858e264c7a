"""Signed posts as Meta sends them, made from a few facts."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.graph.signatures import sign
from app.models import Account
from tests.support.factories import APP_SECRET

_ids = itertools.count(1)


def change(account: Account, value: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    return {"id": account.meta_id, "changes": [{"field": field, "value": value}]}


def envelope(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": list(entries)}).encode()


def metadata(account: Account) -> dict[str, str]:
    number = account.phone_numbers[0]
    return {"display_phone_number": number.phone_number[1:], "phone_number_id": number.meta_id}


def text_message(account: Account, **values: Any) -> dict[str, Any]:
    """The value of a `messages` change with one inbound text."""
    wa_id = values.pop("wa_id", "447700900118")
    message = {
        "from": wa_id,
        "id": values.pop("wamid", f"wamid.TEXT{next(_ids)}"),
        "timestamp": str(values.pop("timestamp", int(time.time()))),
        "type": "text",
        "text": {"body": values.pop("body", "Hello there")},
    }
    return {
        "messaging_product": "whatsapp",
        "metadata": metadata(account),
        "contacts": [{"profile": {"name": values.pop("name", "Grace Adeyemi")}, "wa_id": wa_id}],
        "messages": [{**message, **values}],
    }


def status(account: Account, word: str, wamid: str, **values: Any) -> dict[str, Any]:
    """The value of a `messages` change with one status."""
    item: dict[str, Any] = {
        "id": wamid,
        "status": word,
        "timestamp": str(values.pop("timestamp", int(time.time()))),
        "recipient_id": "447700900118",
    }
    return {
        "messaging_product": "whatsapp",
        "metadata": metadata(account),
        "statuses": [{**item, **values}],
    }


class Meta:
    """Posts to the app as Meta does. `secret` is the app secret it signs with."""

    def __init__(self, app: Flask, secret: str = APP_SECRET) -> None:
        self._client = app.test_client()
        self._secret = secret

    def post(self, body: bytes, **headers: str) -> TestResponse:
        signature = headers.pop("signature", sign(self._secret, body))
        given = {"X-Hub-Signature-256": signature} if signature else {}
        return self._client.post(
            "/webhooks/whatsapp", data=body, content_type="application/json", headers={**given, **headers}
        )

    def tell(self, account: Account, value: dict[str, Any], field: str = "messages") -> TestResponse:
        return self.post(envelope(change(account, value, field)))
