"""The rules: list, create, change, order, on and off, delete."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from app.bot import pages
from app.bot.blueprint import blueprint
from app.bot.pages import MANAGE, VIEW
from app.bot.rule_forms import RuleForm, shown, to_fields
from app.errors import DomainError, InvalidFields
from app.models import Account, BotRule, MessageTemplate
from app.queries import bot as queries
from app.queries import message_templates as message_template_queries
from app.services.bot import rules as service
from app.services.message_template_text import unfillable
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to, wants_fragment

_SHOW_KIND = "show_kind"
_MOST_OFFERED = 200


@blueprint.get("/<int:account_id>/rules/")
@permission_required(VIEW)
def rules(account_id: int) -> Response:
    account = pages.get_account(account_id, VIEW)
    return pages.page_or_part("rules", "rules", account, rules=queries.list_rules(account_id))


@blueprint.get("/<int:account_id>/rules/new")
@permission_required(MANAGE)
def new_rule(account_id: int) -> Response:
    account = pages.get_account(account_id, MANAGE)
    data = {"is_on": True, "priority": "5", "kind": "text", "match": "contains"}
    return _form_page(account, None, RuleForm(formdata=None, data=data).offer(_sendable(account)))


@blueprint.post("/<int:account_id>/rules/new")
@permission_required(MANAGE)
def create_rule(account_id: int) -> Response:
    return _save(pages.get_account(account_id, MANAGE), None)


@blueprint.get("/rules/<int:rule_id>")
@permission_required(MANAGE)
def edit_rule(rule_id: int) -> Response:
    account, rule = _own(rule_id)
    offered = _sendable(account)
    return _form_page(account, rule, RuleForm(formdata=None, data=shown(rule, offered)).offer(offered))


@blueprint.post("/rules/<int:rule_id>")
@permission_required(MANAGE)
def change_rule(rule_id: int) -> Response:
    return _save(*_own(rule_id))


@blueprint.post("/rules/<int:rule_id>/switch")
@permission_required(MANAGE)
def switch_rule(rule_id: int) -> Response:
    account, rule = _own(rule_id)
    service.switch_rule(rule=rule, is_on=request.form.get("is_on") == "1", actor=current_actor())
    return _list(account)


@blueprint.post("/rules/<int:rule_id>/move")
@permission_required(MANAGE)
def move_rule(rule_id: int) -> Response:
    """To the next earlier or later priority."""
    account, rule = _own(rule_id)
    by = -1 if request.form.get("to") == "earlier" else 1
    service.move_rule(rule=rule, by=by, actor=current_actor())
    return _list(account)


@blueprint.get("/rules/<int:rule_id>/delete")
@permission_required(MANAGE)
def ask_delete_rule(rule_id: int) -> Response:
    """The question before it is gone."""
    account, rule = _own(rule_id)
    return pages.page("rule_delete", account, rule=rule)


@blueprint.post("/rules/<int:rule_id>/delete")
@permission_required(MANAGE)
def delete_rule(rule_id: int) -> Response:
    account, rule = _own(rule_id)
    name = rule.name
    service.delete_rule(rule=rule, actor=current_actor())
    flash(f"The rule “{name}” is deleted.")
    return go_to(url_for("bot.rules", account_id=account.id))


def _own(rule_id: int) -> tuple[Account, BotRule]:
    rule = queries.get_rule(rule_id, current_actor().scope(MANAGE))
    return pages.get_account(rule.account_id, MANAGE), rule


def _sendable(account: Account) -> list[MessageTemplate]:
    """Approved ones whose values can be typed, and that whoever writes the rule may send himself."""
    role = current_actor().role_in(account.id)
    found = message_template_queries.list_sendable(account.id, limit=_MOST_OFFERED, role=role)
    return [row for row in found if not unfillable(row.components)]


def _list(account: Account) -> Response:
    if not wants_fragment():
        return go_to(url_for("bot.rules", account_id=account.id))
    return pages.page_or_part("rules", "rules", account, rules=queries.list_rules(account.id))


def _save(account: Account, rule: BotRule | None) -> Response:
    """Keep it, or show the form again with everything typed; another kind of answer is only shown."""
    form = RuleForm().offer(_sendable(account))
    if _SHOW_KIND in request.form:
        return _form_page(account, rule, form)
    if form.validate():
        try:
            kept = service.save_rule(
                account=account, rule=rule, values=form.values(rule), actor=current_actor()
            )
        except InvalidFields as error:
            show_problems(form, to_fields(error))
        except DomainError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"The rule “{kept.name}” is saved.")
            return go_to(url_for("bot.rules", account_id=account.id))
    return _form_page(account, rule, form, status=422)


def _form_page(account: Account, rule: BotRule | None, form: RuleForm, *, status: int = 200) -> Response:
    return pages.page_or_part("rule", "rule", account, status=status, rule=rule, form=form)
