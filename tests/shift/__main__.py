"""`python -m tests.shift --minutes 30`: who was answered twice, who was forgotten, what was told?"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from config import Settings
from tests.shift.agents import Agent
from tests.shift.customers import HOURS_QUESTION, Street
from tests.support.processes import TEST_KEY, Script, Stack, wait_until

_PASSWORD = "a-password-for-this-shift"
_AGENTS = ("ana", "ben", "cem")
_OPENING_HOURS = "We are open from 8 to 18."


def main() -> int:
    chosen = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="waba-shift-"))
    settings = Settings(
        database_url=f"sqlite:///{folder / 'shift.sqlite'}",
        redis_url=None,
        secret_key="s" * 48,
        encryption_keys=(TEST_KEY.encode(),),
        instance_path=folder,
        graph_api_base_url="http://127.0.0.1:9",
        graph_api_version="v25.0",
        public_base_url="http://127.0.0.1:5000",
    )
    stack = Stack(settings, folder)
    stack.flask("db", "upgrade")
    stack.start()
    try:
        return _shift(stack, 60 * chosen.minutes, chosen.seed)
    finally:
        stack.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.shift", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def _shift(stack: Stack, seconds: float, seed: int) -> int:
    script = Script(stack)
    account = _open_the_shop(stack, script)
    street = Street(stack, account["sandbox"]["phone_number_id"], seed)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "a shift needs Chromium"
    agents = [
        Agent(stack.url, f"{name}@example.com", _PASSWORD, chromium, seed + place)
        for place, name in enumerate(_AGENTS)
    ]
    closed, over = threading.Event(), threading.Event()
    threads = [threading.Thread(target=agent.run, args=(over,)) for agent in agents]
    writing = threading.Thread(target=street.run, args=(closed, seconds))
    for thread in (*threads, writing):
        thread.start()
    closed.wait(seconds)
    closed.set()
    writing.join()
    try:
        wait_until(lambda: not _forgotten(street), what="everybody is answered", patience_s=180)
    except AssertionError as error:
        print(error)
    over.set()
    for thread in threads:
        thread.join()
    return _judge(street, agents, script, account)


def _open_the_shop(stack: Stack, script: Script) -> dict[str, Any]:
    account = script.connect_sandbox_account()
    values = {
        "auto_reply_enabled": True,
        "fallback_message": "Let me see. A colleague looks at it.",
        "knowledge_base": f"opening hours\n{_OPENING_HOURS}",
    }
    script.call("PATCH", f"accounts/{account['id']}/", json=values).raise_for_status()
    for name in _AGENTS:
        person = ("--email", f"{name}@example.com", "--role", "agent", "--account", str(account["id"]))
        stack.flask("users", "create", *person, "--password-stdin", stdin=_PASSWORD)
    return account


def _delivered(street: Street) -> Counter[str]:
    """By the begin of its text: how often customers got it."""
    path = f"messages?limit=10000&phone_number_id={street.phone_number_id}"
    found: Counter[str] = Counter()
    for row in street.control("GET", path)["data"]:
        if row["direction"] == "outbound" and row["status"] in ("delivered", "read"):
            text = row["payload"].get("text", {}).get("body", "")
            found[text.split(":")[0]] += 1
    return found


def _tries(street: Street, mark: str) -> list[tuple[str, str, Any]]:
    """What became of the answers to one question: to whom, the status, Meta's error."""
    path = f"messages?limit=10000&phone_number_id={street.phone_number_id}"
    return [
        (row["to"], row["status"], row["error"])
        for row in street.control("GET", path)["data"]
        if row["payload"].get("text", {}).get("body", "").startswith(f"Re {mark}:")
    ]


def _known_as_open(script: Script, account_id: int, marks: list[str]) -> list[str]:
    """Those whose answer the console says it cannot vouch for: what to do is a person's to decide."""
    found = []
    for status in ("unconfirmed", "failed"):
        path = f"messages/?account={account_id}&limit=100&status={status}"
        found += [row["text_content"] for row in script.call("GET", path).json()["results"]]
    return [mark for mark in marks if any(text.startswith(f"Re {mark}:") for text in found)]


def _marks(street: Street) -> list[str]:
    return [mark for customer in street.customers for mark in customer.asked]


def _forgotten(street: Street) -> list[str]:
    delivered = _delivered(street)
    return [mark for mark in _marks(street) if not delivered[f"Re {mark}"]]


def _judge(street: Street, agents: list[Agent], script: Script, account: dict[str, Any]) -> int:
    delivered = _delivered(street)
    asked = Counter(mark for agent in agents for mark in agent.seen.answered)
    forgotten = _forgotten(street)
    twice = [mark for mark in _marks(street) if delivered[f"Re {mark}"] > 1]
    print(f"{len(_marks(street))} questions, {sum(c.hours_asked for c in street.customers)} for the bot")
    print(f"faults: {dict(Counter(street.faults))}")
    for agent, name in zip(agents, _AGENTS, strict=True):
        seen = agent.seen
        print(
            f"{name}: answered {len(seen.answered)}, took over {seen.taken}, left to colleagues "
            f"{seen.left_to_colleagues}, sent again {seen.retried}, "
            f"sent anyway {seen.sent_anyway}, page errors {len(seen.complaints)}"
        )
        print(f"  told: {dict(seen.reasons)}")
        print(f"  stumbled: {seen.stumbled[:5]} ({len(seen.stumbled)})")
    print(f"bot's opening hours: {delivered[_OPENING_HOURS]} to “{HOURS_QUESTION}”")
    print(f"forgotten: {forgotten}")
    for mark in forgotten:
        print(f"  {mark}: {_tries(street, mark)}")
    print(f"answered twice: {twice}; written twice by agents: {[m for m, n in asked.items() if n > 1]}")
    unsure = _known_as_open(script, account["id"], forgotten)
    print(f"of the forgotten, shown to the agents as not confirmed or not sent: {unsure}")
    return 1 if set(forgotten) - set(unsure) or twice else 0


if __name__ == "__main__":
    sys.exit(main())
