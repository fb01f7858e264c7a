"""`api-keys …`: keys for the JSON API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click
from flask.cli import with_appcontext

from app.cli.common import account_option, accounts_for, role_option, saying_no
from app.models import Role, utcnow
from app.services.api_keys import create_api_key


@click.group()
def api_keys() -> None:
    """Keys for the JSON API."""


@api_keys.command()
@click.option("--name", required=True, help="The system that will use it.")
@role_option
@account_option
@click.option(
    "--expires-days", type=click.IntRange(1, 3650), help="Days until it opens nothing. Default: never."
)
@with_appcontext
def create(*, name: str, role: str, account_ids: Sequence[int], expires_days: int | None) -> None:
    """Make a key. It is printed once, alone on the last line of standard output."""
    with saying_no():
        api_key, text = create_api_key(
            name=name,
            role=Role(role),
            account_ids=accounts_for(Role(role), account_ids),
            expires_at=utcnow() + timedelta(days=expires_days) if expires_days else None,
        )
    until = f"until {api_key.expires_at:%d %b %Y}" if api_key.expires_at else "until it is revoked"
    click.echo(f"API key “{api_key.name}” ({api_key.role.value}), good {until}. It cannot be shown again:")
    click.echo(text.reveal())
