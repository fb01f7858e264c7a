"""Message templates of one-time codes, whose texts are Meta's: one call for many languages.

Source: Meta docs, "Authentication templates" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, node
from app.graph.message_templates import CreatedMessageTemplate

CATEGORY = "AUTHENTICATION"


@dataclass(frozen=True, slots=True)
class FixedText:
    """What Meta writes in one language: the words of message and button that nobody can change."""

    language: str
    body: str | None = None
    footer: str | None = None
    button_text: str | None = None
    autofill_text: str | None = None


@dataclass(frozen=True, slots=True)
class UpsertedLanguage(CreatedMessageTemplate):
    """One language that was made or changed."""

    language: str = ""


class AuthenticationMessageTemplates:
    """`client.authentication_message_templates`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def upsert(
        self,
        waba_id: str,
        *,
        name: str,
        languages: Sequence[str],
        components: Sequence[Mapping[str, Any]],
        message_send_ttl_seconds: int | None = None,
    ) -> list[UpsertedLanguage]:
        """Make or change this message template in all these languages.

        `components` as in a submission; texts of buttons are Meta's and left out.
        """
        body: dict[str, object] = {
            "name": name,
            "languages": list(languages),
            "category": CATEGORY,
            "components": [dict(one) for one in components],
        }
        if message_send_ttl_seconds is not None:
            body["message_send_ttl_seconds"] = message_send_ttl_seconds
        answer = self._call("POST", f"{node(waba_id)}/upsert_message_templates", body=body)
        return [_upserted(found) for found in reading.mappings(answer.data.get("data"))]

    def previews(
        self,
        waba_id: str,
        *,
        languages: Sequence[str] = (),
        add_security_recommendation: bool = False,
        code_expiration_minutes: int | None = None,
    ) -> list[FixedText]:
        """Meta's fixed texts, in all languages if none is given."""
        params: dict[str, str | int] = {"category": CATEGORY, "button_types": "OTP"}
        if languages:
            params["languages"] = ",".join(languages)
        if add_security_recommendation:
            params["add_security_recommendation"] = "true"
        if code_expiration_minutes is not None:
            params["code_expiration_minutes"] = code_expiration_minutes
        answer = self._call("GET", f"{node(waba_id)}/message_template_previews", params=params)
        return [_fixed_text(found) for found in reading.mappings(answer.data.get("data"))]


def _upserted(found: Mapping[str, Any]) -> UpsertedLanguage:
    return UpsertedLanguage(
        message_template_id=reading.text(found.get("id")) or "",
        status=reading.text(found.get("status")),
        category=reading.text(found.get("category")) or CATEGORY,
        language=reading.text(found.get("language")) or "",
    )


def _fixed_text(found: Mapping[str, Any]) -> FixedText:
    button = next(iter(reading.mappings(found.get("buttons"))), {})
    return FixedText(
        language=reading.text(found.get("language")) or "",
        body=reading.text(found.get("body")),
        footer=reading.text(found.get("footer")),
        button_text=reading.text(button.get("text")),
        autofill_text=reading.text(button.get("autofill_text")),
    )
