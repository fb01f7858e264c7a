"""The commands of `python3 -m tools`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import own_secrets
from tools.envfile import Environment
from tools.locking import lock
from tools.run import run
from tools.say import Stop, line, refuse
from tools.setup import prepare

ROOT = Path(__file__).resolve().parent.parent


def _setup() -> int:
    prepare(ROOT, for_development=True)
    environment = Environment.of(ROOT)
    own_secrets.ensure_secrets(own_secrets.instance_folder(ROOT, environment), environment)
    return 0


def _lock() -> int:
    lock(ROOT, upgrade="--upgrade" in sys.argv)
    line("Done. Look at the changes, then: make test")
    return 0


def _run() -> int:
    return run(ROOT)


COMMANDS: dict[str, Callable[[], int]] = {"run": _run, "setup": _setup, "lock": _lock}


def main(arguments: Sequence[str]) -> int:
    """Carry out a command; its exit code."""
    command = COMMANDS.get(arguments[0]) if arguments else None
    if command is None:
        return refuse(Stop(f"say one of: {', '.join(COMMANDS)}"))
    # A stop during the set-up ends the installer under way as Ctrl-C would.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return command()
    except Stop as reason:
        return refuse(reason)
    except PermissionError as error:
        return refuse(Stop(f"{error.filename} may not be used by this user. Run make as the folder's owner."))
    except OSError as error:
        return refuse(Stop(f"{error.filename or command.__name__}: {error.strerror or error}"))
    except KeyboardInterrupt:
        print("\n  Stopped.")
        return 130
