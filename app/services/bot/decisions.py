"""What a decision is made on, and what it says: plain values, without the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.models import BotOutcome
from app.services.bot.knowledge import FoundArticle

_LONGEST_TEXT = 4096
_LONGEST_BODY = 1024
_WITH_CAPTION = frozenset({"image", "video", "document"})


@dataclass(frozen=True)
class Reply:
    """A message to send: Meta's kind and Meta's object of that kind."""

    message_type: str
    content: Mapping[str, Any]

    @classmethod
    def of_text(cls, body: str) -> Reply:
        body = body[:_LONGEST_TEXT]
        return cls("text", {"body": body, "preview_url": "://" in body})

    def framed(self, before: str = "", after: str = "") -> Reply | None:
        """The same with a text before or after its own words; None where that has no room."""
        if self.message_type == "text":
            body = _joined(before, str(self.content["body"]), after)
            return Reply.of_text(body) if len(body) <= _LONGEST_TEXT else None
        if self.message_type == "interactive":
            inner = self.content.get("body") or {}
            body = _joined(before, str(inner.get("text", "")), after)
            most = _LONGEST_TEXT if self.content.get("type") == "list" else _LONGEST_BODY
            content = {**self.content, "body": {**inner, "text": body}}
            return Reply("interactive", content) if len(body) <= most else None
        if self.message_type in _WITH_CAPTION:
            caption = _joined(before, str(self.content.get("caption", "")), after)
            content = {**self.content, "caption": caption}
            return Reply(self.message_type, content) if len(caption) <= _LONGEST_BODY else None
        return None


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True)
class Line:
    """A message of the last minutes, either way. `is_bot`: the bot wrote it."""

    at: datetime
    text: str
    is_bot: bool


@dataclass(frozen=True)
class Offered:
    """An article that was offered in a list, by the id of its row there."""

    row_id: str
    article_id: int
    title: str
    text: str


@dataclass(frozen=True)
class Facts:
    """One inbound message, and its conversation as it stood then.

    `kind` is Meta's type; `choice_id` the id of the row or button that was chosen; `lines` are the
    messages of the last minutes, oldest first, with this one at the end.
    """

    kind: str
    text: str
    occurred_at: datetime
    choice_id: str = ""
    is_first: bool = False
    earlier_inbound_at: datetime | None = None
    person_wrote_at: datetime | None = None
    handed_over_at: datetime | None = None
    hand_over_reason: str = ""
    quiet_until: datetime | None = None
    given_back_at: datetime | None = None
    fallbacks: int = 0
    fallback_said_at: datetime | None = None
    away_until: datetime | None = None
    language: str = ""
    lines: Sequence[Line] = ()
    offered: Sequence[Offered] = ()


@dataclass(frozen=True)
class Step:
    """One thing that was looked at. `result`: "next" (it did not decide) or "decided"."""

    kind: str
    result: str
    text: str
    rule_id: int | None = None
    article_id: int | None = None
    score: float | None = None

    def as_json(self) -> dict[str, Any]:
        more = {"rule_id": self.rule_id, "article_id": self.article_id, "score": self.score}
        given = {name: value for name, value in more.items() if value is not None}
        return {"kind": self.kind, "result": self.result, "text": self.text, **given}


@dataclass(frozen=True)
class Frame:
    """What stands around the answer: a greeting that is due, an away message that is due."""

    before: str = ""
    after: str = ""
    away_until: datetime | None = None


@dataclass(frozen=True)
class Decision:
    """What to do about one inbound message. `hand_over` is the reason, for people; empty: the bot keeps it.

    `passages`: the language model is to be asked about these first, and this decision is what holds
    without it.
    """

    outcome: BotOutcome
    reason: str
    reply: Reply | None = None
    hand_over: str = ""
    waits_for_person: bool = False
    steps: tuple[Step, ...] = ()
    rule_id: int | None = None
    article_id: int | None = None
    score: float | None = None
    fallbacks: int | None = None
    says_fallback: bool = False
    is_unanswered: bool = False
    greets: bool = False
    away_until: datetime | None = None
    language: str = ""
    offered: tuple[Offered, ...] = ()
    frame: Frame = field(default_factory=Frame)
    passages: tuple[FoundArticle, ...] = ()

    def in_frame(self, frame: Frame) -> Decision:
        """With greeting and away message around the reply, as far as there is room."""
        if self.reply is None:
            return self
        for before, after in ((frame.before, frame.after), (frame.before, ""), ("", frame.after)):
            framed = self.reply.framed(before, after) if before or after else None
            if framed is not None:
                return replace(
                    self,
                    reply=framed,
                    greets=bool(before),
                    away_until=frame.away_until if after else None,
                )
        return self
