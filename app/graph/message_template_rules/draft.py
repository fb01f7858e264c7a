"""A message template as somebody is writing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from app.graph import reading


@dataclass(frozen=True, slots=True)
class MessageTemplateDraft:
    """What goes to Meta for approval. `components` are in Meta's form (HEADER, BODY, …).

    `parameter_format` is POSITIONAL ({{1}}) or NAMED ({{first_name}}) for the whole of it. `extra`
    holds further fields of Meta's create call, such as those of a library message template.
    """

    name: str
    language: str
    category: str
    components: list[dict[str, Any]] = field(default_factory=list)
    parameter_format: str | None = None
    message_send_ttl_seconds: int | None = None
    cta_url_link_tracking_opted_out: bool | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def to_body(self) -> dict[str, Any]:
        """The body of Meta's create call."""
        optional = {
            "parameter_format": self.parameter_format,
            "message_send_ttl_seconds": self.message_send_ttl_seconds,
            "cta_url_link_tracking_opted_out": self.cta_url_link_tracking_opted_out,
            "components": self.components or None,
        }
        given = {name: value for name, value in optional.items() if value is not None}
        named = {"name": self.name, "language": self.language, "category": self.category}
        return {**named, **given, **self.extra}

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> Self:
        """The draft of a body in Meta's form; what it lacks stays empty."""
        known = (
            "name",
            "language",
            "category",
            "components",
            "parameter_format",
            "message_send_ttl_seconds",
            "cta_url_link_tracking_opted_out",
        )
        return cls(
            name=reading.text(body.get("name")) or "",
            language=reading.text(body.get("language")) or "",
            category=reading.text(body.get("category")) or "",
            components=reading.mappings(body.get("components")),
            parameter_format=reading.text(body.get("parameter_format")),
            message_send_ttl_seconds=reading.integer(body.get("message_send_ttl_seconds")),
            cta_url_link_tracking_opted_out=reading.boolean(body.get("cta_url_link_tracking_opted_out")),
            extra={key: value for key, value in body.items() if key not in known},
        )
