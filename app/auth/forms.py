"""What people type at the door."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.web.page_forms import PageForm

_LONGEST_EMAIL = 254
_LONGEST_PASSWORD = 1000


class SignInForm(PageForm):
    """Name and password."""

    email = EmailField(
        "Email",
        [InputRequired("Enter your email address."), Length(max=_LONGEST_EMAIL, message="This is too long.")],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        "Password",
        [
            InputRequired("Enter your password."),
            Length(max=_LONGEST_PASSWORD, message="This is longer than any password here."),
        ],
    )
    is_remembered = BooleanField("Keep me signed in on this computer for 12 hours")


class ChoosePasswordForm(PageForm):
    """A password of one's own, typed twice."""

    new_password = PasswordField("New password", [InputRequired("Choose a password.")])
    repeated = PasswordField(
        "The same again",
        [
            InputRequired("Type the new password once more."),
            EqualTo("new_password", "The two passwords are not the same. Type both again."),
        ],
    )


class InvitationForm(ChoosePasswordForm):
    """Who somebody is, and a password of their own."""

    name = StringField(
        "Your name",
        [Length(max=100, message="Use at most 100 characters.")],
        render_kw={"autocomplete": "name", "autofocus": True},
    )


class CodeForm(PageForm):
    """A code of the authenticator app, or a recovery code."""

    code = StringField(
        "Code",
        [InputRequired("Type the code."), Length(max=50, message="This is longer than any code.")],
        render_kw={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"},
    )
