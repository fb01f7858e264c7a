"""Questions that wait for the language model: kept in their trace, with what to do without it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from app.models import BotOutcome, BotTrace
from app.services.bot.decisions import Decision, Frame, Offered, Reply
from app.services.bot.knowledge import FoundArticle

_WAITS = "The language model is asked."


def put(trace: BotTrace, decision: Decision, question: str) -> None:
    """The trace becomes the queue's row."""
    trace.outcome, trace.reason = BotOutcome.WAITING, _WAITS
    trace.article_id, trace.score = decision.article_id, decision.score
    trace.pending = {
        "question": question,
        "passages": [asdict(article) for article in decision.passages],
        "decision": _packed(decision),
    }


def passages(trace: BotTrace) -> list[FoundArticle]:
    return [FoundArticle(**article) for article in trace.pending.get("passages", [])]


def question(trace: BotTrace) -> str:
    return str(trace.pending.get("question", ""))


def _packed(decision: Decision) -> dict[str, Any]:
    plain = asdict(replace(decision, steps=(), passages=(), reply=None))
    for unpacked in ("steps", "passages", "reply"):
        del plain[unpacked]
    plain["outcome"] = decision.outcome.value
    plain["away_until"] = _written(decision.away_until)
    plain["frame"]["away_until"] = _written(decision.frame.away_until)
    reply = decision.reply
    plain["reply"] = {"type": reply.message_type, "content": dict(reply.content)} if reply else None
    return plain


def unpack(trace: BotTrace) -> Decision:
    """What holds without the model."""
    values = dict(trace.pending["decision"])
    reply, frame = values.pop("reply"), values.pop("frame")
    offered = tuple(Offered(**row) for row in values.pop("offered"))
    values["outcome"] = BotOutcome(values["outcome"])
    values["away_until"] = _read(values["away_until"])
    frame["away_until"] = _read(frame["away_until"])
    return Decision(
        **values,
        offered=offered,
        frame=Frame(**frame),
        reply=Reply(reply["type"], reply["content"]) if reply else None,
    )


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
