"""People on the other side: phone number, business-scoped user id, name."""

from dataclasses import dataclass
from typing import Any

from .. import ids
from ..database import Database, Row


@dataclass(frozen=True)
class Persona:
    name: str
    phone_number: str

    @property
    def wa_id(self) -> str:
        return ids.digits_of(self.phone_number)


# Numbers that regulators keep free for fiction.
PERSONAS = (
    Persona("Nadia Brook", "+447700900900"),
    Persona("Tomas Lindqvist", "+46701740605"),
    Persona("Ines Moreau", "+33639980012"),
    Persona("Oskar Reed", "+12025550147"),
)


def find(db: Database, business_id: str, wa_id: str) -> Row | None:
    return db.row("SELECT * FROM customers WHERE business_id = ? AND wa_id = ?", business_id, wa_id)


def find_by_user_id(db: Database, business_id: str, user_id: str) -> Row | None:
    return db.row("SELECT * FROM customers WHERE business_id = ? AND user_id = ?", business_id, user_id)


def get_or_add(db: Database, business_id: str, wa_id: str) -> Row:
    found = find(db, business_id, wa_id)
    if found is not None:
        return found
    with db.write() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO customers (business_id, wa_id, user_id, name) VALUES (?, ?, ?, ?)",
            (business_id, wa_id, ids.user_id(business_id, wa_id), known_name(wa_id)),
        )
    return db.one("SELECT * FROM customers WHERE business_id = ? AND wa_id = ?", business_id, wa_id)


def rename(db: Database, business_id: str, wa_id: str, name: str | None, username: str | None) -> Row:
    """Keep what the person now calls himself; None leaves it as it is."""
    get_or_add(db, business_id, wa_id)
    db.execute(
        "UPDATE customers SET name = coalesce(?, name), username = coalesce(?, username)"
        " WHERE business_id = ? AND wa_id = ?",
        name,
        username,
        business_id,
        wa_id,
    )
    return get_or_add(db, business_id, wa_id)


# What may be said of a customer beside the names: column → what is true of a new one.
TRAITS = {
    "reads_messages": True,
    "is_opted_out": False,
    "has_blocked": False,
    "is_on_whatsapp": True,
    "hides_phone": False,
    "is_offline": False,
}


def change(db: Database, business_id: str, wa_id: str, columns: dict[str, Any]) -> Row:
    """Set traits, `name`, `username` or `user_id` of a known customer; answers the row."""
    if columns:
        names = ", ".join(f"{name} = ?" for name in columns)
        db.execute(
            f"UPDATE customers SET {names} WHERE business_id = ? AND wa_id = ?",  # noqa: S608 (literals)
            *columns.values(),
            business_id,
            wa_id,
        )
    return get_or_add(db, business_id, wa_id)


def move(db: Database, customer: Row, wa_id: str) -> Row:
    """The person has another number now; the old one is on WhatsApp no longer."""
    where = (customer["business_id"], customer["wa_id"])
    traits = {name: customer[name] for name in (*TRAITS, "name", "username")}
    change(db, *where, {"is_on_whatsapp": 0, "username": None})
    get_or_add(db, customer["business_id"], wa_id)
    return change(db, customer["business_id"], wa_id, traits | {"is_on_whatsapp": 1})


def list_of(db: Database, business_id: str) -> list[Row]:
    """Everybody that business knows, by name."""
    return db.rows("SELECT * FROM customers WHERE business_id = ? ORDER BY name, wa_id", business_id)


def list_listed(db: Database, business_id: str) -> list[str]:
    """wa_ids of those who were put on the page's list by hand."""
    rows = db.rows(
        "SELECT wa_id FROM customers WHERE business_id = ? AND is_listed = 1 ORDER BY rowid", business_id
    )
    return [row["wa_id"] for row in rows]


def delete(db: Database, business_id: str, wa_id: str | None = None) -> int:
    """One, or all of that business; answers how many. Messages stay."""
    return db.execute(
        "DELETE FROM customers WHERE business_id = ?1 AND (?2 IS NULL OR wa_id = ?2)", business_id, wa_id
    )


def forget(db: Database, business_id: str, user_id: str) -> bool:
    """Which phone number that user id belongs to; False when it was not known."""
    sql = "DELETE FROM customers WHERE business_id = ? AND user_id = ?"
    return db.execute(sql, business_id, user_id) > 0


def list_writing_to(db: Database, phone_number_id: str, limit: int) -> list[str]:
    """wa_ids of the people of that number's threads, newest thread first."""
    rows = db.rows(
        "SELECT wa_id, max(id) AS newest FROM messages WHERE phone_number_id = ?"
        " GROUP BY wa_id ORDER BY newest DESC LIMIT ?",
        phone_number_id,
        limit,
    )
    return [row["wa_id"] for row in rows]


def known_name(wa_id: str) -> str:
    known = (persona.name for persona in PERSONAS if persona.wa_id == wa_id)
    return next(known, f"Customer {wa_id[-4:]}")
