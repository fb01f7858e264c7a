"""The block list of a number. Source: Meta docs, "Block users" page, read 2026-09."""

import re
from typing import Any

from .. import ids
from ..database import Row
from ..store import block_list, customers, messages
from . import conditions, errors
from .errors import GraphError
from .paging import page
from .registry import MESSAGING, Answer, Call, edge

SHORTEST, LONGEST = 7, 15
PHONE = re.compile(r"\+?[-0-9 ().]+", re.ASCII)
NOT_FOUND, TOO_LATE, FULL, NOT_BLOCKED = 131021, 131047, 139101, 139100
Part = dict[str, Any]


class _Refused(Exception):
    """One user of the list that could not be taken."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@edge("phone_number", "block_users", "GET", scope=MESSAGING)
def list_blocked(call: Call) -> Answer:
    conditions.check(call, conditions.BLOCK_LIST)
    rows = block_list.list_of(call.db, call.node.id)
    business_id = call.db.value("SELECT business_id FROM wabas WHERE id = ?", call.node.waba_id)
    items = [_listed(customers.get_or_add(call.db, business_id, row["wa_id"])) for row in rows]
    try:
        return page(call, rows, items)
    except GraphError as error:
        if error.code != 131059:
            raise
        # A cursor that points at nobody: the list changed meanwhile.
        raise GraphError(139102, details="The block list changed while it was paged through.") from error


def _listed(customer: Row) -> Part:
    """The number only where the business gets to see it."""
    number = {} if customer["hides_phone"] else {"wa_id": customer["wa_id"]}
    return {"messaging_product": "whatsapp", **number, "user_id": customer["user_id"]}


@edge("phone_number", "block_users", "POST", scope=MESSAGING)
def block(call: Call) -> Answer:
    return _each(call, "added_users", _block)


@edge("phone_number", "block_users", "DELETE", scope=MESSAGING)
def unblock(call: Call) -> Answer:
    return _each(call, "removed_users", _unblock)


def _each(call: Call, done_key: str, act: Any) -> Answer:
    """What fails is named beside what was done, and the whole answers 400 with 139100."""
    conditions.check(call, conditions.BLOCK_LIST)
    done: list[Part] = []
    failed: list[Part] = []
    is_full = False
    for user in _users(call):
        given = str(user.get("user") or user.get("user_id") or "")
        try:
            done.append(act(call, user))
        except _Refused as refusal:
            is_full = is_full or refusal.code == FULL
            problem = {"message": str(refusal), "code": refusal.code, "error_data": {"details": str(refusal)}}
            failed.append({"input": given, "errors": [problem]})
    result: Part = {done_key: done}
    if not failed:
        return {"messaging_product": "whatsapp", "block_users": result}
    if is_full and not done:
        raise GraphError(FULL)
    error = GraphError(139100)
    error.beside = {"messaging_product": "whatsapp", "block_users": result | {"failed_users": failed}}
    raise error


def _users(call: Call) -> list[Part]:
    if call.params.required_text("messaging_product") != "whatsapp":
        raise errors.one_of("messaging_product", ("whatsapp",), call.params.get("messaging_product"))
    users = call.params.opened("block_users")
    if not isinstance(users, list) or not users or not all(isinstance(user, dict) for user in users):
        raise errors.invalid("block_users must be a list of objects with user or user_id.")
    return users


def _block(call: Call, user: Part) -> Part:
    wa_id, shown = _found(call, user)
    if wa_id == call.node.row["wa_id"]:
        raise _Refused(NOT_FOUND, "A number cannot block itself.")
    if not messages.is_window_open(call.db, call.node.id, wa_id):
        raise _Refused(TOO_LATE, "Only users who wrote within the last 24 hours can be blocked.")
    most = call.sandbox.settings.block_list_limit
    is_new = not block_list.has(call.db, call.node.id, wa_id)
    if is_new and block_list.count(call.db, call.node.id) >= most:
        raise _Refused(FULL, f"The block list is full, it holds {most} users.")
    block_list.add(call.db, call.node.id, wa_id)
    return shown


def _unblock(call: Call, user: Part) -> Part:
    wa_id, shown = _found(call, user)
    if not block_list.remove(call.db, call.node.id, wa_id):
        raise _Refused(NOT_BLOCKED, "The user is not blocked.")
    return shown


def _found(call: Call, user: Part) -> tuple[str, Part]:
    """The phone number of the user, and how the answer names him; `user` wins over `user_id`."""
    if user.get("user"):
        digits = ids.digits_of(str(user["user"]))
        if not PHONE.fullmatch(str(user["user"])) or not SHORTEST <= len(digits) <= LONGEST:
            raise _Refused(NOT_FOUND, "The phone number is not valid.")
        return digits, {"input": str(user["user"]), "wa_id": digits}
    user_id = str(user.get("user_id") or "")
    business_id = call.db.value("SELECT business_id FROM wabas WHERE id = ?", call.node.waba_id)
    customer = customers.find_by_user_id(call.db, business_id, user_id)
    if customer is None:
        raise _Refused(NOT_FOUND, "This business does not know a user with that ID.")
    return customer["wa_id"], {"input": user_id, "user_id": user_id}
