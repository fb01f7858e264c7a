"""The forms beside an account's figures: where its days begin, and how much it may send."""

from __future__ import annotations

from typing import Any, Self

from wtforms import StringField, ValidationError

from app.models import Account, QuotaWindow
from app.services import quotas
from app.web.page_forms import PageForm


class TimeZoneForm(PageForm):
    """Where the account's days begin."""

    time_zone = StringField("Time zone of its days")


class LimitField(StringField):  # type: ignore[misc]
    """A whole number, or nothing. Says in our words what is none."""

    @property
    def limit(self) -> int | None:
        text = self._digits()
        return int(text) if text else None

    def _digits(self) -> str:
        return "".join((self.data or "").replace(",", "").split())

    def pre_validate(self, _form: Any) -> None:
        text = self._digits()
        if text and not (text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= quotas.MOST):
            raise ValidationError(f"Give a whole number from 1 to {quotas.MOST:,}, or nothing for no limit.")


class LimitsForm(PageForm):
    """How many messages the account may queue, whoever sends."""

    messages_per_minute = LimitField("Messages a minute")
    messages_per_day = LimitField("Messages a day")
    messages_per_month = LimitField("Messages a month")

    @classmethod
    def of(cls, account: Account) -> Self:
        values = {name: getattr(account, name) for name in quotas.COLUMNS.values()}
        return cls(formdata=None, **{name: str(value or "") for name, value in values.items()})

    def limits(self) -> dict[QuotaWindow, int | None]:
        return {window: self[name].limit for window, name in quotas.COLUMNS.items()}
