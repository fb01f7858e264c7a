"""Requests that programs may repeat: the first is carried out, all later ones get its answer.

Whatever happens, a request is carried out once at most. When its answer was lost with a killed process,
nobody can say whether it was; the caller is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.crypto import Secret
from app.errors import DomainError, KeyReused
from app.extensions import db
from app.graph.errors import GraphUnconfirmed
from app.models import RepeatableRequest, utcnow

KEPT_FOR = timedelta(hours=24)
_LONGEST = timedelta(minutes=2)
"""Any request has ended by then: the servers' and Meta's time-outs are shorter."""


class InProgress(DomainError):
    """The first request with this key is still being carried out."""

    code = "request_in_progress"


class OutcomeUnknown(DomainError):
    """The first request with this key ended without an answer."""

    code = "outcome_unknown"


@dataclass(frozen=True)
class Answer:
    """Status and JSON body, as they were given the first time."""

    status: int
    body: str


def begin(api_key_id: int, key: str, digest: str) -> Answer | int:
    """The answer given before, or the number of the request that is to be carried out now. Commits.

    Raises KeyReused for another request under the same key, InProgress and OutcomeUnknown.
    """
    row = _find(api_key_id, key)
    if row is not None and row.started_at < utcnow() - KEPT_FOR:
        db.session.delete(row)
        db.session.commit()
        row = None
    if row is None:
        return _start(api_key_id, key, digest)
    return _answer_of(row, digest)


def _find(api_key_id: int, key: str) -> RepeatableRequest | None:
    return db.session.scalar(
        select(RepeatableRequest).where(
            RepeatableRequest.api_key_id == api_key_id, RepeatableRequest.key == key
        )
    )


def _start(api_key_id: int, key: str, digest: str) -> Answer | int:
    row = RepeatableRequest(api_key_id=api_key_id, key=key, digest=digest)
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:
        # A twin was faster.
        db.session.rollback()
        row = db.session.scalars(
            select(RepeatableRequest).where(
                RepeatableRequest.api_key_id == api_key_id, RepeatableRequest.key == key
            )
        ).one()
        return _answer_of(row, digest)
    return row.id


def _answer_of(row: RepeatableRequest, digest: str) -> Answer:
    if row.digest != digest:
        raise KeyReused(
            "This idempotency key was already used for another request. Nothing was done. Use a new key."
        )
    if row.status is None and row.started_at > utcnow() - _LONGEST:
        raise InProgress("The first request with this key is still being carried out. Repeat it in a moment.")
    if row.status is None or row.answer is None:
        raise OutcomeUnknown(
            "The first request with this key ended without an answer, so it may or may not have been carried "
            "out. Look whether it was; to ask again, use a new key."
        )
    return Answer(row.status, row.answer.reveal())


def keep(request_id: int, answer: Answer) -> None:
    db.session.execute(
        update(RepeatableRequest)
        .where(RepeatableRequest.id == request_id)
        .values(status=answer.status, answer=Secret(answer.body))
    )
    db.session.commit()


def is_sure(refusal: Exception) -> bool:
    """Whether nothing was done, at Meta neither."""
    return not isinstance(refusal.__cause__, GraphUnconfirmed)


def let_go(request_id: int) -> None:
    """Nothing was done, so the key is free again."""
    db.session.rollback()
    db.session.execute(delete(RepeatableRequest).where(RepeatableRequest.id == request_id))
    db.session.commit()


def forget_old() -> None:
    db.session.execute(delete(RepeatableRequest).where(RepeatableRequest.started_at < utcnow() - KEPT_FOR))
    db.session.commit()
