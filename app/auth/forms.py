"""What people type at the door."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

_LONGEST_EMAIL = 254
_LONGEST_PASSWORD = 1000


class SignInForm(FlaskForm):  # type: ignore[misc]
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


class ChoosePasswordForm(FlaskForm):  # type: ignore[misc]
    """A password of one's own, typed twice."""

    new_password = PasswordField("New password", [InputRequired("Choose a password.")])
    repeated = PasswordField(
        "The same again",
        [
            InputRequired("Type the new password once more."),
            EqualTo("new_password", "The two passwords are not the same. Type both again."),
        ],
    )
