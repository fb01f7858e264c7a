"""What the operator of the sandbox may turn: delays, reading, limits, speed. Kept in the database."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from .database import Database, from_json, to_json

DAY_S = 86_400.0
TOP_SPEED = 1000.0


class InvalidSetting(ValueError):
    """Unknown name, wrong kind of value, or out of range; the text says which."""


@dataclass(frozen=True)
class Settings:
    """Delays are seconds after the send (review: after the submission) and are divided by `speed`.

    `batch_updates`: so many webhooks may share a POST. `webhook_version`: before 24 statuses name
    conversations. `contacts_with_failed`: see webhooks/statuses.py.
    """

    sent_delay_s: float = 0.3
    delivered_delay_s: float = 0.8
    read_delay_s: float = 2.0
    review_delay_s: float = 3.0
    reads_messages: bool = True
    contacts_with_failed: bool = True
    pair_limit: bool = False
    messaging_limit: bool = False
    holds_us_marketing: bool = False
    throughput_per_second: int = 80
    high_throughput_per_second: int = 1000
    app_throughput_per_second: int = 20
    management_calls_per_hour: int = 5000
    app_calls_per_hour: int = 1_000_000
    edge_calls_per_hour: int = 0
    message_template_creations_per_hour: int = 100
    message_template_limit: int = 6000
    block_list_limit: int = 64_000
    speed: float = 1.0
    batch_updates: int = 1
    webhook_version: int = 26
    media_url_life_s: float = 300.0

    def after(self, seconds: float) -> float:
        """Real seconds to wait for a delay of the settings."""
        return seconds / self.speed


# Limits that 0 switches off.
MAY_BE_OFF = frozenset({"edge_calls_per_hour"})
NAMES = frozenset(field.name for field in fields(Settings))


def load(db: Database) -> Settings:
    settings: Settings = db.remembered("settings", lambda: _read(db))
    return settings


def forget(db: Database) -> None:
    """To be called in the transaction that changes the table."""
    db.forget("settings")


def _read(db: Database) -> Settings:
    stored = {row["key"]: from_json(row["value"]) for row in db.rows("SELECT key, value FROM settings")}
    return Settings(**{name: value for name, value in stored.items() if name in NAMES})


def change(db: Database, changes: dict[str, Any]) -> Settings:
    """Check and keep the given settings; answers all of them. Raises InvalidSetting."""
    clean = {name: _checked(name, value) for name, value in changes.items()}
    with db.write():
        for name, value in clean.items():
            db.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", name, to_json(value))
        forget(db)
    return replace(load(db), **clean)


def set_default(db: Database, name: str, value: Any) -> None:
    """Set only if nothing is kept yet, so that a restart does not undo what the operator chose."""
    with db.write():
        sql = "INSERT OR IGNORE INTO settings (key, value) VALUES (?, ?)"
        db.execute(sql, name, to_json(_checked(name, value)))
        forget(db)


def as_dict(settings: Settings) -> dict[str, Any]:
    return asdict(settings)


def _checked(name: str, value: Any) -> Any:
    if name not in NAMES:
        raise InvalidSetting(f"There is no setting '{name}'. Known settings: {', '.join(sorted(NAMES))}.")
    wanted = type(getattr(Settings(), name))
    if wanted is bool:
        return _checked_flag(name, value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidSetting(f"'{name}' must be a number.")
    return _checked_number(name, wanted(value))


def _checked_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidSetting(f"'{name}' must be true or false.")
    return value


def _checked_number(name: str, value: Any) -> Any:
    if name == "speed" and not 0.01 <= value <= TOP_SPEED:
        raise InvalidSetting(f"'speed' must be between 0.01 and {TOP_SPEED:.0f}; 2 means twice as fast.")
    if name.endswith("throughput_per_second") and not 1 <= value <= 100_000:
        raise InvalidSetting(f"'{name}' must be between 1 and 100000.")
    if name in MAY_BE_OFF and value == 0:
        return value
    if name.endswith(("_per_hour", "_limit")) and not 1 <= value <= 1_000_000:
        raise InvalidSetting(f"'{name}' must be between 1 and 1000000.")
    if name == "batch_updates" and not 1 <= value <= 1000:
        raise InvalidSetting("'batch_updates' must be between 1 and 1000; 1 means no batches.")
    if name == "webhook_version" and not 16 <= value <= 26:
        raise InvalidSetting("'webhook_version' must be between 16 and 26, a version of Graph.")
    if name.endswith("_s") and not 0 <= value <= DAY_S:
        raise InvalidSetting(f"'{name}' must be between 0 and {DAY_S:.0f} seconds.")
    return value
