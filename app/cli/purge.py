"""`purge`: let go of old data now, by kind, instead of at the next hourly clean-up."""

from __future__ import annotations

from collections.abc import Sequence

import click
from flask import current_app
from flask.cli import with_appcontext

from app.services import retention


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
@click.option(
    "--kind",
    "names",
    multiple=True,
    type=click.Choice([kind.name for kind in retention.KINDS]),
    help="Only this kind; repeatable.",
)
@click.option(
    "--older-than",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Other than the settings say; needs --kind.",
)
@with_appcontext
def purge(*, dry_run: bool, names: Sequence[str], older_than: int | None) -> None:
    """Delete what is kept longer than the settings say. Usage figures always stay."""
    if older_than is not None and not names:
        raise click.UsageError("--older-than needs --kind: a period for every kind at once is a mistake.")
    settings = current_app.config["SETTINGS"]
    work = retention.count_old if dry_run else retention.purge
    for kind in retention.KINDS:
        if names and kind.name not in names:
            continue
        days = older_than or kind.days(settings)
        if days == 0:
            click.echo(f"{kind.name:<17} kept for ever")
            continue
        gone = work(kind, settings, days)
        verb = "would go" if dry_run else "gone"
        click.echo(f"{kind.name:<17} {gone} {verb} ({kind.words}, older than {days} days)")
