"""`usage check`: do the figures agree with the messages?"""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from app.queries.usage import Figures
from app.services.usage_check import Disagreement, check_usage


@click.group()
def usage() -> None:
    """Figures of each number and day."""


@usage.command()
@click.option("--only-look", is_flag=True, help="Change nothing; exit code 1 when a day disagrees.")
@with_appcontext
def check(*, only_look: bool) -> None:
    """Count every finished day from its messages, and set right what disagrees."""
    found = check_usage(mend=not only_look)
    for each in found:
        click.echo(_describe(each))
    if not found:
        click.echo("All days agree with their messages.")
    elif only_look:
        click.echo(f"{len(found)} days disagree. Without --only-look they are set right.", err=True)
        sys.exit(1)
    else:
        click.echo(f"{len(found)} days were set right.")


def _describe(each: Disagreement) -> str:
    kept = _words(each.kept) if each.kept else "not counted"
    return f"{each.number} {each.day}: {kept}; by its messages {_words(each.counted)}"


def _words(figures: Figures) -> str:
    return ", ".join(f"{count} {name}" for name, count in vars(figures).items())
