"""`users …`: people from the command line, the first owner among them."""

from __future__ import annotations

from collections.abc import Sequence

import click
from flask.cli import with_appcontext

from app.cli.common import (
    accounts_for,
    membership_option,
    password_option,
    read_password,
    role_option,
    saying_no,
)
from app.models import Role
from app.queries.access import SYSTEM
from app.queries.people import count_users, find_user_by_email
from app.services import people, second_factor


@click.group()
def users() -> None:
    """People who sign in."""


@users.command()
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--name", default="", help="What others see.")
@role_option
@membership_option
@password_option
@click.option("--if-missing", is_flag=True, help="Leave somebody who is already here as they are.")
@click.option("--if-first", is_flag=True, help="Only while nobody is here yet.")
@with_appcontext
def create(
    *,
    email: str,
    name: str,
    role: str,
    memberships: Sequence[tuple[int, Role | None]],
    password_stdin: bool,
    if_missing: bool,
    if_first: bool,
) -> None:
    """Add a person."""
    if if_first and count_users() > 0:
        click.echo("There are people here already; nothing was changed.")
        return
    if if_missing and find_user_by_email(email) is not None:
        click.echo(f"{email} is already here; nothing was changed.")
        return
    with saying_no():
        user = people.create_user(
            email=email,
            name=name,
            role=Role(role),
            password=read_password(from_stdin=password_stdin),
            account_ids=accounts_for(Role(role), [id_ for id_, _ in memberships]),
            other_roles={id_: other for id_, other in memberships if other},
        )
    click.echo(f"Added {user.email} as {user.role.value}.")


@users.command()
@click.option("--email", required=True, help="Whose password.")
@password_option
@with_appcontext
def set_password(*, email: str, password_stdin: bool) -> None:
    """Give a person another password and sign them out everywhere. For an owner who forgot theirs."""
    user = find_user_by_email(email)
    if user is None:
        raise click.ClickException(f"There is nobody with the email address {email}.")
    with saying_no():
        new = read_password(from_stdin=password_stdin)
        people.choose_password(user=user, new=new, keep_session_id=None, actor=SYSTEM)
    click.echo(f"{user.email} has a new password.")


@users.command()
@click.option("--email", required=True, help="Whose second factor.")
@with_appcontext
def reset_second_factor(*, email: str) -> None:
    """Let a person in with their password alone, without second factor and passkeys."""
    user = find_user_by_email(email)
    if user is None:
        raise click.ClickException(f"There is nobody with the email address {email}.")
    second_factor.reset(user=user, actor=SYSTEM)
    click.echo(f"{user.email} signs in with the password alone.")
