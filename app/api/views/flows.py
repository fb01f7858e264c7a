"""Flows: drafts, publishing, retiring, previews, and what customers answered."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.fields import ListQuery
from app.api.schemas.flows import (
    AllAnswersQuery,
    AnswerFilterQuery,
    AnswerQuery,
    FlowAnswerList,
    FlowChange,
    FlowDetailOut,
    FlowEventList,
    FlowIn,
    FlowList,
    FlowPreviewOut,
    FlowQuery,
    FlowSyncIn,
    FlowSyncOut,
)
from app.errors import FieldProblem, InvalidFields
from app.models import Flow
from app.queries import flows as queries
from app.queries.accounts import get_account
from app.queries.flows import AnswerFilters, FlowFilters
from app.services import flow_sync, flows
from app.services.flow_exports import write_csv
from app.services.flow_starting_forms import find_starting_form
from app.services.flow_sync import SyncResult
from app.web.identity import current_actor
from app.web.responses import stream

_TAGS = ["Flows"]
_VIEW, _MANAGE, _ANSWERS = "flows.view", "flows.manage", "messages.view"
_CSV: dict[int | str, Any] = {
    200: {"description": "One line an answer.", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


@blueprint.get("/flows/")
@allowed(_VIEW)
@blueprint.input(FlowQuery, location="query", unknown=RAISE)
@blueprint.output(FlowList)
@blueprint.doc(tags=_TAGS)
def list_flows(query_data: dict[str, Any]) -> dict[str, Any]:
    """List Flows

    Newest first, as they stood when Meta last told us. `sync/` asks Meta again.
    """
    filters = FlowFilters(
        query_data.get("account"), query_data.get("status", ""), query_data.get("search", "")
    )
    scope = current_actor().scope(_VIEW)
    return page_of(queries.slice_flows(scope, filters, query_data.get("cursor"), query_data["limit"]))


@blueprint.post("/flows/")
@allowed(_MANAGE)
@blueprint.input(FlowIn, location="json")
@blueprint.output(FlowDetailOut, status_code=201, description="Made at Meta, as a draft.")
@blueprint.doc(tags=_TAGS)
def create_flow(json_data: dict[str, Any]) -> Flow:
    """Make a Flow

    A draft at Meta, from `flow_json` or from a form of ours (`starting_form`). Faults that Meta finds
    are in `validation_errors`; they bar publishing only. If Meta refuses it, nothing is kept.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope(_MANAGE))
    starting = find_starting_form(json_data.get("starting_form"))
    if (starting is None) == ("flow_json" not in json_data):
        raise InvalidFields([FieldProblem("flow_json", "Give either flow_json or starting_form.")])
    usual = [starting.category] if starting else []
    return flows.create(
        account=account,
        name=json_data["name"],
        categories=json_data.get("categories", usual),
        text=starting.text if starting else json_data["flow_json"],
        endpoint_uri=json_data.get("endpoint_uri", ""),
        actor=current_actor(),
    )


@blueprint.post("/flows/sync/")
@allowed(_MANAGE)
@blueprint.input(FlowSyncIn, location="json")
@blueprint.output(FlowSyncOut)
@blueprint.doc(tags=_TAGS)
def sync_flows(json_data: dict[str, Any]) -> SyncResult:
    """Read an account's Flows from Meta

    List, states, faults, health and texts that changed there. What was written here and is not at Meta
    yet is kept.
    """
    account = get_account(json_data["waba_account_id"], current_actor().scope(_MANAGE))
    return flow_sync.sync(account=account, actor=current_actor())


@blueprint.get("/flows/answers/")
@allowed(_ANSWERS)
@blueprint.input(AllAnswersQuery, location="query", unknown=RAISE)
@blueprint.output(FlowAnswerList)
@blueprint.doc(tags=_TAGS)
def list_all_answers(query_data: dict[str, Any]) -> dict[str, Any]:
    """List the answers to all Flows

    Newest first, also those of Flows that are not known here.
    """
    return _answers(query_data, account_id=query_data.get("account"), flow_id=query_data.get("flow"))


@blueprint.get("/flows/<int:flow_id>/")
@allowed(_VIEW, flow=queries.get_flow)
@blueprint.output(FlowDetailOut)
@blueprint.doc(tags=_TAGS)
def show_flow(flow: Flow) -> Flow:
    """Show a Flow with its text"""
    return flow


@blueprint.put("/flows/<int:flow_id>/")
@allowed(_MANAGE, flow=queries.get_flow)
@blueprint.input(FlowChange, location="json")
@blueprint.output(FlowDetailOut)
@blueprint.doc(tags=_TAGS)
def change_flow(flow: Flow, json_data: dict[str, Any]) -> Flow:
    """Change a Flow

    Stored here first, then at Meta. What Meta refuses stays here (`has_unsent_text`); send it again
    once it is mended. A published Flow becomes a draft again, and customers keep the published version.
    """
    flow = flows.update_draft(
        flow=flow,
        name=json_data.get("name", flow.name),
        categories=json_data.get("categories", flow.categories),
        text=json_data.get("flow_json", flow.flow_json),
        endpoint_uri=json_data.get("endpoint_uri", flow.endpoint_uri),
        actor=current_actor(),
    )
    return flows.send(flow=flow, actor=current_actor())


@blueprint.delete("/flows/<int:flow_id>/")
@allowed(_MANAGE, flow=queries.get_flow)
@blueprint.output({}, status_code=204, description="Deleted here, and at Meta if it was there.")
@blueprint.doc(tags=_TAGS)
def delete_flow(flow: Flow) -> str:
    """Delete a Flow

    Only a draft that was never published; any other is retired with `deprecate/`. Its answers stay,
    without the Flow.
    """
    flows.delete(flow=flow, actor=current_actor())
    return ""


@blueprint.post("/flows/<int:flow_id>/publish/")
@allowed(_MANAGE, flow=queries.get_flow)
@blueprint.output(FlowDetailOut)
@blueprint.doc(tags=_TAGS)
def publish_flow(flow: Flow) -> Flow:
    """Publish a Flow

    From then on it can be sent to every customer.
    """
    return flows.publish(flow=flow, actor=current_actor())


@blueprint.post("/flows/<int:flow_id>/deprecate/")
@allowed(_MANAGE, flow=queries.get_flow)
@blueprint.output(FlowDetailOut)
@blueprint.doc(tags=_TAGS)
def deprecate_flow(flow: Flow) -> Flow:
    """Retire a Flow for good

    It can no longer be sent or opened.
    """
    return flows.deprecate(flow=flow, actor=current_actor())


@blueprint.post("/flows/<int:flow_id>/preview/")
@allowed(_MANAGE, flow=queries.get_flow)
@blueprint.output(FlowPreviewOut)
@blueprint.doc(tags=_TAGS)
def preview_flow(flow: Flow) -> Flow:
    """Make a new preview

    The address ends after 30 days, and the one before ends now.
    """
    return flows.renew_preview(flow=flow)


@blueprint.get("/flows/<int:flow_id>/events/")
@allowed(_VIEW, flow=queries.get_flow)
@blueprint.input(ListQuery, location="query", unknown=RAISE)
@blueprint.output(FlowEventList)
@blueprint.doc(tags=_TAGS)
def list_flow_events(flow: Flow, query_data: dict[str, Any]) -> dict[str, Any]:
    """List Meta's news about a Flow

    Changes of its state, alerts about its data endpoint, the end of its version; the newest heard first.
    """
    return page_of(queries.slice_events(flow, query_data.get("cursor"), query_data["limit"]))


@blueprint.get("/flows/<int:flow_id>/answers/")
@allowed(_ANSWERS, flow=queries.get_flow)
@blueprint.input(AnswerQuery, location="query", unknown=RAISE)
@blueprint.output(FlowAnswerList)
@blueprint.doc(tags=_TAGS)
def list_flow_answers(flow: Flow, query_data: dict[str, Any]) -> dict[str, Any]:
    """List a Flow's answers

    Newest first.
    """
    return _answers(query_data, flow_id=flow.id)


@blueprint.get("/flows/<int:flow_id>/answers/csv/")
@allowed(_ANSWERS, flow=queries.get_flow)
@blueprint.input(AnswerFilterQuery, location="query", unknown=RAISE)
@blueprint.doc(tags=_TAGS, responses=_CSV)
def export_flow_answers(flow: Flow, query_data: dict[str, Any]) -> Response:
    """Export a Flow's answers as CSV

    Oldest first, one column a question. A cell that a spreadsheet would calculate has an apostrophe in
    front.
    """
    filters = _filters(query_data, flow_id=flow.id)
    return stream(write_csv(current_actor().scope(_ANSWERS), filters, flow.id), "text/csv")


def _answers(
    query_data: dict[str, Any], *, account_id: int | None = None, flow_id: int | None = None
) -> dict[str, Any]:
    filters = _filters(query_data, account_id=account_id, flow_id=flow_id)
    scope = current_actor().scope(_ANSWERS)
    return page_of(queries.slice_answers(scope, filters, query_data.get("cursor"), query_data["limit"]))


def _filters(
    query_data: dict[str, Any], *, account_id: int | None = None, flow_id: int | None = None
) -> AnswerFilters:
    return AnswerFilters(
        account_id=account_id,
        flow_id=flow_id,
        since=query_data.get("since"),
        until=query_data.get("until"),
        contact=query_data.get("contact", ""),
    )
