"""`doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict

import click
from flask import current_app
from flask.cli import with_appcontext

from app.services import self_checks
from app.services.self_checks import Finding, Verdict

_COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.BAD: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output, for programs.")
@with_appcontext
def doctor(*, as_json: bool) -> None:
    """Check settings, database, keys, queue, worker and the way to Meta. Exit code 1 if something is bad."""
    # What a check runs into is said in its line.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    findings = []
    for check in self_checks.ALL:
        finding = check(current_app.config["SETTINGS"])
        findings.append(finding)
        if not as_json:
            _say(finding)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if any(finding.verdict is Verdict.BAD for finding in findings):
        sys.exit(1)


def _say(finding: Finding) -> None:
    verdict = click.style(f"{finding.verdict.value:<5}", fg=_COLOURS[finding.verdict])
    click.echo(f"{verdict} {finding.part:<15} {finding.text}")
    if finding.advice:
        click.echo(f"{'':<22}{finding.advice}")
