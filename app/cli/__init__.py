"""Commands: `flask --app wsgi …`. A new one joins COMMANDS."""

from __future__ import annotations

import click
from flask import Flask

from app.cli.api_keys import api_keys
from app.cli.backup import backup, restore
from app.cli.demo import demo
from app.cli.doctor import doctor
from app.cli.keys import keys
from app.cli.message_templates import message_templates
from app.cli.processes import sandbox, worker
from app.cli.purge import purge
from app.cli.usage import usage
from app.cli.users import users

COMMANDS: tuple[click.Command, ...] = (
    users,
    api_keys,
    keys,
    doctor,
    backup,
    restore,
    purge,
    usage,
    message_templates,
    demo,
    worker,
    sandbox,
)


def init_cli(app: Flask) -> None:
    """Attach the commands to the app."""
    for command in COMMANDS:
        app.cli.add_command(command)
