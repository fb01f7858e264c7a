"""Webhooks of every kind for one account, each with ids of its own, from the bodies of tests/graph."""

from __future__ import annotations

import copy
import itertools
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.graph.webhooks import InboundMessage, StatusUpdate, parse

_FOLDER = Path(__file__).parents[1] / "graph" / "data" / "webhooks"
_CASES = [json.loads(path.read_text())["body"] for path in sorted(_FOLDER.glob("*.json"))]
BODIES = [body for body in _CASES if isinstance(body, dict) and isinstance(body.get("entry"), list)]
_WABA_ID, _NUMBER_ID = "7", "100"


@dataclass(frozen=True)
class Post:
    """One POST of Meta's and what it must leave behind."""

    body: bytes
    waba_id: str
    secret: str = field(repr=False)
    messages: frozenset[str]
    statuses: frozenset[tuple[str, str]]


class Corpus:
    """An endless, repeatable mix: single events, and now and then a batch of up to twenty."""

    def __init__(self, account: dict[str, Any], chance: random.Random) -> None:
        self._account = account
        self._chance = chance
        self._count = itertools.count(1)
        self._name = f"{chance.getrandbits(32):08x}"

    def posts(self) -> Iterator[Post]:
        while True:
            size = self._chance.randint(2, 20) if self._chance.random() < 0.1 else 1
            yield self._post([entry for _ in range(size) for entry in self._entries()])

    def _entries(self) -> list[Any]:
        body = copy.deepcopy(self._chance.choice(BODIES))
        return [self._made_ours(entry) for entry in body["entry"]]

    def _made_ours(self, value: Any, key: str = "") -> Any:
        """The account's ids in place of the sample's, and a fresh id for each message."""
        if isinstance(value, dict):
            return {name: self._made_ours(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._made_ours(inner, key) for inner in value]
        if key == "id" and value == _WABA_ID:
            return self._account["waba_id"]
        if key == "phone_number_id" and value == _NUMBER_ID:
            return self._account["phone_number_id"]
        if key == "id" and isinstance(value, str) and value.startswith("wamid."):
            return f"wamid.CHAOS{self._name}{next(self._count)}"
        return str(int(time.time())) if key == "timestamp" and value else value

    def _post(self, entries: list[Any]) -> Post:
        whole = {"object": "whatsapp_business_account", "entry": entries, "nonce": next(self._count)}
        items = parse(whole).items
        return Post(
            body=json.dumps(whole).encode(),
            waba_id=self._account["waba_id"],
            secret=self._account["app_secret"],
            messages=frozenset(item.wamid for item in items if self._is_for_us(item)),
            statuses=frozenset(
                (item.wamid, item.status)
                for item in items
                if isinstance(item, StatusUpdate) and item.waba_id == self._account["waba_id"]
            ),
        )

    def _is_for_us(self, item: Any) -> bool:
        return (
            isinstance(item, InboundMessage)
            and item.waba_id == self._account["waba_id"]
            and item.phone_number_id == self._account["phone_number_id"]
            and bool(item.wa_id or item.user_id)
        )
