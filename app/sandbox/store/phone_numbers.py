"""Business phone numbers and their registration."""

from typing import TYPE_CHECKING

from .. import clock, ids
from ..database import Database, Row, to_json
from . import node_settings, portfolio, starter

if TYPE_CHECKING:
    from .accounts import NewAccount

# Fictional numbers (555-0100 to 555-0199) of real area codes, so that number checkers accept them.
AREA_CODES = (202, 212, 303, 312, 404, 415, 503, 617, 702, 713, 806, 907)

# Kept at the node.
ON_APP, ONBOARDED_AT = "is_on_biz_app", "last_onboarded_time"
REGISTRATION_WINDOW_S = 72 * 3600
REGISTRATIONS_ALLOWED = 10  # Source: Meta docs, "Registration" page, read 2026-09.


def find(db: Database, phone_number_id: str) -> Row | None:
    return db.row("SELECT * FROM phone_numbers WHERE id = ?", phone_number_id)


def find_by_wa_id(db: Database, wa_id: str) -> Row | None:
    return db.row("SELECT * FROM phone_numbers WHERE wa_id = ?", wa_id)


def list_of(db: Database, waba_id: str) -> list[Row]:
    return db.rows("SELECT * FROM phone_numbers WHERE waba_id = ? ORDER BY created_at, id", waba_id)


def list_all(db: Database) -> list[Row]:
    """Every number with the name of its account in `waba_name`."""
    return db.rows(
        "SELECT phone_numbers.*, wabas.name AS waba_name, wabas.business_id FROM phone_numbers"
        " JOIN wabas ON wabas.id = phone_numbers.waba_id"
        " ORDER BY wabas.created_at, phone_numbers.created_at, phone_numbers.id"
    )


def free_number(db: Database) -> str:
    """A fictional number nobody has yet, `+12025550100`."""
    taken = {row["wa_id"] for row in db.rows("SELECT wa_id FROM phone_numbers")}
    for line in range(100, 200):
        for area in AREA_CODES:
            if (wa_id := f"1{area}5550{line}") not in taken:
                return "+" + wa_id
    return "+1907" + ids.node_id()[:7]


def insert(db: Database, account: "NewAccount") -> None:
    db.insert(
        "phone_numbers",
        id=account.phone_number_id,
        waba_id=account.waba_id,
        wa_id=ids.digits_of(account.phone_number),
        display_phone_number=account.display_number,
        verified_name=account.name,
        status="CONNECTED",
        quality_rating="GREEN",
        code_verification_status="VERIFIED",
        name_status="APPROVED",
        account_mode="LIVE",
        throughput_level="STANDARD",
        messaging_limit=portfolio.tier(db, account.meta_business_account_id),
        profile=to_json(starter.profile(account.name)),
        created_at=clock.now(),
    )


def update(db: Database, phone_number_id: str, **columns: object) -> None:
    changes = ", ".join(f"{name} = ?" for name in columns)
    db.execute(
        f"UPDATE phone_numbers SET {changes} WHERE id = ?",  # noqa: S608 (names are literals)
        *columns.values(),
        phone_number_id,
    )


def count_registration(db: Database, phone_number_id: str) -> bool:
    """Note a register or deregister call; False when the limit of 72 hours is used up."""
    since = clock.now() - REGISTRATION_WINDOW_S
    with db.write():
        used = db.value(
            "SELECT count(*) FROM registrations WHERE phone_number_id = ? AND at > ?", phone_number_id, since
        )
        if used >= REGISTRATIONS_ALLOWED:
            return False
        db.insert("registrations", phone_number_id=phone_number_id, at=clock.now())
    return True


def is_on_app(db: Database, phone_number_id: str) -> bool:
    """Is it used in the WhatsApp Business app too (coexistence)?"""
    return bool(node_settings.get(db, phone_number_id, ON_APP, False))


def onboarded_at(db: Database, number: Row) -> float:
    """UNIX seconds."""
    return float(node_settings.get(db, number["id"], ONBOARDED_AT, number["created_at"]))


def is_registered(number: Row) -> bool:
    return bool(number["status"] in {"CONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED"})
