"""Bringing the company into this console: connected as any account is, then given its past."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, select

from app.errors import DomainError, NotReady
from app.extensions import db
from app.models import Account, AccountHealthLog, CheckState, MessageTemplate, Role, User, utcnow
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING, SYSTEM, Actor, actor_of_user
from app.queries.health import find_latest_log
from app.queries.message_templates import find_by_name
from app.services import media_rows, message_templates, numbers, usage
from app.services.accounts import propose_verify_token, set_up_account
from app.services.demo import flows as claim_form
from app.services.demo import knowledge, rows, sandbox_side
from app.services.demo import message_templates as samples
from app.services.demo.company import BOT, CONNECTED_DAYS_AGO, DAYS, PROFILE
from app.services.demo.history import Plan
from app.services.message_templates import MessageTemplateDraft
from app.services.sandbox_accounts import require_answer


class HasAccounts(NotReady):
    """There is something here already, which a fictional company must not mix with."""

    code = "has_accounts"


def create_demo() -> int:
    """Connect Meridian Insurance to the sandbox and write its 30 days; answers the number of messages.

    Raises HasAccounts when there is any account, NotReady when the Graph address is Meta's own, and
    Unavailable when sandbox or web server do not answer; nothing is kept then.
    """
    require_possible()
    owner = _find_owner()
    sender_id = owner.id if owner else None
    actor = actor_of_user(owner) if owner else SYSTEM
    account_id = _connect(actor)
    try:
        plan = Plan(utcnow())
        count = _give_past(account_id, plan, actor, sender_id)
        usage.roll_up()
        sandbox_side.write_in(plan.live)
    except Exception:
        _forget(account_id)
        raise
    return count


def require_possible() -> None:
    """Raises as `create_demo` does, before anything is begun."""
    _require_sandbox()
    _require_nothing_here()
    require_answer()


def _require_sandbox() -> None:
    if not current_app.config["SETTINGS"].is_sandbox:
        raise NotReady(
            "GRAPH_API_BASE_URL is Meta's own address, and a fictional company has no business there. Point "
            "it to the sandbox (flask --app wsgi sandbox), then try again. Nothing was changed."
        )


def _require_nothing_here() -> None:
    name = db.session.scalar(select(Account.name).order_by(Account.id).limit(1))
    db.session.commit()
    if name is not None:
        raise HasAccounts(f"There is an account here already (“{name}”), so nothing was changed.")


def _find_owner() -> User | None:
    """Who is shown as the writer of what agents said."""
    statement = select(User).where(User.role == Role.OWNER).order_by(User.id).limit(1)
    return db.session.scalar(statement)


def _connect(actor: Actor) -> int:
    """Through the same service as everybody: token, number, webhook and message templates are real."""
    known = sandbox_side.make_account()
    values = {**known, **PROFILE, **BOT, "webhook_verify_token": propose_verify_token()}
    account = set_up_account(values=values, actor=actor)
    account_id = account.id
    try:
        numbers.sync_numbers(account=account, actor=actor)
    except DomainError:
        _forget(account_id)
        raise
    return account_id


def _give_past(account_id: int, plan: Plan, actor: Actor, sender_id: int | None) -> int:
    user_ids = sandbox_side.introduce(plan.drafts)
    account = account_queries.get_account(account_id, EVERYTHING)
    _add_drafts(account, actor)
    form = claim_form.publish_claim_form(account, actor)
    claim_form.fill(plan.drafts, form)
    knowledge.write(account, plan.now)
    count = rows.write(plan, account, user_ids, sender_id)
    claim_form.store_answers(account.id)
    _age_account(account, plan)
    _age_message_templates(account, plan.now)
    _add_health_logs(account, plan.now)
    db.session.commit()
    return count


def _forget(account_id: int) -> None:
    """What a run that failed began: all of it hangs on the account."""
    db.session.rollback()
    media_rows.let_go_of_account(account_id)
    db.session.execute(delete(Account).where(Account.id == account_id))
    db.session.commit()


def _add_drafts(account: Account, actor: Actor) -> None:
    for sample in samples.DRAFTS:
        draft = MessageTemplateDraft(sample.name, sample.language, sample.category, sample.components)
        message_templates.create_draft(account=account, draft=draft, actor=actor)


def _age_account(account: Account, plan: Plan) -> None:
    connected = plan.now - timedelta(days=CONNECTED_DAYS_AGO)
    account.created_at = account.live_at = account.subscribed_at = account.handshake_seen_at = connected
    account.first_event_at = plan.drafts[0].at
    account.last_event_at = plan.drafts[-1].at


def _age_message_templates(account: Account, now: datetime) -> None:
    """When each came into its state, and what Meta said about it."""
    for sample in samples.ALL:
        row = find_by_name(account.id, sample.name, sample.language)
        if row is not None:
            _age(row, sample, now - timedelta(days=sample.days_ago))


def _age(row: MessageTemplate, sample: samples.Sample, at: datetime) -> None:
    row.created_at = at - timedelta(days=1)
    row.updated_at = row.status_changed_at = at
    row.submitted_at = at - timedelta(minutes=5) if row.meta_id else None
    row.rejected_reason = sample.reason


def _add_health_logs(account: Account, now: datetime) -> None:
    """One check a day. On one of them Meta did not answer, which says nothing about the account."""
    latest = find_latest_log(account.id)
    if latest is None:
        return
    for days_ago in range(DAYS - 1, 0, -1):
        is_silent = days_ago == DAYS // 2
        checks = [_unanswered(check) if is_silent else dict(check) for check in latest.checks]
        db.session.add(
            AccountHealthLog(
                account_id=account.id,
                checked_at=now - timedelta(days=days_ago, minutes=days_ago % 7),
                state=CheckState.WARNING if is_silent else CheckState.PASSED,
                checks=checks,
            )
        )


def _unanswered(check: dict[str, object]) -> dict[str, object]:
    if check["key"] != "number":
        return dict(check)
    return {
        **check,
        "title": "Number could not be checked",
        "state": str(CheckState.WARNING),
        "evidence": "Meta could not be reached. This says nothing about the account.",
        "what_to_do": "Try again in a moment.",
    }
