"""Accounts of the pretend Meta: business portfolio, WABA, number, app, token, made in one go."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .. import clock, ids
from ..database import Database, Row
from . import message_templates, phone_numbers, starter, tokens

# Under this name an account keeps what the review of it decided.
REVIEW_STATUS = "account_review_status"
PINNABLE = (
    "waba_id", "meta_business_account_id", "app_id", "app_secret", "phone_number_id", "phone_number",
    "display_number", "access_token",
)  # fmt: skip


@dataclass(frozen=True)
class NewAccount:
    """Everything that can be chosen; ids and secrets left out are made up."""

    name: str
    waba_id: str
    meta_business_account_id: str
    app_id: str
    app_secret: str
    phone_number_id: str
    phone_number: str
    display_number: str
    access_token: str

    def answer(self) -> dict[str, str]:
        return {"name": self.name} | {key: getattr(self, key) for key in PINNABLE}

    def __repr__(self) -> str:
        return f"NewAccount(name={self.name!r}, waba_id={self.waba_id!r})"


class AlreadyTaken(ValueError):
    """An id asked for belongs to another account."""


def plan(db: Database, wanted: dict[str, str]) -> NewAccount:
    """Fill what was not asked for. `wanted` holds `name` and any of PINNABLE, already checked."""
    count = int(db.value("SELECT count(*) FROM wabas"))
    phone_number = wanted.get("phone_number") or phone_numbers.free_number(db)
    made_up = {
        "name": starter.business_name(count),
        "waba_id": ids.node_id(),
        "meta_business_account_id": ids.node_id(),
        "app_id": ids.node_id(),
        "app_secret": ids.app_secret(),
        "phone_number_id": ids.node_id(),
        "phone_number": phone_number,
        "display_number": ids.display_number(ids.digits_of(phone_number)),
        "access_token": ids.access_token(),
    }
    return NewAccount(**(made_up | wanted))


def create(db: Database, account: NewAccount) -> None:
    """Store an account with a CONNECTED number, ready-made message templates and a profile.

    Raises AlreadyTaken.
    """
    with db.write():
        _refuse_taken(db, account)
        _insert_portfolio(db, account)
        phone_numbers.insert(db, account)
        tokens.insert(db, tokens.system_user(account.access_token, account.app_id, account.waba_id))
        for ready_made in starter.MESSAGE_TEMPLATES:
            message_templates.insert_ready_made(db, account.waba_id, ready_made)


def find_same(db: Database, wanted: dict[str, str]) -> NewAccount | None:
    """The account with the wanted waba_id, if every other wanted value matches it too."""
    existing = find_complete(db, wanted.get("waba_id", ""))
    if existing is None:
        return None
    is_same = all(getattr(existing, key) == value for key, value in wanted.items() if key != "access_token")
    token = wanted.get("access_token", existing.access_token)
    if not is_same or tokens.find(db, token) is None:
        return None
    return replace(existing, access_token=token)


def find_complete(db: Database, waba_id: str) -> NewAccount | None:
    """An account with its first number, app and token."""
    waba = find_waba(db, waba_id)
    numbers, apps = phone_numbers.list_of(db, waba_id), list_apps_of(db, waba_id)
    if waba is None or not numbers or not apps:
        return None
    token = db.value("SELECT token FROM tokens WHERE app_id = ? ORDER BY issued_at", apps[0]["id"])
    return NewAccount(
        name=waba["name"],
        waba_id=waba["id"],
        meta_business_account_id=waba["business_id"],
        app_id=apps[0]["id"],
        app_secret=apps[0]["secret"],
        phone_number_id=numbers[0]["id"],
        phone_number="+" + numbers[0]["wa_id"],
        display_number=numbers[0]["display_phone_number"],
        access_token=token,
    )


def find_waba(db: Database, waba_id: str) -> Row | None:
    return db.row("SELECT * FROM wabas WHERE id = ?", waba_id)


def find_business(db: Database, business_id: str) -> Row | None:
    return db.row("SELECT * FROM businesses WHERE id = ?", business_id)


def find_app(db: Database, app_id: str) -> Row | None:
    return db.row("SELECT * FROM apps WHERE id = ?", app_id)


def update(db: Database, waba_id: str, **columns: str) -> None:
    changes = ", ".join(f"{name} = ?" for name in columns)
    db.execute(
        f"UPDATE wabas SET {changes} WHERE id = ?",  # noqa: S608 (names are literals)
        *columns.values(),
        waba_id,
    )


def list_wabas(db: Database) -> list[Row]:
    return db.rows("SELECT * FROM wabas ORDER BY created_at, id")


def list_wabas_of(db: Database, business_id: str) -> list[Row]:
    return db.rows("SELECT * FROM wabas WHERE business_id = ? ORDER BY created_at, id", business_id)


def list_apps_of(db: Database, waba_id: str) -> list[Row]:
    """Apps that hold a token for the WABA."""
    return db.rows(
        "SELECT DISTINCT apps.* FROM apps JOIN tokens ON tokens.app_id = apps.id"
        " WHERE EXISTS (SELECT 1 FROM json_each(tokens.target_ids) WHERE value = ?)",
        waba_id,
    )


def _refuse_taken(db: Database, account: NewAccount) -> None:
    taken = {
        "waba_id": find_waba(db, account.waba_id),
        "phone_number_id": phone_numbers.find(db, account.phone_number_id),
        "phone_number": phone_numbers.find_by_wa_id(db, ids.digits_of(account.phone_number)),
        "access_token": tokens.find(db, account.access_token),
    }
    app = find_app(db, account.app_id)
    if app is not None and app["secret"] != account.app_secret:
        taken["app_id"] = app
    _refuse(taken)


def _refuse(taken: Mapping[str, object]) -> None:
    names = [name for name, row in taken.items() if row is not None]
    if names:
        raise AlreadyTaken(f"{', '.join(names)}: already used by another account of this sandbox.")


def refuse_taken_number(db: Database, account: NewAccount) -> None:
    """For one more number of an account. Raises AlreadyTaken."""
    taken = {
        "phone_number_id": phone_numbers.find(db, account.phone_number_id),
        "phone_number": phone_numbers.find_by_wa_id(db, ids.digits_of(account.phone_number)),
    }
    _refuse(taken)


def _insert_portfolio(db: Database, account: NewAccount) -> None:
    at = clock.now()
    with db.write() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO businesses (id, name) VALUES (?, ?)",
            (account.meta_business_account_id, account.name),
        )
        connection.execute(
            "INSERT OR IGNORE INTO apps (id, name, secret, created_at) VALUES (?, ?, ?, ?)",
            (account.app_id, f"{account.name} Messaging", account.app_secret, at),
        )
    db.insert(
        "wabas",
        id=account.waba_id,
        business_id=account.meta_business_account_id,
        name=account.name,
        currency="USD",
        country=ids.country_of(ids.digits_of(account.phone_number)),
        timezone_id="1",
        namespace=secrets.token_hex(16),
        created_at=at,
    )
