"""Webhook intake: signature check and durable commit, against a view that only checks the signature."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import posts
from bench.console import Console, Server
from bench.load import Measured, load
from bench.report import Report

Request = Callable[[], bytes]

CONNECTIONS = 32
SECONDS = 5.0
ROUNDS = 3


def run(console: Console, report: Report) -> float:
    """Interleaved rounds of the servers; the medians are compared. The posts per second we take in."""
    account = console.make_account()
    requests_ = status_requests(account)
    facts = {
        "BENCH_APP_SECRET": account["app_secret"],
        "BENCH_PHONE_NUMBER_ID": account["phone_number_id"],
    }
    servers = {
        "bare": console.server("bench.bare:app", **facts),
        "pywa": console.server("bench.pywa_receiver:app", **facts),
        "ours": console.server("wsgi:app"),
    }
    measured: dict[str, list[Measured]] = {name: [] for name in servers}
    for _ in range(ROUNDS):
        for name, server in servers.items():
            measured[name].append(_one(server, requests_))
    return _print(report, measured, console.count_events(), console.database_name)


def intake_rate(console: Console) -> float:
    """Posts per second that a server of this empty console takes in."""
    request = status_requests(console.make_account())
    return _one(console.server("wsgi:app"), request).per_second


def _one(server: Server, request: Request) -> Measured:
    with server:
        load(server.port, request, connections=CONNECTIONS, seconds=1.0)  # warm up
        return load(server.port, request, connections=CONNECTIONS, seconds=SECONDS)


def status_requests(account: dict[str, Any]) -> Request:
    """Signed `sent` statuses, each of its own message, ready as raw HTTP."""
    counter = itertools.count()

    def request() -> bytes:
        body = _body(account, next(counter))
        signed = "".join(f"{name}: {value}\r\n" for name, value in posts.signature(account, body).items())
        head = (
            f"POST {posts.PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{signed}\r\n"
        )
        return head.encode() + body

    return request


def _body(account: dict[str, Any], number: int) -> bytes:
    value = {
        **posts.metadata(account),
        "contacts": [
            {
                "profile": {"name": "Grace Adeyemi"},
                "wa_id": "447700900118",
                "user_id": "GB.1349000000000000118",
            }
        ],
        "statuses": [
            {
                "id": f"wamid.BENCH{number:012d}",
                "status": "sent",
                "timestamp": str(int(time.time())),
                "recipient_id": "447700900118",
                "recipient_user_id": "GB.1349000000000000118",
                "biz_opaque_callback_data": f"bench-{number:026d}",
                "pricing": {
                    "billable": True,
                    "pricing_model": "PMP",
                    "type": "regular",
                    "category": "utility",
                },
            }
        ],
    }
    return posts.body(account, value)


def _print(report: Report, measured: dict[str, list[Measured]], stored: int, database: str) -> float:
    rates = {name: statistics.median(m.per_second for m in runs) for name, runs in measured.items()}
    p99 = {name: statistics.median(m.p99_ms for m in runs) for name, runs in measured.items()}
    refused = sum(m.refused for m in measured["ours"])
    report.heading(f"Webhook intake, {database}, {CONNECTIONS} connections, {ROUNDS} rounds, medians")
    report.line("bare view, signature only", f"{rates['bare']:.0f}/s", f"p99 {p99['bare']:.0f} ms")
    report.line("pywa, signature, nothing stored", f"{rates['pywa']:.0f}/s", f"p99 {p99['pywa']:.0f} ms")
    report.line("ours, signature and commit", f"{rates['ours']:.0f}/s", f"p99 {p99['ours']:.0f} ms")
    report.ratio("rate, ours to bare", rates["ours"] / rates["bare"], "at least", console_goal(database))
    report.ratio("rate, ours to pywa that stores nothing", rates["ours"] / rates["pywa"], "at least", 1.0)
    report.ratio("p99, ours to bare", p99["ours"] / p99["bare"], "at most", 2.0)
    report.line("events stored", str(stored), f"{refused} refused")
    if refused:
        report.line("refused means that something is wrong: the figures above say nothing then")
    return rates["ours"]


def console_goal(database: str) -> float:
    """The share of the bare view's rate that is to be reached."""
    return 0.55 if database == "SQLite" else 0.40
