"""The WSGI entry point: any server on `wsgi:app`; commands with `flask --app wsgi …`."""

import gc
import sys

# What is imported stays for good: looking through it for garbage, now and for ever after, is wasted
# (a tenth of the start, and pauses later on).
gc.disable()

from flask import Flask  # noqa: E402

from app import create_app  # noqa: E402
from config import ConfigurationError, instance_folder  # noqa: E402


def _application() -> Flask:
    try:
        return create_app()
    except ConfigurationError as error:
        if "sandbox" in sys.argv[1:]:
            from app.cli.processes import sandbox_alone

            return sandbox_alone(instance_folder())
        sys.exit(f"waba-console cannot start: {error}")


app = _application()
gc.freeze()
gc.enable()
