"""Canned replies: what agents fill their messages with."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.paging import page_of
from app.api.schemas.canned_replies import (
    CannedReplyChange,
    CannedReplyIn,
    CannedReplyList,
    CannedReplyOut,
    CannedReplyQuery,
)
from app.models import CannedReply
from app.queries import canned_replies as queries
from app.queries.accounts import get_account
from app.services import canned_replies as service
from app.services.canned_replies import MANAGE
from app.web.identity import current_actor

_TAGS = ["Canned replies"]


@blueprint.get("/canned-replies/")
@allowed("console.use")
@blueprint.input(CannedReplyQuery, location="query", unknown=RAISE)
@blueprint.output(CannedReplyList)
@blueprint.doc(tags=_TAGS)
def list_canned_replies(query_data: dict[str, Any]) -> dict[str, Any]:
    """List canned replies

    Newest first.
    """
    scope = current_actor().scope("console.use")
    account_id, turn = query_data.get("account"), query_data.get("cursor")
    return page_of(queries.slice_canned_replies(scope, account_id, turn, query_data["limit"]))


@blueprint.post("/canned-replies/")
@allowed(MANAGE)
@blueprint.input(CannedReplyIn, location="json")
@blueprint.output(CannedReplyOut, status_code=201)
@blueprint.doc(tags=_TAGS)
def create_canned_reply(json_data: dict[str, Any]) -> CannedReply:
    """Write a canned reply

    One for all accounts takes an owner's key.
    """
    account_id = json_data["waba_account_id"]
    if account_id is not None:
        get_account(account_id, current_actor().scope(MANAGE))
    return _save(None, account_id, json_data)


@blueprint.get("/canned-replies/<int:canned_reply_id>/")
@allowed("console.use", canned_reply=queries.get_canned_reply)
@blueprint.output(CannedReplyOut)
@blueprint.doc(tags=_TAGS)
def show_canned_reply(canned_reply: CannedReply) -> CannedReply:
    """Show a canned reply"""
    return canned_reply


@blueprint.put("/canned-replies/<int:canned_reply_id>/")
@allowed(MANAGE, canned_reply=queries.get_canned_reply)
@blueprint.input(CannedReplyChange, location="json")
@blueprint.output(CannedReplyOut)
@blueprint.doc(tags=_TAGS)
def change_canned_reply(canned_reply: CannedReply, json_data: dict[str, Any]) -> CannedReply:
    """Change a canned reply

    It stays with its account.
    """
    return _save(canned_reply, canned_reply.account_id, json_data)


@blueprint.delete("/canned-replies/<int:canned_reply_id>/")
@allowed(MANAGE, canned_reply=queries.get_canned_reply)
@blueprint.output({}, status_code=204)
@blueprint.doc(tags=_TAGS)
def delete_canned_reply(canned_reply: CannedReply) -> str:
    """Delete a canned reply"""
    service.delete_canned_reply(reply=canned_reply, actor=current_actor())
    return ""


def _save(reply: CannedReply | None, account_id: int | None, values: dict[str, Any]) -> CannedReply:
    return service.save_canned_reply(
        reply=reply,
        name=values["name"],
        body=values["body"],
        account_id=account_id,
        actor=current_actor(),
    )
