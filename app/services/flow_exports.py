"""Answers as a table for other programs: one line an answer, one column a question.

Written while it is read, a few hundred answers in memory at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC

from app.extensions import db
from app.models import FlowAnswer
from app.queries import flows as queries
from app.queries.access import AccountScope
from app.queries.flows import AnswerFilters
from app.services.csv_lines import BYTE_ORDER_MARK, csv_line
from app.services.flow_texts import Question
from app.services.flow_words import labels_of, value_text

_AT_ONCE = 500
_MOST_COLUMNS = 400
_FIXED = ("answer_id", "received_at", "customer", "phone_number", "user_id", "message_id", "not_readable")
_REST = "other_answers"
_RESERVED = frozenset({*_FIXED, _REST})


def write_csv(scope: AccountScope, filters: AnswerFilters, flow_id: int) -> Iterator[str]:
    """The file in parts of many lines; each is whole, and no row outlives its part. Raises NotFound."""
    flow = queries.get_flow(flow_id, scope)
    return _parts(scope, filters, labels_of(flow), queries.newest_answer_id(scope, filters))


def _parts(
    scope: AccountScope, filters: AnswerFilters, questions: dict[str, Question], last_id: int
) -> Iterator[str]:
    names = dict.fromkeys(questions)
    # Names that the form does not ask (any more) are only known once everything was read.
    for answers in _read(scope, filters, last_id):
        new = dict.fromkeys(name for answer in answers for name in answer.answers if name not in names)
        names.update(list(new.items())[: _MOST_COLUMNS - len(names)])
    headings = [f"answer.{name}" if name in _RESERVED else name for name in names]
    rest = [_REST] if len(names) >= _MOST_COLUMNS else []
    yield BYTE_ORDER_MARK + csv_line([*_FIXED, *headings, *rest])
    for answers in _read(scope, filters, last_id):
        yield "".join(
            csv_line(
                [*_facts(answer, scope), *_values(answer, names, questions), *_left(answer, names, rest)]
            )
            for answer in answers
        )


def _read(scope: AccountScope, filters: AnswerFilters, last_id: int) -> Iterator[Sequence[FlowAnswer]]:
    after_id = 0
    while True:
        rows = queries.read_answers(scope, filters, after_id=after_id, up_to_id=last_id, limit=_AT_ONCE)
        if not rows:
            return
        after_id = rows[-1].id
        yield rows
        # A long file must not hold one transaction open all the while.
        db.session.rollback()


def _facts(answer: FlowAnswer, scope: AccountScope) -> list[str]:
    at = answer.received_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    contact = answer.contact
    return [
        str(answer.id),
        at,
        scope.shown_name(contact),
        scope.shown_number(contact.account_id, contact.phone_number),
        contact.user_id or "",
        scope.shown_wamid(answer.account_id, answer.message.wamid or ""),
        answer.problem,
    ]


def _values(answer: FlowAnswer, names: Iterable[str], questions: dict[str, Question]) -> list[str]:
    return [value_text(answer.answers.get(name), questions.get(name)) for name in names]


def _left(answer: FlowAnswer, names: Mapping[str, None], rest: Sequence[str]) -> list[str]:
    """What has no column of its own, as JSON in the last one."""
    left = {name: value for name, value in answer.answers.items() if name not in names} if rest else {}
    return [json.dumps(left, ensure_ascii=False) if left else "" for _ in rest]
