"""How much of a limit is used: by an account that sends, by a key that calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, enum_type
from app.models.enums import QuotaWindow


class AccountQuota(Base):
    """Messages that an account has queued in the window that runs, or in the last one that did. A row per
    kind of window, and only where a limit is set."""

    __tablename__ = "account_quotas"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"), primary_key=True
    )
    window: Mapped[QuotaWindow] = mapped_column(enum_type(QuotaWindow), primary_key=True)
    starts_at: Mapped[datetime]
    used: Mapped[int]


class ApiKeyCalls(Base):
    """Calls of a key in one minute, on PostgreSQL, where several web processes count together."""

    __tablename__ = "api_key_calls"

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True)
    minute_at: Mapped[datetime]
    calls: Mapped[int]
