"""Flows and their keys: what is asked and what is made of the answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from app.graph.client import GraphClient
from app.graph.errors import GraphUnconfirmed
from app.graph.flows import FlowFault, check_flow
from app.graph.problems import InvalidPayload
from tests.graph.server import FakeMeta, Reply
from tests.graph.test_media import parts
from tests.graph.test_resources import page

FLOW_JSON = json.dumps({"version": "7.3", "screens": []})
FAULT = {
    "error": "INVALID_PROPERTY_VALUE",
    "error_type": "FLOW_JSON_ERROR",
    "message": "No",
    "line_start": 12,
    "column_end": 31,
    "pointers": [{"path": "screens[0]"}, {}],
}
PEM = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"


def test_flow_is_made_of_what_is_given(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(
        Reply(200, {"id": "900"}),
        Reply(200, {"id": "901", "success": False, "validation_errors": [FAULT]}),
    )
    assert client.flows.create("7", name="Claim", categories=["SURVEY"]).flow_id == "900"
    saved = client.flows.create(
        "7", name="Claim 2", categories=["OTHER"], flow_json=FLOW_JSON, publish=True, endpoint_uri="https://e"
    )
    assert meta.asked[0].body == {"name": "Claim", "categories": ["SURVEY"]}
    assert meta.asked[1].body == {
        "name": "Claim 2",
        "categories": ["OTHER"],
        "flow_json": FLOW_JSON,
        "publish": True,
        "endpoint_uri": "https://e",
    }
    assert saved.is_saved is False
    assert saved.faults == (
        FlowFault(
            "INVALID_PROPERTY_VALUE", "No", "FLOW_JSON_ERROR", 12, column_end=31, paths=("screens[0]",)
        ),
    )


def test_flow_answered_without_an_id_is_unconfirmed(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}))
    with pytest.raises(GraphUnconfirmed):
        client.flows.create("7", name="Claim", categories=["OTHER"])


@pytest.mark.parametrize(
    "parts, field",
    [
        ({"name": " "}, "name"),
        ({"categories": []}, "categories"),
        ({"categories": ["SURVEY", "PARTY"]}, "categories[1]"),
        ({"flow_json": "{"}, "flow_json"),
        ({"flow_json": "[]"}, "flow_json"),
        ({"flow_json": json.dumps("x" * (10 * 1024 * 1024))}, "flow_json"),
    ],
)
def test_flow_that_meta_would_refuse_is_explained(parts: dict[str, object], field: str) -> None:
    assert [problem.field for problem in check_flow(**parts)] == [field]  # type: ignore[arg-type]


def test_flow_is_copied_or_written_not_both(meta: FakeMeta, client: GraphClient) -> None:
    with pytest.raises(InvalidPayload):
        client.flows.create("7", name="A", categories=["OTHER"], flow_json=FLOW_JSON, clone_flow_id="9")
    assert not meta.asked


def test_json_is_uploaded_as_a_file_and_kept_with_its_faults(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True, "validation_errors": [FAULT]}))
    saved = client.flows.upload_json("900", FLOW_JSON)
    assert (saved.is_saved, len(saved.faults)) == (True, 1)
    assert meta.asked[0].path == "/v25.0/900/assets"
    assert parts(meta) == {
        "name": (None, b"flow.json"),
        "asset_type": (None, b"FLOW_JSON"),
        "file": ("flow.json", FLOW_JSON.encode()),
    }


def test_flow_is_read_with_preview_and_health(meta: FakeMeta, client: GraphClient) -> None:
    node = {
        "id": "900",
        "name": "Claim",
        "status": "SOMETHING_NEW",
        "categories": ["SURVEY"],
        "json_version": "7.3",
        "updated_at": "2026-01-31T08:00:00+0000",
        "preview": {"preview_url": "https://p", "expires_at": 1790000000},
        "health_status": {"can_send_message": "AVAILABLE"},
    }
    meta.will(Reply(200, node), Reply(200, {}), Reply(200, {"preview": {"preview_url": "https://n"}}))
    flow = client.flows.get("900")
    assert (flow.status, flow.json_version, flow.categories) == ("SOMETHING_NEW", "7.3", ("SURVEY",))
    assert flow.updated_at == datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert flow.preview is not None
    assert flow.preview.expires_at == datetime.fromtimestamp(1790000000, UTC)
    assert flow.health is not None
    assert "https://p" not in repr(flow)
    bare = client.flows.get("900")
    assert (bare.flow_id, bare.preview, bare.health) == ("900", None, None)
    renewed = client.flows.preview("900", renew=True)
    assert renewed is not None
    assert renewed.url == "https://n"
    assert meta.asked[2].query["fields"] == "preview.invalidate(true)"


def test_flows_come_over_all_pages(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(page({"id": "1"}, after="A", has_next=True), page({"id": 2}))
    assert [flow.flow_id for flow in client.flows.list("7")] == ["1", "2"]


def test_flow_changes_only_what_is_given(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}))
    client.flows.update("900", endpoint_uri="https://e", categories=["OTHER"])
    assert meta.asked[0].body == {"endpoint_uri": "https://e", "categories": ["OTHER"]}


def test_life_cycle_of_a_flow(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(*[Reply(200, {"success": True})] * 3)
    assert client.flows.publish("900")
    assert client.flows.deprecate("900")
    assert client.flows.delete("900")
    assert [(asked.method, asked.path) for asked in meta.asked] == [
        ("POST", "/v25.0/900/publish"),
        ("POST", "/v25.0/900/deprecate"),
        ("DELETE", "/v25.0/900"),
    ]


def test_assets_tell_their_address_but_not_in_logs(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(
        page({"name": "flow.json", "asset_type": "FLOW_JSON", "download_url": "https://mmg.whatsapp.net/x"})
    )
    (asset,) = client.flows.list_assets("900")
    assert (asset.name, asset.download_url) == ("flow.json", "https://mmg.whatsapp.net/x")
    assert "mmg" not in repr(asset)


@pytest.mark.parametrize("is_listed", [True, False])
def test_public_key_is_read_in_both_of_metas_forms(
    meta: FakeMeta, client: GraphClient, is_listed: bool
) -> None:
    key = {"business_public_key": PEM, "business_public_key_signature_status": "MISMATCH"}
    meta.will(Reply(200, {"data": [key]} if is_listed else key), Reply(200, {"data": []}))
    found = client.encryption.get_public_key("100")
    assert found is not None
    assert (found.pem, found.signature_status) == (PEM, "MISMATCH")
    assert client.encryption.get_public_key("100") is None


def test_private_key_never_leaves(meta: FakeMeta, client: GraphClient) -> None:
    with pytest.raises(InvalidPayload):
        client.encryption.set_public_key("100", PEM.replace("PUBLIC", "PRIVATE"))
    meta.will(Reply(200, {"success": True}))
    assert client.encryption.set_public_key("100", PEM)
    assert [asked.body for asked in meta.asked] == [{"business_public_key": PEM}]


def test_flows_are_copied_with_what_went_wrong(meta: FakeMeta, client: GraphClient) -> None:
    done = {"source_name": "A", "source_id": "1", "migrated_id": "2"}
    failed = {"source_name": "B", "error_code": "4233041", "error_message": "Exists"}
    meta.will(Reply(200, {"migrated_flows": [done], "failed_flows": [failed]}))
    found = client.migrations.copy_flows("8", from_waba_id="7", names=["A", "B"])
    assert [(one.source_name, one.migrated_id, one.error_code) for one in found] == [
        ("A", "2", None),
        ("B", None, 4233041),
    ]
    assert meta.asked[0].path == "/v25.0/8/migrate_flows"
    assert meta.asked[0].body == {"source_waba_id": "7", "source_flow_names": ["A", "B"]}
    with pytest.raises(InvalidPayload):
        client.migrations.copy_flows("8", from_waba_id="7", names=["x"] * 101)
