"""What is typed about a Flow: name, purpose, data endpoint, and its JSON by hand or as a file."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from app.models import Account, Flow
from app.services.flow_texts import version_of
from app.services.flows import CATEGORIES
from app.web.page_forms import PageForm

CATEGORY_WORDS = {
    "SIGN_UP": "Sign up",
    "SIGN_IN": "Sign in",
    "APPOINTMENT_BOOKING": "Appointment",
    "LEAD_GENERATION": "New customers",
    "CONTACT_US": "Contact",
    "CUSTOMER_SUPPORT": "Support",
    "SURVEY": "Survey",
    "SHOPPING": "Shopping",
    "OTHER": "Something else",
}
_LONGEST_NAME = 200
_LONGEST_ADDRESS = 2_000


class EditorForm(PageForm):
    """The text may be unfinished: whatever is typed is kept."""

    account = SelectField("Account", coerce=int)
    name = StringField(
        "Name",
        [
            DataRequired("Give it a name. Customers do not see it."),
            Length(max=_LONGEST_NAME, message=f"This is too long. {_LONGEST_NAME} characters are allowed."),
        ],
        render_kw={"autocomplete": "off", "dir": "auto"},
    )
    categories = SelectMultipleField(
        "Purpose",
        [DataRequired("Choose at least one.")],
        choices=[SelectChoice(word, CATEGORY_WORDS[word]) for word in CATEGORIES],
    )
    endpoint_uri = StringField(
        "Data endpoint",
        [Optional(), Length(max=_LONGEST_ADDRESS, message="This is too long for an address.")],
        render_kw={"placeholder": "https://", "inputmode": "url", "autocomplete": "off"},
    )
    flow_json = TextAreaField(
        "Flow JSON",
        render_kw={
            "rows": 24,
            "wrap": "off",
            "spellcheck": "false",
            "autocomplete": "off",
            "autocapitalize": "off",
        },
    )
    file = FileField("Or take it from a file")
    begun_from = HiddenField()

    def text(self) -> str:
        """The file, if one was chosen; else what is in the editor. Browsers write line ends in two signs."""
        file = self.file.data
        typed: str = self.flow_json.data or ""
        if isinstance(file, FileStorage) and file.filename:
            typed = file.stream.read().decode("utf-8", "replace").removeprefix("\ufeff")
        return typed.replace("\r\n", "\n").replace("\0", "\ufffd")

    def facts(self) -> dict[str, Any]:
        return {
            "name": (self.name.data or "").strip(),
            "categories": list(self.categories.data or []),
            "endpoint_uri": (self.endpoint_uri.data or "").strip(),
        }

    def begin_anew(self, text: str) -> None:
        """What is shown now was begun from what stands here now."""
        self.flow_json.data = text
        self.begun_from.data = version_of(text)


def editor_form(accounts: list[Account], flow: Flow | None = None) -> EditorForm:
    """`flow`: what it begins with; what is posted goes before."""
    given: dict[str, Any] = {}
    if flow is not None:
        given = {
            "account": flow.account_id,
            "name": flow.name,
            "categories": flow.categories,
            "endpoint_uri": flow.endpoint_uri,
            "flow_json": flow.flow_json,
            "begun_from": version_of(flow.flow_json),
        }
    form = EditorForm(data=given)
    form.account.choices = [SelectChoice(account.id, account.name) for account in accounts]
    return form
