"""The six-step wizard: starting, filling, leaving and taking up again. Step 6's buttons are in review.py."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.errors import DomainError, NotFound, NotReady, Unavailable
from app.models import Account
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING
from app.services import accounts, business_profiles, sandbox_accounts
from app.services.account_fields import LINES_OF_BUSINESS
from app.services.account_values import shown_values
from app.setup.blueprint import blueprint
from app.setup.forms import StepForm
from app.setup.pages import managed_account, render_step, show_refusal, step_url, stored_form
from app.setup.review import review_context
from app.setup.steps import Step, get_step, is_step
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

_PROFILE_STEP = 4
_REVIEW_STEP = 6


@blueprint.get("/")
@permission_required("accounts.create")
def index() -> AnyResponse:
    return redirect(url_for("setup.new"), 303)


@blueprint.get("/new")
@permission_required("accounts.create")
def new() -> Response:
    """Step 1 of an account that does not exist yet: a look at the page leaves nothing behind."""
    return render_step(get_step(1), None, stored_form(get_step(1), None))


@blueprint.post("/new")
@permission_required("accounts.create")
def create() -> Response:
    """The first values typed make the draft."""
    step, form = get_step(1), _sent_form(get_step(1))
    if not any(form.values.values()):
        form.form_errors.append("Nothing was entered. Fill in the values of this step.")
        return render_step(step, None, form, status=422)
    draft = accounts.start_setup(actor=current_actor())
    return _save(draft, step, form)


@blueprint.post("/new/sandbox")
@permission_required("accounts.create")
def create_from_sandbox() -> Response:
    """A draft with step 1 filled from a fresh sandbox account."""
    try:
        draft = sandbox_accounts.start_with_sandbox_values(actor=current_actor())
    except (NotReady, Unavailable) as error:
        return render_step(
            get_step(1), None, stored_form(get_step(1), None), status=422, notice=error.message
        )
    return go_to(step_url(draft.id, 1))


@blueprint.get("/<int:account_id>")
@permission_required("accounts.manage")
def resume(account_id: int) -> AnyResponse:
    """Where the set-up was left."""
    account = managed_account(account_id)
    return redirect(step_url(account.id, accounts.first_open_step(account)), 303)


@blueprint.get("/<int:account_id>/<int:number>")
@permission_required("accounts.manage")
def step(account_id: int, number: int) -> AnyResponse:
    """One step; a step that is not open yet leads to the one that is."""
    account = managed_account(account_id)
    if not is_step(number):
        abort(404)
    open_step = accounts.first_open_step(account)
    if not account.is_live and number > open_step:
        return redirect(step_url(account_id, open_step), 303)
    current = get_step(number)
    context = review_context(account) if number == _REVIEW_STEP else {}
    return render_step(current, account, stored_form(current, account), **context)


@blueprint.post("/<int:account_id>/<int:number>")
@permission_required("accounts.manage")
def save(account_id: int, number: int) -> Response:
    """Store and check a step, then go to the next one."""
    account = managed_account(account_id)
    if not is_step(number) or get_step(number).form is None:
        abort(404)
    return _save(account, get_step(number), _sent_form(get_step(number)))


def _sent_form(step: Step) -> StepForm:
    if step.form is None:
        abort(404)
    return step.form()


def _save(account: Account, step: Step, form: StepForm) -> Response:
    account_id = account.id
    try:
        saved = accounts.save_step(
            account=account, step=step.number, values=form.values, actor=current_actor()
        )
    except accounts.StepNotOpen:
        flash("This step has to be put right first, because the later ones build on it.", "warn")
        return go_to(url_for("setup.resume", account_id=account_id))
    except accounts.StepRefused as error:
        elsewhere = show_refusal(step, form, error)
        return _again(error.account_id, step, form, elsewhere=elsewhere)
    except (NotReady, Unavailable) as error:
        return _again(account_id, step, form, notice=error.message)
    if saved.is_live:
        flash(f"{step.title} saved.")
        return go_to(url_for("accounts.overview", account_id=saved.id))
    return go_to(step_url(saved.id, step.number + 1))


def _again(account_id: int, step: Step, form: StepForm, **context: object) -> Response:
    """The same step with what was typed and what is wrong with it."""
    account = account_queries.get_account(account_id, EVERYTHING)
    response = render_step(step, account, form, status=422, **context)  # type: ignore[arg-type]
    # What was typed on the page for a new account is a draft by now: a reload must find it.
    response.headers["HX-Push-Url"] = step_url(account_id, step.number)
    return response


@blueprint.post("/<int:account_id>/<int:number>/sandbox")
@permission_required("accounts.manage")
def use_sandbox_values(account_id: int, number: int) -> Response:
    """Fill a step of a draft from the sandbox; the person looks at it and goes on."""
    account = managed_account(account_id)
    if not is_step(number) or get_step(number).form is None:
        abort(404)
    if number > accounts.first_open_step(account):
        return go_to(url_for("setup.resume", account_id=account_id))
    try:
        sandbox_accounts.fill_step(account=account, step=number)
    except (NotReady, Unavailable) as error:
        account = account_queries.get_account(account_id, EVERYTHING)
        return _again(account_id, get_step(number), _stored(number, account), notice=error.message)
    return go_to(step_url(account_id, number))


def _stored(number: int, account: Account) -> StepForm:
    form = stored_form(get_step(number), account)
    if form is None:
        abort(404)
    return form


@blueprint.post(f"/<int:account_id>/{_PROFILE_STEP}/read")
@permission_required("accounts.manage")
def read_profile(account_id: int) -> Response:
    """The form of step 4 with what Meta has; nothing is saved by it."""
    account = managed_account(account_id)
    if not account.is_live and accounts.first_open_step(account) < _PROFILE_STEP:
        return go_to(url_for("setup.resume", account_id=account_id))
    step = get_step(_PROFILE_STEP)
    try:
        found = business_profiles.read(account)
    except DomainError as error:
        account = account_queries.get_account(account_id, EVERYTHING)
        return _again(account_id, step, _stored(_PROFILE_STEP, account), notice=error.message)
    account = account_queries.get_account(account_id, EVERYTHING)
    values = shown_values(account) | found
    values["business_name"] = values["business_name"] or account.name
    form = step.form.showing(values) if step.form else None
    return render_step(step, account, form, told="This is what Meta has. Save it to keep it here too.")


@blueprint.post(f"/<int:account_id>/{_PROFILE_STEP}/preview")
@permission_required("accounts.manage")
def preview_profile(account_id: int) -> Response:
    """How the profile looks with what stands in the form at this moment."""
    account = managed_account(account_id)
    html = render_template(
        "setup/_profile_preview.html",
        account=account,
        form=_sent_form(get_step(_PROFILE_STEP)),
        lines_of_business=LINES_OF_BUSINESS,
    )
    return Response(html)


@blueprint.route("/<int:account_id>/discard", methods=["GET", "POST"])
@permission_required("accounts.manage")
def discard(account_id: int) -> AnyResponse:
    """Throw a draft away, after a question."""
    account = managed_account(account_id)
    if account.is_live:
        raise NotFound("This account is not a draft.")
    if request.method == "GET":
        return Response(render_template("setup/discard.html", account=account))
    name = account.name
    accounts.discard_draft(account=account, actor=current_actor())
    flash(f"The set-up of {name} was discarded.")
    return go_to(url_for("accounts.index"))
