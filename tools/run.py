"""`make run`: from a fresh clone to a running trial, in one program that Ctrl-C stops."""

from __future__ import annotations

import http.client
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tools import own_secrets, ports
from tools.app_shell import AppShell
from tools.envfile import Environment
from tools.own_secrets import FirstSignIn
from tools.prepared import Preparation
from tools.processes import Supervisor
from tools.run_settings import RunSettings
from tools.say import Stop, line
from tools.setup import prepare
from tools.venv import Venv

_START_WITHIN_S = 60.0
_PROCFILE = "Procfile"
_QUICK_STOP = {"WEB_GRACEFUL_S": "6"}


@dataclass(frozen=True)
class Trial:
    """One `make run`."""

    root: Path
    settings: RunSettings
    instance: Path
    preparation: Preparation
    begun: float
    environ: dict[str, str] = field(repr=False)


def run(root: Path) -> int:
    """Set up, start everything, wait for Ctrl-C; the exit code."""
    begun = time.monotonic()
    environment = Environment.of(root)
    settings = RunSettings.of(environment)
    _check_ports(settings)
    prepare(root)
    instance = own_secrets.instance_folder(root, environment)
    made = own_secrets.ensure_secrets(instance, environment)
    if made:
        line(f"Made {' and '.join(made)}, kept in {instance / 'secrets.env'}")
    os.umask(0o077)  # the databases too are for their owner only
    environ = {**Venv(root).environ(), **_QUICK_STOP, **settings.environ()}
    preparation = Preparation.of(root, instance, settings, environment)
    return _start(Trial(root, settings, instance, preparation, begun, environ))


def _check_ports(settings: RunSettings) -> None:
    ports.check_free(settings.host, settings.port, "PORT")
    if settings.has_sandbox:
        ports.check_free(settings.host, settings.sandbox_port, "SANDBOX_PORT")


def _start(trial: Trial) -> int:
    """The programs, and beside them what has to be done before people can sign in; the exit code."""
    supervisor = Supervisor(trial.root)

    def start_all() -> None:
        for name, command in _programs(trial.root).items():
            if name != "sandbox" or trial.settings.has_sandbox:
                supervisor.start(name, command, trial.environ)

    def when_started() -> None:
        sign_in = _bring_up(trial, start_all)
        print(_welcome(trial, sign_in), flush=True)

    return supervisor.wait(when_started)


def _bring_up(trial: Trial, start_all: Callable[[], None]) -> FirstSignIn | None:
    """Prepare the database if needed, start all programs; the sign-in to show, once web answers."""
    if trial.preparation.is_done():
        start_all()
        _await_web(trial)
        return FirstSignIn.read(trial.instance)
    with AppShell(trial.root, trial.environ, trial.instance / "start.log") as app:
        line("Preparing the database ...")
        app.flask("db", "upgrade", failure="The database could not be prepared")
        start_all()
        sign_in = _ensure_first_person(trial, app)
        is_filled = _fill_with_demo(trial, app)
    _await_web(trial)
    if is_filled:
        trial.preparation.note_done()
    return sign_in


def _ensure_first_person(trial: Trial, app: AppShell) -> FirstSignIn | None:
    """The sign-in to show; None once its password has been changed."""
    kept = FirstSignIn.read(trial.instance)
    sign_in = kept or FirstSignIn.make()
    arguments = ["--email", sign_in.email, "--role", "owner", "--password-stdin", "--if-first"]
    failure = "The first person could not be added"
    said = app.flask("users", "create", *arguments, failure=failure, given=sign_in.password)
    if kept is None and "already" in said:
        return None
    if kept is None:
        sign_in.keep(trial.instance)
    return sign_in


def _programs(root: Path) -> dict[str, list[str]]:
    """Name and command of each program in the Procfile."""
    lines = (root / _PROCFILE).read_text(encoding="utf-8").splitlines()
    pairs = [entry.partition(":") for entry in lines if ":" in entry and not entry.startswith("#")]
    return {name.strip(): ["sh", "-c", f"exec {command.strip()}"] for name, _, command in pairs}


def _await(what: str, is_there: Callable[[], bool]) -> None:
    """Wait until it is there. Raises Stop after a minute."""
    deadline = time.monotonic() + _START_WITHIN_S
    while not is_there():
        if time.monotonic() > deadline:
            raise Stop(f"{what} did not answer within {_START_WITHIN_S:.0f} s. Its lines above say why.")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    """True when an address of this machine answers 200."""
    # Not urllib's opener: it would ask the environment's proxy.
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=5).close()
    except OSError:
        return False
    return True


def _await_web(trial: Trial) -> None:
    _await("web", lambda: _answers(f"{trial.settings.url}/healthz"))


def _fill_with_demo(trial: Trial, app: AppShell) -> bool:
    """The fictional company, when asked for; False when that failed: the app works without it."""
    if not trial.settings.has_sandbox or not trial.settings.wants_demo:
        return True
    _await("sandbox", lambda: _listens(trial.settings.sandbox_url))
    # Connecting an account makes the sandbox call our webhook.
    _await_web(trial)
    line("Filling in the fictional company (DEMO=0 leaves it out) ...")
    try:
        app.flask("demo", failure="The fictional company could not be filled in")
    except Stop as reason:
        line(f"{reason}. The app runs without it.")
        return False
    return True


def _welcome(trial: Trial, sign_in: FirstSignIn | None) -> str:
    settings = trial.settings
    seconds = time.monotonic() - trial.begun
    rows = [("Open", settings.url)]
    if sign_in is None:
        rows.append(("Sign in", "with the e-mail address and password you chose"))
    else:
        rows += [("Sign in", sign_in.email), ("Password", sign_in.password)]
    if not settings.wants_demo:
        rows.append(("Set up", f"{settings.url}/setup/  (connect an account, in six steps)"))
    if settings.has_sandbox:
        rows.append(("Customer", f"{settings.sandbox_url}  (the sandbox's phone: write as a customer)"))
    else:
        rows.append(("Graph API", f"{settings.graph_url}  (no sandbox, no demo)"))
    rows.append(("Stop", "Ctrl-C"))
    body = "\n".join(f"    {label:<10}{text}" for label, text in rows)
    rule = "  " + "-" * 76
    return f"\n{rule}\n    waba-console is running (started in {seconds:.0f} s)\n\n{body}\n{rule}\n"
