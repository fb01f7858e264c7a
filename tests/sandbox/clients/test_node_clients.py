"""Public Node clients that nobody here wrote do their daily work against the sandbox.

Three that talk differently: `@kapso/whatsapp-cloud-api` (fetch, its option `baseUrl`), `whatsapp-api-js`
(fetch, its option `ponyfill.fetch`), `whatsapp-business` (axios, form-data and Express, the address set at
its axios). Nothing in them is changed but where they call.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.clients.kinds import SENT, WRITTEN
from tests.sandbox.clients.node_day import NAME, USER_ID, Day, live
from tests.sandbox.support import CUSTOMER, RunningSandbox

KAPSO, API_JS, BUSINESS = "kapso", "whatsapp_api_js", "whatsapp_business"
LIBRARIES = (KAPSO, API_JS, BUSINESS)

# Kinds of SENT that a library cannot send.
CANNOT_SEND = {
    KAPSO: {"send contact request", "send message template with buttons"},
    API_JS: {"send address request", "send carousel"},
    BUSINESS: {
        "send link button", "send location request", "send call permission request", "send contact request",
        "send address request", "send carousel", "send flow", "send message template with buttons",
    },
}  # fmt: skip

# Where a library says it otherwise than Meta documents it, and why the sandbox may take it: {path: value}.
SAID_OTHERWISE: dict[tuple[str, str], dict[str, Any]] = {
    # Both parameters are unknown to Meta's pages, which name none for these two; unknown ones are let pass.
    (KAPSO, "send location request"): {"action.parameters": {"request_message": "Where are you?"}},
    (KAPSO, "send call permission request"): {"action.parameters": {"phone_number": "+" + CUSTOMER}},
    # Optional at Meta: `mode` is published, `data` is empty when they are left out.
    (KAPSO, "send flow"): {
        "action.parameters.mode": None,
        "action.parameters.flow_action_payload": {"screen": "ASK"},
    },
    # Its types make coordinates texts, and know no voice messages; Meta takes both.
    (BUSINESS, "send location"): {"latitude": "51.5", "longitude": "-0.12"},
    (BUSINESS, "send audio"): {"voice": None},
    # `deterministic` is the only policy, and what is meant when it is left out.
    (API_JS, "send message template"): {"language.policy": "deterministic"},
    (API_JS, "send message template with buttons"): {"language.policy": "deterministic"},
    (BUSINESS, "send message template"): {"language.policy": "deterministic"},
}

# What a library gets wrong, so that it fails here as it would at Meta; each is kept by a test below.
MISTAKES = {
    (KAPSO, "get message template"): "asks for {waba}/message_templates/{id}; the node is /{id} alone",
    (
        KAPSO,
        "download media without the token",
    ): "sends the token only to its maker's proxy, unless auth: 'always'",
    (API_JS, "create QR code as the library would"): "says `png`; Meta documents SVG and PNG",
    (API_JS, "change QR code"): "posts to message_qrdls/{code}; Meta wants `code` in a post to message_qrdls",
    (
        BUSINESS,
        "changed number",
    ): "reads contacts[0], which these messages lack: it answers 500 for as long as Meta tries",
}

SENDS = [(library, step) for library in LIBRARIES for step in SENT if step not in CANNOT_SEND[library]]
READS = [(library, what) for library in LIBRARIES for what in WRITTEN if (library, what) not in MISTAKES]
UPLOADS = {
    "image": ("image/jpeg", "loaf.jpg"),
    "audio": ("audio/ogg", "hello.ogg"),
    "video": ("video/mp4", "oven.mp4"),
    "document": ("application/pdf", "menu.pdf"),
    "sticker": ("image/webp", "bun.webp"),
}
PROFILE = {
    "about": "Bread since 1921",
    "email": "hello@bakery.example",
    "vertical": "RETAIL",
    "websites": ["https://bakery.example/"],
}


class Days:
    """One run of each library's script, made when it is first asked for, for all tests about it."""

    def __init__(self, new_folder: Callable[[str], Path]) -> None:
        self._new_folder = new_folder
        self._begun: set[str] = set()
        self._made: dict[str, Day] = {}

    def of(self, library: str) -> Day:
        if library not in self._begun:
            self._begun.add(library)
            self._made[library] = self._live(library)
        if library not in self._made:
            pytest.fail(f"the day of {library} broke off: see the first failure about it", pytrace=False)
        return self._made[library]

    def _live(self, library: str) -> Day:
        folder = self._new_folder(library)
        sandbox = RunningSandbox(folder / "sandbox.sqlite")
        unreadable = {what: message for what, message in WRITTEN.items() if (library, what) in MISTAKES}
        readable = {what: message for what, message in WRITTEN.items() if what not in unreadable}
        return live(library, sandbox, folder, readable, unreadable)

    def close(self) -> None:
        for day in self._made.values():
            day.meta.sandbox.close()


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    days = Days(tmp_path_factory.mktemp)
    yield days
    days.close()


@pytest.fixture(params=LIBRARIES)
def day(request: pytest.FixtureRequest, days: Days) -> Day:
    return days.of(request.param)


def only(*libraries: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("day", libraries, indirect=True)


def snake(value: Any) -> Any:
    """Kapso shows every key in camel case; back to Meta's."""
    if isinstance(value, dict):
        return {
            re.sub(r"(?<=[a-z0-9])[A-Z]", lambda m: "_" + m[0].lower(), k): snake(v) for k, v in value.items()
        }
    return [snake(item) for item in value] if isinstance(value, list) else value


def meant(day: Day, step: str) -> Any:
    """The object that a step's message has by Meta's pages, changed by what the library says otherwise."""
    ids = {kind: day.saw(f"upload {kind}")["id"] for kind in UPLOADS} | {"greeting": day.written["greeting"]}
    ids["flow"] = day.saw("create flow")["id"] if "create flow" in day.steps else day.flow_id
    text = json.dumps(SENT[step][1])
    for name, value in ids.items():
        text = text.replace(f"<{name}>", value)
    content = json.loads(text)
    for path, value in SAID_OTHERWISE.get((day.library, step), {}).items():
        *parents, last = path.split(".")
        holder = content
        for parent in parents:
            holder = holder[parent]
        holder[last] = value
        if value is None:
            del holder[last]
    return content


@pytest.mark.parametrize("day, step", SENDS, indirect=["day"])
def test_each_kind_arrives_as_meta_documents_it(day: Day, step: str) -> None:
    sent = day.sent(step)
    kind = SENT[step][0]
    assert sent["to"] == CUSTOMER
    assert sent["type"] == kind
    assert sent["payload"][kind] == meant(day, step)
    assert sent["status"] in {"sent", "read", "played"}


def test_a_reply_quotes_the_customer_and_brings_our_own_word(day: Day) -> None:
    sent = day.sent("send text")
    assert sent["payload"]["context"] == {"message_id": day.written["greeting"]}
    assert sent["biz_opaque_callback_data"] == "order=17"


def test_the_answer_to_a_send_names_the_customer(day: Day) -> None:
    assert snake(day.saw("send text"))["contacts"] == [{"input": "+" + CUSTOMER, "wa_id": CUSTOMER}]


def test_a_message_template_is_answered_with_its_status(day: Day) -> None:
    assert snake(day.saw("send message template"))["messages"][0]["message_status"] == "accepted"


@only(API_JS)
def test_a_person_is_written_to_by_user_id(day: Day) -> None:
    assert day.saw("send to a user id")["contacts"] == [{"input": USER_ID, "user_id": USER_ID}]
    assert day.sent("send to a user id")["status"] == "read"


@pytest.mark.parametrize("kind", UPLOADS)
def test_each_kind_of_file_is_uploaded(day: Day, kind: str) -> None:
    uploaded = day.requested("POST", f"/{day.meta.number_id}/media")
    assert len(uploaded) == len(UPLOADS)
    assert all(request["http_status"] == 200 for request in uploaded)
    assert day.saw(f"upload {kind}")["id"].isdigit()


def test_an_uploaded_file_is_described_and_comes_back_whole(day: Day) -> None:
    facts = snake(day.saw("media facts"))
    content = b"bytes of loaf.jpg"
    assert facts["mime_type"] == "image/jpeg"
    assert facts["sha256"] == hashlib.sha256(content).hexdigest()
    assert int(facts["file_size"]) == len(content)
    assert day.saw("download media") == content.decode()


def test_a_deleted_file_is_gone(day: Day) -> None:
    assert day.saw("delete media") == {"success": True}
    assert error_seen(day, "media facts after deletion")["code"] == 100


def error_seen(day: Day, step: str) -> dict[str, Any]:
    """Two libraries raise Graph's error, whatsapp-api-js hands it on."""
    error: dict[str, Any] = day.saw(step)["error"] if day.library == API_JS else snake(day.failure(step))
    return error


def test_a_refused_send_is_met_as_graphs_error(day: Day) -> None:
    error = error_seen(day, "send to a refused number")
    assert error["code"] == 131030
    assert error["error_data"]["details"]
    assert error["fbtrace_id"]
    assert error_seen(day, "send an unknown message template")["code"] == 132001


def test_the_customers_message_is_marked_read(day: Day) -> None:
    assert day.saw("mark read") == {"success": True}
    assert day.messages[day.written["greeting"]]["status"] == "read"


@only(KAPSO, API_JS)
def test_typing_is_shown(day: Day) -> None:
    assert day.saw("mark read and type") == {"success": True}
    sent = [request["body"] for request in day.requested("POST", f"/{day.meta.number_id}/messages")]
    assert {"type": "text"} in [body.get("typing_indicator") for body in sent]


@pytest.mark.parametrize("day, what", READS, indirect=["day"])
def test_each_kind_the_customer_writes_is_read_by_the_librarys_parser(day: Day, what: str) -> None:
    read = day.read_message(what)
    kind = WRITTEN[what]["type"]
    assert (read["type"], read["from"]) == (kind, CUSTOMER)
    assert snake(read.get("content")) == day.messages[day.written[what]]["payload"].get(kind)


def test_letters_outside_ascii_survive_signature_and_parser(day: Day) -> None:
    read = day.read_message("text")
    assert read["name"] == NAME
    assert read["content"] == WRITTEN["text"]["text"]


def test_a_customer_without_a_visible_number_is_read_by_user_id(day: Day) -> None:
    read = day.read_message("from a hidden number")
    assert read.get("from") is None
    assert re.fullmatch(r"GB\.\d+", read["user_id"])


@only(KAPSO)
def test_the_answer_of_a_flow_is_opened(day: Day) -> None:
    read = day.read_message("flow answer")["kapso"]
    assert (read["flowToken"], read["flowResponse"]["bread"]) == ("tok-1", "rye")


def test_every_status_of_a_message_is_read(day: Day) -> None:
    statuses = day.statuses(day.wamid("send text"))
    assert set(statuses) == {"sent", "delivered", "read"}
    for status in statuses.values():
        assert snake(status)["biz_opaque_callback_data"] == "order=17"
    assert statuses["sent"]["pricing"]["category"] == "service"


def test_a_failure_is_read_with_its_code(day: Day) -> None:
    failed = day.statuses(day.wamid("send outside the window"))["failed"]
    error = failed["error"] if day.library == API_JS else failed["errors"][0]
    assert error["code"] == 131047


@only(KAPSO, API_JS)
def test_every_signature_is_right_for_the_librarys_own_check_and_a_forged_one_is_not(day: Day) -> None:
    assert day.forged_status == 401
    assert day.received["refused"] == 1


@only(BUSINESS)
def test_this_library_checks_no_signature(day: Day) -> None:
    assert day.forged_status == 200


@only(KAPSO, BUSINESS)
def test_the_profile_is_changed_and_read(day: Day) -> None:
    assert day.saw("update profile") == {"success": True}
    assert snake(day.saw("get profile"))["data"] == [PROFILE | {"messaging_product": "whatsapp"}]
    kept = day.meta.get(f"{day.meta.number_id}/whatsapp_business_profile", fields=",".join(PROFILE)).json()
    assert kept["data"][0].items() >= PROFILE.items()


@only(KAPSO, BUSINESS)
def test_the_number_is_deregistered_and_registered_again(day: Day) -> None:
    assert day.saw("deregister") == day.saw("register") == {"success": True}
    assert day.meta.get(day.meta.number_id, fields="status").json()["status"] == "CONNECTED"


@only(BUSINESS)
def test_numbers_are_listed_and_shown(day: Day) -> None:
    shown = day.saw("get number")
    assert shown["id"] == day.meta.number_id
    assert shown["display_phone_number"] == day.meta.account["display_number"]
    assert [number["id"] for number in day.saw("list numbers")["data"]] == [day.meta.number_id]


@only(BUSINESS)
def test_two_step_pin_and_identity_check_are_set(day: Day) -> None:
    assert day.saw("set PIN") == day.saw("identity check") == {"success": True}
    settings = day.meta.get(f"{day.meta.number_id}/settings").json()
    assert settings["user_identity_change"] == {"enable_identity_key_check": True}


@only(KAPSO)
def test_message_templates_are_created_listed_and_deleted(day: Day) -> None:
    made = day.saw("create message template")
    assert (made["status"], made["category"]) == ("PENDING", "UTILITY")
    (found,) = snake(day.saw("find message template"))["data"]
    assert (found["id"], found["name"]) == (made["id"], "loaf_ready")
    assert found["components"][0]["example"] == {"body_text": [["Ana"]]}
    listed = day.saw("list message templates")
    assert len(listed["data"]) == 2
    assert listed["paging"]["cursors"]["after"]
    assert day.saw("delete message template") == {"success": True}
    left = day.meta.get(f"{day.meta.waba_id}/message_templates", name="loaf_ready").json()["data"]
    assert [one["name"] for one in left if one["status"] != "PENDING_DELETION"] == []


@only(KAPSO)
def test_a_flow_is_written_checked_published_and_retired(day: Day) -> None:
    flow_id = day.saw("create flow")["id"]
    mistake = day.saw("replace flow json with a mistake")
    assert mistake["success"]
    assert {"error", "errorType", "message", "pointers"} <= set(mistake["validationErrors"][0])
    assert day.saw("restore flow json") == {"success": True}
    assert flow_id in day.saw("preview flow")["preview"]["previewUrl"]
    assert day.saw("publish flow") == {"success": True}
    published = {"id": flow_id, "name": "breakfast", "status": "PUBLISHED", "categories": ["OTHER"]}
    assert day.saw("get flow") == published
    assert {flow["id"] for flow in day.saw("list flows")["data"]} == {flow_id, day.flow_id}
    assert day.meta.get(flow_id, fields="status").json()["status"] == "DEPRECATED"


@only(API_JS)
def test_a_qr_code_is_made_read_and_deleted(day: Day) -> None:
    made = day.saw("create QR code")
    assert re.fullmatch("[A-Z2-7]{14}", made["code"])
    assert made["deep_link_url"] == f"https://wa.me/message/{made['code']}"
    shown = {key: made[key] for key in ("code", "prefilled_message", "deep_link_url")}
    assert day.saw("get QR code")["data"] == day.saw("list QR codes")["data"] == [shown]
    assert day.saw("delete QR code") == {"success": True}
    assert day.meta.get(f"{day.meta.number_id}/message_qrdls").json()["data"] == []


@only(API_JS)
def test_a_person_is_blocked_and_unblocked_by_a_call_without_a_version(day: Day) -> None:
    person = [{"input": "+" + CUSTOMER, "wa_id": CUSTOMER}]
    assert day.saw("block")["block_users"] == {"added_users": person}
    assert day.saw("unblock")["block_users"] == {"removed_users": person}
    paths = {request["path"] for request in day.requests if request["path"].endswith("/block_users")}
    assert paths == {f"/{day.meta.number_id}/block_users"}


@only(KAPSO)
def test_kapsos_mistakes_are_refused_as_meta_would(day: Day) -> None:
    assert error_seen(day, "get message template")["code"] == 100
    assert day.saw("download media without the token") == 401


@only(API_JS)
def test_whatsapp_api_js_mistakes_are_refused_as_meta_would(day: Day) -> None:
    assert error_seen(day, "create QR code as the library would")["code"] == 100
    assert error_seen(day, "change QR code")["code"] == 100


@only(BUSINESS)
def test_a_message_that_the_library_cannot_read_stays_undelivered(day: Day) -> None:
    assert "500" in str(day.not_taken["changed number"])


def test_whatever_else_was_asked_went_well(day: Day) -> None:
    """No step failed but those that a test above names."""
    expected = {"send to a refused number", "send an unknown message template", "media facts after deletion"}
    expected |= {step for library, step in MISTAKES if library == day.library}
    failed = {
        step
        for step, told in day.steps.items()
        if not told["ok"] or (isinstance(told["saw"], dict) and "error" in told["saw"])
    }
    assert failed <= expected
