"""What several commands share: options, and how they say no."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from app.errors import DomainError
from app.models import Role
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts

Decorated = Callable[..., Any]


class Membership(click.ParamType[tuple[int, Role | None]]):
    """`3`, or `3:manager`: an account, and the role in it where it is another one."""

    name = "ID[:ROLE]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, Role | None]:
        account_id, colon, role = str(value).partition(":")
        try:
            return int(account_id), Role(role) if colon else None
        except ValueError:
            self.fail(f"{value} is not an account’s id, or an id and a role such as 3:manager.", param, ctx)


role_option = click.option(
    "--role", required=True, type=click.Choice([role.value for role in Role]), help="What they may do."
)
account_option = click.option(
    "--account",
    "account_ids",
    multiple=True,
    type=int,
    metavar="ID",
    help="An account it holds in; repeatable. Without one: every account there is now.",
)
membership_option = click.option(
    "--account",
    "memberships",
    multiple=True,
    type=Membership(),
    help="An account it holds in, with another role there if need be (3:manager); repeatable. "
    "Without one: every account there is now.",
)
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


@contextmanager
def saying_no() -> Iterator[None]:
    """A refusal is one line on standard error and exit code 1, not a trace."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(error.message) from None


def read_password(*, from_stdin: bool) -> str:
    """From standard input for scripts, else asked for twice without showing it."""
    if not from_stdin:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise click.ClickException("The password on standard input is not UTF-8 text.") from None
    return line.rstrip("\r\n")


def accounts_for(role: Role, given: Sequence[int]) -> list[int]:
    """The accounts named, or all of today's; says on standard output which."""
    if role is Role.OWNER:
        if given:
            click.echo("An owner sees every account, so --account changes nothing.")
        return []
    if given:
        return list(given)
    accounts = list_accounts(EVERYTHING)
    if not accounts:
        click.echo("There are no accounts yet, so there is nothing to see so far.")
        return []
    click.echo("Accounts: " + ", ".join(f"{account.id} ({account.name})" for account in accounts))
    return [account.id for account in accounts]
