"""`keys …`: the keys under which secrets are saved."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.services.secret_columns import Rotated, rotate_keys

_SHOWN_IDS = 20


@click.group()
def keys() -> None:
    """Encryption keys."""


@keys.command()
@with_appcontext
def rotate() -> None:
    """Encrypt every saved secret with the first key of WHATSAPP_ENCRYPTION_KEY.

    Put the new key first and keep the old one behind it, restart everything, run this, and then take the
    old key away. Works while the console is in use.
    """
    results = rotate_keys(lambda column, done: click.echo(f"{column}: {done}"))
    total = sum(result.rotated for result in results)
    click.echo(f"{total} secrets now have the first key.")
    lost = [result for result in results if result.unreadable]
    for result in lost:
        click.echo(_describe(result), err=True)
    if lost:
        raise click.ClickException(
            "Some secrets fit no key and were left as they are. Add the key they were saved with, "
            "or enter them again; keep the old keys until then."
        )


def _describe(result: Rotated) -> str:
    ids = ", ".join(str(row_id) for row_id in result.unreadable[:_SHOWN_IDS])
    more = " …" if len(result.unreadable) > _SHOWN_IDS else ""
    return f"{result.column}: no key opens the rows with the ids {ids}{more}"
