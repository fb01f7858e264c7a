"""What a try to send tells about its number: Meta asks to slow down, or does not answer properly."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from sqlalchemy import select

from app.extensions import db
from app.graph.call_info import CallInfo
from app.graph.errors import (
    GraphError,
    GraphThrottled,
    GraphUnconfirmed,
    GraphUnexpected,
    GraphUnreachable,
)
from app.models import PhoneNumber
from app.services import pacing
from app.services.pacing import LONGEST_PROBE_PAUSE_S, Pause
from app.services.sending import Outcome

PAIR_LIMIT = 131056
CALL_LIMITS = frozenset({4, 613, 80007})
"""Refusals that count the calls of an app or account, whichever number made them."""

_NUMBER_PAUSE_S = 2.0
_LONGEST_NUMBER_PAUSE_S = 30.0
_CALLS_PAUSE_S = 60.0
_STOP_AT_PERCENT, _SLOW_AT_PERCENT = 95, 80
"""Meta's usage headers: 100 means throttled. Source: Meta docs, "Rate limits", read 2026-09."""
_SLOW_PAUSE_S = 1.0


def keep_pauses(outcomes: Sequence[Outcome]) -> None:
    """Pause the numbers that need it; those whose messages got through need none. The caller commits."""
    through = {outcome.outgoing.phone_number_id for outcome in outcomes if outcome.sent is not None}
    for outcome in outcomes:
        if (wanted := _pause_for(outcome)) is not None:
            number_id = outcome.outgoing.phone_number_id
            pacing.pause(_all_of_its_account(number_id) if _is_about_calls(outcome) else [number_id], wanted)
            through.discard(number_id)
    if through:
        pacing.got_through(through)


def _pause_for(outcome: Outcome) -> Pause | None:
    error = outcome.error
    if isinstance(error, GraphUnreachable):
        return Pause(LONGEST_PROBE_PAUSE_S, "Meta cannot be reached.", is_failure=True)
    if isinstance(error, GraphUnconfirmed | GraphUnexpected):
        return Pause(LONGEST_PROBE_PAUSE_S, "Meta does not answer properly.", is_failure=True)
    if isinstance(error, GraphThrottled):
        return _pause_asked_for(error)
    if outcome.sent is not None:
        return _pause_by_usage(outcome.sent.info)
    return _pause_by_usage(error.info) if isinstance(error, GraphError) else None


def _pause_asked_for(error: GraphThrottled) -> Pause | None:
    """The limit of one pair says nothing about the number's other customers."""
    if error.code == PAIR_LIMIT:
        return None
    if (error.http_status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Pause(LONGEST_PROBE_PAUSE_S, f"{error.title}.", is_failure=True)
    if error.code in CALL_LIMITS:
        return Pause(error.retry_after_s or _CALLS_PAUSE_S, f"{error.title}.")
    return Pause(min(error.retry_after_s or _NUMBER_PAUSE_S, _LONGEST_NUMBER_PAUSE_S), f"{error.title}.")


def _pause_by_usage(info: CallInfo) -> Pause | None:
    usage = info.usage_percent or 0
    if usage >= _STOP_AT_PERCENT:
        return Pause(info.regain_access_s or _CALLS_PAUSE_S, "Nearly all calls that Meta allows are used.")
    if usage >= _SLOW_AT_PERCENT:
        return Pause(_SLOW_PAUSE_S, "Most calls that Meta allows are used.")
    return None


def _is_about_calls(outcome: Outcome) -> bool:
    return isinstance(outcome.error, GraphError) and outcome.error.code in CALL_LIMITS


def _all_of_its_account(phone_number_id: int) -> list[int]:
    account_id = db.session.scalar(select(PhoneNumber.account_id).where(PhoneNumber.id == phone_number_id))
    return pacing.numbers_of([account_id]) if account_id is not None else [phone_number_id]
