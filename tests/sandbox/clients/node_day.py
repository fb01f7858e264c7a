"""A public Node client's day at the sandbox: its script runs, a customer is played, both sides are kept."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import requests

from tests.sandbox.clients.flows import publish_flow
from tests.sandbox.support import CUSTOMER, TIMEOUT_S, Meta, RunningSandbox, eventually
from tools import clients
from tools.node import find_npm
from tools.venv import Venv

ROOT = Path(__file__).resolve().parents[3]
VERIFY_TOKEN = "let-me-in"
USER_ID = "GB.900100200"
KIM = {"user_id": USER_ID, "name": "Kim", "username": "kim.w", "last_inbound_at": int(time.time())}
# Neither ASCII nor of the first plane only: Meta signs and sends an escaped form.
NAME = "Zo\u00eb Brook \U0001f35e"
Inbound = dict[str, dict[str, Any]]
GREETING = {"type": "text", "text": {"body": "Good morning"}}


@dataclass
class Day:
    """One library's day.

    `steps` and `received` are what its script told; `messages` and `requests` what the sandbox recorded.
    """

    library: str
    meta: Meta
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    received: dict[str, Any] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)  # wamid of each message the customer wrote
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    not_taken: dict[str, Any] = field(default_factory=dict)  # what came of it, by what the customer wrote
    forged_status: int = 0
    flow_id: str = ""  # for libraries that send Flows and cannot make them

    def saw(self, step: str) -> Any:
        """What the script got from a step that went well."""
        told = self.steps[step]
        assert told["ok"], told["saw"]
        return told["saw"]

    def failure(self, step: str) -> dict[str, Any]:
        """What the script got from a step that the library made an exception of."""
        told = self.steps[step]
        assert not told["ok"], told["saw"]
        failure: dict[str, Any] = told["saw"]
        return failure

    def wamid(self, step: str) -> str:
        return str(self.saw(step)["messages"][0]["id"])

    def sent(self, step: str) -> dict[str, Any]:
        """The message of a step as it stands in the sandbox's list."""
        return self.messages[self.wamid(step)]

    def requested(self, method: str, path_end: str) -> list[dict[str, Any]]:
        """Graph requests, oldest first."""
        found = [one for one in self.requests if one["method"] == method and one["path"].endswith(path_end)]
        return found[::-1]

    def read_message(self, what: str) -> dict[str, Any]:
        """What the library made of a message that the customer wrote."""
        seen: dict[str, Any] = {message["id"]: message for message in self.received["messages"]}
        assert self.written[what] in seen, f"{what} was not read"
        read: dict[str, Any] = seen[self.written[what]]
        return read

    def statuses(self, wamid: str) -> dict[str, dict[str, Any]]:
        """What the library read about a message, by status."""
        return {status["status"]: status for status in self.received["statuses"] if status["id"] == wamid}


def live(library: str, sandbox: RunningSandbox, folder: Path, inbound: Inbound, unreadable: Inbound) -> Day:
    """Run the script of `library` to its end.

    inbound: what the customer then writes, by names of ours. unreadable: what the library fails to take.
    """
    meta = Meta(sandbox, sandbox.control("POST", "accounts", {}).json())
    people = [{"from": "+" + CUSTOMER, "name": NAME}, KIM]
    body = {"phone_number_id": meta.number_id, "customers": people}
    assert sandbox.control("POST", "customers", body).ok
    day = Day(library, meta, flow_id=publish_flow(meta, "ASK"))
    day.written["greeting"] = _write(meta, GREETING)
    node = find_npm(Venv(ROOT), oldest=clients.OLDEST_NODE).node
    with subprocess.Popen(
        [node, f"{library}.mjs"],
        cwd=ROOT / clients.FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _say(process.stdin, _account(meta, folder) | {"flow_id": day.flow_id})
            hook = _heard(process.stdout)["listening"]
            _connect(meta, hook)
            _say(process.stdin, {"id": day.written["greeting"]})
            while (told := _heard(process.stdout))["step"] != "end":
                day.steps[told["step"]] = told
            _play_the_customer(day, inbound, unreadable)
            day.forged_status = _forge(hook)
            process.stdin.close()
            day.received = _heard(process.stdout)["received"]
        finally:
            process.kill()
    day.messages = {message["wamid"]: message for message in sandbox.logged("messages?limit=1000")}
    day.requests = sandbox.logged("requests?limit=1000")
    return day


def _play_the_customer(day: Day, inbound: Inbound, unreadable: Inbound) -> None:
    """Write everything, and wait until the app has had every webhook, or has answered it with an error."""
    day.written |= {what: _write(day.meta, message) for what, message in inbound.items()}
    day.written["from a hidden number"] = _write(day.meta, GREETING, hide_phone=True)
    eventually(lambda: _is_over(day.meta))
    for what, message in unreadable.items():
        _write(day.meta, message)
        (delivery,) = eventually(lambda: _failed_deliveries(day.meta.sandbox))
        day.not_taken[what] = delivery["last_result"]
        day.meta.sandbox.control("DELETE", "deliveries")


def _failed_deliveries(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    return [delivery for delivery in sandbox.logged("deliveries?state=pending") if delivery["attempts"]]


def _forge(hook: str) -> int:
    """What the app answers to a webhook that somebody else signed."""
    signed = {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    forged = {"object": "whatsapp_business_account", "entry": []}
    return requests.post(hook, json=forged, headers=signed, timeout=TIMEOUT_S).status_code


def _account(meta: Meta, folder: Path) -> dict[str, str]:
    return meta.account | {
        "url": meta.sandbox.url,
        "verify_token": VERIFY_TOKEN,
        "customer": "+" + CUSTOMER,
        "user_id": USER_ID,
        "folder": str(folder),
    }


def _connect(meta: Meta, hook: str) -> None:
    """The app's callback (the script answers the handshake) and the account's subscription."""
    body = {
        "object": "whatsapp_business_account",
        "callback_url": hook,
        "verify_token": VERIFY_TOKEN,
        "fields": "messages",
    }
    answer = meta.call("POST", f"{meta.app_id}/subscriptions", token=meta.app_token, data=body)
    assert answer.json() == {"success": True}, answer.text
    assert meta.post(f"{meta.waba_id}/subscribed_apps", {}).json() == {"success": True}


def _is_over(meta: Meta) -> bool:
    """Everything sent has had its last status, and every webhook was taken."""
    listed = meta.sandbox.logged("messages?limit=1000")
    under_way = [
        message for message in listed if message["direction"] == "outbound" and not _is_final(message)
    ]
    return not under_way and not meta.sandbox.control("GET", "deliveries").json()["waiting"]


def _is_final(message: dict[str, Any]) -> bool:
    last = "sent" if message["type"] == "reaction" else "read"
    return message[last] is not None or message["status"] == "failed"


def _write(meta: Meta, message: dict[str, Any], **more: Any) -> str:
    answer = meta.receive(message, name=NAME, **more)
    assert answer.ok, answer.text
    return str(answer.json()["wamid"])


def _say(stdin: IO[str], line: dict[str, str]) -> None:
    stdin.write(json.dumps(line) + "\n")
    stdin.flush()


def _heard(stdout: IO[str]) -> dict[str, Any]:
    line = stdout.readline()
    assert line, "the script ended early; see what it wrote to its error output"
    heard: dict[str, Any] = json.loads(line)
    return heard
