"""What only this installation knows, kept in `instance/` where nobody else on the machine can read it."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tools.envfile import Environment, read_env_file

FIRST_EMAIL = "owner@example.com"

_HEADER = "# Made by waba-console. Back it up: saved tokens cannot be read without WHATSAPP_ENCRYPTION_KEY.\n"


def _secret_key() -> str:
    return secrets.token_urlsafe(48)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


_MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": _secret_key,
    "WHATSAPP_ENCRYPTION_KEY": _fernet_key,
}


def instance_folder(root: Path, environment: Environment) -> Path:
    """The folder for the database and secrets, made when missing, closed to others."""
    folder = Path(environment.get("WABA_INSTANCE_PATH", str(root / "instance")))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def ensure_secrets(folder: Path, environment: Environment) -> list[str]:
    """Make the keys that neither the environment, `.env` nor `secrets.env` has; the names of those made.

    What the file holds is never changed, only added to.
    """
    file = folder / "secrets.env"
    kept = read_env_file(file)
    missing = [name for name in _MAKERS if not environment.has(name) and not kept.get(name)]
    if missing:
        lines = "".join(f"{name}={_MAKERS[name]()}\n" for name in missing)
        _append_private(file, lines if file.exists() else _HEADER + lines)
    if file.exists():
        file.chmod(0o600)
    return missing


@dataclass(frozen=True)
class FirstSignIn:
    """The first person's e-mail address and generated password.

    The app removes the file when the password is changed.
    """

    email: str
    password: str = field(repr=False)

    @classmethod
    def file(cls, folder: Path) -> Path:
        return folder / "first-sign-in.txt"

    @classmethod
    def read(cls, folder: Path) -> FirstSignIn | None:
        """The sign-in kept in the file, or None."""
        kept = read_env_file(cls.file(folder))
        if not kept.get("password"):
            return None
        return cls(kept.get("email", FIRST_EMAIL), kept["password"])

    @classmethod
    def make(cls) -> FirstSignIn:
        """A new one with a random password, in groups that can be read aloud and typed."""
        groups = [secrets.token_hex(3) for _ in range(4)]
        return cls(FIRST_EMAIL, "-".join(groups))

    def keep(self, folder: Path) -> None:
        """Write the file."""
        _append_private(self.file(folder), f"email={self.email}\npassword={self.password}\n")


def _append_private(file: Path, text: str) -> None:
    """Add to a file that only its owner can read, from its first byte on."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
