"""Between the fields of the set-up steps and the rows they are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import FieldProblem
from app.models import Account, AccountStatus, PhoneNumber
from app.queries import accounts as account_queries
from app.queries.access import Actor
from app.services import account_fields

_ON_NUMBER = {
    "phone_number_id": "meta_id",
    "phone_number": "phone_number",
    "display_number": "display_number",
}
_COLUMNS = {"waba_id": "meta_id"}
_SECRETS = frozenset(name for name, field in account_fields.FIELDS.items() if field.is_secret)
_FIXED_ONCE_LIVE = frozenset({"waba_id", "phone_number_id", "phone_number"})


def shown_values(account: Account) -> dict[str, Any]:
    """What a form may show of an account, by field name. Never a secret."""
    number = account.first_number
    values = {
        name: getattr(account, _COLUMNS.get(name, name))
        for name in account_fields.FIELDS
        if name not in _ON_NUMBER and name not in _SECRETS
    }
    for name, column in _ON_NUMBER.items():
        values[name] = getattr(number, column) if number else ""
    return values


def secret_tails(account: Account) -> dict[str, str]:
    """The last characters of each stored secret, for "set, ends in …1234"."""
    return {name: secret.tail() or "…" for name in _SECRETS if (secret := getattr(account, name))}


def stored_secrets(account: Account) -> frozenset[str]:
    return frozenset(name for name in _SECRETS if getattr(account, name))


def apply_values(account: Account, values: Mapping[str, Any]) -> list[str]:
    """Write cleaned values to the rows; answers the names of the fields that changed. The caller commits."""
    changed = [name for name, value in values.items() if _is_new(account, name, value)]
    for name in changed:
        if name in _ON_NUMBER:
            continue
        if name == "app_secret" and account.is_live:
            # Events already on their way are signed with the old one.
            account.previous_app_secret = account.app_secret
        setattr(account, _COLUMNS.get(name, name), _stored(name, values[name]))
    _apply_number(account, {name: values[name] for name in changed if name in _ON_NUMBER})
    return changed


def _apply_number(account: Account, values: Mapping[str, Any]) -> None:
    if not values:
        return
    number = account.first_number
    if number is None:
        if not values.get("phone_number_id"):
            return
        number = PhoneNumber(meta_id="", phone_number="")
        account.phone_numbers.append(number)
    for name, value in values.items():
        setattr(number, _ON_NUMBER[name], value)


def _is_new(account: Account, name: str, value: Any) -> bool:
    row: object = account
    if name in _ON_NUMBER:
        row = account.first_number
    kept = getattr(row, _ON_NUMBER.get(name) or _COLUMNS.get(name, name), "")
    return bool(kept != _stored(name, value))


def _stored(name: str, value: Any) -> Any:
    """An empty id is NULL: the WABA's is unique."""
    return None if name in {"waba_id", "meta_business_account_id", "app_id"} and value == "" else value


def find_conflicts(account: Account | None, values: Mapping[str, Any], actor: Actor) -> list[FieldProblem]:
    """What is connected already, here or in another account of this console."""
    problems = []
    waba = account_queries.find_account_by_meta_id(values["waba_id"]) if values.get("waba_id") else None
    if waba is not None and waba is not account:
        problems.append(FieldProblem("waba_id", _waba_taken(waba, actor)))
    number_id = values.get("phone_number_id")
    number = account_queries.find_number_by_meta_id(number_id) if number_id else None
    if number is not None and number.account is not account:
        problems.append(FieldProblem("phone_number_id", _number_taken(number.account, actor)))
    if account is not None and account.is_live:
        problems += _fixed_fields(account, values)
    return problems


def find_archived(account: Account | None, waba_id: str, actor: Actor) -> Account | None:
    """The archived account this WABA had here before, if this person may bring it back."""
    found = account_queries.find_account_by_meta_id(waba_id) if waba_id else None
    if found is None or found is account or found.status is not AccountStatus.ARCHIVED:
        return None
    return found if actor.may("accounts.manage", found.id) else None


def _waba_taken(other: Account, actor: Actor) -> str:
    if other.status is AccountStatus.ARCHIVED:
        return (
            "This account was connected here before and then archived. Ask the owner of this console to "
            "connect it again; its conversations are still here."
        )
    return f"This account is already connected{_where(other, actor)}. An account can only be connected once."


def _number_taken(other: Account, actor: Actor) -> str:
    return (
        f"This number is already connected in another account{_where(other, actor)}. A number belongs to one "
        "account: archive it there first, or choose another number."
    )


def _where(other: Account, actor: Actor) -> str:
    """Its name only for those who may see it."""
    if not actor.may("accounts.view", other.id):
        return " of this console"
    more = {
        AccountStatus.SETUP: ", in a set-up that is not finished",
        AccountStatus.ARCHIVED: ", which is archived",
    }
    return f" as “{other.name}”{more.get(other.status, '')}"


def _fixed_fields(account: Account, values: Mapping[str, Any]) -> list[FieldProblem]:
    text = (
        "This cannot change any more. Conversations and figures hang on it: add another account for another "
        "one."
    )
    return [
        FieldProblem(name, text)
        for name in _FIXED_ONCE_LIVE
        if name in values and _is_new(account, name, values[name])
    ]
