"""Phone numbers of an account: what Meta says about them, copied here."""

from __future__ import annotations

from dataclasses import dataclass

from app.extensions import db
from app.graph.errors import GraphError
from app.models import Account, PhoneNumber, utcnow
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING, Actor
from app.services import audit
from app.services.connections import client_for
from app.services.meta_refusals import refused
from app.services.setup_checks import Connection, Findings, Number, digits, find_number

GONE = "DELETED"


@dataclass(frozen=True)
class NumbersSynced:
    """How many numbers came, changed or went; `refused` are connected in another account already."""

    added: int = 0
    updated: int = 0
    gone: int = 0
    refused: tuple[str, ...] = ()


def note_findings(account: Account, findings: Findings) -> None:
    """Write down what a check of Meta's showed. The caller commits."""
    token, waba = findings.token, findings.waba
    if token is not None and token.is_valid:
        account.token_scopes = list(token.scopes)
        account.token_expires_at = token.expires_at
    if waba is not None:
        account.currency = waba.currency or account.currency
        account.meta_business_account_id = account.meta_business_account_id or waba.owner_business_id
    note_numbers(account, findings.numbers)


def note_numbers(account: Account, found: list[Number]) -> int:
    """Refresh the numbers we know; answers how many changed. The caller commits."""
    changed = 0
    for row in account.phone_numbers:
        number = find_number(found, row.meta_id)
        if number is not None:
            changed += _copy(row, number)
    return changed


def sync_numbers(*, account: Account, actor: Actor) -> NumbersSynced:
    """Fetch all numbers of the account from Meta: new ones join, known ones are refreshed.

    Raises NotReady and RefusedByMeta; nothing is changed then.
    """
    client, connection, account_id = client_for(account), Connection.of(account), account.id
    db.session.commit()
    try:
        found = client.accounts.list_phone_numbers(connection.waba_id)
    except GraphError as error:
        raise refused(error) from error
    account = account_queries.get_account(account_id, EVERYTHING)
    updated = note_numbers(account, found)
    added, elsewhere = _add_new(account, found)
    gone = _mark_gone(account, found)
    audit.record(
        actor,
        "account.numbers_synced",
        account_id=account_id,
        object_type="account",
        object_id=account_id,
        details={"added": added, "updated": updated, "gone": gone},
    )
    db.session.commit()
    return NumbersSynced(added, updated, gone, tuple(elsewhere))


def _add_new(account: Account, found: list[Number]) -> tuple[int, list[str]]:
    """(how many joined, which are connected elsewhere: a number belongs to one account only)."""
    known = {row.meta_id for row in account.phone_numbers}
    added, elsewhere = 0, []
    for number in found:
        if not number.phone_number_id or number.phone_number_id in known:
            continue
        if account_queries.find_number_by_meta_id(number.phone_number_id) is not None:
            elsewhere.append(number.display_phone_number or number.phone_number_id)
            continue
        row = PhoneNumber(
            meta_id=number.phone_number_id, phone_number=f"+{digits(number.display_phone_number or '')}"
        )
        account.phone_numbers.append(row)
        _copy(row, number)
        added += 1
    return added, elsewhere


def _mark_gone(account: Account, found: list[Number]) -> int:
    gone = [
        row for row in account.phone_numbers if row.status != GONE and find_number(found, row.meta_id) is None
    ]
    for row in gone:
        row.status, row.last_synced_at = GONE, utcnow()
    return len(gone)


def _copy(row: PhoneNumber, number: Number) -> bool:
    """Meta's facts onto the row; what Meta left out stays as it was."""
    facts = {
        "display_number": row.display_number or number.display_phone_number,
        "verified_name": number.verified_name,
        "status": number.status,
        "quality_rating": number.quality_rating,
        "name_status": number.name_status,
        "platform_type": number.platform_type,
        "code_verification_status": number.code_verification_status,
        "throughput_level": number.throughput_level,
        "messaging_limit": number.messaging_limit,
    }
    new = {name: value for name, value in facts.items() if value and getattr(row, name) != value}
    for name, value in new.items():
        setattr(row, name, value)
    row.last_synced_at = utcnow()
    return bool(new)
