"""Message templates to begin with: of our own writing, in three languages, one JSON file each.

`title` and `about` are for the choice; the file's name is the message template's name, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.graph.message_template_rules import MessageTemplateDraft

_FOLDER = Path(__file__).parent
TRADES = {"insurer": "Insurer", "shop": "Shop", "clinic": "Clinic"}
_KEYS = (
    "claim_received",
    "claim_documents_needed",
    "claim_paid",
    "policy_renewal",
    "order_confirmed",
    "order_shipped",
    "return_refunded",
    "back_in_stock",
    "appointment_booked",
    "appointment_reminder",
    "results_ready",
    "checkup_due",
)


@dataclass(frozen=True)
class StartingMessageTemplate:
    """`texts` by language: header, body, footer, buttons, samples."""

    key: str
    trade: str
    category: str
    icon: str
    title: str
    about: str
    texts: dict[str, dict[str, Any]]

    def draft(self, language: str, name: str | None = None) -> MessageTemplateDraft:
        """In one of its languages, with samples. Raises KeyError for another language."""
        text = self.texts[language]
        components = [
            {"type": "HEADER", "format": "TEXT", "text": text["header"]},
            {"type": "BODY", "text": text["body"], "example": _example(text["samples"])},
        ]
        if text["footer"]:
            components.append({"type": "FOOTER", "text": text["footer"]})
        buttons = [{"type": "QUICK_REPLY", "text": words} for words in text["buttons"]]
        components.append({"type": "BUTTONS", "buttons": buttons})
        return MessageTemplateDraft(
            name=self.key if name is None else name,
            language=language,
            category=self.category,
            components=components,
            parameter_format="NAMED",
        )


def _example(samples: dict[str, str]) -> dict[str, Any]:
    """Meta's form of the values that its reviewers see."""
    named = [{"param_name": name, "example": sample} for name, sample in samples.items()]
    return {"body_text_named_params": named}


def list_starting() -> list[StartingMessageTemplate]:
    return [_read(key) for key in _KEYS]


def find_starting(key: str | None) -> StartingMessageTemplate | None:
    return _read(key) if key in _KEYS else None


@cache
def _read(key: str) -> StartingMessageTemplate:
    found = json.loads((_FOLDER / f"{key}.json").read_text(encoding="utf-8"))
    return StartingMessageTemplate(key=key, **found)
