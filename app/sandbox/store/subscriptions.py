"""Who listens: apps subscribed to accounts, app-wide callbacks, overrides per account and number."""

from dataclasses import dataclass

from ..database import Database, Row, from_json, to_json

OBJECT = "whatsapp_business_account"


@dataclass(frozen=True)
class Listener:
    """One app that is to hear of an event; `url` None when it has no callback for it."""

    app_id: str
    url: str | None


def subscribe_app(db: Database, waba_id: str, app_id: str, override_callback_uri: str | None) -> None:
    """An override is replaced, also by None. Source: Meta docs, "Webhook overrides", read 2026-03."""
    db.execute(
        "INSERT OR REPLACE INTO subscribed_apps (waba_id, app_id, override_callback_uri) VALUES (?, ?, ?)",
        waba_id,
        app_id,
        override_callback_uri,
    )


def unsubscribe_app(db: Database, waba_id: str, app_id: str) -> None:
    db.execute("DELETE FROM subscribed_apps WHERE waba_id = ? AND app_id = ?", waba_id, app_id)


def list_apps_on(db: Database, waba_id: str) -> list[Row]:
    """Apps with `name` and their `override_callback_uri`."""
    return db.rows(
        "SELECT apps.id, apps.name, override_callback_uri FROM subscribed_apps"
        " JOIN apps ON apps.id = app_id WHERE waba_id = ? ORDER BY apps.created_at, apps.id",
        waba_id,
    )


def find_override(db: Database, waba_id: str, app_id: str) -> str | None:
    uri = db.value(
        "SELECT override_callback_uri FROM subscribed_apps WHERE waba_id = ? AND app_id = ?", waba_id, app_id
    )
    return uri or None


def save_app_callback(db: Database, app_id: str, object_: str, callback_url: str, fields: list[str]) -> None:
    db.execute(
        "INSERT OR REPLACE INTO app_subscriptions (app_id, object, callback_url, fields) VALUES (?, ?, ?, ?)",
        app_id,
        object_,
        callback_url,
        to_json(sorted(set(fields))),
    )


def list_app_callbacks(db: Database, app_id: str) -> list[Row]:
    rows = db.rows("SELECT * FROM app_subscriptions WHERE app_id = ? ORDER BY object", app_id)
    for row in rows:
        row["fields"] = from_json(row["fields"])
    return rows


def find_app_callback(db: Database, app_id: str) -> Row | None:
    callbacks = list_app_callbacks(db, app_id)
    return next((row for row in callbacks if row["object"] == OBJECT), None)


def delete_app_callback(db: Database, app_id: str, object_: str) -> None:
    db.execute("DELETE FROM app_subscriptions WHERE app_id = ? AND object = ?", app_id, object_)


def listeners(db: Database, waba_id: str, number: Row | None, field: str) -> list[Listener]:
    """Callback per subscribed app: number, then WABA, then app. Only `messages` follows an override.

    Source: Meta docs, "Webhook overrides" page, read 2026-03.
    """
    return [
        Listener(app["id"], _callback(app, find_app_callback(db, app["id"]), number, field))
        for app in list_apps_on(db, waba_id)
    ]


def _callback(app: Row, app_wide: Row | None, number: Row | None, field: str) -> str | None:
    if app_wide is not None and field not in app_wide["fields"]:
        return None
    fallback: str | None = app_wide["callback_url"] if app_wide else None
    if field != "messages":
        return fallback
    if number is not None and number["override_app_id"] == app["id"] and number["override_callback_uri"]:
        return str(number["override_callback_uri"])
    return app["override_callback_uri"] or fallback
