"""The questions of a check that Meta answers, one after the other; a refusal and silence are answers too."""

from __future__ import annotations

import time
from dataclasses import replace

from app.graph.errors import GraphAuthError, GraphBlocked, GraphError, GraphRejected
from app.models import CheckState
from app.services.health_account import check_account
from app.services.health_lines import (
    UNANSWERED,
    Check,
    CheckLine,
    Probe,
    check_permissions,
    check_subscription,
    check_token,
    failed,
    waiting,
)
from app.services.health_numbers import check_number
from app.services.setup_checks import meta_code

_REFUSALS = (GraphAuthError, GraphBlocked, GraphRejected)

GRAPH_CHECKS: dict[str, Check] = {
    "token": check_token,
    "permissions": check_permissions,
    "account": check_account,
    "number": check_number,
    "subscription": check_subscription,
}
_COULD_NOT = {
    "token": "Token could not be checked",
    "permissions": "Permissions could not be checked",
    "account": "Account could not be checked",
    "number": "Number could not be checked",
    "subscription": "Subscription could not be checked",
}


def run(key: str, probe: Probe) -> CheckLine:
    """One line, timed."""
    started = time.monotonic()
    try:
        line = GRAPH_CHECKS[key](probe)
    except _REFUSALS as error:
        line = failed(
            key,
            _COULD_NOT[key],
            f"Meta refused the question: “{error.details or error.title}”{meta_code(error)}.",
            "Check the token and the IDs in steps 1 to 3.",
        )
    except GraphError as error:
        line = CheckLine(
            key,
            _COULD_NOT[key],
            CheckState.WARNING,
            f"Meta could not be reached. This says nothing about the account.{meta_code(error)}",
            "Try again in a moment.",
            why="Until Meta answers, this console does not know.",
            cause=UNANSWERED,
        )
    return replace(line, seconds=round(time.monotonic() - started, 1))


def after_the_token(lines: dict[str, CheckLine]) -> dict[str, CheckLine]:
    """With a token that does not work, what Meta refused for it is not known: one trouble, one finding."""
    token = lines.get("token")
    if token is None or token.state is not CheckState.FAILED:
        return lines
    return {
        key: replace(_not_known(key), seconds=line.seconds) if _hangs_on_token(key, line) else line
        for key, line in lines.items()
        if key in _COULD_NOT
    }


def _hangs_on_token(key: str, line: CheckLine) -> bool:
    return key != "token" and line.title == _COULD_NOT[key]


def _not_known(key: str) -> CheckLine:
    title = _COULD_NOT[key].replace("could not be checked", "is not known yet")
    return waiting(key, title, "This comes after the token.")


def open_line(key: str) -> CheckLine:
    """A line nobody has asked Meta about yet."""
    return waiting(key, _COULD_NOT[key].replace("could not be checked", "is not checked yet"), "")
