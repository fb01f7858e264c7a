"""Keeping our Flows in step with Meta: the list, each one's state, and texts that changed there.

Calls to Meta are made with no transaction open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from app.errors import NotReady
from app.extensions import db
from app.graph.client import GraphClient
from app.graph.errors import GraphError
from app.graph.flows import MOST_JSON_BYTES
from app.graph.flows import Flow as FoundAtMeta
from app.models import Account, Flow, utcnow
from app.queries import flows as queries
from app.queries.access import Actor
from app.services import audit
from app.services.connections import client_for
from app.services.flow_copies import copy_from_meta, take_text
from app.services.meta_refusals import refused

_ASSET = "FLOW_JSON"


@dataclass(frozen=True)
class SyncResult:
    """What a look at Meta changed here. `unread`: Flows whose page at Meta could not be read this time."""

    created: int = 0
    updated: int = 0
    gone: list[str] = field(default_factory=list)
    unread: int = 0

    @property
    def has_changes(self) -> bool:
        return bool(self.created or self.updated or self.gone)


@dataclass(frozen=True)
class _Look:
    """One Flow as Meta has it; `text` is None when it did not change or could not be fetched."""

    found: FoundAtMeta
    text: str | None = None
    is_whole: bool = True


def sync(*, account: Account, actor: Actor) -> SyncResult:
    """Read all Flows of the account from Meta and take over how they stand there.

    Raises NotReady and RefusedByMeta; nothing is changed then.
    """
    client, account_id, waba_id = client_for(account), account.id, account.meta_id
    if not waba_id:
        raise NotReady("This account has no WhatsApp Business account id yet. Finish step 1 of its set-up.")
    known = {row.meta_id: row.meta_updated_at if row.meta_json else None for row in _texts(account_id)}
    asked_at = utcnow()
    db.session.commit()
    try:
        listed = client.flows.list(waba_id)
    except GraphError as error:
        raise refused(error) from error
    looks = [_look(client, found, known) for found in listed if found.flow_id and found.name]
    result = _take_over(account_id, looks, asked_at)
    if result.has_changes:
        audit.record(
            actor,
            "flows.synced",
            account_id=account_id,
            object_type="account",
            object_id=account_id,
            details={"created": result.created, "updated": result.updated, "gone": len(result.gone)},
        )
    db.session.commit()
    return result


def refresh(*, flow: Flow) -> Flow:
    """Read this one from Meta. Raises NotReady and RefusedByMeta."""
    if flow.meta_id is None:
        raise NotReady("Meta does not have this Flow yet. Save it first.")
    client, meta_id = client_for(flow.account), flow.meta_id
    known: dict[str | None, datetime | None] = {meta_id: flow.meta_updated_at if flow.meta_json else None}
    asked_at = utcnow()
    db.session.commit()
    try:
        found = client.flows.get(meta_id)
    except GraphError as error:
        raise refused(error) from error
    text = _fetch_text(client, found, known)
    db.session.refresh(flow, with_for_update=True)
    _write(flow, _Look(found, text), asked_at)
    db.session.commit()
    return flow


def _texts(account_id: int) -> Sequence[Flow]:
    return queries.list_of_account(account_id, with_texts=True)


def _look(client: GraphClient, listed: FoundAtMeta, known: dict[str | None, datetime | None]) -> _Look:
    """Its whole node, or what the list said about it."""
    try:
        found = client.flows.get(listed.flow_id)
    except GraphError:
        return _Look(listed, is_whole=False)
    return _Look(found, _fetch_text(client, found, known))


def _fetch_text(
    client: GraphClient, found: FoundAtMeta, known: dict[str | None, datetime | None]
) -> str | None:
    """Only what changed at Meta since it was read last."""
    if known.get(found.flow_id) is not None and known[found.flow_id] == found.updated_at:
        return None
    try:
        assets = client.flows.list_assets(found.flow_id)
        url = next((asset.download_url for asset in assets if asset.asset_type == _ASSET), None)
        if url is None:
            return None
        file = BytesIO()
        client.media.download(url, file, most_bytes=MOST_JSON_BYTES)
    except GraphError:
        return None
    # No database keeps a NUL, and no Flow has one.
    return file.getvalue().decode("utf-8", "replace").replace("\0", "\ufffd")


def _take_over(account_id: int, looks: list[_Look], asked_at: datetime) -> SyncResult:
    rows = list(_texts(account_id))
    by_id = {row.meta_id: row for row in rows if row.meta_id}
    # One that was being made when Meta's answer got lost is known by its name, which Meta keeps unique.
    nameless = {row.name: row for row in rows if row.meta_id is None}
    created = updated = 0
    for look in looks:
        row = by_id.get(look.found.flow_id) or nameless.pop(look.found.name, None)
        if row is None:
            row = Flow(account_id=account_id, meta_id=look.found.flow_id, name=look.found.name)
            row.flow_json = row.meta_json = ""
            row.status, row.has_unsent_text = look.found.status or "DRAFT", False
            db.session.add(row)
            db.session.flush()
            created += 1
            _write(row, look, asked_at)
        else:
            row.meta_id = look.found.flow_id
            updated += _write(row, look, asked_at)
    gone = _mark_gone(rows, {look.found.flow_id for look in looks}, asked_at)
    return SyncResult(created, updated, gone, sum(not look.is_whole for look in looks))


def _write(row: Flow, look: _Look, asked_at: datetime) -> bool:
    is_changed = False
    if look.text is not None and look.text != row.meta_json:
        take_text(row, look.text)
        is_changed = True
    return copy_from_meta(row, look.found, asked_at) or is_changed


def _mark_gone(rows: list[Flow], ids: set[str], asked_at: datetime) -> list[str]:
    """What Meta no longer lists. One that was made after we asked is not missing."""
    names = []
    for row in rows:
        is_missing = row.meta_id is not None and row.meta_id not in ids and row.gone_at is None
        if is_missing and row.created_at < asked_at:
            row.gone_at = asked_at
            names.append(row.name)
    return names
