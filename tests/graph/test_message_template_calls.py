"""Message templates beyond submitting: filters, several at once, library, one-time codes, copies, counts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from app.graph.client import GraphClient
from app.graph.message_template_insights import ButtonClicks
from app.graph.message_templates import MessageTemplateFilters, Unpaused
from app.graph.problems import InvalidPayload
from tests.graph.server import FakeMeta, Reply
from tests.graph.test_resources import page

DAY_S = 86_400


def test_filters_travel_and_pages_come_only_when_wanted(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(page({"id": "1"}, {"id": "2"}, after="A", has_next=True), page({"id": "3"}))
    filters = MessageTemplateFilters(status="APPROVED", name_or_content="order", since=1)
    found = client.message_templates.each("7", filters, page_size=2)
    assert not meta.asked
    assert next(found).message_template_id == "1"
    assert len(meta.asked) == 1
    assert [one.message_template_id for one in found] == ["2", "3"]
    asked = {key: value for key, value in meta.asked[1].query.items() if key != "fields"}
    assert asked == {
        "limit": "2",
        "after": "A",
        "status": "APPROVED",
        "name_or_content": "order",
        "since": "1",
    }


def test_list_takes_the_same_filters(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(page())
    assert client.message_templates.list("7", MessageTemplateFilters(language="en_US")) == []
    assert meta.asked[0].query["language"] == "en_US"


def test_several_are_deleted_by_their_ids(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}))
    assert client.message_templates.delete_several("7", ["900", "901"])
    assert (meta.asked[0].method, meta.asked[0].path) == ("DELETE", "/v25.0/7/message_templates")
    assert json.loads(meta.asked[0].query["hsm_ids"]) == ["900", "901"]


@pytest.mark.parametrize("count", [0, 101])
def test_none_or_too_many_are_not_deleted(meta: FakeMeta, client: GraphClient, count: int) -> None:
    with pytest.raises(InvalidPayload):
        client.message_templates.delete_several("7", ["900"] * count)
    assert not meta.asked


class Rerouted(HTTPAdapter):
    """Sends what is meant for Meta's hosts to a server on this machine, and keeps the hosts."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.hosts: list[str] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        self.hosts.append(parts.netloc)
        request.url = f"{self.here}{parts.path}?{parts.query}"
        return super().send(request, *args, **more)


def test_archive_stands_on_another_host_of_metas_without_a_version(
    meta: FakeMeta, session: requests.Session
) -> None:
    adapter = Rerouted(meta.url)
    session.mount("https://", adapter)
    client = GraphClient(session, base_url="https://graph.facebook.com", version="v25.0", token="EAA1")
    meta.will(
        Reply(200, {"archived_templates": ["900"], "failed_templates": {"901": "Not found."}}),
        Reply(200, {"unarchived_templates": ["900"], "failed_templates": {}}),
        Reply(200, {"id": "900"}),
    )
    moved = client.message_templates.archive("7", ["900", "901"])
    assert (moved.done, moved.failed) == (("900",), {"901": "Not found."})
    assert client.message_templates.unarchive("7", ["900"]).done == ("900",)
    client.message_templates.get("900")
    assert adapter.hosts == ["api.facebook.com", "api.facebook.com", "graph.facebook.com"]
    paths = [f"/7/message_templates/{action}" for action in ("archive", "unarchive")]
    assert [asked.path for asked in meta.asked] == [*paths, "/v25.0/900"]
    assert meta.asked[0].body == {"hsm_ids": "900,901"}
    assert meta.asked[0].headers["Authorization"] == "Bearer EAA1"


@pytest.mark.parametrize("count", [0, 101])
def test_none_or_too_many_are_not_archived(meta: FakeMeta, client: GraphClient, count: int) -> None:
    with pytest.raises(InvalidPayload):
        client.message_templates.archive("7", ["900"] * count)
    assert not meta.asked


def test_unpausing_may_be_refused_with_a_reason(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}), Reply(200, {"success": False, "reason": "Too early"}))
    assert client.message_templates.unpause("900") == Unpaused(True)
    assert client.message_templates.unpause("900") == Unpaused(False, "Too early")
    assert meta.asked[0].path == "/v25.0/900/unpause"


def test_library_is_searched_and_used(meta: FakeMeta, client: GraphClient) -> None:
    item = {
        "id": "1",
        "name": "delivery_update_1",
        "language": "en_US",
        "category": "UTILITY",
        "topic": "ORDER_MANAGEMENT",
        "usecase": "DELIVERY_UPDATE",
        "industry": ["E_COMMERCE"],
        "body": "Your order {{1}}",
        "body_params": ["A1"],
        "body_param_types": ["TEXT"],
        "buttons": [{"type": "URL"}],
    }
    meta.will(page(item), Reply(200, {"id": "900", "status": "APPROVED"}))
    (found,) = client.message_template_library.each(search="order", use_case="DELIVERY_UPDATE")
    assert (found.name, found.use_case, found.industries) == (
        "delivery_update_1",
        "DELIVERY_UPDATE",
        ("E_COMMERCE",),
    )
    assert found.body_parameter_types == ("TEXT",)
    assert meta.asked[0].path == "/v25.0/message_template_library"
    assert meta.asked[0].query == {"search": "order", "usecase": "DELIVERY_UPDATE", "limit": "50"}
    url = {"type": "URL", "url": {"base_url": "https://a/{{1}}", "url_suffix_example": "https://a/x"}}
    made = client.message_template_library.create(
        "7",
        name="order_sent",
        language="en_US",
        library_template_name=found.name,
        button_inputs=[url],
        body_inputs={"add_contact_number": True},
    )
    assert made.status == "APPROVED"
    assert meta.asked[1].body == {
        "name": "order_sent",
        "language": "en_US",
        "category": "UTILITY",
        "library_template_name": "delivery_update_1",
        "library_template_button_inputs": [url],
        "library_template_body_inputs": {"add_contact_number": True},
    }


def test_one_time_code_is_written_in_many_languages(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"data": [{"id": 1, "status": "APPROVED", "language": "en"}, {"language": "de"}]}))
    components = [{"type": "BODY", "add_security_recommendation": True}]
    found = client.authentication_message_templates.upsert(
        "7", name="code", languages=["en", "de"], components=components, message_send_ttl_seconds=60
    )
    assert [(one.language, one.message_template_id, one.category) for one in found] == [
        ("en", "1", "AUTHENTICATION"),
        ("de", "", "AUTHENTICATION"),
    ]
    assert meta.asked[0].path == "/v25.0/7/upsert_message_templates"
    assert meta.asked[0].body == {
        "name": "code",
        "languages": ["en", "de"],
        "category": "AUTHENTICATION",
        "components": components,
        "message_send_ttl_seconds": 60,
    }


def test_fixed_texts_are_shown_before(meta: FakeMeta, client: GraphClient) -> None:
    text = {
        "language": "de",
        "body": "{{1}} ist dein Code.",
        "footer": "10 Minuten",
        "buttons": [{"text": "Kopieren", "autofill_text": "Ausfüllen"}],
    }
    meta.will(Reply(200, {"data": [text, {"language": "en"}]}))
    german, english = client.authentication_message_templates.previews(
        "7", languages=["de", "en"], add_security_recommendation=True, code_expiration_minutes=10
    )
    assert (german.button_text, german.autofill_text, german.footer) == (
        "Kopieren",
        "Ausfüllen",
        "10 Minuten",
    )
    assert english.body is None
    assert meta.asked[0].query == {
        "category": "AUTHENTICATION",
        "button_types": "OTP",
        "languages": "de,en",
        "add_security_recommendation": "true",
        "code_expiration_minutes": "10",
    }


@pytest.mark.parametrize("failed", [{"901": "Not approved"}, [{"901": "Not approved"}]])
def test_copies_tell_what_was_left_behind(meta: FakeMeta, client: GraphClient, failed: object) -> None:
    meta.will(Reply(200, {"migrated_templates": [900], "failed_templates": failed}))
    found = client.migrations.copy_message_templates("8", from_waba_id="7", count=100)
    assert (found.migrated, found.failed) == (("900",), {"901": "Not approved"})
    assert meta.asked[0].body == {"source_waba_id": "7", "page_number": 0, "count": 100}


def test_chosen_message_templates_are_copied_without_paging(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {}))
    client.migrations.copy_message_templates("8", from_waba_id="7", message_template_ids=["900"])
    assert meta.asked[0].body == {"source_waba_id": "7", "template_ids": ["900"]}
    with pytest.raises(InvalidPayload):
        client.migrations.copy_message_templates("8", from_waba_id="7", count=501)


def test_insights_tell_clicks_and_cost(meta: FakeMeta, client: GraphClient) -> None:
    point = {
        "template_id": 900,
        "start": 1790380800,
        "end": 1790467200,
        "sent": 120,
        "delivered": 118,
        "read": 80,
        "clicked": [{"type": "quick_reply_button", "button_content": "Yes", "count": 9}],
        "cost": [{"type": "amount_spent", "value": 3.2}, {"type": "odd", "value": "x"}],
    }
    meta.will(page({"product_type": "cloud_api", "data_points": [point, {}]}))
    first, second = client.message_template_insights.each("7", ["900"], start=1790380800, end=1790467200)
    assert (first.sent, first.read, first.product_type) == (120, 80, "cloud_api")
    assert first.start == datetime.fromtimestamp(1790380800, UTC)
    assert first.clicks == (ButtonClicks("quick_reply_button", "Yes", 9),)
    assert first.costs == {"amount_spent": 3.2}
    assert (second.sent, second.costs) == (0, None)
    assert meta.asked[0].query["template_ids"] == '["900"]'
    assert meta.asked[0].query["granularity"] == "DAILY"


@pytest.mark.parametrize(
    "ids, options",
    [
        ([], {}),
        (["900"] * 11, {}),
        (["900"], {"end": 0}),
        (["900"], {"end": 91 * DAY_S}),
        (["900"], {"metric_types": ["LIKES"]}),
        (["900"], {"product_type": "SMS"}),
    ],
)
def test_insights_that_meta_would_refuse_are_not_asked(
    meta: FakeMeta, client: GraphClient, ids: list[str], options: dict[str, Any]
) -> None:
    wanted: dict[str, Any] = {"start": 0, "end": DAY_S, **options}
    with pytest.raises(InvalidPayload):
        next(client.message_template_insights.each("7", ids, **wanted))
    assert not meta.asked


def test_two_message_templates_are_compared(meta: FakeMeta, client: GraphClient) -> None:
    metrics = [
        {"metric": "BLOCK_RATE", "type": "RELATIVE", "order_by_relative_metric": ["901", "900"]},
        {"metric": "MESSAGE_SENDS", "number_values": [{"key": "900", "value": 1200}, {"key": "901"}]},
        {"metric": "TOP_BLOCK_REASON", "string_values": [{"key": "900", "value": "SPAM"}]},
    ]
    meta.will(Reply(200, {"data": metrics}), Reply(200, {"data": []}))
    found = client.message_template_insights.compare("900", "901", start=0, end=7 * DAY_S)
    assert found.by_rate == ("901", "900")
    assert (found.sends, found.top_block_reasons) == ({"900": 1200}, {"900": "SPAM"})
    assert meta.asked[0].path == "/v25.0/900/compare"
    assert client.message_template_insights.compare("900", "901", start=0, end=7 * DAY_S).by_rate == ()
    with pytest.raises(InvalidPayload):
        client.message_template_insights.compare("900", "901", start=0, end=8 * DAY_S)
