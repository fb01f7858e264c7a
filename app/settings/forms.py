"""Forms of the settings pages."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import EqualTo, InputRequired, Length

from app.models import Account, Role, SecondFactorFor
from app.models.time_zones import zones
from app.web.page_forms import Boxes, PageForm

ROLES = (
    SelectChoice(Role.OWNER.value, "Owner: everything, in all accounts"),
    SelectChoice(Role.MANAGER.value, "Manager: all of the chosen accounts but people and keys"),
    SelectChoice(Role.AGENT.value, "Agent: answers customers of the chosen accounts"),
    SelectChoice(Role.VIEWER.value, "Viewer: reads figures and lists of the chosen accounts"),
)
SECOND_FACTOR_FOR = (
    SelectChoice(SecondFactorFor.NOBODY.value, "Nobody"),
    SelectChoice(SecondFactorFor.OWNERS.value, "Owners"),
    SelectChoice(SecondFactorFor.MANAGERS.value, "Owners and managers"),
    SelectChoice(SecondFactorFor.EVERYBODY.value, "Everybody"),
)
EXPIRIES = (
    SelectChoice(30, "In 30 days"),
    SelectChoice(90, "In 90 days"),
    SelectChoice(365, "In a year"),
    SelectChoice(0, "Never"),
)
_LONGEST_NAME = 100
_TOO_LONG = f"Use at most {_LONGEST_NAME} characters."


class ProfileForm(PageForm):
    """What others see of one."""

    name = StringField(
        "Name", [Length(max=_LONGEST_NAME, message=_TOO_LONG)], render_kw={"autocomplete": "name"}
    )
    time_zone = SelectField(
        "Time zone",
        choices=[SelectChoice("", "The console’s own"), *(SelectChoice(name, name) for name in zones())],
        default="",
    )


class PasswordForm(PageForm):
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


class CodeForm(PageForm):
    """What the authenticator app shows."""

    code = StringField(
        "Code",
        [InputRequired("Type the six digits that the app shows."), Length(max=20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class OwnPasswordForm(PageForm):
    """The password once more, before something that weakens the account."""

    password = PasswordField("Your password", [InputRequired("Type your password.")])


class SecondFactorForForm(PageForm):
    """From which role on a second factor is required."""

    second_factor_for = SelectField(
        "Required of", [InputRequired("Choose of whom it is required.")], choices=SECOND_FACTOR_FOR
    )


class PasskeyForm(OwnPasswordForm):
    """A new passkey; `credential` is what the browser made."""

    name = StringField("Name", [InputRequired("Name it after the device."), Length(max=60)])
    credential = HiddenField()


class RightsForm(PageForm):
    """A role, and where it holds."""

    role = RadioField("Role", [InputRequired("Choose a role.")], choices=ROLES)
    account_ids = Boxes("Accounts", coerce=int)

    def offer(self, accounts: list[Account]) -> None:
        """The accounts that can be ticked."""
        self.account_ids.choices = [SelectChoice(account.id, account.name) for account in accounts]

    @property
    def chosen_role(self) -> Role:
        return Role(self.role.data)

    @property
    def chosen_accounts(self) -> list[int]:
        return list(self.account_ids.data or [])


class PersonRightsForm(RightsForm):
    """A person's role, and where it or another one holds."""

    _stored: Mapping[int, str] = {}
    IN_ACCOUNT = (Role.MANAGER, Role.AGENT, Role.VIEWER)

    def other_role(self, account_id: int) -> str:
        """The role chosen for one account; empty for the one that holds everywhere."""
        if request.method == "POST":
            return request.form.get(f"role_in_{account_id}", "")
        return self._stored.get(account_id, "")

    def showing(self, stored: Mapping[int, str]) -> PersonRightsForm:
        """The other roles somebody has now, by account id."""
        self._stored = stored
        return self

    def validate_account_ids(self, field: Boxes) -> None:
        known = {"", *(role.value for role in self.IN_ACCOUNT)}
        if any(self.other_role(account_id) not in known for account_id in field.data or []):
            raise ValidationError("Choose manager, agent or viewer for each account.")

    @property
    def other_roles(self) -> dict[int, Role]:
        """By account id, where it is not the role that holds everywhere."""
        return {id_: Role(other) for id_ in self.chosen_accounts if (other := self.other_role(id_))}


class PersonForm(PersonRightsForm):
    """A new person."""

    email = EmailField("Email", [InputRequired("Enter the person's email address.")])
    name = StringField("Name", [Length(max=_LONGEST_NAME, message=_TOO_LONG)])


class ApiKeyForm(RightsForm):
    """A new API key."""

    name = StringField(
        "Name", [InputRequired("Name the key after the system that will use it."), Length(max=_LONGEST_NAME)]
    )
    expires_in = SelectField("Expires", coerce=int, choices=EXPIRIES, default=365)

    def validate_account_ids(self, field: Boxes) -> None:
        """A key for no account would open nothing; people may get their accounts later."""
        if self.role.data in {Role.AGENT.value, Role.VIEWER.value} and field.choices and not field.data:
            raise ValidationError("Choose at least one account. A key of this role opens only those.")
