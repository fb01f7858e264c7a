"""May this number send now, this kind, to this person: conditions, block list, test numbers, Flow states.

Source: Meta docs, "Error codes" page, read 2026-09, and "Marketing Messages API", read 2026-09.
"""

from typing import Any

from .. import clock, ids, magic
from ..database import Row
from ..store import block_list, flows, node_settings
from . import account_changes, conditions, errors
from .errors import GraphError
from .registry import Call

HOUR_S = 3600.0
# A test number may write to five people. Source: Meta docs, "Get started", read 2026-03.
MOST_TEST_RECIPIENTS = 5
# A number Meta provides (the 555 ones) sends once its name is approved.
PROVIDED = "555"
NAMELESS = ("DECLINED", "EXPIRED", "NONE", "PENDING_REVIEW")
FLOW_SENDS_PER_HOUR = 10
POLICIES = ("CLOUD_API_FALLBACK", "STRICT")


def check(call: Call, wa_id: str) -> None:
    """The number, its account, and whom it has blocked."""
    number = call.node.row
    conditions.check(call, conditions.SENDING)
    if number["wa_id"][4:7] == PROVIDED and number["name_status"] in NAMELESS:
        raise GraphError(131037)
    if block_list.has(call.db, call.node.id, wa_id):
        raise GraphError(130403, details="You have blocked this user.")
    if number["account_mode"] == "SANDBOX":
        _check_test_recipient(call, wa_id)
    wanted_hash = call.params.text("recipient_identity_key_hash")
    if wanted_hash and _checks_identity(call) and wanted_hash != ids.identity_key_hash(wa_id):
        raise GraphError(137000)


def check_message_template(call: Call, row: Row) -> None:
    if row["category"] != "AUTHENTICATION":
        conditions.check(call, conditions.TEMPLATE_SENDING)
    if magic.is_forbidden_name(row["name"]):
        raise GraphError(132007, details=f"template ({row['name']}) violates the policy")
    for button in _flow_buttons(row):
        _check_flow(call, button)


def check_content(call: Call, kind: str, content: Any) -> None:
    """Flows that are blocked or throttled; payments whose terms are open."""
    if kind != "interactive" or not isinstance(content, dict):
        return
    if content.get("type") in ("order_details", "order_status"):
        conditions.check(call, conditions.ORDER_SENDING)
    action = content.get("action")
    parameters = action.get("parameters") if isinstance(action, dict) else None
    if content.get("type") == "flow" and isinstance(parameters, dict):
        _check_flow(call, parameters)


def check_cloud_marketing(call: Call, row: Row) -> None:
    is_marketing = row["category"] == "MARKETING"
    if is_marketing and account_changes.is_on(call, call.node.waba_id, account_changes.NO_MARKETING):
        raise GraphError(131063)


def check_marketing(call: Call) -> None:
    """What the Marketing Messages API refuses before it looks at the message template."""
    policy = call.params.text("product_policy")
    if policy is not None and policy not in POLICIES:
        raise errors.one_of("product_policy", POLICIES, policy)
    if call.params.has("status"):
        raise GraphError(131055, details="Messages cannot be marked as read here.")
    if call.params.text("type") != "template":
        raise GraphError(100, "Invalid parameter", details="Message must be a template message.")
    conditions.check(call, conditions.MARKETING_API)


def check_is_marketing(row: Row | None) -> None:
    if row is None or row["category"] != "MARKETING":
        raise GraphError(134100)


def _check_test_recipient(call: Call, wa_id: str) -> None:
    sql = "SELECT DISTINCT wa_id FROM messages WHERE phone_number_id = ? AND direction = 'outbound'"
    known = {row["wa_id"] for row in call.db.rows(sql, call.node.id)}
    if wa_id not in known and len(known) >= MOST_TEST_RECIPIENTS:
        raise GraphError(131030)


def _checks_identity(call: Call) -> bool:
    kept = node_settings.get(call.db, call.node.id, "user_identity_change", {})
    return bool(kept.get("enable_identity_key_check"))


def _flow_buttons(row: Row) -> list[Any]:
    parts = (part.get("buttons") or [] for part in row["components"] if part.get("type") == "BUTTONS")
    return [button for buttons in parts for button in buttons if button.get("type") == "FLOW"]


def _check_flow(call: Call, named: dict[str, Any]) -> None:
    """Flows of this account by id or name; an id the sandbox does not know is taken as it is."""
    waba_id = call.node.waba_id
    by_id = flows.find(call.db, str(named.get("flow_id") or ""))
    row = by_id or flows.find_named(call.db, waba_id, str(named.get("flow_name") or ""))
    if row is None or row["waba_id"] != waba_id:
        return
    if row["status"] == "BLOCKED":
        raise GraphError(132068)
    if row["status"] == "DEPRECATED":
        raise errors.bad_value("The flow is deprecated.")
    if row["published_json"] is None and named.get("mode") != "draft":
        raise errors.bad_value("The flow is not published; send it with mode draft.")
    if row["status"] == "THROTTLED":
        used = call.sandbox.limiter.count(("flow", row["id"]), clock.now(), HOUR_S)
        if used > FLOW_SENDS_PER_HOUR:
            raise GraphError(132069)
