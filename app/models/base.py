"""The declarative base: naming of constraints and the column types every table uses."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from app import failpoints
from app.crypto import Secret, current_cipher

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utcnow() -> datetime:
    """Now, aware, in UTC. The one clock of the application."""
    return datetime.now(UTC) + failpoints.CLOCK_OFFSET


def hour_of(at: datetime) -> datetime:
    """The first moment of its hour."""
    return at.replace(minute=0, second=0, microsecond=0)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out, on SQLite too (which gives naive times back)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedSecret(TypeDecorator[Secret]):
    """A Secret kept as a Fernet token. A token no key fits reads as None: "enter it again"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Secret | None, dialect: Dialect) -> str | None:
        return None if value is None else current_cipher.get().encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Secret | None:
        return None if value is None else current_cipher.get().decrypt(value)


JsonType = JSON().with_variant(JSONB(), "postgresql")
# SQLite only counts INTEGER primary keys up by itself; PostgreSQL gets 64 bits.
BigId = BigInteger().with_variant(Integer(), "sqlite")


def enum_type(enum: type[StrEnum]) -> Enum:
    """An enum kept as its value in a plain text column: adding a member needs no migration."""
    return Enum(
        enum,
        native_enum=False,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class Base(DeclarativeBase):
    """Plain typed base, given to Flask-SQLAlchemy: models need no extension to be imported."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime(),
            dict[str, Any]: JsonType,
            list[Any]: JsonType,
            list[str]: JsonType,
            Secret: EncryptedSecret(),
            str: String(),
        },
    )


class Timestamps:
    """When a row came into being and when it last changed."""

    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
