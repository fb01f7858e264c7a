"""The list's filters and orders in its address, saved views, and changing many conversations at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import ContactTag, Conversation, ListChange, MessageStatus, utcnow

NAMES = "#conversation-list .wc-conv-n"


@pytest.fixture
def account(make: Any) -> Any:
    return make.account()


@pytest.fixture
def ana(account: Any, make: Any, page: Any) -> Any:
    user = make.user(role="agent", accounts=[account], name="Ana")
    page.sign_in(user)
    return user


@pytest.fixture
def rows(account: Any, make: Any, ana: Any) -> dict[str, Any]:
    """By the customer's name; Cleo waits longest, Ben's window closes first."""
    at = utcnow()

    def add(name: str, **values: Any) -> Any:
        return make.conversation(account, contact=make.contact(account, profile_name=name), **values)

    return {
        "Ada": add("Ada", unread_count=1, waiting_since=at - timedelta(minutes=20)),
        "Ben": add("Ben", last_inbound_at=at - timedelta(hours=23, minutes=30)),
        "Cleo": add("Cleo", waiting_since=at - timedelta(hours=5), last_message_status=MessageStatus.FAILED),
    }


def change(page: Any, *, htmx: bool = True, status: int = 200, **data: Any) -> Any:
    return page.post("console.change_many", data=data, htmx=htmx, status=status)


def kept(row: Any) -> Conversation:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Conversation, row.id)


def test_filters_hold_together_stand_in_the_address_and_are_taken_away_one_by_one(
    page: Any, account: Any, rows: Any, ana: Any
) -> None:
    db.session.add(ContactTag(contact_id=rows["Ada"].contact_id, tag="vip"))
    db.session.commit()
    shown = page.get("console.index", unread=1, tag="VIP", window="open", desk="unassigned")
    assert shown.texts(NAMES) == ["Ada"]
    chips = {chip["id"]: chip["href"] for chip in shown.soup.select(".wc-chip.is-on")}
    assert chips["without-tag"] == "/console/?desk=unassigned&unread=1&window=open"
    assert chips["without-window"] == "/console/?desk=unassigned&unread=1&tag=vip"
    assert shown.soup.select_one("#show-unread")["aria-current"] == "true"
    assert "unread" not in shown.soup.select_one("#show-unread")["href"]
    assert page.open(chips["without-tag"] + "&agent=" + str(ana.id)).texts(NAMES) == []
    (link,) = shown.soup.select(f"#open-{rows['Ada'].id}")
    assert "tag=vip" in link["href"]


def test_what_can_be_chosen_comes_when_the_filters_are_opened(
    page: Any, account: Any, rows: Any, ana: Any
) -> None:
    db.session.add(ContactTag(contact_id=rows["Ada"].contact_id, tag="vip"))
    db.session.commit()
    hidden = "#conversation-search input[type=hidden]"
    closed = page.get("console.index", tag="vip", desk="unassigned")
    assert not closed.soup.select("#list-filter[open], #list-filter select")
    assert {field["name"]: field["value"] for field in closed.soup.select(hidden)} == {
        "desk": "unassigned",
        "tag": "vip",
    }
    loader = closed.soup.select_one("#list-filter [hx-trigger=intersect\\ once]")
    for opened in (page.open(loader["hx-get"], htmx=True), page.open(loader.find("a")["href"])):
        assert opened.soup.select_one("#list-filter[open] select[name=tag] option[selected]").string == "vip"
        assert "Ana (you)" in opened.texts("#list-filter select[name=agent] option")
        assert [field["name"] for field in opened.soup.select(hidden)] == ["desk", "filters"]
        assert opened.texts(NAMES) == ["Ada"]


def test_the_orders_begin_with_who_is_most_pressing(page: Any, rows: Any) -> None:
    assert page.get("console.index", sort="waiting").texts(NAMES) == ["Cleo", "Ada"]
    shown = page.get("console.index", sort="window")
    assert shown.texts(NAMES)[0] == "Ben"
    assert "only those whose window is open" in shown.text()
    waits = page.get("console.index").texts("#conversation-list .wc-conv-m")
    assert [("Unanswered for 15 m" in line, "5 h" in line) for line in waits].count((True, False)) == 1


def test_failures_narrow_to_a_side_and_old_links_still_work(page: Any, rows: Any, make: Any) -> None:
    row = rows["Cleo"]
    row.last_message_id = make.message(row, status=MessageStatus.FAILED, error_code=131026).id
    db.session.commit()
    for address, found in (
        ({"failed": "any"}, ["Cleo"]),
        ({"failed": "customer"}, ["Cleo"]),
        ({"failed": "meta"}, []),
        ({"show": "failed", "reason": "131026"}, ["Cleo"]),
        ({"show": "unread"}, ["Ada"]),
    ):
        assert page.get("console.index", **address).texts(NAMES) == found, address


@pytest.mark.parametrize(
    "address",
    [
        {"tag": "%", "agent": "9" * 30, "window": "x", "sort": "x", "failed": "٣", "desk": "'"},
        {"search": '"*(', "account": "-1", "number": "1e9", "before": "1-1-1", "done": "9" * 40},
        {"choose": "2", "unread": "yes", "sort": "waiting", "before": f"{10**18}-{2**63 - 1}"},
    ],
)
def test_nonsense_in_the_address_is_nothing(page: Any, rows: Any, address: dict[str, str]) -> None:
    page.get("console.index", **{name: text.encode("utf-8", "replace") for name, text in address.items()})
    page.get(
        "console.conversation_pane",
        htmx=True,
        **{k: v.encode("utf-8", "replace") for k, v in address.items()},
    )


def test_several_are_closed_told_and_put_back(page: Any, rows: Any) -> None:
    choosing = page.get("console.index", choose=1)
    assert len(choosing.soup.select("#conversation-list input[name=chosen]")) == 3
    ids = [rows["Ada"].id, rows["Ben"].id]
    done = change(page, action="close", chosen=ids, key="k", choose=1)
    assert "2 conversations closed." in done.text()
    assert done.texts(NAMES) == ["Cleo"]
    again = change(page, action="close", chosen=ids, key="k", choose=1)
    assert "2 conversations closed." in again.text()
    assert len(db.session.scalars(select(ListChange)).all()) == 1
    undo = done.soup.select_one("form:has(#undo-change)")["action"]
    undone = page.open(undo, method="POST", htmx=True, status=200, data={"csrf_token": page.csrf_token()})
    assert "Undone: 2 conversations as before." in undone.text()
    assert sorted(undone.texts(NAMES)) == ["Ada", "Ben", "Cleo"]
    assert kept(rows["Ada"]).unread_count == 1


def test_without_script_all_that_match_are_changed_and_what_could_not_be_is_said(
    page: Any, rows: Any, ana: Any
) -> None:
    rows["Ada"].assigned_to_id = ana.id
    db.session.commit()
    answer = change(
        page, htmx=False, status=303, action=f"assign:{ana.id}", whole="1", unanswered="1", key="k"
    )
    shown = page.open(answer.response.headers["Location"], status=200)
    assert "1 conversation assigned. 1 could not be: already so (1)." in shown.text()
    assert (kept(rows["Cleo"]).assigned_to_id, kept(rows["Ben"]).assigned_to_id) == (ana.id, None)
    undo = shown.soup.select_one("form:has(#undo-change)")["action"]
    page.open(undo, method="POST", status=303, data={"csrf_token": page.csrf_token()})
    assert kept(rows["Cleo"]).assigned_to_id is None


def test_undoing_gives_nothing_back_to_somebody_who_may_not_answer_any_more(
    page: Any, make: Any, account: Any, rows: Any, ana: Any
) -> None:
    gone = make.user(role="agent", accounts=[account])
    rows["Ada"].assigned_to_id = gone.id
    db.session.commit()
    done = change(page, action=f"assign:{ana.id}", chosen=[rows["Ada"].id, rows["Ben"].id], key="k")
    gone.is_active = False
    db.session.commit()
    undo = done.soup.select_one("form:has(#undo-change)")["action"]
    undone = page.open(undo, method="POST", htmx=True, status=200, data={"csrf_token": page.csrf_token()})
    assert "1 conversation had changed since, or could not go back, and stayed so." in undone.text()
    assert kept(rows["Ada"]).assigned_to_id == ana.id
    assert kept(rows["Ben"]).assigned_to_id is None


def test_a_rows_menu_does_it_for_that_one(page: Any, rows: Any, ana: Any) -> None:
    shown = page.get("console.index")
    for row, action, told in (
        ("Ada", "mark_read", "marked as read"),
        ("Ben", f"assign:{ana.id}", "assigned"),
        ("Cleo", "close", "closed"),
    ):
        value = f"{action}:{rows[row].id}"
        assert shown.soup.select_one(f'button[name=quick][form=quick-form][value="{value}"]')
        assert f"1 conversation {told}." in change(page, quick=value, key="same").text()
    assert kept(rows["Ben"]).assigned_to_id == ana.id


@pytest.mark.parametrize(
    "data, told",
    [
        ({"action": "close"}, "Choose at least one conversation."),
        ({"action": "", "chosen": ["1"]}, "Choose what to do"),
        ({"action": "explode", "chosen": ["1"]}, "Choose what to do"),
        ({"action": "assign:x", "chosen": ["1"]}, "This is not a person."),
        ({"action": "add_tag", "chosen": ["1"], "tag_name": "a,b"}, "no comma"),
        ({"action": "add_tag", "chosen": ["1"], "tag_name": " "}, "Write the tag."),
        ({"action": "close", "chosen": [str(one) for one in range(1, 503)]}, "At most 500 at once."),
        ({"quick": "close:-1"}, "Choose at least one conversation."),
    ],
)
def test_an_unclear_wish_changes_nothing_and_says_why(
    page: Any, rows: Any, data: dict[str, Any], told: str
) -> None:
    assert told in change(page, status=422, **data).texts("#list-done")[0]
    change(page, htmx=False, status=303, **data)
    assert all(kept(row).version == 0 for row in rows.values())


def test_ids_beyond_all_rows_are_counted_as_not_there(page: Any, rows: Any) -> None:
    told = change(page, action="close", chosen=["9" * 18, rows["Ada"].id]).texts("#list-done")[0]
    assert "1 conversation closed. 1 could not be: no longer there" in told


def test_those_quiet_for_a_month_are_closed_by_one_press(
    page: Any, account: Any, make: Any, ana: Any
) -> None:
    quiet = utcnow() - timedelta(days=40)
    for _ in range(11):
        make.conversation(account, last_message_at=quiet, last_inbound_at=quiet)
    make.conversation(account, contact=make.contact(account, profile_name="Lately"))
    shown = page.get("console.index", desk="unassigned")
    form = shown.soup.select_one("#list-done form")
    fields = {field["name"]: field["value"] for field in form.select("input")}
    assert "11 of these have had no message for 30 days." in shown.texts("#list-done")[0]
    answer = page.open(form["action"], method="POST", status=303, data=fields)
    after = page.open(answer.response.headers["Location"])
    assert "11 conversations closed." in after.text()
    assert page.get("console.index", desk="unassigned").texts(NAMES) == ["Lately"]


def test_a_view_keeps_filters_and_order_counts_its_unread_and_can_begin_the_list(
    page: Any, rows: Any, ana: Any
) -> None:
    saved = page.post(
        "console.save_view", data={"name": " Pressing ", "unanswered": "1", "sort": "waiting"}, status=303
    )
    address = saved.response.headers["Location"]
    assert address == "/console/?unanswered=1&sort=waiting"
    shown = page.open(address)
    (chip,) = shown.soup.select('nav[aria-label="Saved views"] a')
    assert (chip["href"], chip.get("aria-current")) == (address, "true")
    assert chip.get_text(" ", strip=True) == "Pressing 1"
    poll = shown.soup.select_one("#conversation-list")["hx-get"]
    assert page.open(poll, htmx=True).status == 204
    (start,) = [form["action"] for form in shown.soup.select("#view-box form") if "start" in form["action"]]
    page.open(start, method="POST", status=303, data={"csrf_token": page.csrf_token(), "on": "1"})
    assert page.get("console.index", status=303).response.headers["Location"] == address
    everything = page.open(address).soup.select_one("nav[aria-label=Whose] a")
    assert "unanswered" in everything["href"]
    assert len(page.get("console.index", desk="all").texts(NAMES)) == 3
    page.open(
        start.replace("start", "delete"), method="POST", status=303, data={"csrf_token": page.csrf_token()}
    )
    assert len(page.get("console.index").texts(NAMES)) == 3


def test_a_shared_view_is_seen_in_its_account_and_changed_by_its_maker_or_a_manager(
    page: Any, account: Any, make: Any, ana: Any
) -> None:
    page.post("console.save_view", data={"name": "Ours", "unread": "1", "share": account.id}, status=303)
    page.post("console.save_view", data={"name": "Hers", "unread": "1"}, status=303)
    views = 'nav[aria-label="Saved views"] a'
    assert page.get("console.index").texts(views) == ["Hers", "Ours"]
    (ours,) = [
        link["id"].removeprefix("view-")
        for link in page.get("console.index").soup.select(views)
        if "Ours" in link.get_text()
    ]
    page.sign_in(make.user(role="agent", accounts=[account]))
    assert page.get("console.index").texts(views) == ["Ours"]
    page.post("console.delete_view", view_id=ours, status=403)
    page.sign_in(make.user(role="agent", accounts=[make.account()]))
    assert page.get("console.index").texts(views) == []
    page.post("console.delete_view", view_id=ours, status=404)
    page.sign_in(make.user(role="manager", accounts=[account]))
    page.post("console.delete_view", view_id=ours, status=303)
    page.sign_in(ana)
    for name in ("", "x" * 41):
        page.post("console.save_view", data={"name": name}, status=303)
        assert "Nothing was saved." in page.get("console.index").text()
    assert page.get("console.index").texts(views) == ["Hers"]


def test_what_was_searched_for_is_marked_in_name_number_and_user_name(
    page: Any, account: Any, make: Any, ana: Any
) -> None:
    contact = make.contact(account, profile_name="Zoë Whitlock", wa_id="447700900461", username="zoe.w")
    make.conversation(account, contact=contact)
    for search, marked in (
        ("whit", ["Whit"]),
        ("zoe", ["Zoë", "zoe"]),
        ("07700 900461", ["7700 900461"]),
        ("@zoe.w", ["Zoë", "zoe.w"]),
    ):
        shown = page.get("console.index", search=search)
        assert [mark.get_text() for mark in shown.soup.select("#conversation-list mark")] == marked, search
