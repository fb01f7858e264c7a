"""The bot: settings, rules, trying it, traces."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.field_names import renamed
from app.api.paging import page_of
from app.api.schemas.bot import (
    BotRuleChange,
    BotRuleIn,
    BotRuleList,
    BotRuleOut,
    BotRuleQuery,
    BotSettingsIn,
    BotSettingsOut,
    BotTraceList,
    BotTraceOut,
    BotTraceQuery,
    BotTryIn,
    BotTryOut,
    show_settings,
)
from app.errors import InvalidFields
from app.models import Account, BotOutcome, BotRule, BotTrace
from app.queries import bot as queries
from app.queries.accounts import get_account
from app.queries.bot import TraceFilters
from app.services.bot import rules
from app.services.bot.settings import change_settings, settings_of
from app.services.bot.trying import Trial, try_bot
from app.web.identity import current_actor

_TAGS = ["Bot"]
_VIEW = "bot.view"
_MANAGE = "bot.manage"


@blueprint.get("/bot/settings/<int:account_id>/")
@allowed(_VIEW, account=get_account)
@blueprint.output(BotSettingsOut)
@blueprint.doc(tags=_TAGS)
def show_bot_settings(account: Account) -> Any:
    """Show how an account's bot behaves"""
    return show_settings(settings_of(account))


@blueprint.patch("/bot/settings/<int:account_id>/")
@allowed(_MANAGE, account=get_account)
@blueprint.input(BotSettingsIn(partial=True), location="json")
@blueprint.output(BotSettingsOut)
@blueprint.doc(tags=_TAGS)
def change_bot_settings(account: Account, json_data: dict[str, Any]) -> Any:
    """Change how an account's bot behaves

    Only what is given changes. The bot is switched on and off by the account's `auto_reply_enabled`.
    """
    return show_settings(change_settings(account=account, values=json_data, actor=current_actor()))


@blueprint.get("/bot/rules/")
@allowed(_VIEW)
@blueprint.input(BotRuleQuery, location="query", unknown=RAISE)
@blueprint.output(BotRuleList)
@blueprint.doc(tags=_TAGS)
def list_bot_rules(query_data: dict[str, Any]) -> dict[str, Any]:
    """List the bot's rules

    Newest first; the order in which they are looked at follows from `priority` and `match`.
    """
    scope = current_actor().scope(_VIEW)
    found = queries.slice_rules(
        scope, query_data.get("account"), query_data.get("cursor"), query_data["limit"]
    )
    return page_of(found)


@blueprint.post("/bot/rules/")
@allowed(_MANAGE)
@blueprint.input(BotRuleIn, location="json")
@blueprint.output(BotRuleOut, status_code=201, description="The rule holds from the next message on.")
@blueprint.doc(tags=_TAGS)
def create_bot_rule(json_data: dict[str, Any]) -> BotRule:
    """Create a rule

    Its answer keeps the same limits as any message that is sent.
    """
    account = get_account(json_data.pop("waba_account_id"), current_actor().scope(_MANAGE))
    return _save_rule(account, None, json_data)


@blueprint.get("/bot/rules/<int:rule_id>/")
@allowed(_VIEW, rule=queries.get_rule)
@blueprint.output(BotRuleOut)
@blueprint.doc(tags=_TAGS)
def show_bot_rule(rule: BotRule) -> BotRule:
    """Show a rule"""
    return rule


@blueprint.put("/bot/rules/<int:rule_id>/")
@allowed(_MANAGE, rule=queries.get_rule)
@blueprint.input(BotRuleChange, location="json")
@blueprint.output(BotRuleOut)
@blueprint.doc(tags=_TAGS)
def change_bot_rule(rule: BotRule, json_data: dict[str, Any]) -> BotRule:
    """Change a rule

    The whole of it: what is left out goes back to its default.
    """
    account = get_account(rule.account_id, current_actor().scope(_MANAGE))
    return _save_rule(account, rule, json_data)


def _save_rule(account: Account, rule: BotRule | None, values: dict[str, Any]) -> BotRule:
    """`content` is Meta's object of the kind: what is wrong in it has no further name before it."""
    kind = values.get("message_type", "")
    try:
        return rules.save_rule(account=account, rule=rule, values=values, actor=current_actor())
    except InvalidFields as error:
        raise renamed(error, {f"content.{kind}": "content"}) from error


@blueprint.delete("/bot/rules/<int:rule_id>/")
@allowed(_MANAGE, rule=queries.get_rule)
@blueprint.output({}, status_code=204, description="Deleted.")
@blueprint.doc(tags=_TAGS)
def delete_bot_rule(rule: BotRule) -> str:
    """Delete a rule"""
    rules.delete_rule(rule=rule, actor=current_actor())
    return ""


@blueprint.post("/bot/try/")
@allowed(_VIEW)
@blueprint.input(BotTryIn, location="json")
@blueprint.output(BotTryOut)
@blueprint.doc(tags=_TAGS)
def try_the_bot(json_data: dict[str, Any]) -> dict[str, Any]:
    """Try the bot

    The very decision it would make about a customer's message. Nothing is sent, and nothing is kept.
    """
    account = get_account(json_data.pop("waba_account_id"), current_actor().scope(_VIEW))
    decision = try_bot(account, Trial(**json_data))
    reply = decision.reply
    return {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "reply": {"message_type": reply.message_type, "content": dict(reply.content)} if reply else None,
        "hands_over": bool(decision.hand_over),
        "asks_model": bool(decision.passages),
        "steps": [step.as_json() for step in decision.steps],
    }


@blueprint.get("/bot/traces/")
@allowed(_VIEW)
@blueprint.input(BotTraceQuery, location="query", unknown=RAISE)
@blueprint.output(BotTraceList)
@blueprint.doc(tags=_TAGS)
def list_bot_traces(query_data: dict[str, Any]) -> dict[str, Any]:
    """List what the bot made of messages

    Newest first, for as long as they are kept.
    """
    outcome = query_data.get("outcome")
    filters = TraceFilters(
        account_id=query_data.get("account"),
        outcome=BotOutcome(outcome) if outcome else None,
        since=query_data.get("since"),
        until=query_data.get("until"),
    )
    scope = current_actor().scope(_VIEW)
    return page_of(queries.slice_traces(scope, filters, query_data.get("cursor"), query_data["limit"]))


@blueprint.get("/bot/traces/<int:message_id>/")
@allowed(_VIEW, message=queries.get_trace)
@blueprint.output(BotTraceOut)
@blueprint.doc(tags=_TAGS)
def show_bot_trace(message: BotTrace) -> BotTrace:
    """Show what the bot made of an inbound message

    By the message's id, step by step.
    """
    return message
