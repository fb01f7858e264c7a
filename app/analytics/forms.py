"""Which days, which account, which number: a GET form, so that a view can be linked to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from wtforms import DateField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.models import Account, utcnow
from app.models.time_zones import latest_day
from app.web.page_forms import PageForm

RANGES = (7, 30, 90)
_DEFAULT_DAYS = 30
_MOST_DAYS = 366
_EARLIEST = date(2000, 1, 1)


class RangeForm(PageForm):
    """`days` is one of RANGES, or "" with `start` and `end`."""

    days = SelectField(
        "Period",
        choices=[
            *(SelectChoice(str(days), f"{days} days") for days in RANGES),
            SelectChoice("", "Other days"),
        ],
        default=str(_DEFAULT_DAYS),
    )
    start = DateField("From", validators=[Optional()])
    end = DateField("To", validators=[Optional()])
    place = SelectField("Account or number", choices=[SelectChoice("", "All numbers")], default="")

    def offer(self, accounts: Sequence[Account]) -> None:
        """Offer the accounts one may see, and their numbers."""
        self._accounts = list(accounts)
        choices = [SelectChoice("", "All numbers")]
        for account in accounts:
            choices.append(SelectChoice(f"account-{account.id}", account.name))
            choices += [
                SelectChoice(
                    f"number-{number.id}",
                    f"{number.verified_name or account.name}, {number.shown_number}",
                )
                for number in account.phone_numbers
            ]
        self.place.choices = choices

    @property
    def has_own_days(self) -> bool:
        """Days of one's own win over a period."""
        return bool(self.start.data or self.end.data or self.start.errors or self.end.errors)

    @property
    def place_choices(self) -> list[tuple[str, str]]:
        """(value, words), for the page's own select."""
        return [(value, label) for value, label, *_ in self.place.iter_choices()]

    def args(self, **changes: Any) -> dict[str, Any]:
        """The choice as an address carries it; what is empty is left out."""
        own = (
            {"start": self.start.data, "end": self.end.data}
            if self.has_own_days
            else {"days": self.days.data}
        )
        values = {"place": self.place.data, **own, **changes}
        return {name: str(value) for name, value in values.items() if value}

    def validate_start(self, field: Any) -> None:
        """A day ahead is still today somewhere on earth."""
        if field.data and not _EARLIEST <= field.data <= utcnow().date() + timedelta(days=1):
            raise ValidationError("Choose a day between the year 2000 and today.")

    def validate_end(self, field: Any) -> None:
        start, end = self.start.data, field.data
        if not end or self.start.errors:
            return
        if start is None:
            raise ValidationError("The first day is missing. Choose it too.")
        if start > end:
            raise ValidationError("The first day lies after the last. Swap them.")
        if (end - start).days >= _MOST_DAYS:
            raise ValidationError(f"Choose at most {_MOST_DAYS} days.")

    def chosen_zones(self) -> set[str]:
        """Of the accounts that are shown."""
        account, number = self.account_id, self.phone_number_id
        return {
            each.time_zone
            for each in self._accounts
            if (account is None or each.id == account)
            and (number is None or any(row.id == number for row in each.phone_numbers))
        }

    def today(self) -> date:
        """The latest day that it is in one of the accounts shown."""
        return latest_day(utcnow(), self.chosen_zones())

    @property
    def account_id(self) -> int | None:
        return self._id_of("account-")

    @property
    def phone_number_id(self) -> int | None:
        return self._id_of("number-")

    def _id_of(self, prefix: str) -> int | None:
        value = self.place.data or ""
        return int(value.removeprefix(prefix)) if value.startswith(prefix) else None


def chosen_range(form: RangeForm) -> tuple[date, date]:
    """The first and the last day. Days of one's own win over a period."""
    today = form.today()
    if form.start.data:
        start: date = form.start.data
        end: date = form.end.data or min(today, start + timedelta(days=_MOST_DAYS - 1))
        return start, max(start, min(end, today))
    days = int(form.days.data or _DEFAULT_DAYS)
    return today - timedelta(days=days - 1), today
