"""Places and people that an agent sends: their forms, and Meta's objects made of them.

Source of the objects: Meta docs, "Location messages" and "Contacts messages" pages, read 2026-09.
"""

from __future__ import annotations

import re
from typing import Any

from wtforms import BooleanField, Form, FormField, HiddenField, StringField, ValidationError
from wtforms.fields import FieldList
from wtforms.validators import Length, Optional

from app.console.forms import SendForm

MOST_PEOPLE = 5
_LATITUDE, _LONGITUDE = 90, 180
_BOTH = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*", re.ASCII)
_NUMBER = re.compile(r"\+?[0-9 ().\-/]{5,40}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _limit(most: int) -> Length:
    return Length(max=most, message=f"This is too long. It has up to {most:,} characters.")


class KeepsText(SendForm):
    """What was typed into the message stays with it until the agent comes back to it."""

    body = HiddenField()


def _degrees(text: str, most: int) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if -most <= value <= most else None


class LocationForm(KeepsText):
    """A place. A pair such as "51.5034, -0.1276", as maps copy it, may stand in the first field."""

    latitude = StringField("Latitude", render_kw={"inputmode": "text", "placeholder": "51.5034"})
    longitude = StringField("Longitude", render_kw={"inputmode": "text", "placeholder": "-0.1276"})
    name = StringField("Name of the place", [Optional(), _limit(1000)])
    address = StringField("Address", [Optional(), _limit(1000)])

    def validate(self, extra_validators: Any = None) -> bool:
        pair = _BOTH.fullmatch(self.latitude.data or "")
        if pair and not (self.longitude.data or "").strip():
            self.latitude.data, self.longitude.data = pair[1], pair[2]
        return bool(super().validate(extra_validators))

    def validate_latitude(self, field: StringField) -> None:
        self._check(field, _LATITUDE, "51.5034")

    def validate_longitude(self, field: StringField) -> None:
        self._check(field, _LONGITUDE, "-0.1276")

    @staticmethod
    def _check(field: StringField, most: int, example: str) -> None:
        if _degrees(field.data or "", most) is None:
            raise ValidationError(f"Degrees from -{most} to {most}, such as {example}.")

    def content(self) -> dict[str, Any]:
        place: dict[str, Any] = {
            "latitude": _degrees(self.latitude.data, _LATITUDE),
            "longitude": _degrees(self.longitude.data, _LONGITUDE),
        }
        words = {key: (self[key].data or "").strip() for key in ("name", "address")}
        return place | {key: value for key, value in words.items() if value}


class PersonForm(Form):  # type: ignore[misc]
    """One contact card; all empty, it is none. No field is Optional(): that would skip the checks below."""

    first_name = StringField("First name", [_limit(200)])
    last_name = StringField("Last name", [_limit(200)])
    company = StringField("Organisation", [_limit(200)])
    phone = StringField("Phone number", [_limit(40)], render_kw={"inputmode": "tel"})
    second_phone = StringField("Second number", [_limit(40)], render_kw={"inputmode": "tel"})
    email = StringField("E-mail", [_limit(320)], render_kw={"inputmode": "email"})
    has_whatsapp = BooleanField("The first number is on WhatsApp")

    def _given(self, name: str) -> str:
        return (self[name].data or "").strip()

    @property
    def is_empty(self) -> bool:
        return not any(self._given(name) for name in _PARTS)

    def validate_first_name(self, field: StringField) -> None:
        if not self.is_empty and not any(self._given(name) for name in _NAMES):
            raise ValidationError("Give a name or an organisation.")

    def validate_phone(self, field: StringField) -> None:
        if not self.is_empty and not any(self._given(name) for name in _WAYS):
            raise ValidationError("Give a number or an e-mail address, so that the card is of use.")
        self._check_number(field)
        if self.has_whatsapp.data and not self._given("phone").startswith("+"):
            raise ValidationError("Begin the number with + and the country code, so that WhatsApp finds it.")

    def validate_second_phone(self, field: StringField) -> None:
        self._check_number(field)

    def validate_email(self, field: StringField) -> None:
        if field.data and not _EMAIL.fullmatch(field.data.strip()):
            raise ValidationError("This is no e-mail address.")

    @staticmethod
    def _check_number(field: StringField) -> None:
        if field.data and not _NUMBER.fullmatch(field.data.strip()):
            raise ValidationError("This is no phone number. Write it with digits, such as +44 7700 900123.")

    def card(self) -> dict[str, Any]:
        first, last, company = (self._given(name) for name in _NAMES)
        names = {"first_name": first or ("" if last else company), "last_name": last}
        card: dict[str, Any] = {
            "name": {
                "formatted_name": " ".join(filter(None, (first, last))) or company,
                **{key: value for key, value in names.items() if value},
            }
        }
        if phones := [self._phone(name) for name in ("phone", "second_phone") if self._given(name)]:
            card["phones"] = phones
        if email := self._given("email"):
            card["emails"] = [{"email": email, "type": "WORK"}]
        return card | ({"org": {"company": company}} if company else {})

    def _phone(self, name: str) -> dict[str, str]:
        """With a WhatsApp id the customer can write at once; without one WhatsApp offers to invite."""
        number = self._given(name)
        phone = {"phone": number, "type": "WORK"}
        if name == "phone" and self.has_whatsapp.data:
            phone["wa_id"] = re.sub(r"\D", "", number)
        return phone


_NAMES = ("first_name", "last_name", "company")
_WAYS = ("phone", "second_phone", "email")
_PARTS = (*_NAMES, *_WAYS)


class ContactsForm(KeepsText):
    """One to five contact cards."""

    people = FieldList(FormField(PersonForm), min_entries=MOST_PEOPLE, max_entries=MOST_PEOPLE)

    def validate_people(self, _field: FieldList) -> None:
        if not self.filled:
            raise ValidationError("Fill in at least one card.")

    @property
    def filled(self) -> list[PersonForm]:
        return [entry.form for entry in self.people if not entry.form.is_empty]

    def content(self) -> dict[str, Any]:
        return {"contacts": [person.card() for person in self.filled]}
