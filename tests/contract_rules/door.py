"""The sandbox's Graph API without a socket: the same view, asked through WSGI."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.sandbox import create_sandbox_app

SETTINGS = {"throughput_per_second": 100_000, "pair_limit": False}
CUSTOMER = "+447700900900"
_STEP = re.compile(r"\['(\w+)'\]")
# Whether it is there at all is no rule of form, and only the one who keeps it can know.
_NOT_THERE = re.compile(
    r"is not a Flow of this account|is not a screen of the Flow|needs a Flow with an endpoint"
)
_PATH = re.compile(r"(?:Param )?([a-z_]+(?:\[\d+\]|\['\w+'\])*)")


class Door:
    """One account of a sandbox. `post` answers the error Meta would answer; None if it was taken."""

    def __init__(self, database_path: Path) -> None:
        self._app = create_sandbox_app(database_path, speed=0.01)
        self.sandbox = self._app.extensions["sandbox"]
        self._client = self._app.test_client()
        self._client.post("/_sandbox/settings", json=SETTINGS)
        self.account: dict[str, str] = self._client.post("/_sandbox/accounts", json={}).get_json()
        self.number_id = self.account["phone_number_id"]
        self.waba_id = self.account["waba_id"]

    def close(self) -> None:
        self._app.extensions["sandbox"].stop()

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.account['access_token']}"}
        return self._client.open(f"/v25.0/{path}", method=method, headers=headers, **more)

    def post(self, path: str, body: Any) -> dict[str, Any] | None:
        answer = self.ask("POST", path, json=body)
        assert answer.status_code < 500, answer.text
        error: dict[str, Any] | None = (answer.get_json() or {}).get("error")
        return None if error and _NOT_THERE.search(words_of(error)) else error

    def send(self, kind: str, content: Any) -> dict[str, Any] | None:
        message = {"messaging_product": "whatsapp", "to": CUSTOMER, "type": kind, kind: content}
        return self.post(f"{self.number_id}/messages", message)


def words_of(error: dict[str, Any]) -> str:
    """What the refusal says, most exact first."""
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    return str(error.get("error_user_title") or details or error["message"])


def part_of(error: dict[str, Any]) -> str:
    """The place that a refusal's words begin with, as our rules write it: `text.body`."""
    words = words_of(error)
    unexpected = re.search(r'Unexpected key "(\w+)" on param "(\w+)"', words)
    if unexpected is not None:
        return f"{unexpected[2]}.{unexpected[1]}"
    required = re.search(r"The parameter (\w+) is required", words)
    found = _PATH.match(words)
    return required[1] if required else _STEP.sub(r".\1", found[1]) if found else ""


def is_same_place(ours: str, theirs: str) -> bool:
    """The same place, or one inside the other."""
    one, other = (re.findall(r"\w+", place) for place in (ours, theirs))
    shorter = min(len(one), len(other))
    return bool(one) and one[:shorter] == other[:shorter] and shorter > 0
