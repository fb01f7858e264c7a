"""A message of the history before it is a row, and how a talk turns into them."""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from string import Template
from typing import Any

from app.graph.webhooks.previews import preview as inbound_text
from app.services.demo.company import Number
from app.services.demo.crowd import Customer
from app.services.demo.script import Line, Script
from app.services.message_text import outbound_text


@dataclass
class Draft:
    """One message. `reply_at`: when the customer wrote next, so had read it by then."""

    customer: Customer
    number: Number
    line: Line
    at: datetime
    content: dict[str, Any]
    text: str
    wamid: str
    client_ref: str
    context_wamid: str | None = None
    reply_at: datetime | None = None
    fate: dict[str, Any] = field(default_factory=dict)
    is_marketing: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """What names its conversation: number and customer."""
        return self.number.key, self.customer.wa_id


def play(
    script: Script, customer: Customer, begin: datetime, rng: random.Random, *, jitter: float = 0.25
) -> list[Draft]:
    """The talk as it took place, oldest first; each pause is stretched or shortened by up to `jitter`."""
    drafts: list[Draft] = []
    at = begin
    for n, line in enumerate(script.lines):
        if n:
            at += timedelta(minutes=line.pause_min * rng.uniform(1 - jitter, 1 + jitter))
        drafts.append(_draft(script.number, customer, line, at, rng))
        if line.back:
            _refer(drafts[-1], drafts[-1 - line.back])
    _note_replies(drafts)
    return drafts


def length(script: Script) -> timedelta:
    return timedelta(minutes=script.minutes)


def _draft(number: Number, customer: Customer, line: Line, at: datetime, rng: random.Random) -> Draft:
    facts = {
        **customer.facts,
        "yesterday": (at - timedelta(days=1)).date().isoformat(),
        "media": str(rng.randrange(10**14, 10**15)),
        "sha": base64.b64encode(rng.randbytes(32)).decode(),
    }
    content = _filled(line.content, facts)
    if line.is_inbound:
        text = inbound_text(line.type, {line.type: content.get("contacts", content)})
    else:
        text = outbound_text(line.type, content, line.sample.components if line.sample else None)
    return Draft(
        customer=customer,
        number=number,
        line=line,
        at=at,
        content=content,
        text=text,
        wamid=_wamid(customer.wa_id, rng),
        client_ref=uuid.UUID(int=rng.getrandbits(128), version=4).hex,
    )


def _refer(draft: Draft, earlier: Draft) -> None:
    if draft.line.type == "reaction":
        draft.content["message_id"] = earlier.wamid
    else:
        draft.context_wamid = earlier.wamid


def _note_replies(drafts: list[Draft]) -> None:
    reply_at: datetime | None = None
    for draft in reversed(drafts):
        if draft.line.is_inbound:
            reply_at = draft.at
        else:
            draft.reply_at = reply_at


def _filled(value: Any, facts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return Template(value).safe_substitute(facts)
    if isinstance(value, Mapping):
        return {key: _filled(inner, facts) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, facts) for inner in value]
    return value


def _wamid(wa_id: str, rng: random.Random) -> str:
    """Like Meta's: the customer's number and sixteen random hexadecimal digits, in base64."""
    raw = b"\x1c\x18" + wa_id.encode() + b"\x15\x02\x00\x11\x18" + rng.randbytes(8).hex().upper().encode()
    return "wamid." + base64.b64encode(raw).decode()
