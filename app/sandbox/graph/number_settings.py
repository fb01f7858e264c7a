"""What a number keeps beside its profile: settings, public key, automation, commerce, contact book.

Source: Meta docs, "Settings", "Conversational components", "Commerce settings" pages, read 2026-03.
"""

import re
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ..store import customers, node_settings, phone_numbers
from . import errors
from .registry import MANAGEMENT, MESSAGING, Answer, Call, edge

SUCCESS: Answer = {"success": True}
FEATURES = ("calling", "user_identity_change", "payload_encryption", "storage_configuration")
DEFAULTS: dict[str, Any] = {
    "calling": {"status": "DISABLED", "call_icon_visibility": "DEFAULT"},
    "user_identity_change": {"enable_identity_key_check": False},
    "payload_encryption": {"status": "DISABLED"},
    "storage_configuration": {"status": "DEFAULT"},
}
SWITCH = ("ENABLED", "DISABLED")
STORAGE = ("DEFAULT", "IN_COUNTRY_STORAGE_ENABLED", "NO_STORAGE_ENABLED")
REGIONS = ("AU", "ID", "IN", "JP", "SG", "KR", "DE", "CH", "GB", "BR", "BH", "ZA", "AE", "CA")
MOST_PROMPTS, LONGEST_PROMPT = 4, 80
MOST_COMMANDS, LONGEST_COMMAND, LONGEST_HINT = 30, 32, 256
# Emoji, roughly: the blocks they stand in. Source of the ban: Meta docs, "Conversational components".
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f]")
KEY_BITS = 2048
AUTOMATION, COMMERCE = "conversational_automation", "whatsapp_commerce_settings"
Part = dict[str, Any]


@edge("phone_number", "settings", "GET", scope=MANAGEMENT)
def get_settings(call: Call) -> Answer:
    kept = {name: node_settings.get(call.db, call.node.id, name, DEFAULTS[name]) for name in FEATURES}
    return {name: value for name, value in kept.items() if name != "payload_encryption" or value}


@edge("phone_number", "settings", "POST", scope=MANAGEMENT)
def change_settings(call: Call) -> Answer:
    """One feature at a time."""
    given = [name for name in FEATURES if call.params.has(name)]
    if len(given) != 1:
        raise errors.invalid(f"Exactly one of {', '.join(FEATURES)} is required.")
    [name] = given
    value = call.params.opened(name)
    if not isinstance(value, dict):
        raise errors.invalid(f"{name} must be an object.")
    # A null stands for "not given": pywa 4.5.0 sends every member it knows (unverified).
    value = {key: member for key, member in value.items() if member is not None}
    CHECKS[name](call, value)
    kept = node_settings.get(call.db, call.node.id, name, DEFAULTS[name])
    node_settings.put(call.db, call.node.id, name, kept | value)
    return SUCCESS


def _check_calling(_call: Call, value: Part) -> None:
    _choice(value, "status", SWITCH)
    _choice(value, "call_icon_visibility", ("DEFAULT", "DISABLE_ALL"))
    _choice(value, "callback_permission_status", SWITCH)
    for key in ("call_hours", "sip"):
        if key in value and not isinstance(value[key], dict):
            raise errors.invalid(f"calling[{key}] must be an object.")


def _check_identity(_call: Call, value: Part) -> None:
    if not isinstance(value.get("enable_identity_key_check"), bool):
        raise errors.invalid("user_identity_change[enable_identity_key_check] must be true or false.")


def _check_encryption(_call: Call, value: Part) -> None:
    _choice(value, "status", SWITCH)
    if value.get("status") == "ENABLED" and not value.get("client_encryption_key"):
        raise errors.required("payload_encryption[client_encryption_key]")


def _check_storage(call: Call, value: Part) -> None:
    _choice(value, "status", STORAGE)
    _choice(value, "data_localization_region", REGIONS)
    if value.get("status") == "IN_COUNTRY_STORAGE_ENABLED" and not value.get("data_localization_region"):
        raise errors.required("storage_configuration[data_localization_region]")
    if phone_numbers.is_registered(call.node.row):
        raise errors.invalid("The storage can be changed only while the number is not registered.")


def _choice(value: Part, key: str, choices: tuple[str, ...]) -> None:
    if key in value and value[key] not in choices:
        raise errors.one_of(key, choices, value[key])


CHECKS: dict[str, Callable[[Call, Part], None]] = {
    "calling": _check_calling,
    "user_identity_change": _check_identity,
    "payload_encryption": _check_encryption,
    "storage_configuration": _check_storage,
}


@edge("phone_number", "whatsapp_business_encryption", "GET", scope=MESSAGING)
def get_key(call: Call) -> Answer:
    key = node_settings.get(call.db, call.node.id, node_settings.PUBLIC_KEY)
    if key is None:
        return {"data": []}
    status = "VALID" if phone_numbers.is_registered(call.node.row) else "MISMATCH"
    return {"data": [{"business_public_key": key, "business_public_key_signature_status": status}]}


@edge("phone_number", "whatsapp_business_encryption", "POST", scope=MESSAGING)
def set_key(call: Call) -> Answer:
    text = call.params.required_text("business_public_key")
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise errors.invalid("business_public_key must be a public key in PEM.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size != KEY_BITS:
        raise errors.invalid(f"business_public_key must be an RSA key of {KEY_BITS} bits.")
    node_settings.put(call.db, call.node.id, node_settings.PUBLIC_KEY, text)
    return SUCCESS


@edge("phone_number", AUTOMATION, "POST", scope=MANAGEMENT)
def change_automation(call: Call) -> Answer:
    """Each given list replaces the old one."""
    kept = node_settings.get(call.db, call.node.id, AUTOMATION, {})
    if call.params.has("enable_welcome_message"):
        kept["enable_welcome_message"] = str(call.params.get("enable_welcome_message")).lower() == "true"
    if call.params.has("prompts"):
        kept["prompts"] = _checked_prompts(call.params.opened("prompts"))
    if call.params.has("commands"):
        kept["commands"] = _checked_commands(call.params.opened("commands"))
    node_settings.put(call.db, call.node.id, AUTOMATION, kept)
    return SUCCESS


def _checked_prompts(prompts: Any) -> list[str]:
    if not isinstance(prompts, list) or len(prompts) > MOST_PROMPTS:
        raise errors.invalid(f"prompts is a list of at most {MOST_PROMPTS}.")
    return [_plain(prompt, "prompts", LONGEST_PROMPT) for prompt in prompts]


def _checked_commands(commands: Any) -> list[Part]:
    is_list = isinstance(commands, list) and all(isinstance(command, dict) for command in commands)
    if not is_list or len(commands) > MOST_COMMANDS:
        raise errors.invalid(f"commands is a list of at most {MOST_COMMANDS} objects.")
    names = [str(command.get("command_name")) for command in commands]
    if len(set(names)) != len(names):
        raise errors.invalid("commands: two have the same command_name.")  # (unverified)
    return [
        {
            "command_name": _plain(command.get("command_name"), "command_name", LONGEST_COMMAND),
            "command_description": _plain(
                command.get("command_description"), "command_description", LONGEST_HINT
            ),
        }
        for command in commands
    ]


def _plain(text: Any, name: str, most: int) -> str:
    if not isinstance(text, str) or not text.strip() or len(text) > most or EMOJI.search(text):
        raise errors.invalid(f"{name} must be a text of 1 to {most} characters without emoji.")
    return text


@edge("phone_number", COMMERCE, "GET", scope=MANAGEMENT)
def get_commerce(call: Call) -> Answer:
    """`id` is the catalog's."""
    kept = node_settings.get(call.db, call.node.id, COMMERCE, {})
    shown = {"is_cart_enabled": True, "is_catalog_visible": False} | kept
    return {"data": [shown | {"id": f"9{call.node.waba_id[1:]}"}]}


@edge("phone_number", COMMERCE, "POST", scope=MANAGEMENT)
def change_commerce(call: Call) -> Answer:
    given = [name for name in ("is_cart_enabled", "is_catalog_visible") if call.params.has(name)]
    if not given:
        raise errors.invalid("One of is_cart_enabled, is_catalog_visible is required.")
    kept = node_settings.get(call.db, call.node.id, COMMERCE, {})
    for name in given:
        word = str(call.params.get(name)).lower()
        if word not in {"true", "false", "1", "0"}:
            raise errors.one_of(name, ("true", "false"), call.params.get(name))
        kept[name] = word in {"true", "1"}
    node_settings.put(call.db, call.node.id, COMMERCE, kept)
    return SUCCESS


@edge("phone_number", "contact_book", "DELETE", scope=MESSAGING)
def forget_contact(call: Call) -> Answer:
    """Meta forgets which phone number belongs to a user id: then that id cannot be written to."""
    if call.params.required_text("messaging_product") != "whatsapp":
        raise errors.one_of("messaging_product", ("whatsapp",), call.params.get("messaging_product"))
    business_id = call.db.value("SELECT business_id FROM wabas WHERE id = ?", call.node.waba_id)
    deleted = customers.forget(call.db, business_id, call.params.required_text("bsuid"))
    return {"messaging_product": "whatsapp", "success": True, "deleted": deleted}
