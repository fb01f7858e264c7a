"""A Flow that a customer sent off, as its bubble shows it: question by question, with the way to the Flow."""

from __future__ import annotations

from app.console.body import Body
from app.models import FlowAnswer
from app.services.flow_words import cells_of, labels_of

_MOST_SHOWN = 60
_LONGEST_RAW = 300


def answer_body(answer: FlowAnswer) -> Body:
    cells = cells_of(answer, labels_of(answer.flow))
    table = [(cell.label, cell.value) for cell in cells[:_MOST_SHOWN]]
    if len(cells) > _MOST_SHOWN:
        table.append(("…", f"{len(cells) - _MOST_SHOWN} more stand in the list of answers"))
    return Body(
        tag="Sent a form",
        tag_icon="forms",
        text=_problem(answer) if answer.problem else "" if table else "It was sent off without an answer.",
        table=tuple(table),
        flow=(answer.flow.id, answer.flow.name) if answer.flow is not None else None,
    )


def _problem(answer: FlowAnswer) -> str:
    """What was wrong, and the beginning of what came."""
    reply = answer.message.content.get("nfm_reply")
    raw = reply.get("response_json") if isinstance(reply, dict) else None
    return (
        f"{answer.problem}\n{raw[:_LONGEST_RAW]}" if isinstance(raw, str) and raw.strip() else answer.problem
    )
