"""One account with everything that is its own: which accounts an app sees, and forgetting one of them."""

from ..database import Database

# table → column that names the account, the number, or any node of the account.
BY_WABA = (
    "phone_numbers",
    "message_templates",
    "media",
    "flows",
    "flow_runs",
    "deliveries",
    "subscribed_apps",
    "signup_codes",
)
BY_NUMBER = (
    "registrations", "messages", "windows", "blocked_users", "qr_codes", "requests", "typing",
)  # fmt: skip
# Parts of one portfolio may be shared by several accounts: they go with the last one.
BY_BUSINESS = ("customers", "reached")


def accounts_of_app(db: Database, app_id: str) -> tuple[str, ...]:
    """Ids of the accounts some token of the app was made for, newest last."""
    rows = db.rows(
        "SELECT DISTINCT json_each.value AS waba_id FROM tokens, json_each(tokens.target_ids)"
        " WHERE tokens.app_id = ?",
        app_id,
    )
    return tuple(row["waba_id"] for row in rows)


def forget(db: Database, waba_id: str) -> None:
    """Remove an account and all it holds; the worlds beside it stay as they are."""
    business_id = db.value("SELECT business_id FROM wabas WHERE id = ?", waba_id)
    with db.write():
        db.flush()
        nodes = _node_ids(db, waba_id)
        numbers = [row["id"] for row in db.rows("SELECT id FROM phone_numbers WHERE waba_id = ?", waba_id)]
        _forget_timers(db, waba_id, numbers)
        for table in BY_NUMBER:
            sql = f"DELETE FROM {table} WHERE phone_number_id = ?"  # noqa: S608 (names are literals)
            db.execute_many(sql, [(number,) for number in numbers])
        for table in ("node_settings", "node_events"):
            sql = f"DELETE FROM {table} WHERE node_id = ?"  # noqa: S608 (names are literals)
            db.execute_many(sql, [(node,) for node in nodes])
        for table in BY_WABA:
            db.execute(f"DELETE FROM {table} WHERE waba_id = ?", waba_id)  # noqa: S608 (names are literals)
        db.execute("DELETE FROM requests WHERE phone_number_id = ?", waba_id)
        for node in nodes:
            db.execute(
                "DELETE FROM faults WHERE json_extract(match, '$.waba_id') = ?1"
                " OR json_extract(match, '$.phone_number_id') = ?1",
                node,
            )
        db.execute("DELETE FROM wabas WHERE id = ?", waba_id)
        _forget_tokens(db, waba_id)
        _forget_portfolio(db, business_id)


def _node_ids(db: Database, waba_id: str) -> list[str]:
    """The account and every node in it that may carry settings."""
    tables = ("phone_numbers", "message_templates", "flows")
    found = [waba_id]
    for table in tables:
        sql = f"SELECT id FROM {table} WHERE waba_id = ?"  # noqa: S608 (names are literals)
        found += [row["id"] for row in db.rows(sql, waba_id)]
    return found


def _forget_timers(db: Database, waba_id: str, numbers: list[str]) -> None:
    for number in numbers:
        db.execute(
            "DELETE FROM timers WHERE json_extract(payload, '$.wamid') IN"
            " (SELECT wamid FROM messages WHERE phone_number_id = ?)",
            number,
        )
    db.execute(
        "DELETE FROM timers WHERE json_extract(payload, '$.id') IN"
        " (SELECT id FROM message_templates WHERE waba_id = ?)",
        waba_id,
    )


def _forget_tokens(db: Database, waba_id: str) -> None:
    """Tokens for this account alone go, and so do apps without any token left."""
    db.execute("DELETE FROM tokens WHERE json_array_length(target_ids) = 1 AND target_ids ->> 0 = ?", waba_id)
    orphans = "SELECT id FROM apps WHERE id NOT IN (SELECT app_id FROM tokens)"
    for table, column in (("app_subscriptions", "app_id"), ("uploads", "app_id"), ("apps", "id")):
        db.execute(f"DELETE FROM {table} WHERE {column} IN ({orphans})")  # noqa: S608 (names are literals)


def _forget_portfolio(db: Database, business_id: str | None) -> None:
    if business_id is None or db.value("SELECT count(*) FROM wabas WHERE business_id = ?", business_id):
        return
    for table in BY_BUSINESS:
        db.execute(f"DELETE FROM {table} WHERE business_id = ?", business_id)  # noqa: S608 (names are literals)
    db.execute("DELETE FROM businesses WHERE id = ?", business_id)
