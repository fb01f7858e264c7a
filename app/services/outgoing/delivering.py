"""One try to deliver: signed, posted with no transaction open, and written down."""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.log_fields import about
from app.models import utcnow
from app.services.guarded_http import Answer, Unanswered, post
from app.services.outgoing.addresses import UnfitAddress, check_address, may_reach
from app.services.outgoing.claims import Claim, Ending, finish
from app.services.outgoing.signing import signature_header

log = logging.getLogger(__name__)

TIMEOUT_S = 15.0
_MOST_READ = 16 * 1024
_MOST_KEPT = 2000
_USER_AGENT = "waba-console"
_UNSHOWABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")


def deliver(claim: Claim) -> bool:
    """Post it and record how it ended; False when another worker had taken it over meanwhile."""
    ending = _try(claim)
    is_ours = finish(claim, ending)
    fields = about(
        delivery_id=claim.delivery_id,
        webhook_id=claim.webhook_id,
        attempt=claim.attempt,
        outcome=ending.words,
    )
    log.log(logging.DEBUG if ending.is_good else logging.INFO, "a delivery ended", extra=fields)
    return is_ours


def _try(claim: Claim) -> Ending:
    body = claim.body.encode()
    started_at, begin = utcnow(), time.monotonic()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": _USER_AGENT,
        "webhook-id": claim.event_id,
        "webhook-timestamp": str(int(started_at.timestamp())),
    }
    try:
        answer = _post(claim, headers, body)
    except (Unanswered, UnfitAddress) as error:
        return Ending(started_at, _since(begin), headers, str(error), error=str(error))
    return _ending(answer, started_at, _since(begin), headers)


def _post(claim: Claim, headers: dict[str, str], body: bytes) -> Answer:
    if not claim.keys:
        raise Unanswered("Its secret cannot be read with this server's keys. Make a new one.")
    check_address(claim.url)
    signature = signature_header(claim.keys, claim.event_id, int(headers["webhook-timestamp"]), body)
    return post(
        claim.url,
        body,
        headers={**headers, "webhook-signature": signature},
        timeout_s=TIMEOUT_S,
        may_reach=may_reach,
        most_bytes=_MOST_READ,
    )


def _ending(answer: Answer, started_at: datetime, duration_ms: int, headers: dict[str, str]) -> Ending:
    text = _UNSHOWABLE.sub("\ufffd", answer.body.decode("utf-8", "replace"))
    is_redirect = 300 <= answer.status < 400
    return Ending(
        started_at,
        duration_ms,
        headers,
        f"{answer.status}: redirects are not followed" if is_redirect else str(answer.status),
        status=answer.status,
        answer=text[:_MOST_KEPT] + ("…" if answer.is_cut or len(text) > _MOST_KEPT else ""),
        retry_after=read_retry_after(answer.retry_after),
    )


def read_retry_after(value: str) -> timedelta | None:
    """The header Retry-After, in seconds or as a date; None for nothing and for nonsense."""
    if value.isascii() and value.isdigit() and len(value) < 8:
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - utcnow()


def _since(begin: float) -> int:
    return round((time.monotonic() - begin) * 1000)
