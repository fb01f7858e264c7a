"""What every part of the sandbox is handed: the database, the running machinery, the outside address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from flask import current_app, request

from . import settings as settings_store
from .database import Database
from .limiter import Limiter
from .settings import Settings

EXTENSION = "sandbox"


@dataclass
class Sandbox:
    """The state of one pretend Meta.

    db: its SQLite file. limiter: send rates, in memory. wake: tells the background thread that something
    may be due; wake_for: that it will be at that time. stop: ends the background threads and closes the file.
    """

    db: Database
    public_base_url: str | None = None
    limiter: Limiter = field(default_factory=Limiter)
    wake: Callable[[], None] = lambda: None
    wake_for: Callable[[float], None] = lambda at: None
    stop: Callable[[], None] = lambda: None

    @property
    def settings(self) -> Settings:
        return settings_store.load(self.db)

    def base_url(self) -> str:
        """Where the sandbox is reached from outside, without a trailing slash."""
        return (self.public_base_url or request.host_url).rstrip("/")


def current_sandbox() -> Sandbox:
    """The one this request was sent to."""
    return cast(Sandbox, current_app.extensions[EXTENSION])
