"""The message list and single messages: shape, filters, pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.models import MessageStatus

pytestmark = pytest.mark.both_databases  # cursors and filters are SQL

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def thread(make):
    """Two customers of one account, and one of another account."""
    account = make.account()
    grace = make.conversation(account, contact=make.contact(account, wa_id="447700900123"))
    tomas = make.conversation(account, contact=make.contact(account, wa_id=None, user_id="US.731"))
    other = make.conversation()
    make.message(grace, created_at=START)
    make.message(grace, outbound=False, created_at=START + timedelta(hours=1))
    make.message(
        tomas,
        created_at=START + timedelta(hours=2),
        message_type="image",
        content={"id": "1"},
        status=MessageStatus.FAILED,
        error_code=131026,
        error_title="Message undeliverable",
        failed_at=START,
    )
    make.message(other, created_at=START + timedelta(hours=3))
    return account, other.account


def kinds(page):
    return [(row["direction"], row["message_type"], row["waba_account_id"]) for row in page["results"]]


def test_messages_come_newest_first(program, thread):
    account, other = thread
    assert kinds(program().get("messages/")) == [
        ("outbound", "text", other.id),
        ("outbound", "image", account.id),
        ("inbound", "text", account.id),
        ("outbound", "text", account.id),
    ]


def test_an_inbound_message_names_the_customer_as_sender(program, thread):
    row = program().get("messages/", direction="inbound")["results"][0]
    assert row["status"] == "received"
    assert row["from_phone_number"] == "+447700900123"
    assert row["to_phone_number"] == thread[0].phone_numbers[0].phone_number


def test_a_failed_message_says_why_and_what_to_do(program, thread):
    row = program().get("messages/", status="failed")["results"][0]
    assert row["error"]["code"] == 131026
    assert all(row["error"][name] for name in ("title", "explanation", "what_to_do"))
    assert row["to_user_id"] == "US.731"


@pytest.mark.parametrize(
    "query, count",
    [
        ({"direction": "outbound"}, 3),
        ({"status": "failed"}, 1),
        ({"message_type": "image"}, 1),
        ({"contact": "+44 7700 900123"}, 2),
        ({"contact": "US.731"}, 1),
        ({"contact": "+999"}, 0),
        ({"since": "2026-11-01T13:00:00Z"}, 3),
        ({"until": "2026-11-01T13:00:00Z"}, 1),
        ({"since": "2026-11-01T14:00:00+01:00", "until": "2026-11-01T14:00:00Z"}, 1),
        ({"until": "2026-11-01"}, 0),
        ({"direction": "outbound", "contact": "US.731", "status": "queued"}, 0),
    ],
)
def test_filters_hold_all_at_once(program, thread, query, count):
    assert len(program().get("messages/", **query)["results"]) == count


def test_the_account_filter(program, thread):
    account, other = thread
    assert len(program().get("messages/", account=account.id)["results"]) == 3
    assert len(program().get("messages/", account=other.id)["results"]) == 1


def test_a_single_message_is_the_same_object(program, thread):
    caller = program()
    for row in caller.get("messages/")["results"]:
        assert caller.get(f"messages/{row['id']}/") == row


def test_what_stands_beside_the_content_has_metas_names(program, make):
    content = {"body": "Hi", "_forwarded": True, "_group": "G1", "_referral": {"source_id": "1202"}}
    message = make.message(make.conversation(), outbound=False, content=content, context_wamid="wamid.Q")
    shown = program().get(f"messages/{message.id}/")
    assert shown["content"] == {"body": "Hi"}
    assert (shown["group_id"], shown["referral"]) == ("G1", {"source_id": "1202"})
    assert shown["context"] == {
        "id": "wamid.Q",
        "forwarded": True,
        "frequently_forwarded": False,
        "referred_product": None,
    }
    plain = program().get(f"messages/{make.message(message.conversation).id}/")
    assert [plain[name] for name in ("context", "referral", "group_id", "edited_at")] == [None] * 4


def test_an_edit_and_a_deletion_are_told_at_the_message_they_are_about(program, make):
    conversation = make.conversation()
    of_theirs = {"outbound": False, "wamid": "wamid.1", "occurred_at": START}
    message = make.message(conversation, **of_theirs)
    make.message(make.conversation(conversation.account), **of_theirs | {"wamid": "wamid.2"})
    new = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "At nine"}}}
    for minutes, kind, content in ((1, "edit", new), (2, "revoke", {"original_message_id": "wamid.1"})):
        at = START + timedelta(minutes=minutes)
        make.message(conversation, outbound=False, message_type=kind, content=content, occurred_at=at)
    listed = {row["wamid"]: row for row in program().get("messages/", message_type="text")["results"]}
    shown = listed["wamid.1"]
    assert (shown["edited_text"], shown["edited_at"]) == ("At nine", "2026-11-01T12:01:00.000Z")
    assert shown["deleted_at"] == "2026-11-01T12:02:00.000Z"
    assert (listed["wamid.2"]["edited_at"], listed["wamid.2"]["deleted_at"]) == (None, None)
    assert program().get(f"messages/{message.id}/") == shown


def test_messages_of_an_archived_account_are_gone(program, make):
    conversation = make.conversation(make.account(status="archived"))
    message = make.message(conversation)
    program().refused("GET", f"messages/{message.id}/", 404)
    assert program().get("messages/")["results"] == []


# --- pages -----------------------------------------------------------------------------------------------


@pytest.fixture
def ten(make):
    """Ten messages, each two of the same moment."""
    conversation = make.conversation()
    rows = [
        make.message(conversation, created_at=START + timedelta(minutes=number // 2)) for number in range(10)
    ]
    return conversation, [row.id for row in reversed(rows)]


def ids(page):
    return [row["id"] for row in page["results"]]


def test_next_leads_through_all_and_previous_back_again(program, ten):
    caller, (_, everything) = program(), ten
    pages = [caller.get("messages/", limit=3)]
    assert pages[0]["previous"] is None
    while pages[-1]["next"]:
        pages.append(caller.call("GET", pages[-1]["next"], status=200))
    assert [id_ for page in pages for id_ in ids(page)] == everything
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(caller.call("GET", back[-1]["previous"], status=200))
    assert [ids(page) for page in back] == [ids(page) for page in reversed(pages)]
    assert back[-1]["previous"] is None


def test_what_comes_in_meanwhile_shifts_nothing(program, make, ten):
    caller, (conversation, everything) = program(), ten
    first = caller.get("messages/", limit=4)
    make.message(conversation)
    assert ids(caller.call("GET", first["next"], status=200)) == everything[4:8]


def test_next_keeps_the_filters(program, make, ten):
    caller, (conversation, _) = program(), ten
    make.message(conversation, outbound=False, created_at=START - timedelta(days=1))
    page = caller.get("messages/", limit=9, direction="outbound")
    assert len(ids(caller.call("GET", page["next"], status=200))) == 1


def test_addresses_are_built_from_our_own_name_only(program, ten):
    answer = program().open("GET", "messages/?limit=1", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.json["next"].startswith("http://127.0.0.1:5000/api/whatsapp/api/messages/?")


@pytest.mark.parametrize("cursor", ["x", "W10", "1-1", "a.b.c", "x" * 5000])
def test_a_cursor_that_we_did_not_give_out_is_refused(program, ten, cursor):
    assert "cursor" in program().refused_fields("GET", "messages/", query_string={"cursor": cursor})


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.0"])
def test_a_limit_out_of_bounds_is_refused(program, limit):
    assert "limit" in program().refused_fields("GET", "messages/", query_string={"limit": limit})
