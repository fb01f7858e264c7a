"""`backup` and `restore`: everything in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.common import saying_no
from app.services.backup import PutBack, Taken, put_back, take


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(file: Path) -> None:
    """Write everything into FILE: rows, media files, settings. Works while the console is in use.

    Secrets stay encrypted, and the key is not in it: keep WHATSAPP_ENCRYPTION_KEY apart from it.
    """
    if file.exists():
        raise click.ClickException(f"{file} is there already. Name a new file.")
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"The folder {file.absolute().parent} is not there.")
    with saying_no():
        try:
            taken = take(file, current_app.config["SETTINGS"], _say_quietly)
        except OSError as error:
            raise click.ClickException(f"{file} could not be written: {error.strerror or error}") from None
    _tell_taken(file, taken)


def _tell_taken(file: Path, taken: Taken) -> None:
    size = f"{taken.size_bytes / 1_000_000:.1f} MB"
    click.echo(f"{file}: {taken.rows} rows and {taken.media} media files, {size}.")
    if taken.media_missing:
        click.echo(f"{taken.media_missing} media files could not be read; their messages say so.", err=True)
    if taken.elsewhere:
        click.echo(f"{taken.elsewhere} media files lie in the bucket and are not in it: back it up, too.")
    click.echo("It holds messages and telephone numbers of customers: keep it as safe as the console itself.")
    click.echo("Its secrets are of use only with WHATSAPP_ENCRYPTION_KEY, which is not in it.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--without-key",
    "any_key",
    is_flag=True,
    help="Also when no key opens the secrets; they are to be entered again.",
)
@with_appcontext
def restore(file: Path, *, any_key: bool) -> None:
    """Fill an empty database from FILE. Start web and worker afterwards.

    SQLite or PostgreSQL, whichever the backup came from. Nothing that waited in it is sent by itself.
    """
    with saying_no():
        result = put_back(file, current_app.config["SETTINGS"], _say_quietly, any_key=any_key)
    _tell_put_back(result)


def _tell_put_back(result: PutBack) -> None:
    click.echo(f"Restored as of {result.taken_at}: {result.rows} rows and {result.media} media files.")
    if result.held:
        click.echo(
            f"{result.held} messages waited to be sent. They are “not confirmed” now and are not sent unless "
            "somebody sends them again: the first console may have sent them since."
        )
    if result.parked:
        click.echo(f"{result.parked} webhook events waited; process them again on /webhook-events/.")
    if result.elsewhere:
        click.echo(f"{result.elsewhere} media files lie in the bucket: set the same S3_… settings.")
    for name, value in result.differing.items():
        click.echo(f"{name} was {value} there, and is not here.")
    click.echo(
        "Stop the first console before you start this one. Everybody signs in again; press “Check now” on "
        "each account."
    )


def _say_quietly(line: str) -> None:
    """Progress goes beside the result."""
    click.echo(line, err=True)
