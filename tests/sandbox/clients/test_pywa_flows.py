"""pywa 4.5.0 makes a Flow of its own builder's JSON, publishes it and ends it."""

from __future__ import annotations

import json

import pytest
from pywa import WhatsApp, errors
from pywa.types.flows import (
    CompleteAction,
    FlowCategory,
    FlowJSON,
    FlowMetricGranularity,
    FlowMetricName,
    FlowStatus,
    Footer,
    Form,
    Layout,
    Screen,
    TextHeading,
    TextInput,
)
from pywa.types.others import Pagination

from tests.sandbox.support import Meta

PLACE = TextInput(name="place", label="Where?", required=True)
SEND = Footer(label="Send", on_click_action=CompleteAction(payload={"place": PLACE.ref}))
FORM = Form(name="form", children=[PLACE, SEND])
START = Screen(
    id="START", title="Start", terminal=True, layout=Layout(children=[TextHeading(text="Hi"), FORM])
)
FLOW_JSON = FlowJSON(version="7.3", screens=[START])
BROKEN = {"version": "7.3", "screens": [{"id": "A", "title": "A", "layout": {"type": "Nope"}}]}


def test_flow_is_drafted_checked_read_and_deleted(whatsapp: WhatsApp, meta: Meta) -> None:
    made = whatsapp.create_flow("feedback", [FlowCategory.SURVEY])
    broken = whatsapp.update_flow_json(made.id, BROKEN)
    assert broken.success
    assert broken.validation_errors
    with pytest.raises(errors.FlowPublishingError):
        whatsapp.publish_flow(made.id)
    assert whatsapp.update_flow_json(made.id, FLOW_JSON).validation_errors == ()
    assert whatsapp.update_flow_metadata(made.id, name="opinion", categories=[FlowCategory.OTHER])
    flow = whatsapp.get_flow(made.id, phone_number_id=meta.number_id)
    assert (flow.name, flow.status, flow.categories) == ("opinion", FlowStatus.DRAFT, (FlowCategory.OTHER,))
    assert flow.whatsapp_business_account.id == meta.waba_id
    assert (flow.json_version, flow.preview is not None) == ("7.3", True)
    [asset] = flow.get_assets()
    assert asset.name == "flow.json"
    assert json.loads(whatsapp.get_media_bytes(asset.url)) == json.loads(FLOW_JSON.to_json())
    assert flow.delete()
    assert len(whatsapp.get_flows()) == 0


def test_published_flow_is_only_deprecated(whatsapp: WhatsApp) -> None:
    made = whatsapp.create_flow("feedback", [FlowCategory.SURVEY], flow_json=FLOW_JSON, publish=True)
    assert whatsapp.get_flow(made.id).status == FlowStatus.PUBLISHED
    with pytest.raises(errors.FlowDeletingError):
        whatsapp.delete_flow(made.id)
    assert whatsapp.deprecate_flow(made.id)
    with pytest.raises(errors.FlowDeprecatingError):
        whatsapp.deprecate_flow(made.id)


def test_flows_are_cloned_and_paged(whatsapp: WhatsApp) -> None:
    first = whatsapp.create_flow("first", [FlowCategory.SURVEY], flow_json=FLOW_JSON)
    whatsapp.create_flow("second", [FlowCategory.SURVEY], clone_flow_id=first.id)
    listed = whatsapp.get_flows(pagination=Pagination(limit=1))
    assert listed.has_next
    assert {flow.name for flow in listed.all()} == {"first", "second"}


def test_taken_name_is_not_migrated_and_a_quiet_flow_has_no_figures(whatsapp: WhatsApp, meta: Meta) -> None:
    made = whatsapp.create_flow("feedback", [FlowCategory.SURVEY], flow_json=FLOW_JSON)
    [failed] = whatsapp.migrate_flows(meta.waba_id, ["feedback"]).failed_flows
    assert (failed.source_name, failed.error_code) == ("feedback", "4233041")
    with pytest.raises(errors.WhatsAppError) as refused:
        whatsapp.get_flow_metrics(made.id, FlowMetricName.ENDPOINT_REQUEST_COUNT, FlowMetricGranularity.DAY)
    assert refused.value.code == 139006
