"""Single phone numbers of an account: taking one into use, renaming and removing it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.graph.errors import GraphError
from app.models import Account, Conversation, PhoneNumber
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING, Actor
from app.services import account_cleaners as cleaners
from app.services import audit
from app.services.account_values import find_conflicts
from app.services.connections import client_for
from app.services.meta_refusals import refused
from app.services.numbers import note_numbers
from app.services.setup_checks import Connection, Number, digits, find_number


def add_number(*, account: Account, meta_id: str, display_number: str, actor: Actor) -> PhoneNumber:
    """Take a number of the account's WABA into use, after Meta said that it belongs there.

    Raises InvalidFields (unknown there, or in use here), NotReady, RefusedByMeta.
    """
    shown = _clean_display(display_number)
    _check_free(account, meta_id, actor)
    client, connection, account_id = client_for(account), Connection.of(account), account.id
    db.session.commit()
    try:
        found = client.accounts.list_phone_numbers(connection.waba_id)
    except GraphError as error:
        raise refused(error) from error
    number = find_number(found, meta_id)
    if number is None:
        raise _unfit("phone_number_id", _not_there(found))
    account = account_queries.get_account(account_id, EVERYTHING)
    row = PhoneNumber(
        meta_id=meta_id,
        phone_number=f"+{digits(number.display_phone_number or '')}",
        display_number=shown,
    )
    account.phone_numbers.append(row)
    note_numbers(account, [number])
    _flush()
    _record(actor, "phone_number.added", row)
    db.session.commit()
    return row


def rename_number(*, number: PhoneNumber, display_number: str, actor: Actor) -> PhoneNumber:
    """Change how people see the number written. Raises InvalidFields."""
    number.display_number = _clean_display(display_number)
    _record(actor, "phone_number.changed", number)
    db.session.commit()
    return number


def remove_number(*, number: PhoneNumber, actor: Actor) -> None:
    """Take a number out of use here; at Meta nothing changes. Raises NotReady while anything hangs on it."""
    if number.account.is_live and len(number.account.phone_numbers) == 1:
        raise NotReady("This is the account's only number. Add another one first, or archive the account.")
    statement = select(func.count(Conversation.id)).where(Conversation.phone_number_id == number.id)
    if db.session.scalar(statement):
        raise NotReady(
            "This number has conversations, and they would be lost with it. Archive the account instead if "
            "it is not used any more."
        )
    _record(actor, "phone_number.removed", number)
    db.session.delete(number)
    db.session.commit()


def _check_free(account: Account, meta_id: str, actor: Actor) -> None:
    if any(row.meta_id == meta_id for row in account.phone_numbers):
        raise _unfit("phone_number_id", "This number is in use here already.")
    problems = find_conflicts(None, {"phone_number_id": meta_id}, actor)
    if problems:
        raise InvalidFields(problems)


def _clean_display(display_number: str) -> str:
    try:
        return cleaners.display_number(display_number)
    except cleaners.Unfit as error:
        raise _unfit("display_number", str(error)) from None


def _not_there(found: list[Number]) -> str:
    listed = ", ".join(
        f"{number.display_phone_number or 'a number'} (ID {number.phone_number_id})" for number in found[:5]
    )
    has = f"It has {listed}." if listed else "It has no number yet."
    return f"This number is not in this WhatsApp Business Account. {has}"


def _flush() -> None:
    """Somebody may have been faster: a number belongs to one account."""
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise _unfit("phone_number_id", "This number was connected by somebody else just now.") from None


def _record(actor: Actor, action: str, number: PhoneNumber) -> None:
    audit.record(
        actor,
        action,
        account_id=number.account_id,
        object_type="phone_number",
        object_id=number.id,
        details={"phone_number_id": number.meta_id},
    )


def _unfit(field: str, message: str) -> InvalidFields:
    return InvalidFields([FieldProblem(field, message)])
