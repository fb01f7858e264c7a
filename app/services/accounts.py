"""Accounts: connecting them in six steps (or in one call), changing, finishing and archiving them.

A draft keeps whatever was typed, so that nothing has to be typed twice; only `setup_step` says how
far Meta has confirmed it. What is entered for an account in use is stored only after Meta agreed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.errors import DomainError, FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    ApiKeyAccount,
    Direction,
    Membership,
    Message,
    MessageStatus,
    Role,
    utcnow,
)
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING, Actor
from app.services import (
    account_fields,
    audit,
    business_profiles,
    health,
    media_rows,
    message_templates,
    numbers,
    usage_changes,
)
from app.services.account_fields import STEPS, step_of
from app.services.account_values import (
    apply_values,
    find_archived,
    find_conflicts,
    shown_values,
    stored_secrets,
)
from app.services.connections import require_same_world
from app.services.knowledge import setup_text
from app.services.outgoing import telling
from app.services.setup_checks import Connection, Findings, check_all, check_app
from app.services.webhook_connection import connect_webhook, disconnect_webhook

DRAFT_SECRETS_KEPT = timedelta(hours=24)
_LAST_FORM_STEP = STEPS - 1
_CHECKED_STEPS = range(1, 4)


class StepNotOpen(NotReady):
    """An earlier step comes first."""

    code = "step_not_open"


class StepRefused(InvalidFields):
    """Values of a step that cannot be taken. `account_id`: see `save_step`."""

    def __init__(self, problems: list[FieldProblem], account_id: int) -> None:
        super().__init__(problems)
        self.account_id = account_id


def propose_verify_token() -> str:
    """A strong word for Meta to show back to us; 192 random bits."""
    return secrets.token_urlsafe(24)


def first_open_step(account: Account) -> int:
    """The step to go on with, 1 to 6. Secrets that were forgotten (see below) open their step again."""
    kept = stored_secrets(account)
    for step in range(1, account.setup_step + 1):
        needed = {field.name for field in account_fields.fields_of(step) if field.is_secret}
        if not needed <= kept:
            return step
    return min(account.setup_step + 1, STEPS)


def start_setup(*, actor: Actor, name: str = "") -> Account:
    """A new draft. Whoever is not an owner becomes its manager (a key gets access to it)."""
    account = Account(
        name=name or "New account",
        status=AccountStatus.SETUP,
        is_sandbox=current_app.config["SETTINGS"].is_sandbox,
        created_by_id=actor.user.id if actor.user else None,
    )
    db.session.add(account)
    db.session.flush()
    if actor.role is not Role.OWNER:
        _give_access(account, actor)
    audit.record(actor, "account.setup_started", account_id=account.id, object_type="account")
    db.session.commit()
    return account


def _give_access(account: Account, actor: Actor) -> None:
    if actor.user is not None:
        db.session.add(Membership(user_id=actor.user.id, account_id=account.id, role=Role.MANAGER))
    elif actor.api_key is not None:
        db.session.add(ApiKeyAccount(api_key_id=actor.api_key.id, account_id=account.id))


def save_step(*, account: Account, step: int, values: Mapping[str, object], actor: Actor) -> Account:
    """Store and check one of the steps 1 to 5; `setup_step` moves on when Meta confirms.

    Answers the account, which is another one when its WABA was archived here before. Raises
    StepRefused (problems may name fields of earlier steps), StepNotOpen, MetaUnavailable.
    """
    if not account.is_live and step > first_open_step(account):
        raise StepNotOpen(f"Step {first_open_step(account)} comes first.")
    cleaned, problems = account_fields.clean(
        account_fields.fields_of(step), values, kept=stored_secrets(account)
    )
    account = _bring_back(account, cleaned, actor)
    before = shown_values(account)
    problems += account_fields.find_mix_ups(_together(account, cleaned, step))
    problems += find_conflicts(account, cleaned, actor)
    if not account.is_live:
        _keep_draft(account, cleaned, problems, step, actor)
    if problems:
        raise StepRefused(problems, account.id)
    return _confirm_step(account, step, cleaned, before, actor)


def _together(account: Account, cleaned: Mapping[str, Any], step: int) -> dict[str, Any]:
    """This step's values beside those of the earlier ones, to find what was copied into the wrong field.

    Fields of later steps are left out: their own step says what is wrong with them.
    """
    stored = {**shown_values(account), "app_secret": account.app_secret, "access_token": account.access_token}
    earlier = {name: value for name, value in stored.items() if step_of(name) < step}
    return {**earlier, **cleaned}


def _bring_back(account: Account, cleaned: dict[str, Any], actor: Actor) -> Account:
    """A WABA has one row for ever: the draft gives way to the archived account, which opens again."""
    archived = find_archived(account, cleaned.get("waba_id", ""), actor)
    if archived is None or account.is_live:
        return account
    archived.status, archived.archived_at, archived.setup_step = AccountStatus.SETUP, None, 0
    archived.is_sandbox = account.is_sandbox
    audit.record(actor, "account.reopened", account_id=archived.id, object_type="account")
    media_rows.let_go_of_account(account.id)
    db.session.delete(account)
    db.session.flush()
    return archived


def _keep_draft(
    account: Account, cleaned: dict[str, Any], problems: list[FieldProblem], step: int, actor: Actor
) -> None:
    """Store what can be stored; a field with a problem keeps what it had."""
    wrong = {problem.field for problem in problems}
    changed = apply_values(account, {name: value for name, value in cleaned.items() if name not in wrong})
    account.is_sandbox = current_app.config["SETTINGS"].is_sandbox
    if problems:
        account.setup_step = min(account.setup_step, step - 1)
        audit.record(
            actor,
            "account.step_refused",
            account_id=account.id,
            object_type="account",
            object_id=account.id,
            details={"step": step, "fields": sorted(changed), "refused": sorted(wrong)},
        )
    _commit_or_refuse(cleaned, account.id)


def _commit_or_refuse(cleaned: Mapping[str, Any], account_id: int) -> None:
    """The unique ids of Meta's settle who was first when two people connect the same thing at once."""
    try:
        if "knowledge_base" in cleaned:
            setup_text.follow(account_queries.get_account(account_id, EVERYTHING))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        name = "phone_number_id" if "phone_number_id" in cleaned else "waba_id"
        text = "This was connected by somebody else just now. Reload the page to see where."
        raise StepRefused([FieldProblem(name, text)], account_id) from None


def _confirm_step(
    account: Account, step: int, cleaned: dict[str, Any], before: dict[str, Any], actor: Actor
) -> Account:
    """Ask Meta, with no transaction open, then write down how far the account got."""
    account_id, is_live = account.id, account.is_live
    if is_live:
        require_same_world(account)
    connection = Connection.of(account).with_values(cleaned)
    is_token_known = is_live or account.setup_step >= _CHECKED_STEPS[-1]
    db.session.commit()
    findings = _ask_meta(connection, step, is_token_known=is_token_known)
    if step == business_profiles.STEP:
        findings.problems += business_profiles.write(connection, cleaned, before)
    account = account_queries.get_account(account_id, EVERYTHING)
    if is_live and findings.problems:
        raise StepRefused(findings.problems, account_id)
    shown = before if is_live else {}
    changed = apply_values(account, cleaned) if is_live else list(cleaned)
    numbers.note_findings(account, findings)
    _note_progress(account, step, findings.problems)
    audit.record(
        actor,
        "account.step_saved",
        account_id=account.id,
        object_type="account",
        object_id=account.id,
        details={"step": step, **audit.differences(changed, shown, shown_values(account))},
    )
    _commit_or_refuse(cleaned, account_id)
    blocking = [problem for problem in findings.problems if step_of(problem.field) <= step]
    if blocking:
        raise StepRefused(blocking, account_id)
    if is_live and step in _CHECKED_STEPS:
        health.run_health_check(account)
        account = account_queries.get_account(account_id, EVERYTHING)
    return account


def _ask_meta(connection: Connection, step: int, *, is_token_known: bool) -> Findings:
    if step not in _CHECKED_STEPS:
        return Findings()
    if step == _CHECKED_STEPS[-1] or is_token_known:
        return check_all(connection)
    return check_app(connection) if step == 1 else Findings()


def _note_progress(account: Account, step: int, problems: list[FieldProblem]) -> None:
    """A problem takes the account back to before the step it belongs to."""
    if account.is_live:
        return
    reached = max(account.setup_step, step)
    account.setup_step = min([reached, *(step_of(problem.field) - 1 for problem in problems)])


def set_up_account(*, values: Mapping[str, object], actor: Actor) -> Account:
    """All six steps in one call, by the same rules; the account is live when this returns.

    Raises InvalidFields naming every field, MetaUnavailable, NotReady when the webhook cannot be
    connected; then nothing is kept, and the same call may be made again.
    """
    cleaned, problems = account_fields.clean(account_fields.FIELDS.values(), values)
    problems += account_fields.unknown_fields(values) + account_fields.find_mix_ups(cleaned)
    archived = find_archived(None, cleaned.get("waba_id", ""), actor)
    problems += find_conflicts(archived, cleaned, actor)
    if problems:
        raise InvalidFields(problems)
    db.session.commit()
    connection = Connection().with_values(cleaned)
    findings = check_all(connection)
    findings.problems += business_profiles.write(connection, cleaned) if not findings.problems else []
    if findings.problems:
        raise InvalidFields(findings.problems)
    account = _bring_back(start_setup(actor=actor, name=cleaned["name"]), cleaned, actor)
    apply_values(account, cleaned)
    numbers.note_findings(account, findings)
    account.setup_step = _LAST_FORM_STEP
    account_id, was_archived = account.id, archived is not None
    _commit_or_refuse(cleaned, account_id)
    try:
        connect_webhook(account=account, actor=actor)
        return finish_setup(account=account_queries.get_account(account_id, EVERYTHING), actor=actor)
    except DomainError:
        _take_back(account_id, was_archived=was_archived, actor=actor)
        raise


def _take_back(account_id: int, *, was_archived: bool, actor: Actor) -> None:
    """What the one call began and could not finish."""
    db.session.rollback()
    account = account_queries.get_account(account_id, EVERYTHING)
    if was_archived:
        archive_account(account=account, actor=actor)
    else:
        discard_draft(account=account, actor=actor)


def require_last_step(account: Account) -> None:
    """Raises StepNotOpen unless the five forms of the set-up are done."""
    if not account.is_live and first_open_step(account) < STEPS:
        raise StepNotOpen(f"Step {first_open_step(account)} comes first.")


def finish_setup(*, account: Account, actor: Actor) -> Account:
    """Turn a draft live: every connection check must pass (the first event may come later).

    Then numbers and message templates are fetched. Raises StepNotOpen, NotReady with the reason.
    """
    require_last_step(account)
    account_id = account.id
    log = health.run_health_check(account)
    missing = [check["title"] for check in log.checks if health.must_pass(check)]
    if missing:
        raise NotReady(f"The account is not ready yet. Still open: {', '.join(missing)}.")
    account = account_queries.get_account(account_id, EVERYTHING)
    if not account.is_live:
        account.status, account.setup_step, account.live_at = AccountStatus.LIVE, STEPS, utcnow()
        audit.record(actor, "account.connected", account_id=account_id, object_type="account")
        db.session.commit()
    return _fetch_message_templates(account, actor)


def _fetch_message_templates(account: Account, actor: Actor) -> Account:
    """The account is live whether or not this works: the list has a button of its own."""
    account_id = account.id
    try:
        message_templates.sync(account=account, actor=actor)
    except DomainError as error:
        db.session.rollback()
        current_app.logger.warning("message templates of account %s were not fetched: %s", account_id, error)
    return account_queries.get_account(account_id, EVERYTHING)


def archive_account(*, account: Account, actor: Actor) -> None:
    """Take an account out of use. Messages and figures stay; secrets go; what was queued is not sent."""
    account_id = account.id
    disconnect_webhook(account)
    account = account_queries.get_account(account_id, EVERYTHING)
    account.status, account.archived_at = AccountStatus.ARCHIVED, utcnow()
    account.attention_reason = ""
    account.app_secret = account.previous_app_secret = None
    account.access_token = account.webhook_verify_token = None
    account.subscribed_at = account.handshake_seen_at = None
    failed = (
        update(Message)
        .where(
            Message.account_id == account_id,
            Message.direction == Direction.OUTBOUND,
            Message.status == MessageStatus.QUEUED,
        )
        .values(
            status=MessageStatus.FAILED,
            failed_at=utcnow(),
            next_attempt_at=None,
            error_title="Not sent: the account was archived.",
        )
        .returning(Message.id, Message.phone_number_id, Message.created_at)
    )
    rows = db.session.execute(failed).all()
    usage_changes.note((row.phone_number_id, row.created_at) for row in rows)
    telling.tell_statuses([row.id for row in rows])
    audit.record(actor, "account.archived", account_id=account_id, object_type="account")
    db.session.commit()


def discard_draft(*, account: Account, actor: Actor) -> None:
    """Throw a set-up away. Raises NotReady for an account that was ever live."""
    if account.is_live or account.live_at is not None:
        raise NotReady("This account has been in use. Archive it instead.")
    account_id, name = account.id, account.name
    disconnect_webhook(account)
    media_rows.let_go_of_account(account_id)
    db.session.delete(account_queries.get_account(account_id, EVERYTHING))
    audit.record(
        actor, "account.setup_discarded", object_type="account", object_id=account_id, details={"name": name}
    )
    db.session.commit()


def forget_draft_secrets(now: datetime | None = None) -> int:
    """Remove the secrets of set-ups that nobody touched for a day; answers how many. For the periodic job.

    Everything else that was typed stays; the steps with secrets open again.
    """
    before = (now or utcnow()) - DRAFT_SECRETS_KEPT
    drafts = db.session.scalars(
        select(Account).where(Account.status == AccountStatus.SETUP, Account.updated_at < before)
    )
    forgotten = 0
    for account in drafts:
        if stored_secrets(account):
            account.app_secret = account.access_token = account.webhook_verify_token = None
            forgotten += 1
    db.session.commit()
    return forgotten
