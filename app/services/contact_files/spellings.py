"""Numbers that two spellings write: a line of a file is of whom we know, whichever of them it has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select

from app.extensions import db
from app.models import Contact
from app.models.phone_twins import is_mobile_twin, twin_of
from app.services import contact_addresses
from app.services.contact_files.lines import Judged


def as_known(account_id: int, batch: Sequence[Judged]) -> list[Judged]:
    """The same lines, each with the spelling under which its person is known here already, or stands further
    above in the batch. What somebody has said is not theirs stays as the file has it."""
    wa_ids = {judged.draft.wa_id for judged in batch if judged.draft is not None}
    others = {wa_id: other for wa_id in wa_ids for other in _other_spellings(wa_id)}
    holders = _holders(account_id, wa_ids | set(others.values()))
    refused = contact_addresses.refusals({account_id}, wa_ids)
    known = set(holders)
    found = []
    for judged in batch:
        if judged.draft is None:
            found.append(judged)
            continue
        wa_id = judged.draft.wa_id
        other = others.get(wa_id, "")
        is_other = wa_id not in known and other in known and (holders.get(other), wa_id) not in refused
        known.add(other if is_other else wa_id)
        found.append(replace(judged, draft=replace(judged.draft, wa_id=other)) if is_other else judged)
    return found


def _other_spellings(wa_id: str) -> Iterator[str]:
    """None or one. As when a number is typed: Argentina's 9 may be left out, never put in for nothing."""
    twin = twin_of(wa_id)
    if twin is not None and (twin.is_certain or not is_mobile_twin(wa_id)):
        yield twin.wa_id


def _holders(account_id: int, wa_ids: set[str]) -> dict[str, int]:
    statement = select(Contact.wa_id, Contact.id).where(
        Contact.account_id == account_id, Contact.wa_id.in_(wa_ids)
    )
    return {wa_id or "": contact_id for wa_id, contact_id in db.session.execute(statement)}
