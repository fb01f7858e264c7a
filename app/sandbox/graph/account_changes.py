"""What can be changed of a WABA: its own switches, the people on it, one more number.

Source: Meta docs, "WhatsApp Business Account" reference and "Add a phone number", read 2026-03.
"""

from dataclasses import replace
from typing import Any

from .. import ids
from ..store import accounts, node_settings, phone_numbers, portfolio
from ..webhooks import number_life
from . import conditions, errors
from .errors import GraphError
from .message_template_texts import refuse
from .paging import page
from .registry import BUSINESS, MANAGEMENT, Answer, Call, edge

SUCCESS: Answer = {"success": True}
INSIGHTS = "is_enabled_for_insights"
NO_MARKETING = "disable_marketing_messages_on_cloud_api"
SWITCHES = (INSIGHTS, NO_MARKETING, "template_auto_archival_enabled")
LONGEST_NAME = 100
ASSIGNED = "assigned_users"
TASKS = (
    "MANAGE", "DEVELOP", "MANAGE_TEMPLATES", "VIEW_TEMPLATES", "MANAGE_PHONE", "MANAGE_PHONE_ASSETS",
    "VIEW_PHONE_ASSETS", "MANAGE_EXTENSIONS", "MESSAGING", "VIEW_COST",
)  # fmt: skip


def is_on(call: Call, waba_id: str, name: str) -> bool:
    """One of SWITCHES of an account."""
    return bool(node_settings.get(call.db, waba_id, name, False))


@edge("waba", "", "POST", scope=MANAGEMENT)
def change_account(call: Call) -> Answer:
    """Insights cannot be switched off again: 200006."""
    changes = {name: _flag(call, name) for name in SWITCHES if call.params.has(name)}
    texts = {
        name: call.params.required_text(name) for name in ("name", "timezone_id") if call.params.has(name)
    }
    if len(texts.get("name", "")) > LONGEST_NAME:
        raise errors.invalid(f"name has at most {LONGEST_NAME} characters.")
    if not changes and not texts:
        raise errors.invalid(f"One of {', '.join((*SWITCHES, 'name', 'timezone_id'))} is required.")
    _check_insights(call, changes)
    with call.db.write():
        for name, is_set in changes.items():
            node_settings.put(call.db, call.node.id, name, is_set)
        if texts:
            accounts.update(call.db, call.node.id, **texts)
    return {"id": call.node.id} if INSIGHTS in changes else SUCCESS


def _check_insights(call: Call, changes: dict[str, bool]) -> None:
    if INSIGHTS not in changes:
        return
    if "insights_unavailable" in node_settings.conditions_of(call.db, call.node.id):
        raise GraphError(200005)
    if not changes[INSIGHTS] and is_on(call, call.node.id, INSIGHTS):
        raise GraphError(200006)


@edge("waba", "assigned_users", "GET", scope=MANAGEMENT)
def list_assigned(call: Call) -> Answer:
    """`business` says whose people are meant."""
    call.params.required_text("business")
    users = node_settings.get(call.db, call.node.id, ASSIGNED, {})
    rows = [{"id": user, "tasks": tasks, "name": f"User {user[-4:]}"} for user, tasks in users.items()]
    return page(call, rows)


@edge("waba", "assigned_users", "POST", scope=MANAGEMENT)
def assign_user(call: Call) -> Answer:
    user, tasks = _digits(call, "user"), call.params.words("tasks")
    if not tasks:
        raise errors.required("tasks")
    for task in tasks:
        if task not in TASKS:
            raise errors.one_of("tasks", TASKS, task)
    users = node_settings.get(call.db, call.node.id, ASSIGNED, {})
    node_settings.put(call.db, call.node.id, ASSIGNED, users | {user: sorted(set(tasks))})
    return SUCCESS


@edge("waba", "assigned_users", "DELETE", scope=MANAGEMENT)
def remove_user(call: Call) -> Answer:
    users = node_settings.get(call.db, call.node.id, ASSIGNED, {})
    if users.pop(_digits(call, "user"), None) is None:
        raise errors.invalid("user: this user is not assigned.")
    node_settings.put(call.db, call.node.id, ASSIGNED, users)
    return SUCCESS


@edge("waba", "phone_numbers", "POST", scope=MANAGEMENT)
def add_number(call: Call) -> Answer:
    """A new number is neither verified nor registered. 2388012: it is in the list already."""
    wa_id = _wanted_number(call)
    name = call.params.required_text("verified_name")
    known = phone_numbers.find_by_wa_id(call.db, wa_id)
    if known is not None:
        raise _taken(call, known["waba_id"])
    _check_room(call)
    account = accounts.find_complete(call.db, call.node.id)
    if account is None:
        raise GraphError(131000)
    number = replace(
        account,
        name=name,
        phone_number_id=ids.node_id(),
        phone_number=f"+{wa_id}",
        display_number=ids.display_number(wa_id),
    )
    with call.db.write():
        phone_numbers.insert(call.db, number)
        phone_numbers.update(
            call.db,
            number.phone_number_id,
            status="PENDING",
            code_verification_status="NOT_VERIFIED",
            name_status="AVAILABLE_WITHOUT_REVIEW",
            quality_rating="UNKNOWN",
        )
    return {"id": number.phone_number_id}


def _check_room(call: Call) -> None:
    """2 numbers for a new portfolio, 20 if verified. Source: Meta docs, "Phone numbers", read 2026-09."""
    business_id = call.node.row["business_id"]
    tier = portfolio.tier(call.db, business_id)
    most = number_life.capability(tier)["max_phone_numbers_per_business"]
    if conditions.business_limit(call, call.node.id):
        most = number_life.FEW_NUMBERS
    if len(portfolio.numbers_of(call.db, business_id)) >= most:
        raise refuse(None, "Too many phone numbers", f"This portfolio has at most {most} phone numbers.")


def _taken(call: Call, waba_id: str) -> GraphError:
    if waba_id == call.node.id:
        return refuse(2388012, "Number already added", "This phone number is in your list already.")
    return refuse(2388103, "Number cannot be migrated", "Another account holds this phone number.")


def _wanted_number(call: Call) -> str:
    """`cc` (some clients: `country_code`) and the number without it."""
    code = ids.digits_of(call.params.text("cc") or call.params.required_text("country_code"))
    number = ids.digits_of(call.params.required_text("phone_number"))
    if not code or not 7 <= len(code + number) <= 15:
        raise errors.invalid("cc and phone_number must make a phone number of 7 to 15 digits.")
    return code + number


def _digits(call: Call, name: str) -> str:
    value = call.params.required_text(name)
    if not value.isascii() or not value.isdigit():
        raise errors.invalid(f"{name} must be an id.")
    return value


def _flag(call: Call, name: str) -> bool:
    word = str(call.params.get(name)).lower()
    if word not in {"true", "false", "1", "0"}:
        raise errors.one_of(name, ("true", "false"), call.params.get(name))
    return word in {"true", "1"}


@edge("business", "client_whatsapp_business_accounts", "GET", scope=BUSINESS)
def list_clients(call: Call) -> Answer:
    """Accounts of other portfolios shared with this one: there are none in a world of its own."""
    rows: list[dict[str, Any]] = [
        row for row in accounts.list_wabas_of(call.db, call.node.id) if call.token.can_see(row["id"])
    ]
    if not rows:
        raise errors.unsupported(call.method, call.node.id)
    return {"data": []}
