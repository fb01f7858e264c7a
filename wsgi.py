"""The WSGI entry point: any server on `wsgi:app`; commands with `flask --app wsgi …`."""

import sys

from flask import Flask

from app import create_app
from config import ConfigurationError, instance_folder


def _application() -> Flask:
    try:
        return create_app()
    except ConfigurationError as error:
        if "sandbox" in sys.argv[1:]:
            from app.cli.processes import sandbox_alone

            return sandbox_alone(instance_folder())
        sys.exit(f"waba-console cannot start: {error}")


app = _application()
