"""Forms of the settings pages."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    EmailField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import EqualTo, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.models import Account, Role

ROLES = (
    SelectChoice(Role.OWNER.value, "Owner: everything, in all accounts"),
    SelectChoice(Role.MANAGER.value, "Manager: all of the chosen accounts but people and keys"),
    SelectChoice(Role.AGENT.value, "Agent: answers customers of the chosen accounts"),
    SelectChoice(Role.VIEWER.value, "Viewer: reads figures and lists of the chosen accounts"),
)
EXPIRIES = (
    SelectChoice(30, "In 30 days"),
    SelectChoice(90, "In 90 days"),
    SelectChoice(365, "In a year"),
    SelectChoice(0, "Never"),
)
_LONGEST_NAME = 100
_TOO_LONG = f"Use at most {_LONGEST_NAME} characters."


class AccountBoxes(SelectMultipleField):  # type: ignore[misc]
    """Accounts to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ProfileForm(FlaskForm):  # type: ignore[misc]
    """What others see of one."""

    name = StringField(
        "Name", [Length(max=_LONGEST_NAME, message=_TOO_LONG)], render_kw={"autocomplete": "name"}
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """One's own password, changed with the old one at hand."""

    current_password = PasswordField("Current password", [InputRequired("Enter your current password.")])
    new_password = PasswordField("New password", [InputRequired("Choose a new password.")])
    repeated = PasswordField(
        "The same again",
        [
            InputRequired("Type the new password once more."),
            EqualTo("new_password", "The two passwords are not the same. Type both again."),
        ],
    )


class RightsForm(FlaskForm):  # type: ignore[misc]
    """A role, and where it holds."""

    role = RadioField("Role", [InputRequired("Choose a role.")], choices=ROLES)
    account_ids = AccountBoxes("Accounts", coerce=int)

    def offer(self, accounts: list[Account]) -> None:
        """The accounts that can be ticked."""
        self.account_ids.choices = [SelectChoice(account.id, account.name) for account in accounts]

    @property
    def chosen_role(self) -> Role:
        return Role(self.role.data)

    @property
    def chosen_accounts(self) -> list[int]:
        return list(self.account_ids.data or [])


class PersonForm(RightsForm):
    """A new person."""

    email = EmailField("Email", [InputRequired("Enter the person's email address.")])
    name = StringField("Name", [Length(max=_LONGEST_NAME, message=_TOO_LONG)])


class ApiKeyForm(RightsForm):
    """A new API key."""

    name = StringField(
        "Name", [InputRequired("Name the key after the system that will use it."), Length(max=_LONGEST_NAME)]
    )
    expires_in = SelectField("Expires", coerce=int, choices=EXPIRIES, default=365)

    def validate_account_ids(self, field: AccountBoxes) -> None:
        """A key for no account would open nothing; people may get their accounts later."""
        if self.role.data in {Role.AGENT.value, Role.VIEWER.value} and field.choices and not field.data:
            raise ValidationError("Choose at least one account. A key of this role opens only those.")
