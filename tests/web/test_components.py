"""Badges, notes, tables, charts, dialogs, wizard, phone: names for screen readers, nothing inline."""

from __future__ import annotations

import pytest

from app.models.enums import AccountStatus, EventState, MessageStatus, MessageTemplateStatus
from app.web.charts import ChartDay
from tests.web.conftest import Render

BADGES = '{% import "components/badges.html" as badges %}'


@pytest.mark.parametrize(
    "macro, words",
    [
        ("message_template_status_badge", list(MessageTemplateStatus)),
        ("message_status_badge", list(MessageStatus)),
        ("event_state_badge", list(EventState)),
        ("account_status_badge", list(AccountStatus)),
    ],
)
def test_every_state_we_know_has_its_own_badge(render: Render, macro: str, words: list[str]) -> None:
    page = render(BADGES + "{% for word in words %}{{ badges." + macro + "(word) }}{% endfor %}", words=words)
    texts = [badge.text for badge in page.select(".wc-badge")]
    assert len(set(texts)) == len(words)
    assert all(badge.svg is not None for badge in page.select(".wc-badge"))


def test_a_new_word_of_metas_is_shown_as_it_came(render: Render) -> None:
    page = render(BADGES + '{{ badges.message_template_status_badge("UNDER_APPEAL_<b>") }}')
    assert page.text.strip() == "Under appeal <b>"


def test_quality_that_meta_did_not_rate_is_said(render: Render) -> None:
    page = render(BADGES + "{{ badges.quality_badge(none) }}{{ badges.quality_badge('GREEN') }}")
    assert [badge.text for badge in page.select(".wc-badge")] == ["Not rated", "High"]


@pytest.mark.parametrize(
    "status, name",
    [
        ("queued", "Queued"),
        ("sent", "Sent"),
        ("delivered", "Delivered"),
        ("read", "Read"),
        ("failed", "Not sent"),
    ],
)
def test_tick_has_a_name(render: Render, status: str, name: str) -> None:
    page = render(BADGES + "{{ badges.tick(status) }}", status=status)
    assert page.svg["aria-label"] == name
    assert page.svg["role"] == "img"


def test_received_message_has_no_tick(render: Render) -> None:
    assert render(BADGES + '{{ badges.tick("received") }}').svg is None


def test_note_with_an_id_can_take_focus(render: Render) -> None:
    page = render(
        '{% from "components/notes.html" import note %}'
        '{% call note("bad", role="alert", id="why") %}<strong>No answer.</strong>{% endcall %}'
    )
    assert page.select_one("#why")["tabindex"] == "-1"
    assert page.select_one("#why strong").text == "No answer."


def test_pager_names_its_links_and_is_nothing_without_pages(render: Render) -> None:
    pager = '{% from "components/tables.html" import pager %}'
    page = render(pager + '{{ pager("/?cursor=b", none, "1 to 10 of 12", target="#rows") }}')
    assert [link["aria-label"] for link in page.find_all("a")] == ["Next page"]
    assert page.a["hx-get"] == page.a["href"] == "/?cursor=b"
    assert render(pager + "{{ pager(none, none) }}").text.strip() == ""


def test_sorted_column_says_its_direction(render: Render) -> None:
    page = render(
        '{% from "components/tables.html" import th %}{{ th("Name", "/?sort=-name", "ascending") }}'
    )
    assert page.th["aria-sort"] == "ascending"
    assert page.th["scope"] == "col"


CHARTS = '{% import "components/charts.html" as charts %}'


def test_chart_has_a_name_and_its_figures_as_a_table(render: Render) -> None:
    days = [ChartDay("1 Nov", "Sun 1 Nov", (1_000, 20, 3, 4)), ChartDay("2 Nov", "Mon 2 Nov", (5, 6, 7, 8))]
    page = render(CHARTS + '{{ charts.bars_chart("Messages per day", days) }}', days=days)
    assert page.svg["aria-label"].startswith("Messages per day")
    assert page.caption.text == "Messages per day"
    rows = [[cell.text for cell in row.find_all("td")] for row in page.select("tbody tr")]
    assert rows == [["Mon 2 Nov", "26", "5", "6", "7", "8"], ["Sun 1 Nov", "1,027", "1,000", "20", "3", "4"]]


def test_meter_says_its_value_in_words(render: Render) -> None:
    page = render(CHARTS + '{{ charts.meter("People reached", 1318, 10000) }}')
    meter = page.select_one("[role=meter]")
    assert meter["aria-label"] == "People reached"
    assert meter["aria-valuetext"] == "1,318 of 10,000"
    assert page.rect["width"] == "13.18"


def test_funnel_measures_every_step_against_the_first(render: Render) -> None:
    steps = [{"label": "Accepted", "count": 200}, {"label": "Read", "count": 50, "note": "25% of accepted"}]
    page = render(CHARTS + "{{ charts.funnel(steps) }}", steps=steps)
    assert [bar["width"] for bar in page.find_all("rect")] == ["100.0", "25.0"]


def test_confirm_dialog_posts_with_a_token_and_starts_on_the_safe_button(render: Render) -> None:
    page = render(
        '{% from "components/dialogs.html" import confirm_dialog, dialog_button %}'
        '{{ dialog_button("revoke-1", "Revoke…") }}'
        '{{ confirm_dialog("revoke-1", "Revoke it?", "It stops.", "/keys/1/revoke", "Revoke", "Keep") }}'
    )
    assert page.button["commandfor"] == page.dialog["id"] == "revoke-1"
    assert page.dialog["aria-labelledby"] == "revoke-1-title"
    assert page.form["action"] == "/keys/1/revoke"
    assert page.select_one("form input[name=csrf_token]")["value"]
    assert page.select_one("[autofocus]").text == "Keep"


WIZARD = '{% import "components/wizard.html" as wizard %}'


def test_rail_marks_the_step_and_links_only_what_is_done(render: Render) -> None:
    steps = [
        {"title": "Account", "state": "done", "url": "/setup/1"},
        {"title": "Number", "state": "now", "url": "/setup/2"},
        {"title": "Tokens", "state": ""},
    ]
    page = render(WIZARD + "{{ wizard.wizard_rail(steps) }}", steps=steps)
    assert page.select_one("[aria-current=step] b").text == "Number"
    assert [link["href"] for link in page.find_all("a")] == ["/setup/1"]
    assert page.a.text == "Account, done"


def test_check_list_says_each_state_and_offers_a_retry(render: Render) -> None:
    checks = [
        {"state": "passed", "title": "Token", "time": "0.3 s"},
        {"state": "running", "title": "App"},
        {"state": "failed", "title": "Number", "form_url": "/retry"},
    ]
    page = render(
        WIZARD + "{{ wizard.check_list(checks) }}{{ wizard.checks_summary(checks) }}", checks=checks
    )
    assert [mark["aria-label"] for mark in page.select(".wc-check-i [role=img]")] == [
        "Passed",
        "Running",
        "Failed",
    ]
    assert page.form["method"] == "post"
    assert page.select_one("[role=status]").text == "1 of 3 passed, 1 running, 1 failed"


def test_phone_shows_marks_and_escapes_the_rest(render: Render) -> None:
    page = render(
        '{% from "components/chat.html" import phone_preview %}'
        '{{ phone_preview("Meridian", {"text": "<News>"}, "Hello *you* <b>", "Foot", buttons) }}',
        buttons=[{"kind": "URL", "text": "Open"}],
    )
    assert page.select_one(".wc-bub-t strong").text == "you"
    assert page.b.text == "Meridian"
    assert page.select_one(".wc-bub-h").text == "<News>"
    assert page.select_one(".wc-act").text == "Open"
