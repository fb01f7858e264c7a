"""Which files are fetched next, and how each try ends: short transactions around a fetch, none during it.

Accounts take turns, and none has more than its share of a worker's threads. A claim lasts `LEASE` and is
prolonged while bytes come; what a killed worker leaves is taken by another one when it has run out.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Any, cast

from sqlalchemy import Table, bindparam, exists, insert, select, text, update
from sqlalchemy.engine import Row

from app import failpoints
from app.errors import DomainError
from app.extensions import db
from app.graph import reading
from app.graph.client import GraphClient
from app.media_store import new_key
from app.models import (
    PICTURE_TYPES,
    Account,
    AccountStatus,
    Conversation,
    MediaDeletion,
    MediaFile,
    MediaState,
    Message,
    PhoneNumber,
    utcnow,
)
from app.services import connections, pacing

LEASE = timedelta(seconds=90)
"""Longer than Meta may be silent (5 s to connect, 30 s between two pieces), and a store over one part."""
LIFE = timedelta(days=7)
"""How long Meta keeps a customer's file. Source: Meta docs, "Media" page, read 2026-09."""
URL_LIFE = timedelta(minutes=4)
"""How long a webhook's address is worth trying: Meta's live five minutes."""
TOO_OLD = "Meta keeps customers’ files for 7 days, and they are over. It cannot be fetched any more."
_AFTER_A_TAKEOVER = timedelta(hours=1)
"""Whoever lost his lease may still be writing."""

_FILES = cast(Table, MediaFile.__table__)
_CONVERSATIONS = cast(Table, Conversation.__table__)
_DELETIONS = cast(Table, MediaDeletion.__table__)
# In words of its own: with bound values no database would see that the small index of open rows fits.
_IS_OPEN = text("media_files.state IN ('waiting', 'fetching')")

_ACCOUNTS = select(Account.id).where(
    Account.status.in_((AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION)),
    exists().where(
        MediaFile.account_id == Account.id, _IS_OPEN, MediaFile.next_attempt_at <= bindparam("now")
    ),
)
_CANDIDATES = (
    select(
        MediaFile.id,
        MediaFile.account_id,
        MediaFile.meta_id,
        MediaFile.mime_type,
        MediaFile.sha256,
        MediaFile.attempts,
        MediaFile.store,
        MediaFile.store_key,
        Message.conversation_id,
        Message.content,
        Message.occurred_at,
        Message.created_at,
        PhoneNumber.meta_id.label("meta_number_id"),
    )
    .join(Message, Message.id == MediaFile.message_id)
    .join(PhoneNumber, PhoneNumber.id == Message.phone_number_id)
    .where(
        MediaFile.account_id == bindparam("account"), _IS_OPEN, MediaFile.next_attempt_at <= bindparam("now")
    )
    .order_by(MediaFile.next_attempt_at, MediaFile.id)
    .limit(bindparam("most"))
    .with_for_update(of=MediaFile, skip_locked=True)
)
_TAKE = (
    update(_FILES)
    .where(_FILES.c.id == bindparam("file"))
    .values(
        state=MediaState.FETCHING,
        attempts=_FILES.c.attempts + 1,
        lease_owner=bindparam("worker"),
        next_attempt_at=bindparam("until"),
        store=bindparam("into"),
        store_key=bindparam("key"),
    )
)
_SHOW = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .values(version=_CONVERSATIONS.c.version + 1)
)


class LeaseLost(Exception):
    """Somebody else has the row by now, or it is gone."""


@dataclass(frozen=True)
class Claim:
    """A file to fetch, copied out of its row. `client` is None where `obstacle` says why."""

    file_id: int
    account_id: int
    conversation_id: int
    meta_id: str
    meta_number_id: str
    mime_type: str
    sha256: str
    attempts: int
    expires_at: datetime
    store: str
    store_key: str
    client: GraphClient | None = field(repr=False)
    obstacle: str = ""
    fresh_url: str | None = field(default=None, repr=False)
    """The webhook's own address of the bytes, as long as it may still work."""


@dataclass(frozen=True)
class Ending:
    """How a try ended. `values` are the row's new ones; `leaves_bytes`: something may lie under its key."""

    state: MediaState
    reason: str = ""
    again_in: timedelta | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    leaves_bytes: bool = False
    is_tried: bool = True


def claim(
    worker: str, store: str, limit: int, in_hand: Mapping[int, int], most_per_account: int
) -> list[Claim]:
    """Mark up to `limit` due files as `fetching` by this worker, and commit. `in_hand`: by account."""
    now = pacing.database_now()
    accounts = [
        id_ for id_ in db.session.scalars(_ACCOUNTS, {"now": now}) if in_hand.get(id_, 0) < most_per_account
    ]
    if limit <= 0 or not accounts:
        db.session.rollback()
        return []
    lanes = [_candidates(id_, now, min(limit, most_per_account - in_hand.get(id_, 0))) for id_ in accounts]
    chosen = _in_turns(lanes)[:limit]
    claims = [_copy_out(found, store, _clients({row.account_id for row in chosen})) for found in chosen]
    _write_down(chosen, claims, worker, now)
    db.session.commit()
    failpoints.reach("media-after-claim")
    return claims


def _candidates(account_id: int, now: datetime, most: int) -> list[Row[Any]]:
    return list(db.session.execute(_CANDIDATES, {"account": account_id, "now": now, "most": most}).all())


def _in_turns(lanes: Sequence[Sequence[Row[Any]]]) -> list[Row[Any]]:
    """The first of each account, then the second of each …; who begins is left to chance."""
    mixed = random.sample(lanes, len(lanes))
    return [found for found in chain.from_iterable(zip_longest(*mixed)) if found is not None]


def _clients(account_ids: set[int]) -> dict[int, tuple[GraphClient | None, str]]:
    """A client per account, or why there is none."""
    made: dict[int, tuple[GraphClient | None, str]] = {}
    for account in db.session.scalars(select(Account).where(Account.id.in_(account_ids))):
        try:
            made[account.id] = connections.client_for(account), ""
        except DomainError as error:
            made[account.id] = None, error.message
    return made


def _copy_out(found: Row[Any], store: str, clients: Mapping[int, tuple[GraphClient | None, str]]) -> Claim:
    client, obstacle = clients[found.account_id]
    is_fresh = found.attempts == 0 and utcnow() < found.created_at + URL_LIFE
    return Claim(
        file_id=found.id,
        account_id=found.account_id,
        conversation_id=found.conversation_id,
        meta_id=found.meta_id,
        meta_number_id=found.meta_number_id,
        mime_type=found.mime_type,
        sha256=found.sha256,
        attempts=found.attempts + 1,
        expires_at=found.occurred_at + LIFE,
        store=store,
        store_key=new_key(found.id),
        client=client,
        obstacle=obstacle,
        fresh_url=reading.text(found.content.get("url")) if is_fresh else None,
    )


def _write_down(chosen: Sequence[Row[Any]], claims: Sequence[Claim], worker: str, now: datetime) -> None:
    if not claims:
        return
    rows = [
        {
            "file": claim.file_id,
            "worker": worker,
            "until": now + LEASE,
            "into": claim.store,
            "key": claim.store_key,
        }
        for claim in claims
    ]
    db.session.execute(_TAKE, rows)
    left_behind = [
        _deletion(row.store, row.store_key, now + _AFTER_A_TAKEOVER) for row in chosen if row.store_key
    ]
    if left_behind:
        db.session.execute(insert(_DELETIONS), left_behind)


def prolong(claim: Claim) -> None:
    """The work goes on: nobody else is to take it. Raises LeaseLost."""
    changed = db.session.execute(
        update(_FILES).where(*_is_still_ours(claim)).values(next_attempt_at=pacing.database_now() + LEASE)
    )
    db.session.commit()
    if not cast(Any, changed).rowcount:
        raise LeaseLost


def release(worker: str) -> int:
    """Whatever this worker still has in hand may be taken at once: it has ended, or is about to."""
    changed = db.session.execute(
        update(_FILES)
        .where(_FILES.c.state == MediaState.FETCHING, _FILES.c.lease_owner == worker, _IS_OPEN)
        .values(next_attempt_at=pacing.database_now())
    )
    db.session.commit()
    return int(cast(Any, changed).rowcount)


def finish(claim: Claim, ending: Ending) -> bool:
    """Write down how the try ended; False when the row was no longer ours, and then its bytes are let go."""
    now = pacing.database_now()
    is_stored = ending.state is MediaState.STORED
    values: dict[str, Any] = {
        "state": ending.state,
        "reason": ending.reason,
        "next_attempt_at": now + ending.again_in if ending.again_in is not None else None,
        "lease_owner": None,
        "updated_at": now,
        **ending.values,
    }
    if not ending.is_tried:
        values["attempts"] = _FILES.c.attempts - 1
    if not is_stored:
        values |= {"store": None, "store_key": None}
    changed = db.session.execute(update(_FILES).where(*_is_still_ours(claim)).values(values))
    is_ours = bool(cast(Any, changed).rowcount)
    if is_ours and ending.is_tried and not _is_shown_later(ending):
        db.session.execute(_SHOW, {"conversation": claim.conversation_id})
    if ending.leaves_bytes or (is_stored and not is_ours):
        db.session.execute(insert(_DELETIONS), [_deletion(claim.store, claim.store_key, now)])
    failpoints.reach("media-before-finish")
    db.session.commit()
    return is_ours


def _is_shown_later(ending: Ending) -> bool:
    """Of a picture that is here, open pages are told as soon as its small one is: in a moment, and whether
    there will be one or not (`thumbnails/work.py`)."""
    return ending.state is MediaState.STORED and ending.values["mime_type"] in PICTURE_TYPES


def _is_still_ours(claim: Claim) -> tuple[Any, ...]:
    """The key is this claim's alone, so it tells that nobody has taken the row since."""
    return (
        _FILES.c.id == claim.file_id,
        _FILES.c.state == MediaState.FETCHING,
        _FILES.c.store_key == claim.store_key,
    )


def _deletion(store: str, store_key: str, due_at: datetime) -> dict[str, Any]:
    return {"store": store, "store_key": store_key, "due_at": due_at, "attempts": 0, "reason": ""}
