"""Changing an account field by field, for programs: the wizard's rules without its steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import Account, AccountStatus
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING, Actor
from app.services import account_fields, audit, business_profiles, health, numbers
from app.services.account_fields import FIELDS, step_of
from app.services.account_values import apply_values, find_conflicts, shown_values, stored_secrets
from app.services.accounts import discard_draft, start_setup
from app.services.knowledge import setup_text
from app.services.setup_checks import Connection, Findings, check_all

_ONLY_OURS = frozenset({"name", "display_number", "webhook_verify_token"})
"""Fields of the first three steps that Meta has no say in."""
_LAST_CHECKED_STEP = 3


def create_account(*, values: Mapping[str, object], actor: Actor) -> Account:
    """A draft with what is known so far; the wizard goes on from there. Raises InvalidFields."""
    given = {"name": None, **values}
    cleaned = _clean(None, given, actor)
    account = start_setup(actor=actor, name=cleaned["name"])
    try:
        return _change_draft(account, cleaned, actor)
    except InvalidFields:
        discard_draft(account=account, actor=actor)
        raise


def update_account(*, account: Account, values: Mapping[str, object], actor: Actor) -> Account:
    """Change the given fields, all or none. A secret that is empty keeps what is stored.

    For an account in use Meta is asked first, and the profile is written there too; a new app secret
    keeps the old one valid beside it. A draft keeps what it is given, and its steps are checked again.
    Raises InvalidFields and MetaUnavailable; nothing is changed then.
    """
    cleaned = _clean(account, values, actor)
    if not account.is_live:
        return _change_draft(account, cleaned, actor)
    account_id, before = account.id, shown_values(account)
    connection = Connection.of(account).with_values(cleaned)
    db.session.commit()
    findings = _ask_meta(connection, cleaned, before)
    account = account_queries.get_account(account_id, EVERYTHING)
    if findings is not None:
        numbers.note_findings(account, findings)
    _apply(account, cleaned, actor)
    if findings is not None and account.status is AccountStatus.NEEDS_ATTENTION:
        # Only a whole check may say that all is well again.
        health.run_health_check(account)
        account = account_queries.get_account(account_id, EVERYTHING)
    return account


def _clean(account: Account | None, values: Mapping[str, object], actor: Actor) -> dict[str, Any]:
    kept = stored_secrets(account) if account else frozenset()
    problems = account_fields.unknown_fields(values)
    known = [FIELDS[name] for name in values if name in FIELDS]
    cleaned, wrong = account_fields.clean(known, values, kept=kept)
    problems += wrong
    stored: dict[str, Any] = {}
    if account is not None:
        stored = shown_values(account)
        stored |= {name: getattr(account, name) for name in kept}
    problems += account_fields.find_mix_ups({**stored, **cleaned})
    problems += find_conflicts(account, cleaned, actor)
    if problems:
        raise InvalidFields(problems)
    return cleaned


def _change_draft(account: Account, cleaned: dict[str, Any], actor: Actor) -> Account:
    """Meta has not confirmed these values: the first step they belong to is open again."""
    steps = [step_of(name) for name in cleaned if name != "name"]
    account.setup_step = min([account.setup_step, *(step - 1 for step in steps)])
    _apply(account, cleaned, actor)
    return account


def _ask_meta(
    connection: Connection, cleaned: Mapping[str, Any], before: Mapping[str, Any]
) -> Findings | None:
    """What Meta says to the new connection; None when nothing of it changed. Raises InvalidFields."""
    asked = {name for name in cleaned if step_of(name) <= _LAST_CHECKED_STEP} - _ONLY_OURS
    findings = check_all(connection) if asked else None
    problems = list(findings.problems) if findings else []
    if not problems and any(step_of(name) == business_profiles.STEP for name in cleaned):
        problems = business_profiles.write(connection, cleaned, before)
    if problems:
        raise InvalidFields(problems)
    return findings


def _apply(account: Account, cleaned: Mapping[str, Any], actor: Actor) -> None:
    account_id = account.id
    before = shown_values(account)
    changed = apply_values(account, cleaned)
    audit.record(
        actor,
        "account.changed",
        account_id=account_id,
        object_type="account",
        object_id=account_id,
        details=audit.differences(changed, before, shown_values(account)),
    )
    try:
        if "knowledge_base" in changed:
            setup_text.follow(account)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        text = "This was connected by somebody else just now. Look where, then try again."
        raise InvalidFields([FieldProblem("waba_id", text)]) from None
