"""The pages of Flows: list, editor, confirmations, answers; who may do what; input nobody should send."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest

from app.extensions import db
from app.models import AuditEntry, Flow, FlowEvent, utcnow
from app.queries import flows as queries
from app.queries.access import EVERYTHING
from tests.support.flows import claim_json
from tests.support.graph import client_of

NAMES = "#flow-list a.wc-main-link"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def account(make: Any, sign_in: Any) -> Any:
    """Of a manager who is signed in; Meta cannot be reached."""
    account = make.account()
    sign_in("manager", [account])
    return account


@pytest.fixture
def at_meta(sandbox: Any, make: Any, sign_in: Any) -> Any:
    """The same, with the sandbox as Meta."""
    account = make.sandbox_account(sandbox.new_account())
    sign_in("manager", [account])
    return account


def typed(account: Any, **values: Any) -> dict[str, Any]:
    base = {
        "account": account.id,
        "name": "Claim",
        "categories": ["CUSTOMER_SUPPORT"],
        "flow_json": claim_json(),
        "begun_from": "",
    }
    return {**base, **values}


def only(account: Any) -> Flow:
    db.session.expire_all()
    (flow,) = queries.list_of_account(account.id, with_texts=True)
    return flow


# --- the list -------------------------------------------------------------------------------------------


def test_without_flows_the_page_says_what_they_are(page: Any, account: Any) -> None:
    assert page.get("flows.index").texts(".wc-empty h2") == ["No Flows yet"]


def test_the_list_shows_state_what_waits_and_answers(page: Any, make: Any, account: Any) -> None:
    make.flow_answer(make.flow(account, name="b done"))
    make.flow(account, name="A draft", status="DRAFT", published_at=None, validation_errors=[{}, {}])
    shown = page.get("flows.index")
    assert shown.texts(NAMES) == ["A draft", "b done"]
    assert shown.texts("#flow-list tbody td") == [
        *("A draft", "Draft", "2 faults to correct", "0"),
        shown.texts("#flow-list tbody td")[4],
        *("b done", "Published", "nothing", "1"),
        shown.texts("#flow-list tbody td")[9],
    ]


@pytest.mark.parametrize("query", ["status=DRAFT", "search=WIN"])
def test_each_filter_narrows_the_list(page: Any, make: Any, account: Any, query: str) -> None:
    make.flow(account, name="winter survey", status="DRAFT")
    make.flow(account)
    assert page.open(f"/flows/?{query}").texts(NAMES) == ["winter survey"]


def test_long_lists_go_on_on_the_next_page(page: Any, make: Any, account: Any) -> None:
    for number in range(52):
        make.flow(account, name=f"f{number:03}")
    first = page.get("flows.index")
    second = page.open(first.soup.select_one("[aria-label='Next page']")["href"], status=200)
    assert [*first.texts(NAMES), *second.texts(NAMES)] == [f"f{number:03}" for number in range(52)]


def test_a_sync_that_fails_says_why_and_loses_nothing(page: Any, make: Any, account: Any) -> None:
    make.flow(account, name="still here")
    page.post("flows.sync", data={"account": account.id}, status=303)
    shown = page.get("flows.index", account=account.id)
    assert "Meta could not be reached" in shown.text()
    assert shown.texts(NAMES) == ["still here"]


def test_a_sync_tells_what_is_new_and_what_vanished(page: Any, make: Any, at_meta: Any) -> None:
    make.flow(at_meta, name="vanished", created_at=utcnow() - timedelta(days=1))
    client_of(at_meta).flows.create(at_meta.meta_id, name="made there", categories=["OTHER"])
    page.post("flows.sync", data={"account": at_meta.id}, status=303)
    said = page.get("flows.index").text()
    assert "1 new, 1 gone at Meta" in said
    assert "Meta no longer has: vanished" in said


# --- making and editing ---------------------------------------------------------------------------------


def test_a_starting_form_is_saved_published_and_retired(page: Any, at_meta: Any) -> None:
    begun = page.get("flows.new", form="claim")
    text = begun.soup.select_one("#flow_json").get_text()
    name = begun.soup.select_one("#name")["value"]
    page.post("flows.create", data=typed(at_meta, name=name, flow_json=text), status=303)
    flow = only(at_meta)
    assert (flow.name, flow.status, flow.has_unsent_text) == ("Claim", "DRAFT", False)
    shown = page.get("flows.detail", flow_id=flow.id)
    assert "Policy number" in shown.text()
    assert shown.soup.select_one(".wc-head-act a[target=_blank]")["href"] == flow.preview_url
    assert page.get("flows.ask_publish", flow_id=flow.id).texts("h1") == ["Publish “Claim”?"]
    page.post("flows.publish", flow_id=flow.id, status=303)
    assert only(at_meta).status == "PUBLISHED"
    page.get("flows.ask_deprecate", flow_id=flow.id)
    page.post("flows.deprecate", flow_id=flow.id, status=303)
    assert only(at_meta).status == "DEPRECATED"
    assert "Edit" not in page.get("flows.detail", flow_id=flow.id).texts(".wc-head-act a")


def test_faults_stand_beside_their_lines(page: Any, at_meta: Any) -> None:
    text = claim_json().replace('"TextInput"', '"TextInputt"')
    line = next(number for number, row in enumerate(text.split("\n"), 1) if "TextInputt" in row)
    shown = page.post("flows.create", data=typed(at_meta, flow_json=text), status=200)
    assert shown.soup.select_one("#faults a")["data-line"] == str(line)
    assert str(line) in shown.soup.select_one("[data-code]")["data-faults"].split()
    assert shown.soup.select_one("#flow_json").get_text() == text
    flow = only(at_meta)
    assert "faults" in page.post("flows.publish", flow_id=flow.id, status=409).text()


def test_what_meta_refuses_stays_in_the_editor_with_metas_code(page: Any, at_meta: Any) -> None:
    client_of(at_meta).flows.create(at_meta.meta_id, name="Claim", categories=["OTHER"])
    shown = page.post("flows.create", data=typed(at_meta), status=422)
    assert "What you wrote is kept here" in shown.text()
    assert "Meta’s code" in shown.texts("#form-errors")[0]
    assert "Trace" in shown.texts("#form-errors")[0]
    assert shown.soup.select_one("#flow_json").get_text() == claim_json()
    flow = only(at_meta)
    # Saved again from this very page it must not trip over the draft it has just stored.
    assert shown.soup.select_one("#flow-form")["action"].endswith(f"/{flow.id}/edit/")
    again = typed(at_meta, name="Claim two", begun_from=shown.soup.select_one("[name=begun_from]")["value"])
    page.post("flows.save", flow_id=flow.id, data=again, status=303)
    assert only(at_meta).meta_id


def test_an_unreachable_meta_costs_no_text(page: Any, account: Any) -> None:
    shown = page.post("flows.create", data=typed(account), status=422)
    assert "Meta could not be reached" in shown.text()
    assert only(account).flow_json == claim_json()


def test_a_second_editor_is_warned_and_may_still_save(page: Any, make: Any, at_meta: Any) -> None:
    page.post("flows.create", data=typed(at_meta), status=303)
    flow = only(at_meta)
    begun = page.get("flows.edit", flow_id=flow.id).soup.select_one("[name=begun_from]")["value"]
    theirs, ours = claim_json() + "\n", claim_json() + "\n\n"
    page.post(
        "flows.save", flow_id=flow.id, data=typed(at_meta, flow_json=theirs, begun_from=begun), status=303
    )
    shown = page.post(
        "flows.save", flow_id=flow.id, data=typed(at_meta, flow_json=ours, begun_from=begun), status=409
    )
    assert "Somebody saved another text" in shown.text()
    assert only(at_meta).flow_json == theirs
    anew = shown.soup.select_one("[name=begun_from]")["value"]
    page.post("flows.save", flow_id=flow.id, data=typed(at_meta, flow_json=ours, begun_from=anew), status=303)
    assert only(at_meta).flow_json == ours


def test_a_file_takes_the_place_of_the_text(page: Any, at_meta: Any) -> None:
    file = (BytesIO(b"\xef\xbb\xbf" + claim_json().replace("\n", "\r\n").encode()), "flow.json")
    page.post("flows.create", data=typed(at_meta, flow_json="{", file=file), status=303)
    assert only(at_meta).flow_json == claim_json()


def test_a_copy_begins_with_the_same_text(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json(), name="first", status="DEPRECATED")
    shown = page.get("flows.new", copy=flow.id)
    assert shown.soup.select_one("#name")["value"] == "first (copy)"
    assert shown.soup.select_one("#flow_json").get_text() == claim_json()


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[" * 100_000, '{"a":' * 100_000, "1e999", '"' + "x" * 2_000_000, "\0{}", "null"],
    ids=["empty", "words", "deep list", "deep object", "infinite", "two megabytes", "nul", "null"],
)
def test_a_text_that_is_no_flow_json_is_kept_and_told(page: Any, account: Any, text: str) -> None:
    shown = page.post("flows.create", data=typed(account, flow_json=text))
    if "\0" in text:
        assert shown.status == 400
        return
    assert shown.status == 422
    assert only(account).flow_json == text
    assert shown.texts("#faults li")


def upload(page: Any, account: Any, content: bytes, status: int) -> Any:
    """The form with a file, as bytes: the test client keeps a large one in a file that it never closes."""
    fields = {**typed(account, flow_json=""), "csrf_token": page.csrf_token(), "categories": "OTHER"}
    start = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}'
    start = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}'
    parts = [start.format(name, value) for name, value in fields.items()]
    parts.append('--b\r\nContent-Disposition: form-data; name="file"; filename="flow.json"\r\n\r\n')
    body = "\r\n".join(parts).encode() + content + b"\r\n--b--\r\n"
    return page.open(
        "/flows/new/", method="POST", data=body, content_type="multipart/form-data; boundary=b", status=status
    )


def test_a_file_of_ten_megabytes_is_told_and_a_larger_form_is_refused(page: Any, account: Any) -> None:
    shown = upload(page, account, b'"' + b"x" * (10 * 1024 * 1024 + 10), 422)
    assert "larger than 10 MB" in shown.text()
    upload(page, account, b"x" * (13 * 1024 * 1024), 413)


def test_a_name_of_markup_is_only_a_name(page: Any, make: Any, account: Any) -> None:
    text = claim_json().replace("Where was it?", HOSTILE)
    flow = make.flow(account, text, name=HOSTILE)
    make.flow_answer(flow, {"place": HOSTILE, HOSTILE: [HOSTILE, {"a": HOSTILE}]})
    for endpoint in ("detail", "edit", "flow_answers", "ask_deprecate"):
        shown = page.get(f"flows.{endpoint}", flow_id=flow.id)
        assert HOSTILE not in shown.html
        assert HOSTILE in shown.text()
    assert HOSTILE not in page.get("flows.index").html
    assert HOSTILE not in page.get("flows.all_answers").html


# --- deleting, previews, health -------------------------------------------------------------------------


def test_a_draft_is_deleted_after_asking(page: Any, at_meta: Any) -> None:
    page.post("flows.create", data=typed(at_meta), status=303)
    flow_id = only(at_meta).id
    assert page.get("flows.ask_delete", flow_id=flow_id).texts("h1") == ["Delete “Claim”?"]
    page.post("flows.delete", flow_id=flow_id, status=303)
    assert client_of(at_meta).flows.list(at_meta.meta_id) == []
    page.get("flows.detail", flow_id=flow_id, status=404)


def test_an_old_preview_is_renewed_rather_than_opened(page: Any, at_meta: Any) -> None:
    page.post("flows.create", data=typed(at_meta), status=303)
    flow = only(at_meta)
    before, flow.preview_expires_at = flow.preview_url, utcnow() + timedelta(minutes=5)
    db.session.commit()
    assert not page.get("flows.detail", flow_id=flow.id).soup.select(".wc-head-act a[target=_blank]")
    page.post("flows.renew_preview", flow_id=flow.id, status=303)
    link = page.get("flows.detail", flow_id=flow.id).soup.select_one(".wc-head-act a[target=_blank]")
    assert link["href"] not in ("", before)


def test_the_page_tells_endpoint_health_and_templates(page: Any, make: Any, account: Any) -> None:
    entity = {
        "entity_type": "FLOW",
        "entity_id": "1",
        "can_send_message": "BLOCKED",
        "problems": [{"code": 1, "description": "It fails.", "solution": "Mend it."}],
        "notes": [],
    }
    flow = make.flow(
        account,
        status="BLOCKED",
        endpoint_uri="https://shop.example.com/flow",
        data_api_version="3.0",
        health={"can_send_message": "BLOCKED", "entities": [entity]},
        last_synced_at=datetime(2026, 11, 14, 9, 30, tzinfo=UTC),
    )
    button = {"type": "FLOW", "text": "Start", "flow_id": flow.meta_id}
    make.message_template(account, name="with_button", components=[{"type": "BUTTONS", "buttons": [button]}])
    make.message_template(account, name="without_one")
    said = page.get("flows.detail", flow_id=flow.id).text()
    for words in (
        "Meta has blocked it",
        "It fails. Mend it.",
        "As Meta said 14 Nov, 09:30.",
        "https://shop.example.com/flow",
        "with_button",
    ):
        assert words in said
    assert "without_one" not in said


def test_a_retired_flow_asks_for_no_repairs(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account)
    details = {"alert_state": "ACTIVATED", "error_rate": 14.2}
    db.session.add(
        FlowEvent(
            account_id=account.id,
            flow_id=flow.id,
            event="ENDPOINT_ERROR_RATE",
            details=details,
            occurred_at=utcnow(),
        )
    )
    db.session.commit()
    alert = "answers with errors (error rate 14.2 %)"
    assert page.get("flows.detail", flow_id=flow.id).text().count(alert) == 2
    flow.status = "DEPRECATED"
    db.session.commit()
    assert page.get("flows.detail", flow_id=flow.id).text().count(alert) == 1, "among the news only"


def test_giving_up_a_text_asks_first(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(
        account, claim_json(), flow_json="{ours", has_unsent_text=True, status="DRAFT", published_at=None
    )
    assert "Give up your text" in page.get("flows.ask_revert", flow_id=flow.id).texts("h1")[0]
    page.post("flows.revert", flow_id=flow.id, status=303)
    assert only(account).flow_json == claim_json()


# --- answers --------------------------------------------------------------------------------------------


def test_answers_are_tables_of_question_and_answer(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json())
    make.flow_answer(flow, {"place": "Kitchen", "kind": "water", "extra": [True, None, 3]})
    make.flow_answer(flow, {}, problem="WhatsApp sent something odd.")
    shown = page.get("flows.flow_answers", flow_id=flow.id)
    assert shown.texts(".wc-qa th") == ["Where was it?", "What kind?", "extra"]
    assert shown.texts(".wc-qa td") == ["Kitchen", "Water", "Yes, , 3"]
    assert "WhatsApp sent something odd." in shown.text()
    link = shown.soup.select_one(".wc-answer-h a")["href"]
    assert page.open(link, status=200).soup.select_one(f"#{link.partition('#')[2]}")


def test_all_answers_show_those_of_no_flow_too(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json(), name="known form")
    make.flow_answer(flow, {"place": "Kitchen"})
    make.flow_answer(flow, {"place": "Cellar"}, flow_id=None)
    assert page.get("flows.all_answers").texts(".wc-qa td") == ["Cellar", "Kitchen"]
    shown = page.open("/flows/answers/?flow=unknown", status=200)
    assert shown.texts(".wc-qa td") == ["Cellar"]
    assert "Flow not known here" in shown.text()
    assert page.open(f"/flows/answers/?flow={flow.id}").texts(".wc-qa td") == ["Kitchen"]


def test_answers_go_page_by_page_without_a_gap(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json())
    conversation = make.conversation(account)
    for number in range(53):
        make.flow_answer(flow, {"place": f"place {number}"}, conversation=conversation)
    first = page.get("flows.flow_answers", flow_id=flow.id)
    second = page.open(first.soup.select_one("[aria-label='Next page']")["href"], status=200)
    assert [*first.texts(".wc-qa td"), *second.texts(".wc-qa td")] == [
        f"place {number}" for number in reversed(range(53))
    ]
    back = page.open(second.soup.select_one("[aria-label='Previous page']")["href"], status=200)
    assert back.texts(".wc-qa td") == first.texts(".wc-qa td")


def test_days_narrow_the_answers_the_last_one_included(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json())
    now = utcnow()
    for days in (0, 1, 3):
        make.flow_answer(flow, {"place": f"{days} ago"}, received_at=now - timedelta(days=days))
    since, until = (f"{(now - timedelta(days=days)).date()}" for days in (2, 1))
    url = f"/flows/{flow.id}/answers/"
    assert page.open(f"{url}?since={since}").texts(".wc-qa td") == ["1 ago", "0 ago"]
    assert page.open(f"{url}?since={since}&until={until}").texts(".wc-qa td") == ["1 ago"]
    assert len(page.open(f"{url}?since=nonsense&until=0000-99-99").texts(".wc-qa td")) == 3
    assert "No answer matches" in page.open(f"{url}?since=2999-01-01").text()


@pytest.mark.parametrize(
    "typed", ["ada", "OBI", "7700 900321", "07700900321", "+447700900321", "GB.ADA1", "%41da"]
)
def test_answers_are_found_by_their_customer(page: Any, make: Any, account: Any, typed: str) -> None:
    flow = make.flow(account, claim_json())
    ada = make.contact(account, profile_name="Ada Obi", wa_id="447700900321", user_id="GB.ADA1")
    make.flow_answer(flow, {"place": "hers"}, conversation=make.conversation(account, contact=ada))
    make.flow_answer(flow, {"place": "theirs"})
    shown = page.open(f"/flows/{flow.id}/answers/?customer={typed.replace('+', '%2B')}", status=200)
    assert shown.texts(".wc-qa td") == ["hers"]
    assert page.open("/flows/answers/?customer=ada").texts(".wc-qa td") == ["hers"]


@pytest.mark.parametrize("typed", ["%25", "_", "😀", "x" * 5_000])
def test_a_search_for_nobody_finds_no_answer(page: Any, make: Any, account: Any, typed: str) -> None:
    make.flow_answer(make.flow(account, claim_json()), {"place": "here"})
    shown = page.open(f"/flows/answers/?customer={typed}", status=200)
    assert shown.texts(".wc-qa td") == []


def test_the_file_is_narrowed_as_the_list_beside_it(page: Any, make: Any, account: Any) -> None:
    flow = make.flow(account, claim_json())
    ada = make.contact(account, profile_name="Ada Obi")
    make.flow_answer(flow, {"place": "hers"}, conversation=make.conversation(account, contact=ada))
    make.flow_answer(flow, {"place": "theirs"})
    part = page.open(f"/flows/{flow.id}/answers/?customer=ada", status=200, htmx=True)
    link = part.soup.select_one("#flow-answers a[download]")["href"]
    text = page.open(link, status=200).response.get_data(as_text=True).removeprefix("\ufeff")
    assert [row["place"] for row in csv.DictReader(StringIO(text))] == ["hers"]


def test_answers_without_a_column_of_their_own_stand_in_the_last_one(
    page: Any, make: Any, account: Any
) -> None:
    flow = make.flow(account, claim_json())
    make.flow_answer(flow, {f"k{number}": number for number in range(450)})
    text = page.open(f"/flows/{flow.id}/answers.csv", status=200).response.get_data(as_text=True)
    (row,) = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    told = {name: value for name, value in row.items() if name.startswith("k")}
    rest = json.loads(row["other_answers"])
    assert sorted([*told, *rest]) == sorted(["kind", *(f"k{number}" for number in range(450))])


def test_the_history_of_a_deleted_flow_is_not_the_next_ones(page: Any, make: Any, account: Any) -> None:
    yesterday = utcnow() - timedelta(days=1)
    of_flow = {"account_id": account.id, "object_type": "flow", "object_id": "1"}
    db.session.add(AuditEntry(action="flow.created", at=yesterday, **of_flow))
    flow = make.flow(account, claim_json(), id=1)
    assert queries.list_history(flow) == []


def test_the_file_has_a_column_for_each_question_and_calculates_nothing(
    page: Any, make: Any, account: Any
) -> None:
    flow = make.flow(account, claim_json(), name="Größe & Schaden")
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]
    for text in dangerous:
        make.flow_answer(flow, {"place": text, "kind": "water", "=HYPERLINK(1)": "x"})
    make.flow_answer(flow, {"customer": "their own", "place": 'a "quoted", text\nof two lines'})
    answer = page.open(f"/flows/{flow.id}/answers.csv", status=200).response
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="answers-gr-e-schaden.csv"'
    rows = list(csv.DictReader(StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"), newline="")))
    assert list(rows[0])[7:] == ["place", "kind", "'=HYPERLINK(1)", "answer.customer"]
    assert [row["place"] for row in rows[:-1]] == [f"'{text}" for text in dangerous]
    assert rows[0]["kind"] == "Water"
    assert rows[0]["phone_number"].startswith("'+44")
    assert rows[-1]["place"] == 'a "quoted", text\nof two lines'
    assert rows[-1]["answer.customer"] == "their own"
    for row in rows:
        assert not any((cell or "").startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


def test_a_long_file_is_whole_and_in_order(page: Any, make: Any, account: Any) -> None:
    from sqlalchemy import insert

    from app.models import FlowAnswer, Message

    flow = make.flow(account, claim_json())
    first = make.flow_answer(flow, {"place": "0"})
    seed = db.session.get_one(Message, first.message_id)
    ids = []
    for number in range(1, 1203):
        row = Message(
            account_id=seed.account_id,
            phone_number_id=seed.phone_number_id,
            contact_id=seed.contact_id,
            conversation_id=seed.conversation_id,
            direction=seed.direction,
            status=seed.status,
            message_type="interactive",
            wamid=f"wamid.LONG{number}",
        )
        db.session.add(row)
        ids.append(row)
    db.session.flush()
    db.session.execute(
        insert(FlowAnswer),
        [
            {
                "account_id": flow.account_id,
                "flow_id": flow.id,
                "message_id": row.id,
                "conversation_id": row.conversation_id,
                "contact_id": row.contact_id,
                "answers": {"place": str(number)},
                "received_at": utcnow(),
            }
            for number, row in enumerate(ids, 1)
        ],
    )
    db.session.commit()
    text = page.open(f"/flows/{flow.id}/answers.csv", status=200).response.get_data(as_text=True)
    places = [row["place"] for row in csv.DictReader(StringIO(text.removeprefix("\ufeff")))]
    assert places == [str(number) for number in range(1203)]


# --- who may --------------------------------------------------------------------------------------------


def test_a_viewer_reads_and_changes_nothing(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    flow = make.flow(account, claim_json(), status="DRAFT", published_at=None)
    make.flow_answer(flow, {"place": "Kitchen"})
    sign_in("viewer", [account])
    shown = page.get("flows.detail", flow_id=flow.id)
    assert not {"Edit", "Publish", "Delete", "Copy"} & set(shown.texts(".wc-head-act a"))
    assert page.get("flows.flow_answers", flow_id=flow.id).texts(".wc-qa td") == ["Kitchen"]
    page.open(f"/flows/{flow.id}/answers.csv", status=200)
    page.get("flows.edit", flow_id=flow.id, status=403)
    page.post("flows.publish", flow_id=flow.id, status=403)
    assert queries.get_flow(flow.id, EVERYTHING).status == "DRAFT"
