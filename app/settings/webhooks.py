"""Outgoing webhooks: where customers' own systems are told of events."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, url_for

from app.crypto import Secret
from app.errors import DomainError, InvalidFields
from app.models import OutgoingWebhook
from app.queries import outgoing_webhooks as queries
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services.outgoing import webhooks as service
from app.settings.blueprint import blueprint
from app.settings.webhook_forms import EVENT_WORDS, WebhookForm
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

manages_webhooks = permission_required("outgoing_webhooks.manage")


def get_webhook(webhook_id: int) -> OutgoingWebhook:
    return queries.get_webhook(webhook_id, EVERYTHING)


@blueprint.get("/webhooks/")
@manages_webhooks
def webhooks() -> Response:
    rows = queries.list_webhooks()
    html = render_template(
        "settings/webhooks.html",
        rows=rows,
        waiting=queries.count_waiting(row.id for row in rows),
        account_names={account.id: account.name for account in list_accounts(EVERYTHING)},
        event_words=EVENT_WORDS,
    )
    return make_response(html)


@blueprint.route("/webhooks/new", methods=["GET", "POST"])
@manages_webhooks
def create_webhook() -> Response:
    """The secret is in this answer and nowhere else."""
    form = WebhookForm()
    form.offer(list_accounts(EVERYTHING))
    if form.validate_on_submit():
        try:
            webhook, secret = service.create_webhook(values=form.values(is_on=True), actor=current_actor())
            return _webhook_page(webhook, secret=secret, status=201)
        except InvalidFields as error:
            show_problems(form, error)
        except DomainError as error:
            form.form_errors.append(error.message)
    status = 422 if form.errors else 200
    return make_response(render_template("settings/webhook_new.html", form=form), status)


@blueprint.route("/webhooks/<int:outgoing_webhook_id>/", methods=["GET", "POST"])
@manages_webhooks
def webhook(outgoing_webhook_id: int) -> Response:
    """One of them: how it does, and what it is told of."""
    row = get_webhook(outgoing_webhook_id)
    form = WebhookForm(**WebhookForm.stored(row))
    form.offer(list_accounts(EVERYTHING))
    if form.validate_on_submit():
        try:
            service.change_webhook(webhook=row, values=form.values(is_on=row.is_on), actor=current_actor())
        except InvalidFields as error:
            show_problems(form, error)
        else:
            flash("Saved. It holds from the next event on.")
            return go_to(url_for("settings.webhook", outgoing_webhook_id=outgoing_webhook_id))
    return _webhook_page(get_webhook(outgoing_webhook_id), form, status=422 if form.errors else 200)


@blueprint.post("/webhooks/<int:outgoing_webhook_id>/test")
@manages_webhooks
def test_webhook(outgoing_webhook_id: int) -> Response:
    try:
        sent = service.send_test(webhook=get_webhook(outgoing_webhook_id), actor=current_actor())
    except DomainError as error:
        flash(error.message, "bad")
        return go_to(url_for("settings.webhook", outgoing_webhook_id=outgoing_webhook_id))
    return go_to(url_for("settings.webhook_delivery", delivery_id=sent.id))


@blueprint.post("/webhooks/<int:outgoing_webhook_id>/switch-on")
@manages_webhooks
def switch_webhook_on(outgoing_webhook_id: int) -> Response:
    return _switch(outgoing_webhook_id, is_on=True, text="Switched on. What waited goes out now.")


@blueprint.post("/webhooks/<int:outgoing_webhook_id>/switch-off")
@manages_webhooks
def switch_webhook_off(outgoing_webhook_id: int) -> Response:
    return _switch(outgoing_webhook_id, is_on=False, text="Switched off. It is told nothing from now on.")


def _switch(outgoing_webhook_id: int, *, is_on: bool, text: str) -> Response:
    service.switch_webhook(webhook=get_webhook(outgoing_webhook_id), is_on=is_on, actor=current_actor())
    flash(text)
    return go_to(url_for("settings.webhook", outgoing_webhook_id=outgoing_webhook_id))


@blueprint.post("/webhooks/<int:outgoing_webhook_id>/new-secret")
@manages_webhooks
def new_webhook_secret(outgoing_webhook_id: int) -> Response:
    """The secret is in this answer and nowhere else."""
    row, secret = service.rotate_secret(webhook=get_webhook(outgoing_webhook_id), actor=current_actor())
    return _webhook_page(row, secret=secret)


@blueprint.get("/webhooks/<int:outgoing_webhook_id>/delete")
@manages_webhooks
def delete_webhook(outgoing_webhook_id: int) -> Response:
    """Asks once more: its log goes with it."""
    row = get_webhook(outgoing_webhook_id)
    waiting = queries.count_waiting([row.id])[row.id]
    return make_response(render_template("settings/webhook_delete.html", webhook=row, waiting=waiting))


@blueprint.post("/webhooks/<int:outgoing_webhook_id>/delete")
@manages_webhooks
def delete_webhook_now(outgoing_webhook_id: int) -> Response:
    service.delete_webhook(webhook=get_webhook(outgoing_webhook_id), actor=current_actor())
    flash("Deleted. Nothing is posted there any more.")
    return go_to(url_for("settings.webhooks"))


def _webhook_page(
    row: OutgoingWebhook, form: WebhookForm | None = None, *, secret: Secret | None = None, status: int = 200
) -> Response:
    if form is None:
        form = WebhookForm(formdata=None, **WebhookForm.stored(row))
        form.offer(list_accounts(EVERYTHING))
    html = render_template(
        "settings/webhook.html",
        webhook=row,
        form=form,
        waiting=queries.count_waiting([row.id])[row.id],
        secret=secret.reveal() if secret else None,
    )
    return make_response(html, status)
