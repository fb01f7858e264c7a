"""The user name of a business number. Source: Meta docs, "Usernames" page, read 2026-09."""

import re

from ..store import node_settings, phone_numbers
from . import conditions, errors
from .errors import GraphError
from .registry import MANAGEMENT, Answer, Call, edge

USERNAME = "username"
FORM = re.compile(r"[a-z0-9._]{3,35}")
# Which endings Meta means is not published (unverified).
DOMAIN = re.compile(r"\.(com|org|net|int|edu|gov|mil|us|in|html|io|co|biz|info|app|shop)$")
ELIGIBLE_NAMES = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")


@edge("phone_number", "username", "GET", scope=MANAGEMENT)
def get_username(call: Call) -> Answer:
    kept = node_settings.get(call.db, call.node.id, USERNAME)
    return {} if kept is None else {"username": kept, "status": "approved"}


@edge("phone_number", "username", "POST", scope=MANAGEMENT)
def set_username(call: Call) -> Answer:
    """147001: taken, or not of the form; 147002: the number is not ready for one."""
    name = call.params.required_text("username").lower().removeprefix("@")
    action = call.params.text("transfer_action") or "none"
    if action not in {"none", "force_transfer"}:
        raise errors.one_of("transfer_action", ("none", "force_transfer"), action)
    row = call.node.row
    if not phone_numbers.is_registered(row) or row["name_status"] not in ELIGIBLE_NAMES:
        raise GraphError(147002)
    conditions.check(call, conditions.USERNAME)
    if not is_well_formed(name):
        raise GraphError(147001, details="The username has not the form of one.")
    _claim(call, name, action)
    return {"success": True, "status": "approved"}


@edge("phone_number", "username", "DELETE", scope=MANAGEMENT)
def delete_username(call: Call) -> Answer:
    node_settings.remove(call.db, call.node.id, USERNAME)
    return {"success": True}


@edge("phone_number", "username_suggestions", "GET", scope=MANAGEMENT)
def list_suggestions(call: Call) -> Answer:
    name = call.node.row["verified_name"].lower()
    base = re.sub(r"[^a-z0-9]+", "_", name).strip("_")[:28] or "business"
    wanted = (base, f"{base}_official", f"the_{base}", f"{base}.chat")
    free = [one for one in wanted if not node_settings.find_holder(call.db, USERNAME, one)]
    return {"data": [{"username_suggestions": free}]}


def is_well_formed(name: str) -> bool:
    has_letter = any(character.isalpha() for character in name)
    is_tidy = not name.startswith((".", "www")) and not name.endswith(".") and ".." not in name
    return bool(FORM.fullmatch(name)) and has_letter and is_tidy and not DOMAIN.search(name)


def _claim(call: Call, name: str, action: str) -> None:
    """A name held by a number of the same account moves over only when that is asked for."""
    with call.db.write():
        holder = node_settings.find_holder(call.db, USERNAME, name)
        if holder is not None and holder != call.node.id:
            other = phone_numbers.find(call.db, holder)
            if other is None or other["waba_id"] != call.node.waba_id:
                raise GraphError(147001, details="The username is taken.")
            if action != "force_transfer":
                raise GraphError(147005, details="Another number of this account has it.")
            node_settings.remove(call.db, holder, USERNAME)
        node_settings.put(call.db, call.node.id, USERNAME, name)
