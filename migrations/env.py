"""Alembic's environment: the same migrations for SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.extensions import db
from app.models import Base


def _include_object(_object: object, name: str | None, type_: str, _reflected: bool, _other: object) -> bool:
    """SQLite's statistics are not ours to migrate; full-text indexes differ by database, and are written by
    hand (0004)."""
    is_own = (name or "").startswith("sqlite_") or "_fts" in (name or "")
    return not (type_ in {"table", "index"} and is_own)


_FROZEN_TYPES = {"UtcDateTime": "sa.DateTime(timezone=True)", "EncryptedSecret": "sa.Text()"}


def _render_item(type_: str, obj: object, _context: object) -> str | bool:
    """A migration must not change when our column types do: write the plain SQL type behind them."""
    return _FROZEN_TYPES.get(type(obj).__name__, False) if type_ == "type" else False


def run_migrations() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            compare_server_default=False,
            include_object=_include_object,
            render_item=_render_item,
            transaction_per_migration=True,
            **{
                key: value
                for key, value in current_app.extensions["migrate"].configure_args.items()
                if key not in {"render_as_batch", "compare_type"}
            },
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a live database only; --sql is not supported.")
run_migrations()
