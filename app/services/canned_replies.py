"""Canned replies: kept, changed, deleted, and filled in for one customer."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.errors import DomainError, FieldProblem, InvalidFields
from app.extensions import db
from app.models import CannedReply
from app.queries.access import EVERYTHING, Actor
from app.queries.canned_replies import list_canned_replies
from app.services import audit

MANAGE = "canned_replies.manage"
LONGEST_NAME = 60
LONGEST_BODY = 4096
MOST = 500
_PLACE = re.compile(r"\{\{\s*(name|agent|contact\.[a-z0-9_]+)\s*\}\}")


class NotYours(DomainError):
    """What holds in all accounts is changed by whoever manages all of them."""

    code = "forbidden"
    status = 403


def save_canned_reply(
    *, reply: CannedReply | None, name: str, body: str, account_id: int | None, actor: Actor
) -> CannedReply:
    """A new one, or a changed one. Raises InvalidFields, and NotYours outside the actor's accounts."""
    name, body = " ".join(name.split()), body.strip()
    _check(name, body)
    for place in {account_id, reply.account_id if reply is not None else account_id}:
        _require(actor, place)
    is_new = reply is None
    if reply is None:
        if len(list_canned_replies(EVERYTHING)) >= MOST:
            raise DomainError(f"There are {MOST} canned replies, and no room for more. Delete one first.")
        reply = CannedReply()
        db.session.add(reply)
    reply.name, reply.body, reply.account_id = name, body, account_id
    db.session.flush()
    _record(reply, actor, "canned_reply.created" if is_new else "canned_reply.changed")
    return reply


def delete_canned_reply(*, reply: CannedReply, actor: Actor) -> None:
    """Messages written with it stay as they are."""
    _require(actor, reply.account_id)
    db.session.delete(reply)
    _record(reply, actor, "canned_reply.deleted")


def may_manage(actor: Actor, account_id: int | None) -> bool:
    if account_id is None:
        return actor.scope(MANAGE) == EVERYTHING
    return account_id in actor.scope(MANAGE)


def fill_in(reply: CannedReply, *, customer: str, agent: str, fields: Mapping[str, str] | None = None) -> str:
    """The text for one customer. `fields`: what stands in the account's own fields, by key."""
    return fill_places(reply.body, customer=customer, agent=agent, fields=fields)


def fill_places(text: str, *, customer: str, agent: str, fields: Mapping[str, str] | None = None) -> str:
    """`{{name}}`, `{{agent}}` and `{{contact.<field>}}` filled in; a field with
    nothing in it leaves nothing.
    """
    values = {"name": customer, "agent": agent}
    values |= {f"contact.{key}": value for key, value in (fields or {}).items()}
    return _PLACE.sub(lambda found: values.get(found.group(1), ""), text)


def _check(name: str, body: str) -> None:
    problems = []
    if not name or len(name) > LONGEST_NAME:
        problems.append(FieldProblem("name", f"Give it a short name, of up to {LONGEST_NAME} characters."))
    if not body or len(body) > LONGEST_BODY:
        problems.append(FieldProblem("body", f"Write the text: 1 to {LONGEST_BODY} characters."))
    if problems:
        raise InvalidFields(problems)


def _require(actor: Actor, account_id: int | None) -> None:
    if not may_manage(actor, account_id):
        raise NotYours(
            "A manager changes canned replies of their accounts; those of all accounts are for owners."
        )


def _record(reply: CannedReply, actor: Actor, action: str) -> None:
    audit.record(
        actor,
        action,
        account_id=reply.account_id,
        object_type="canned_reply",
        object_id=reply.id,
        details={"name": reply.name},
    )
    db.session.commit()
