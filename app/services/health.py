"""An account's check list: run against Meta, kept as a log, and what follows from it for the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from app.extensions import db
from app.models import Account, AccountHealthLog, AccountStatus, CheckState
from app.queries import accounts as account_queries
from app.queries import health as health_queries
from app.queries.access import EVERYTHING
from app.services import bell, health_lines, numbers
from app.services.connections import require_same_world
from app.services.health_lines import CheckLine, Probe
from app.services.outgoing import attention
from app.services.setup_checks import Connection, Findings

_WORST_FIRST = (CheckState.FAILED, CheckState.WARNING, CheckState.WAITING, CheckState.PASSED)
_MAY_COME_LATER = "first_event"
_PROVE_THE_LINE = ("token", "permissions", "number")


def run_health_check(account: Account, *, only: str | None = None) -> AccountHealthLog:
    """Ask Meta about token, permissions, number and subscription, and log the outcome.

    `only` asks about one line and keeps the others of the last run. A live account that fails turns
    NEEDS_ATTENTION, and back when all is well; silence of Meta's changes nothing. Raises NotReady
    when the account belongs to the sandbox and this console talks to Meta, or the other way round.
    """
    require_same_world(account)
    account_id, probe = account.id, Probe(Connection.of(account))
    latest = health_queries.find_latest_log(account_id)
    before = {check["key"]: check for check in latest.checks} if latest else {}
    db.session.commit()
    wanted = _with_what_it_needs(only, before)
    lines = {key: health_lines.run(key, probe).as_dict() for key in wanted}
    account = account_queries.get_account(account_id, EVERYTHING)
    asked = {key: lines.get(key) or before[key] for key in health_lines.GRAPH_CHECKS}
    checks = [*asked.values(), *_own_lines(account)]
    log = AccountHealthLog(account_id=account_id, state=worst_state(checks), checks=checks)
    db.session.add(log)
    numbers.note_findings(account, Findings(token=probe.token, numbers=probe.numbers))
    recovered = _follow_up(account, checks)
    db.session.commit()
    if recovered:
        bell.ring(bell.MESSAGES)
    return log


def _with_what_it_needs(only: str | None, before: Mapping[str, Any]) -> list[str]:
    """All lines when there is no earlier run; permissions stand in the token, so both are asked."""
    keys = list(health_lines.GRAPH_CHECKS)
    if only not in keys or not set(keys) <= set(before):
        return keys
    together = {"token": ["token", "permissions"], "permissions": ["token", "permissions"]}
    return together.get(only, [only])


def current_checks(account: Account, log: AccountHealthLog | None) -> list[dict[str, Any]]:
    """The list as it stands now: Meta's lines of the last run, our own records of this moment."""
    asked = {check["key"]: check for check in log.checks} if log else {}
    lines = [asked.get(key) or health_lines.open_line(key).as_dict() for key in health_lines.GRAPH_CHECKS]
    return [*lines, *_own_lines(account)]


def _own_lines(account: Account) -> list[dict[str, Any]]:
    lines: tuple[CheckLine | None, ...] = (
        health_lines.handshake_line(account),
        health_lines.first_event_line(account),
        *health_lines.version_lines(current_app.config["SETTINGS"].graph_api_version),
        health_lines.silence_line(account),
    )
    return [line.as_dict() for line in lines if line is not None]


def must_pass(check: Mapping[str, Any]) -> bool:
    """True for a line that keeps an account from being finished."""
    is_open = check["state"] in (CheckState.FAILED, CheckState.WAITING)
    return is_open and check["key"] != _MAY_COME_LATER


def worst_state(checks: list[dict[str, Any]]) -> CheckState:
    states = {CheckState(check["state"]) for check in checks}
    return next((state for state in _WORST_FIRST if state in states), CheckState.PASSED)


def _follow_up(account: Account, checks: list[dict[str, Any]]) -> bool:
    """Put the outcome on a live account; answers whether it has just recovered."""
    if not account.is_live:
        return False
    failed = [check for check in checks if check["state"] == CheckState.FAILED]
    if failed:
        first = failed[0]
        attention.hold(account, f"{first['title']}. {first['evidence']} {first['what_to_do']}")
        return False
    by_key = {check["key"]: check["state"] for check in checks}
    if account.status is not AccountStatus.NEEDS_ATTENTION:
        return False
    if any(by_key[key] != CheckState.PASSED for key in _PROVE_THE_LINE):
        return False
    attention.all_clear(account)
    return True
