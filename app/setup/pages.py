"""What every page of the wizard is made of: the rail, the step's form, what is wrong and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, url_for

from app.models import Account
from app.queries import accounts as account_queries
from app.services import accounts
from app.services.account_fields import FIELDS, LINES_OF_BUSINESS, STEPS, step_of
from app.services.account_values import secret_tails, shown_values
from app.setup.forms import AccessTokensForm, StepForm
from app.setup.steps import STEP_TABLE, Step
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.responses import respond


@dataclass(frozen=True)
class ProblemElsewhere:
    """A problem of an earlier step, found now: its field, and the way there."""

    label: str
    text: str
    url: str


def managed_account(account_id: int) -> Account:
    """The account, for those who may manage it; NotFound otherwise."""
    return account_queries.get_account(account_id, current_actor().scope("accounts.manage"))


def step_url(account_id: int, number: int) -> str:
    return url_for("setup.step", account_id=account_id, number=number)


def stored_form(step: Step, account: Account | None) -> StepForm | None:
    """The step's form with what is stored; the verify token comes with a proposal."""
    if step.form is None:
        return None
    form = step.form.showing(shown_values(account) if account else {})
    if isinstance(form, AccessTokensForm) and account is not None and not account.webhook_verify_token:
        form.webhook_verify_token.data = accounts.propose_verify_token()
    return form


def render_step(
    step: Step,
    account: Account | None,
    form: StepForm | None,
    *,
    status: int = 200,
    notice: str = "",
    elsewhere: list[ProblemElsewhere] | None = None,
    **context: Any,
) -> Response:
    """The page of one step, or for HTMX its part."""
    return respond(
        page="setup/edit.html" if account is not None and account.is_live else "setup/step.html",
        fragment="setup/_step.html",
        status=status,
        step=step,
        account=account,
        form=form,
        rail=build_rail(step, account, has_problem=status == 422),
        tails=secret_tails(account) if account else {},
        notice=notice,
        elsewhere=elsewhere or [],
        steps=STEPS,
        lines_of_business=LINES_OF_BUSINESS,
        **context,
    )


def build_rail(current: Step, account: Account | None, *, has_problem: bool) -> list[dict[str, Any]]:
    """Six entries for the rail; finished steps and the next one are links."""
    reached = accounts.first_open_step(account) if account else 1
    return [_rail_entry(step, current, account, reached, has_problem) for step in STEP_TABLE]


def _rail_entry(
    step: Step, current: Step, account: Account | None, reached: int, has_problem: bool
) -> dict[str, Any]:
    is_current = step is current
    is_done = account is not None and step.number < reached
    state = "error" if is_current and has_problem else "done" if is_done else ""
    note = step.done_note(account) if account is not None and is_done else step.waiting_note
    url = step_url(account.id, step.number) if account is not None and step.number <= reached else ""
    return {"title": step.title, "note": note, "state": state, "url": url, "is_current": is_current}


def show_refusal(step: Step, form: StepForm, error: accounts.StepRefused) -> list[ProblemElsewhere]:
    """Put each problem beside its field; what belongs to another step is answered, with its link."""
    here = {problem.field for problem in error.problems if step_of(problem.field) in (0, step.number)}
    elsewhere = [
        ProblemElsewhere(
            label=FIELDS[problem.field].label,
            text=problem.message,
            url=f"{step_url(error.account_id, step_of(problem.field))}#{problem.field}",
        )
        for problem in error.problems
        if problem.field not in here
    ]
    error.problems = [problem for problem in error.problems if problem.field in here]
    show_problems(form, error)
    return elsewhere
