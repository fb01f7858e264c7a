"""The bot's pages: what they show, what they take, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.crypto import Secret
from app.extensions import db
from app.models import Account, BotOutcome, BotRule, BotSettings, MessagePriority
from app.queries.access import SYSTEM
from app.services.bot.settings import change_settings
from tests.support.factories import Factory
from tests.support.pages import PageClient

RULE = {"name": "Prices", "phrases": "price\nhow much", "match": "contains", "priority": "5", "is_on": "y"}
BUTTONS = {
    "kind": "buttons",
    "body": "Which one?",
    "buttons-0": "Bread",
    "buttons-1": "Cake",
    "buttons-2": "",
}


@pytest.fixture
def account(make: Factory) -> Account:
    return make.knowing_account(name="Harbour Lane", knowledge_base="opening hours\nFrom 8 to 18.")


@pytest.fixture
def manager(sign_in: Callable[..., Any], account: Account) -> Any:
    return sign_in(role="manager", accounts=[account])


def only_rule() -> BotRule:
    db.session.expire_all()
    return db.session.query(BotRule).one()


def settings(account: Account) -> BotSettings:
    db.session.expire_all()
    return db.session.get_one(BotSettings, account.id)


# --- rules ---


@pytest.mark.parametrize(
    "fields,message_type,content",
    [
        ({"kind": "text", "body": "It costs 10."}, "text", {"body": "It costs 10.", "preview_url": False}),
        (
            BUTTONS,
            "interactive",
            {
                "type": "button",
                "body": {"text": "Which one?"},
                "action": {
                    "buttons": [
                        {"type": "reply", "reply": {"id": "button-1", "title": "Bread"}},
                        {"type": "reply", "reply": {"id": "button-2", "title": "Cake"}},
                    ]
                },
            },
        ),
        (
            {"kind": "list", "body": "Our bread", "button": "See all", "rows-0-title": "Rye"},
            "interactive",
            {
                "type": "list",
                "body": {"text": "Our bread"},
                "action": {"button": "See all", "sections": [{"rows": [{"id": "row-1", "title": "Rye"}]}]},
            },
        ),
        (
            {"kind": "media", "media_kind": "image", "media": "https://example.com/a.jpg", "caption": "Menu"},
            "image",
            {"link": "https://example.com/a.jpg", "caption": "Menu"},
        ),
        (
            {"kind": "media", "media_kind": "document", "media": "1234567890"},
            "document",
            {"id": "1234567890"},
        ),
        ({"kind": "", "hands_over": "y"}, "", {}),
    ],
)
def test_a_rule_of_each_kind_is_kept_as_meta_takes_it_and_shown_again(
    page: PageClient, manager: Any, account: Account, fields: Any, message_type: str, content: Any
) -> None:
    page.post("bot.create_rule", account_id=account.id, data={**RULE, **fields}, status=303)
    rule = only_rule()
    assert (rule.message_type, rule.content, rule.phrases) == (message_type, content, ["price", "how much"])
    shown = page.get("bot.edit_rule", rule_id=rule.id)
    data = {
        str(field["name"]): str(field.get("value") or field.get_text())
        for field in shown.soup.select("#rule-form [name]:not(select):not(button):not([type=checkbox])")
    }
    chosen = {
        str(field["name"]): str(field.select_one("[selected]")["value"])
        for field in shown.soup.select("#rule-form select")
        if field.select_one("[selected]")
    }
    ticked = {str(box["name"]): "y" for box in shown.soup.select("#rule-form [type=checkbox][checked]")}
    page.post("bot.change_rule", rule_id=rule.id, data={**data, **chosen, **ticked}, status=303)
    again = only_rule()
    assert (again.message_type, again.content, again.is_on) == (message_type, content, True)


def form_of_rule(page: PageClient, rule: BotRule) -> dict[str, str]:
    """What a browser would send of the rule's page."""
    soup = page.get("bot.edit_rule", rule_id=rule.id).soup
    typed = soup.select("#rule-form [name]:not(select):not(button):not([type=checkbox])")
    data = {str(field["name"]): str(field.get("value") or field.get_text()).strip() for field in typed}
    chosen = {str(one["name"]): one.select_one("[selected]") for one in soup.select("#rule-form select")}
    return data | {name: str(option["value"]) for name, option in chosen.items() if option} | {"is_on": "y"}


def test_what_a_program_set_and_the_page_cannot_show_stays(
    page: PageClient, make: Factory, manager: Any, account: Account
) -> None:
    reply = {"type": "reply", "reply": {"id": "claim-new", "title": "New claim"}}
    content = {
        "type": "button",
        "header": {"type": "text", "text": "Claims"},
        "body": {"text": "Which one?"},
        "footer": {"text": "Day and night"},
        "action": {"buttons": [reply]},
    }
    rule = make.bot_rule(account, message_type="interactive", content=content)
    data = form_of_rule(page, rule)
    page.post("bot.change_rule", rule_id=rule.id, data={**data, "name": "Other name"}, status=303)
    assert (only_rule().name, only_rule().content) == ("Other name", content)
    changed = {**data, "body": "Which\r\nof these?"}
    page.post("bot.change_rule", rule_id=rule.id, data=changed, status=303)
    kept = only_rule().content
    assert kept["body"] == {"text": "Which\nof these?"}
    assert (kept["header"], kept["footer"]) == (content["header"], content["footer"])
    page.post("bot.change_rule", rule_id=rule.id, data={**changed, "kind": "text"}, status=303)
    assert only_rule().content == {"body": "Which\nof these?", "preview_url": False}


def test_a_message_template_is_filled_in_line_by_line(
    page: PageClient, make: Factory, manager: Any, account: Account
) -> None:
    row = make.message_template(account)
    fields = {"kind": "template", "message_template": str(row.id), "template_values": "Grace"}
    refused = page.post("bot.create_rule", account_id=account.id, data={**RULE, **fields}, status=422)
    assert "takes 2 values" in refused.text()
    fields["template_values"] = "Grace\nBM-1"
    page.post("bot.create_rule", account_id=account.id, data={**RULE, **fields}, status=303)
    rule = only_rule()
    assert rule.message_type == "template"
    assert [part["text"] for part in rule.content["components"][0]["parameters"]] == ["Grace", "BM-1"]
    shown = page.get("bot.edit_rule", rule_id=rule.id)
    assert shown.soup.select_one("[name=template_values]").get_text().strip() == "Grace\nBM-1"


@pytest.mark.parametrize(
    "fields,where",
    [
        ({"name": ""}, "#name"),
        ({"phrases": ""}, "#phrases"),
        ({"phrases": "?!"}, "#phrases"),
        ({"kind": "text", "body": ""}, "#body"),
        ({"kind": "", "body": ""}, "#kind"),
        ({**BUTTONS, "buttons-1": "Bread"}, "#buttons"),
        ({**BUTTONS, "buttons-0": "", "buttons-1": ""}, "#buttons"),
        ({"kind": "media", "media_kind": "image", "media": "no address"}, "#media"),
        ({"kind": "template", "message_template": "77"}, "#message_template"),
        ({"language": "English"}, "#language"),
    ],
)
def test_what_a_rule_cannot_be_is_said_and_everything_typed_stays(
    page: PageClient, make: Factory, manager: Any, account: Account, fields: dict[str, str], where: str
) -> None:
    make.message_template(account)
    data = {**RULE, "kind": "text", "body": "A long answer", **fields}
    shown = page.post("bot.create_rule", account_id=account.id, data=data, htmx=True, status=422)
    links = [str(link["href"]) for link in shown.soup.select("#form-errors a")]
    assert any(link.startswith(where) for link in links), shown.text()[:600]
    kept = shown.soup.select_one("[name=phrases]").get_text().strip()
    assert kept == data["phrases"]
    assert db.session.query(BotRule).count() == 0


@pytest.mark.parametrize(
    "endpoint,field,value,said",
    [
        ("bot.save_texts", "quiet_h", "a day", "Give a whole number."),
        ("bot.save_texts", "offer_button", "x" * 21, "This is too long. 20 characters are the most."),
        ("bot.try_now", "fallbacks", "-1", "Give a whole number from 0 to 20."),
    ],
)
def test_what_a_field_cannot_take_is_said_in_plain_words(
    page: PageClient, manager: Any, account: Account, endpoint: str, field: str, value: str, said: str
) -> None:
    data = {"text": "Hello", **fields_of(page, "bot.texts", account), field: value}
    assert said in page.post(endpoint, account_id=account.id, data=data, status=422).text()


@pytest.mark.parametrize("more", [{}, {"show_kind": "1"}], ids=["saved", "shown"])
def test_a_kind_of_answer_that_does_not_exist_is_refused_at_its_place(
    page: PageClient, manager: Any, account: Account, more: dict[str, str]
) -> None:
    data = {**RULE, "kind": "poem", **more}
    status = 200 if more else 422
    shown = page.post("bot.create_rule", account_id=account.id, data=data, htmx=True, status=status)
    assert shown.soup.select_one("[name=phrases]").get_text().strip() == RULE["phrases"]


def test_another_kind_of_answer_shows_its_fields_without_saving(
    page: PageClient, manager: Any, account: Account
) -> None:
    data = {**RULE, "kind": "list", "body": "half a thought", "show_kind": "1"}
    shown = page.post("bot.create_rule", account_id=account.id, data=data, htmx=True, status=200)
    assert shown.soup.select_one("[name=body]").get_text().strip() == "half a thought"
    assert shown.soup.select("[name=rows-0-title]")
    assert db.session.query(BotRule).count() == 0


def test_rules_move_switch_and_go(page: PageClient, make: Factory, manager: Any, account: Account) -> None:
    first, second = make.bot_rule(account, name="First"), make.bot_rule(account, name="Second")
    page.post("bot.move_rule", rule_id=second.id, data={"to": "earlier"}, status=303)
    names = page.get("bot.rules", account_id=account.id).texts("#bot-rules .wc-main-link")
    assert names == ["Second", "First"]
    page.post("bot.switch_rule", rule_id=first.id, data={"is_on": "0"}, htmx=True, status=200)
    db.session.refresh(first)
    assert not first.is_on
    assert "Delete “First”?" in page.get("bot.ask_delete_rule", rule_id=first.id).text()
    page.post("bot.delete_rule", rule_id=first.id, status=303)
    assert only_rule().name == "Second"


# --- settings ---

# A browser sends every field, the empty ones too.
HOURS = {f"hours-{day}-first_from": "" for day in range(7)} | {
    "has_hours": "y",
    "time_zone": "Europe/London",
    "hours-0-first_from": "09:00",
    "hours-0-first_to": "12:30",
    "hours-0-second_from": "13:30",
    "hours-0-second_to": "00:00",
    "hours-4-first_from": "22:00",
    "hours-4-first_to": "02:00",
    "holidays": "2026-12-25 Christmas\n\n2027-01-01",
    "away_message": "We are closed",
}


def test_hours_are_kept_and_shown_again(page: PageClient, manager: Any, account: Account) -> None:
    page.post("bot.save_hours", account_id=account.id, data=HOURS, status=303)
    row = settings(account)
    assert row.hours == [[[540, 750], [810, 1440]], [], [], [], [[1320, 120]], [], []]
    assert row.holidays == [{"day": "2026-12-25", "name": "Christmas"}, {"day": "2027-01-01", "name": ""}]
    shown = page.get("bot.hours", account_id=account.id)
    values = {str(field["name"]): field.get("value") for field in shown.soup.select("input[type=time]")}
    assert (values["hours-0-first_to"], values["hours-0-second_to"]) == ("12:30", "00:00")
    zones = shown.soup.select(f"#{shown.soup.select_one('[name=time_zone]')['list']} option")
    assert "America/Sao_Paulo" in [zone["value"] for zone in zones]


def test_more_stretches_than_two_stay_when_the_page_is_saved(
    page: PageClient, manager: Any, account: Account
) -> None:
    week = [[[480, 600], [660, 720], [780, 900], [1320, 1440]], [[540, 1080]], [], [], [], [], []]
    change_settings(account=account, values={"has_hours": True, "hours": week}, actor=SYSTEM)
    page.post("bot.save_hours", account_id=account.id, data=fields_of(page, "bot.hours", account), status=303)
    assert settings(account).hours == week


@pytest.mark.parametrize(
    "changed,said",
    [
        ({"time_zone": "Mars/Olympus"}, "knows no such time zone"),
        ({"time_zone": "posixrules"}, "knows no such time zone"),
        ({"hours-0-first_to": ""}, "Monday: give begin and end"),
        ({"hours-0-first_to": "25:00"}, "Monday: give begin and end"),
        ({"hours-0-second_from": "11:00"}, "On Monday two spans overlap"),
        ({"holidays": "Christmas"}, "is not a day"),
    ],
)
def test_wrong_hours_are_refused_at_their_place(
    page: PageClient, manager: Any, account: Account, changed: dict[str, str], said: str
) -> None:
    shown = page.post("bot.save_hours", account_id=account.id, data={**HOURS, **changed}, status=422)
    assert said in shown.text()
    assert shown.soup.select_one("[name=away_message]").get_text().strip() == "We are closed"
    assert db.session.get(BotSettings, account.id) is None


def fields_of(page: PageClient, endpoint: str, account: Account) -> dict[str, str]:
    shown = page.get(endpoint, account_id=account.id)
    return {
        str(field["name"]): str(field.get("value") or field.get_text()).strip()
        for field in shown.soup.select("main form [name]:not([type=checkbox])")
    }


def test_texts_are_kept_and_the_usual_words_stay_the_usual_ones(
    page: PageClient, manager: Any, account: Account
) -> None:
    data = fields_of(page, "bot.texts", account)
    page.post("bot.save_texts", account_id=account.id, data={**data, "answer_threshold": "70"}, status=303)
    assert (settings(account).answer_threshold, settings(account).wish_words) == (70, {})
    data["wish_words"] = "en: captain, Captain, talk to the captain\nar: قبطان، ربان"
    page.post("bot.save_texts", account_id=account.id, data=data, status=303)
    assert settings(account).wish_words == {"en": ["captain", "talk to the captain"], "ar": ["قبطان", "ربان"]}
    refused = page.post(
        "bot.save_texts", account_id=account.id, data={**data, "offer_threshold": "90"}, status=422
    )
    assert "must not be above the score" in refused.text()


def test_the_models_key_is_kept_encrypted_never_shown_and_can_be_removed(
    page: PageClient, manager: Any, account: Account
) -> None:
    data = fields_of(page, "bot.model", account)
    data |= {"model_enabled": "y", "model_address": "https://models.example.com/v1", "model_name": "small"}
    page.post(
        "bot.save_model",
        account_id=account.id,
        data={**data, "model_api_key": "CANARY-model-key"},
        status=303,
    )
    assert settings(account).model_api_key == Secret("CANARY-model-key")
    shown = page.get("bot.model", account_id=account.id)
    assert "CANARY" not in shown.html
    assert "ends in …-key" in shown.text()
    page.post("bot.save_model", account_id=account.id, data=data, status=303)
    assert settings(account).model_api_key == Secret("CANARY-model-key")
    page.post("bot.save_model", account_id=account.id, data={**data, "removes_key": "y"}, status=303)
    assert settings(account).model_api_key is None
    refused = page.post(
        "bot.save_model",
        account_id=account.id,
        data={**data, "model_address": "https://user:secret@example.com"},
        status=422,
    )
    assert "without a password in it" in refused.text()


# --- looking ---


def test_the_bot_is_tried_without_a_trace(
    page: PageClient, make: Factory, manager: Any, account: Account
) -> None:
    make.bot_rule(account)
    before = page.get("bot.try_it", account_id=account.id)
    assert "Write below" in before.text()
    tried = page.post("bot.try_now", account_id=account.id, data={"text": "the PRICE?"}, status=200)
    assert "It costs 10." in tried.text()
    assert "fits (“price”)" in tried.text()
    assert tried.soup.select_one("[name=text]").get_text().strip() == "the PRICE?"
    page.post("bot.try_now", account_id=account.id, data={"text": "x", "at": "yesterday"}, status=422)


def test_the_overview_counts_and_names_what_had_no_answer(
    page: PageClient, make: Factory, manager: Any, account: Account
) -> None:
    conversation = make.conversation(account)
    for text in ("Do you sell rye?", "do you  sell RYE", "And cake?"):
        message = make.message(conversation, outbound=False, text_content=text)
        make.bot_trace(message, outcome=BotOutcome.FALLBACK, is_unanswered=True)
    shown = page.get("bot.overview", account_id=account.id)
    assert shown.texts(".wc-asked li") == ["do you sell RYE 2", "And cake? 1"]
    assert "Fallback 3" in " ".join(shown.texts(".wc-botfigures"))
    assert len(page.get("bot.decisions", account_id=account.id, show="unanswered").texts("tbody tr")) == 3
    assert "No decision fits" in page.get("bot.decisions", account_id=account.id, show="answered").text()


def test_a_bots_message_leads_to_why_it_was_said(
    page: PageClient, make: Factory, sign_in: Callable[..., Any], account: Account
) -> None:
    sign_in(role="agent", accounts=[account])
    conversation = make.conversation(account)
    asked = make.message(conversation, outbound=False, text_content="price")
    reply = make.message(
        conversation,
        text_content="It costs 10.",
        content={"body": "It costs 10."},
        priority=MessagePriority.BOT,
        bot_reply_to_id=asked.id,
    )
    make.bot_trace(asked, outcome=BotOutcome.ANSWERED, reason="By rule.", reply_message_id=reply.id)
    thread = page.get("console.thread", conversation_id=conversation.id)
    link = thread.soup.find("a", string="Why the bot said this")
    trace = page.open(str(link["href"]), status=200)
    assert "By rule." in trace.text()
    assert "It costs 10." in trace.text()


def test_the_switch_is_the_one_of_the_set_up(page: PageClient, manager: Any, account: Account) -> None:
    page.post("bot.switch", account_id=account.id, data={"is_on": "1"}, status=303)
    db.session.refresh(account)
    assert account.auto_reply_enabled
    page.post("bot.switch", account_id=account.id, data={"is_on": "0"}, status=303)
    db.session.refresh(account)
    assert not account.auto_reply_enabled


def test_a_viewer_reads_and_changes_nothing(
    page: PageClient, make: Factory, sign_in: Callable[..., Any], account: Account
) -> None:
    rule = make.bot_rule(account)
    sign_in(role="viewer", accounts=[account])
    assert "Switch the bot" not in page.get("bot.overview", account_id=account.id).text()
    page.get("bot.edit_rule", rule_id=rule.id, status=403)
    page.post("bot.delete_rule", rule_id=rule.id, status=403)


def test_a_score_below_the_threshold_is_not_shown_as_if_it_reached_it(
    page: PageClient, make: Factory, manager: Any, account: Account
) -> None:
    asked = make.message(make.conversation(account), outbound=False)
    step = {"kind": "knowledge", "result": "decided", "text": "Offered.", "score": 0.5986}
    make.bot_trace(asked, steps=[step, {**step, "score": 0.57}])
    shown = page.get("bot.trace", message_id=asked.id)
    assert shown.texts(".wc-check-m") == ["score 59%", "score 57%"]
