"""The list: a row a name, with its languages, tags, figures and filters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from app.extensions import db
from app.models import AccountUsageLog, MessageTemplateFamily, MessageTemplateTag, Role, utcnow
from app.models import MessageTemplateStatus as State

NAMES = "#message-template-list .wc-main-link"
CHIPS = "#message-template-list td .wc-badge[title]"


def tagged(account: Any, name: str, *tags: str, **values: Any) -> None:
    family = MessageTemplateFamily(account_id=account.id, name=name, **values)
    db.session.add(family)
    db.session.flush()
    db.session.add_all(MessageTemplateTag(family_id=family.id, tag=tag) for tag in tags)
    db.session.commit()


def used(account: Any, days_ago: int, **kinds: dict[str, int]) -> None:
    named = {f"template:{name}": parts for name, parts in kinds.items()}
    day = (utcnow() - timedelta(days=days_ago)).date()
    number = account.phone_numbers[0].id
    db.session.add(AccountUsageLog(account_id=account.id, phone_number_id=number, day=day, kinds=named))
    db.session.commit()


def test_all_languages_of_a_name_are_one_row_and_each_leads_to_its_own_page(
    page: Any, make: Any, account: Any
) -> None:
    make.message_template(account, name="parcel", language="en_US")
    german = make.message_template(account, name="parcel", language="de", status=State.PAUSED)
    shown = page.get("message_templates.index")
    assert shown.texts(NAMES) == ["parcel"]
    assert shown.texts(CHIPS) == ["de , Paused", "en_US , Approved"]
    assert shown.soup.select_one(CHIPS)["href"] == page.url(
        "message_templates.detail", message_template_id=german.id
    )


def test_a_filter_that_one_language_fits_shows_the_name_with_all_its_languages(
    page: Any, make: Any, account: Any
) -> None:
    make.message_template(account, name="parcel", language="en_US")
    make.message_template(account, name="parcel", language="de", status=State.PAUSED)
    make.message_template(account, name="other")
    shown = page.open("/message-templates/?status=PAUSED", status=200)
    assert shown.texts(NAMES) == ["parcel"]
    assert len(shown.texts(CHIPS)) == 2


@pytest.mark.parametrize(
    "filters", [{"quality": "RED"}, {"tag": "winter"}, {"search": "wint"}, {"sort": "used", "quality": "RED"}]
)
def test_it_is_narrowed_by_quality_and_tag(
    page: Any, make: Any, account: Any, filters: dict[str, str]
) -> None:
    make.message_template(account, name="offer", quality_score="RED")
    make.message_template(account, name="other", quality_score="GREEN")
    tagged(account, "offer", "winter")
    assert page.open(f"/message-templates/?{urlencode(filters)}", status=200).texts(NAMES) == ["offer"]


def test_those_that_were_never_rated_are_found_by_that(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="rated", quality_score="GREEN")
    make.message_template(account, name="fresh", quality_score="")
    make.message_template(account, name="unknown", quality_score="UNKNOWN")
    found = page.open("/message-templates/?quality=UNKNOWN", status=200).texts(NAMES)
    assert found == ["fresh", "unknown"]


def test_sent_and_read_are_sums_of_thirty_finished_days(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="parcel")
    used(account, 1, parcel={"sent": 30, "delivered": 20, "read": 15})
    used(account, 29, parcel={"sent": 12, "delivered": 20, "read": 5})
    used(account, 40, parcel={"sent": 1000, "delivered": 1000, "read": 1000})
    cells = page.get("message_templates.index").texts("#message-template-list td.wc-num")
    assert cells == ["42", "50%"]


def test_the_most_sent_and_the_newest_can_stand_first(page: Any, make: Any, account: Any) -> None:
    for name, days in (("a_old", 5), ("b_new", 0), ("c_used", 9)):
        made = utcnow() - timedelta(days=days)
        make.message_template(account, name=name, created_at=made)
    used(account, 2, c_used={"sent": 7}, a_old={"sent": 3})
    by = {
        order: page.open(f"/message-templates/?sort={order}", status=200).texts(NAMES)
        for order in ("name", "newest", "used", "nonsense")
    }
    assert by["name"] == by["nonsense"] == ["a_old", "b_new", "c_used"]
    assert by["newest"] == ["b_new", "a_old", "c_used"]
    assert by["used"] == ["c_used", "a_old", "b_new"]


def test_what_meta_does_with_a_category_is_said(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="one", category="UTILITY", correct_category="MARKETING")
    make.message_template(account, name="two", category="MARKETING", previous_category="UTILITY")
    text = page.get("message_templates.index").text()
    assert "Meta moves it to Marketing" in text
    assert "Meta moved it here from Utility" in text


def test_names_kept_for_some_roles_say_so(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="secret")
    tagged(account, "secret", "legal", least_role=Role.OWNER)
    text = page.get("message_templates.index").text()
    assert "legal" in text
    assert "Owners only" in text


@pytest.mark.parametrize("query", ["page=0", "page=99999", "page=x", "sort=", "account=x"])
def test_nonsense_in_the_address_counts_as_nothing(page: Any, make: Any, account: Any, query: str) -> None:
    make.message_template(account, name="here")
    assert page.open(f"/message-templates/?{query}", status=200).texts(NAMES) == ["here"]
