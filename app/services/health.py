"""An account's check list: run against Meta, kept as a log, and what follows from it for the account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.models import Account, AccountHealthLog, CheckState, HealthWatch, utcnow
from app.queries import accounts as account_queries
from app.queries import health as health_queries
from app.queries import health_alerts as alert_queries
from app.queries.access import EVERYTHING
from app.services import (
    bell,
    block_watch,
    health_account,
    health_alerts,
    health_changes,
    health_lines,
    health_numbers,
    health_questions,
    health_signals,
    numbers,
)
from app.services.connections import require_same_world
from app.services.conversations import insert_ignoring_conflict
from app.services.health_lines import CheckLine, Probe
from app.services.health_questions import GRAPH_CHECKS
from app.services.setup_checks import Connection, Findings

_WORST_FIRST = (CheckState.FAILED, CheckState.WARNING, CheckState.WAITING, CheckState.PASSED)
_MAY_COME_LATER = "first_event"
_OF_NUMBERS = frozenset({"number", "quality", "name", "limit", "throughput"})


def run_health_check(
    account: Account, *, only: str | None = None, source: str = health_signals.PERSON
) -> AccountHealthLog:
    """Ask Meta about token, account, numbers and subscription, and log the outcome.

    `only` asks about one line and keeps the others of the last run. A live account that fails turns
    NEEDS_ATTENTION, and back when all is well; silence of Meta's changes nothing. What got worse is told,
    and told as well again later. Raises NotReady when the account belongs to the sandbox and this console
    talks to Meta, or the other way round.
    """
    require_same_world(account)
    account_id, probe = account.id, Probe(Connection.of(account))
    before = _lines_by_key(health_queries.find_latest_log(account_id))
    db.session.commit()
    wanted = _with_what_it_needs(only, before)
    lines = health_questions.after_the_token({key: health_questions.run(key, probe) for key in wanted})
    account = _take_turns(account_id)
    latest = health_queries.find_latest_log(account_id)
    log = _note(account, lines, probe, latest, source)
    is_recovered = health_alerts.conclude(account, log.checks)
    db.session.commit()
    if is_recovered:
        bell.ring(bell.MESSAGES)
    return log


def _take_turns(account_id: int) -> Account:
    """One check at a time is written down for an account: else two would tell of the same change."""
    insert_ignoring_conflict(HealthWatch, [{"account_id": account_id, "next_at": utcnow()}])
    db.session.execute(
        select(HealthWatch.account_id).where(HealthWatch.account_id == account_id).with_for_update()
    )
    return account_queries.get_account(account_id, EVERYTHING)


def _note(
    account: Account,
    lines: dict[str, CheckLine],
    probe: Probe,
    latest: AccountHealthLog | None,
    source: str,
) -> AccountHealthLog:
    now, before = utcnow(), _lines_by_key(latest)
    facts = dict(latest.numbers) if latest else {}
    known = {row.meta_id: row.phone_number for row in account.phone_numbers}
    asked = {key: lines[key].as_dict() if key in lines else before[key] for key in GRAPH_CHECKS}
    if probe.has_numbers:
        fallen = health_numbers.note_fallen(before, facts, probe.numbers)
        further = [line.as_dict() for line in health_numbers.further_lines(probe, known, fallen)]
        facts = {id_: fact for id_, fact in health_numbers.facts_of(probe.numbers).items() if id_ in known}
    else:
        further = _kept_further(latest)
    if before.get("account", {}).get("title") == health_account.RESTRICTED:
        _look_whether_it_is_lifted(account, asked["account"])
    checks = [*asked.values(), *further, *_own_lines(account)]
    alerts = alert_queries.open_alerts_by_key(account.id)
    _date(checks, latest, {key: (alert.title, alert.opened_at) for key, alert in alerts.items()}, now)
    log = AccountHealthLog(
        account_id=account.id,
        checked_at=now,
        state=worst_state(checks),
        checks=checks,
        source=source,
        numbers=facts,
    )
    db.session.add(log)
    health_changes.note(log, latest)
    numbers.note_findings(account, Findings(token=probe.token, waba=probe.waba, numbers=probe.numbers))
    return log


def _look_whether_it_is_lifted(account: Account, line: Mapping[str, Any]) -> None:
    """Meta tells that a restriction begins and when it ends, but not that it is lifted before."""
    if line["state"] == CheckState.PASSED:
        over = CheckLine("restriction", "Restriction is lifted", CheckState.PASSED, "")
        health_signals.report(account, over, needs_check=False)


def _lines_by_key(log: AccountHealthLog | None) -> dict[str, Any]:
    return {check["key"]: check for check in log.checks} if log else {}


def _kept_further(log: AccountHealthLog | None) -> list[dict[str, Any]]:
    """Meta was not asked about numbers: what was found about them stands."""
    checks = log.checks if log else []
    return [
        check
        for check in checks
        if check["key"].partition(":")[0] in _OF_NUMBERS and check["key"] not in GRAPH_CHECKS
    ]


def _date(
    checks: list[dict[str, Any]],
    latest: AccountHealthLog | None,
    alerts: Mapping[str, tuple[str, datetime]],
    now: datetime,
) -> None:
    """Since when each line has stood as it stands: kept from log to log, whatever Meta does not answer."""
    before = _lines_by_key(latest)
    for check in checks:
        earlier = before.get(check["key"])
        title, opened_at = alerts.get(check["key"], ("", now))
        if earlier is not None and latest is not None and _is_same(earlier, check):
            check["since"] = earlier.get("since") or latest.checked_at.isoformat()
        else:
            check["since"] = (opened_at if title == check["title"] else now).isoformat()


def _is_same(earlier: Mapping[str, Any], check: Mapping[str, Any]) -> bool:
    """Logs of earlier versions know no cause: there the title tells."""
    cause = earlier.get("cause") or earlier["title"]
    is_one = cause == check["cause"] if "cause" in earlier else earlier["title"] == check["title"]
    return bool(is_one and earlier["state"] == check["state"])


def _with_what_it_needs(only: str | None, before: Mapping[str, Any]) -> list[str]:
    """All lines when there is no earlier run; permissions stand in the token, so both are asked."""
    keys = list(GRAPH_CHECKS)
    if only not in keys or not set(keys) <= set(before):
        return keys
    together = {"token": ["token", "permissions"], "permissions": ["token", "permissions"]}
    return together.get(only, [only])


def current_checks(account: Account, log: AccountHealthLog | None) -> list[dict[str, Any]]:
    """The list as it stands now: Meta's lines of the last run, our own records of this moment."""
    asked = _lines_by_key(log)
    lines = [asked.get(key) or health_questions.open_line(key).as_dict() for key in GRAPH_CHECKS]
    own = _own_lines(account)
    _date(own, log, {}, utcnow())
    return [*lines, *_kept_further(log), *own]


def _own_lines(account: Account) -> list[dict[str, Any]]:
    lines: tuple[CheckLine | None, ...] = (
        health_lines.handshake_line(account),
        health_lines.first_event_line(account),
        *health_lines.version_lines(current_app.config["SETTINGS"].graph_api_version),
        health_lines.silence_line(account),
        block_watch.overdue_line(account),
        *health_account.own_lines(account),
        *health_signals.signal_lines(account),
    )
    return [line.as_dict() for line in lines if line is not None]


def findings_of(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is not in order, the worst first; what Meta's webhook tells with more words, only once."""
    keys = {check["key"] for check in checks}
    is_said = not keys.isdisjoint(health_alerts.SAID_OF_THE_ACCOUNT)
    open_ = [
        check
        for check in checks
        if check["state"] != CheckState.PASSED and not (is_said and check["key"] == "account")
    ]
    return sorted(open_, key=lambda one: (_WORST_FIRST.index(one["state"]), -int(one.get("weight", 0))))


def must_pass(check: Mapping[str, Any]) -> bool:
    """True for a line that keeps an account from being finished."""
    is_open = check["state"] in (CheckState.FAILED, CheckState.WAITING)
    return is_open and check["key"] != _MAY_COME_LATER


def worst_state(checks: list[dict[str, Any]]) -> CheckState:
    states = {CheckState(check["state"]) for check in checks}
    return next((state for state in _WORST_FIRST if state in states), CheckState.PASSED)
