"""The forms of the steps. Labels, limits and rules come from the table the JSON API uses too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    Form,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app.services.account_fields import FIELDS, LINES_OF_BUSINESS
from app.web.page_forms import PageForm


def _field(name: str, kind: type[Field] = StringField, **more: Any) -> Any:
    """A field with the table's label and limit; the service behind the form keeps the rules."""
    rule = FIELDS[name]
    attributes = {"autocomplete": "off", **more.pop("render_kw", {})}
    validators: list[Any] = [] if rule.is_required else [Optional()]
    if rule.max_length and not rule.is_secret:
        validators.append(Limit(rule.max_length))
    return kind(rule.label, validators, render_kw=attributes, **more)


class Limit:
    """Tells browser and counter how long a text may be. Refusing is the service's part."""

    def __init__(self, max_length: int) -> None:
        self.field_flags = {"maxlength": max_length}

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing to do: these forms are not validated, their service is."""


_DIGITS = {"inputmode": "numeric", "spellcheck": "false"}


class StepForm(PageForm):
    """What all steps share: `values` goes to the service as it was typed."""

    class Meta:
        # CSRFProtect has looked at the token of every POST before a view runs.
        csrf = False

    @property
    def values(self) -> dict[str, Any]:
        """By the names of the table; None where nothing was sent."""
        return {name: field.data for name, field in self._fields.items()}

    @classmethod
    def showing(cls, values: Mapping[str, Any]) -> StepForm:
        """The form with what is stored; names it does not have are left out."""
        return cls(formdata=None, data=dict(values))


class BusinessAccountForm(StepForm):
    """Step 1."""

    name = _field("name")
    waba_id = _field("waba_id", render_kw=_DIGITS)
    app_id = _field("app_id", render_kw=_DIGITS)
    app_secret = _field("app_secret", PasswordField)
    meta_business_account_id = _field("meta_business_account_id", render_kw=_DIGITS)


class PhoneNumberForm(StepForm):
    """Step 2."""

    phone_number_id = _field("phone_number_id", render_kw=_DIGITS)
    phone_number = _field("phone_number", render_kw={"type": "tel"})
    display_number = _field("display_number", render_kw={"type": "tel"})


class AccessTokensForm(StepForm):
    """Step 3."""

    access_token = _field("access_token", PasswordField)
    webhook_verify_token = _field("webhook_verify_token", render_kw={"spellcheck": "false"})


_SITE = {"autocomplete": "off", "placeholder": "https://"}
_CHOICES = [SelectChoice("", "Not said"), *(SelectChoice(*pair) for pair in LINES_OF_BUSINESS.items())]


class BusinessProfileForm(StepForm):
    """Step 4. Two boxes make the one list of websites."""

    business_name = _field("business_name")
    business_about = _field("business_about")
    business_description = _field("business_description", TextAreaField, render_kw={"rows": 3})
    business_vertical = _field("business_vertical", SelectField, choices=_CHOICES)
    business_email = _field("business_email", render_kw={"type": "email"})
    business_address = _field("business_address")
    business_websites = URLField("Website", [Optional(), Limit(256)], render_kw=_SITE)
    second_website = URLField("Second website", [Optional(), Limit(256)], render_kw=_SITE)

    @property
    def values(self) -> dict[str, Any]:
        values = super().values
        values["business_websites"] = [values["business_websites"] or "", values.pop("second_website") or ""]
        return values

    @classmethod
    def showing(cls, values: Mapping[str, Any]) -> StepForm:
        first, second = [*(values.get("business_websites") or []), "", ""][:2]
        return super().showing({**values, "business_websites": first, "second_website": second})


class BotForm(StepForm):
    """Step 5."""

    auto_reply_enabled = _field("auto_reply_enabled", BooleanField)
    greeting_message = _field("greeting_message", TextAreaField, render_kw={"rows": 2})
    fallback_message = _field("fallback_message", TextAreaField, render_kw={"rows": 2})
    knowledge_base = _field("knowledge_base", TextAreaField, render_kw={"rows": 9})
