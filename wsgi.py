"""The WSGI entry point: any server on `wsgi:app`; commands with `flask --app wsgi …`."""

import sys

from app import create_app
from config import ConfigurationError

try:
    app = create_app()
except ConfigurationError as error:
    sys.exit(f"waba-console cannot start: {error}")
