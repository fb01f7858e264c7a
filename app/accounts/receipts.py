"""What customers see of us: whether their messages were read, and that somebody is typing."""

from __future__ import annotations

from flask import Response, flash, make_response, render_template, url_for
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from app.accounts.blueprint import blueprint
from app.models import Account, ReadReceipts
from app.queries.accounts import get_account
from app.services import receipts
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required
from app.web.responses import go_to

_CHOICES = [
    SelectChoice(ReadReceipts.NEVER.value, "Never"),
    SelectChoice(ReadReceipts.OPENED.value, "As soon as somebody opens the conversation"),
    SelectChoice(ReadReceipts.ANSWERED.value, "When somebody answers"),
]


class ReceiptsForm(PageForm):
    """When the blue ticks come, and whether typing shows."""

    read_receipts = RadioField("Customers see that we read their messages", choices=_CHOICES)
    shows_typing = BooleanField("Customers see “typing…” while somebody writes")


@blueprint.get("/<int:account_id>/receipts")
@permission_required("accounts.manage")
def show_receipts(account_id: int) -> Response:
    account = _account(account_id)
    given = {"read_receipts": account.read_receipts.value, "shows_typing": account.shows_typing}
    return _page(account, ReceiptsForm(formdata=None, data=given), 200)


@blueprint.post("/<int:account_id>/receipts")
@permission_required("accounts.manage")
def change_receipts(account_id: int) -> Response:
    account, form = _account(account_id), ReceiptsForm()
    if not form.validate():
        return _page(account, form, 422)
    receipts.set_rules(
        account=account,
        read_receipts=ReadReceipts(form.read_receipts.data),
        shows_typing=form.shows_typing.data,
        actor=current_actor(),
    )
    flash("Saved. It holds from the next conversation on that somebody opens or answers.")
    return go_to(_url(account_id))


def _url(account_id: int) -> str:
    return url_for("accounts.show_receipts", account_id=account_id)


def _account(account_id: int) -> Account:
    return get_account(account_id, current_actor().scope("accounts.manage"))


def _page(account: Account, form: ReceiptsForm, status: int) -> Response:
    return make_response(render_template("accounts/receipts.html", account=account, form=form), status)
