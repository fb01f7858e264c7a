"""The API does what its own description says, whatever is thrown at it. `FUZZ_EXAMPLES=2000`: at length."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, strategies
from hypothesis import settings as trying
from schemathesis.checks import CheckFunction
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from app.extensions import db
from config import Settings
from tests.rules.walking import build_world
from tests.support.factories import Factory

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 4)
_NOT_REACHED = {503, 504}
"""Nobody answers at Meta's address in this test; it is said so."""
CHECKS: list[CheckFunction] = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
# Deleting is tried with ids that mostly do not exist: else there is soon nothing left to try anything with.
_KEEP_FROM = {"DELETE"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, api_calls_per_minute=0)


@pytest.mark.both_databases  # what a column takes is not the same
@pytest.mark.timeout(120 if EXAMPLES < 50 else 0)
def test_every_call_answers_as_described(app: Flask, make: Factory, database_kind: str) -> None:
    # PostgreSQL is the strict one: SQLite, which takes nearly anything, gets the first half of the same.
    examples = EXAMPLES if database_kind == "postgresql" else max(EXAMPLES // 2, 1)
    ids = build_world(make, "FUZZ").ids
    headers = {"Authorization": f"Bearer {make.api_key(role='owner')}"}
    db.session.rollback()
    schema = schemathesis.openapi.from_wsgi("/api/whatsapp/openapi.json", app)
    faults = []
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/webhook/webhook/"):
            continue  # no key; tests/webhook has its own
        try:
            _try(operation, ids, headers, examples)
        except (FailureGroup, AssertionError) as fault:
            faults.append(f"{operation.method.upper()} {operation.path}: {fault}")
    assert not faults, "\n\n".join(faults)


def _try(operation: Any, ids: dict[str, Any], headers: dict[str, str], examples: int) -> None:
    keeps = operation.method.upper() in _KEEP_FROM

    @trying(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_there=strategies.integers(0, 3))
    def attempt(case: Any, is_there: int) -> None:
        if is_there and not keeps:
            _name_what_is_there(case, ids)
        answer = case.call(headers=headers)
        assert answer.status_code < 500 or answer.status_code in _NOT_REACHED, answer.text
        case.validate_response(answer, checks=CHECKS, headers=headers)

    attempt()


def _name_what_is_there(case: Any, ids: dict[str, Any]) -> None:
    """Ids by chance exist nowhere, and 404 would be all that is ever tried."""
    for name in case.path_parameters or ():
        case.path_parameters[name] = ids[name]
    if isinstance(case.body, dict) and "waba_account_id" in case.body:
        case.body["waba_account_id"] = ids["account_id"]
