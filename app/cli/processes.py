"""`worker` and `sandbox`: the two processes beside the web server."""

from __future__ import annotations

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Work off events, send messages, run the periodic jobs. Ctrl-C or SIGTERM stops it cleanly."""
    from app.worker.runner import run_worker

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    run_worker(app)


@click.command("sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5001, show_default=True, help="Port to listen on.")
@with_appcontext
def sandbox(host: str, port: int) -> None:
    """Start the sandbox: a pretend Meta, and a phone to play the customer with."""
    from app.sandbox import serve

    folder = Path(current_app.instance_path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    serve(host, port, folder / "sandbox.sqlite")


def sandbox_alone(instance_path: Path) -> Flask:
    """An app with the one command that needs nothing of the console: no key, no database, no setting."""
    app = Flask("sandbox", instance_path=str(instance_path.resolve()))
    app.cli.add_command(sandbox)
    return app
