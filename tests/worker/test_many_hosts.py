"""Two hosts over one PostgreSQL and one Redis: nothing else is shared, and one may die."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import requests

from config import Settings
from tests.support.databases import postgresql_database
from tests.support.processes import Script, Stack, wait_until

MESSAGES = 300
THREADS_OF_A_WORKER = 32
EMAIL = "owner@example.com"
PASSWORD = "a long sentence nobody else thinks of"


@pytest.fixture
def clock_offsets_s() -> tuple[int, int]:
    """By how much the hosts' clocks are wrong."""
    return 0, 0


@pytest.fixture
def hosts(
    base_settings: Settings,
    postgresql_server: str,
    redis_url: str,
    tmp_path: Path,
    clock_offsets_s: tuple[int, int],
) -> Iterator[tuple[Stack, Stack]]:
    """A folder each, the same secrets by environment, and one sandbox for both."""
    clocks = [{"WABA_CLOCK_OFFSET_S": str(offset_s)} if offset_s else {} for offset_s in clock_offsets_s]
    for address in postgresql_database(postgresql_server):
        settings = replace(base_settings, database_url=address, redis_url=redis_url)
        folders = [tmp_path / name for name in ("host-a", "host-b")]
        for folder in folders:
            folder.mkdir()
        first = Stack(settings, folders[0], WEB_CONCURRENCY="1", **clocks[0])
        graph = {"GRAPH_API_BASE_URL": first.sandbox_url}
        second = Stack(settings, folders[1], WEB_CONCURRENCY="1", **graph, **clocks[1])
        second.sandbox_url = first.sandbox_url
        processes = (first.sandbox, first.web, second.web, first.worker, second.worker)
        for process in processes:
            process.start()
        try:
            first.wait()
            second.wait()
            yield first, second
        finally:
            first.stop()
            second.stop()


def deliveries(stack: Stack) -> Counter[str]:
    listed = requests.get(f"{stack.sandbox_url}/_sandbox/messages?limit=1000", timeout=10).json()["data"]
    return Counter(row["to"].lstrip("+") for row in listed if row["direction"] == "outbound")


@pytest.mark.timeout(240)
def test_messages_through_both_hosts_arrive_once_though_one_worker_is_killed(
    hosts: tuple[Stack, Stack],
) -> None:
    first, second = hosts
    script = Script(first)
    other = script.at(second)
    account = script.connect_sandbox_account()
    numbers = [f"+4477009{index:05d}" for index in range(MESSAGES)]
    with ThreadPoolExecutor(8) as pool:
        taken = [
            pool.submit((script, other)[place % 2].send, account["id"], number, number)
            for place, number in enumerate(numbers)
        ]
        time.sleep(1)
        second.worker.kill()
        message_ids = [future.result() for future in taken]
    assert len(set(message_ids)) == MESSAGES
    wanted = {number.lstrip("+") for number in numbers}
    # Which of the dead worker's messages had left stands on its own host: there they are settled when it is
    # back. Without it they would wait for their lease to end, and then for Meta's status or a person.
    time.sleep(2)
    second.worker.start()
    # One that the kill met between the note of its leaving and its first byte is never resent by itself.
    never_left: list[int] = []
    for message_id in message_ids:
        settled = partial(delivered_or_never_left, first, script, message_id)
        if wait_until(settled, what=f"message {message_id} is settled", patience_s=120) == "never left":
            never_left.append(message_id)
    assert len(never_left) <= THREADS_OF_A_WORKER
    for message_id in never_left:
        assert script.call("POST", f"messages/{message_id}/retry/").status_code == 202
    wait_until(lambda: wanted <= set(deliveries(first)), what="every message is delivered", patience_s=60)
    assert {count for number, count in deliveries(first).items() if number in wanted} == {1}


def delivered_or_never_left(stack: Stack, script: Script, message_id: int) -> str:
    """Empty while neither is known: an unconfirmed one that arrived is delivered with Meta's next word."""
    message = script.call("GET", f"messages/{message_id}/").json()
    if message["status"] in {"delivered", "read"}:
        return "delivered"
    arrived = message["to_phone_number"].lstrip("+") in deliveries(stack)
    return "never left" if message["status"] == "unconfirmed" and not arrived else ""


@pytest.mark.parametrize("clock_offsets_s", [(600, -600), (-600, 600)])
def test_hosts_whose_clocks_are_twenty_minutes_apart_send_at_once_and_once(
    hosts: tuple[Stack, Stack],
) -> None:
    first, second = hosts
    script = Script(first)
    other = script.at(second)
    account = script.connect_sandbox_account()
    first.worker.kill()  # so that what one host takes in the other has to send
    numbers = [f"+4477008{index:05d}" for index in range(60)]
    with ThreadPoolExecutor(8) as pool:
        taken = [
            pool.submit((script, other)[place % 2].send, account["id"], number, number)
            for place, number in enumerate(numbers)
        ]
    ids = {future.result() for future in taken}
    wanted = {number.lstrip("+") for number in numbers}

    def all_settled() -> bool:
        listed = script.call("GET", f"messages/?account={account['id']}&limit=100").json()["results"]
        return {row["id"] for row in listed if row["status"] in {"delivered", "read"}} == ids

    # Statuses too: an event of a host that lives in the future must not wait for it.
    wait_until(all_settled, what="every message is known as delivered", patience_s=60)
    assert {count for number, count in deliveries(first).items() if number in wanted} == {1}


def test_a_session_and_a_lock_hold_on_both_hosts(hosts: tuple[Stack, Stack]) -> None:
    first = hosts[0]
    create = ("users", "create", "--email", EMAIL, "--role", "owner", "--password-stdin")
    first.flask(*create, stdin=PASSWORD)
    browser = requests.Session()
    assert _sign_in(browser, first, PASSWORD).status_code == 303
    for host in hosts:
        page = browser.get(f"{host.url}/console/", timeout=10, allow_redirects=False)
        assert page.status_code == 200
    wrong = [_sign_in(requests.Session(), hosts[place % 2], "a guess").status_code for place in range(24)]
    assert wrong[0] == 422
    assert {_sign_in(requests.Session(), host, PASSWORD).status_code for host in hosts} == {429}


def _sign_in(browser: requests.Session, host: Stack, password: str) -> requests.Response:
    page = browser.get(f"{host.url}/login", timeout=10)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    form = {"email": EMAIL, "password": password, "csrf_token": token.group(1)}
    return browser.post(f"{host.url}/login", data=form, timeout=10, allow_redirects=False)
