"""`message-templates …`: what can be done with files of them, without a database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.errors import InvalidFields
from app.services.message_templates.family_files import read_families
from app.services.message_templates.importing import path_of
from app.services.message_templates.reading import LARGEST_FILE, File, Problem, read_file


@click.group("message-templates")
def message_templates() -> None:
    """Message templates in files."""


@message_templates.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def lint(*, files: tuple[Path, ...]) -> None:
    """Check FILES as Meta would: one body of its create call, a list of them, or an export.

    One problem a line; exit code 1 when there is an error among them, 0 with nothing but advice.
    """
    errors = sum([_check(path) for path in files])
    if errors:
        sys.exit(1)


def _check(path: Path) -> int:
    """How many errors there are; each problem is printed with its place."""
    try:
        with path.open("rb") as stream:
            file = read_file(stream.read(LARGEST_FILE + 1))
    except InvalidFields as error:
        click.echo(f"{path}: error: {error.message}")
        return 1
    except OSError as error:
        click.echo(f"{path}: error: {error.strerror}")
        return 1
    found = _problems(file)
    for place, problem in found:
        said = f"{problem.severity}: {problem.message} [{problem.code}]"
        click.echo(": ".join(part for part in (str(path), place, said) if part))
    errors = sum(problem.severity == "error" for _, problem in found)
    if not errors:
        count = len(file.entries)
        click.echo(f"{path}: {count} message template{'' if count == 1 else 's'}, nothing to correct")
    return errors


def _problems(file: File) -> list[tuple[str, Problem]]:
    listed = [(path_of(entry, problem), problem) for entry in file.entries for problem in entry.problems]
    return [*listed, *((problem.field, problem) for problem in read_families(file.families)[1])]
