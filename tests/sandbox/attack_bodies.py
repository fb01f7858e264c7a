"""What an attack starts from: values nobody should send, and bodies that are right until they are spoilt."""

from __future__ import annotations

import json
from typing import Any

# What a caller could put where a text, a number or a list is wanted.
NASTY: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 0.1, -0.0, 1e308,
    float("inf"), float("-inf"), float("nan"), "", " ", "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\ufffe",
    "\u202eevil", "עברית\u200f", "🧁" * 50, "x" * 5000, "é" * 1025, "\r\nX-Evil: 1",
    "'; DROP TABLE messages;--",
    '" OR ""="', "<script>alert(1)</script>", "../../etc/passwd", "%00", "%2e%2e%2f",
    "null", "NaN", "-1", "1e400",
    "9" * 5000, "²", "١٢٣", "0001-01-01", "9999-12-31T23:59:59Z", "[]", "{}", "[[[[", '{"a":', '"', "[1e999]",
    [], {}, [None], [[]], [{}], [1, "a", None, {}], {"": ""}, {"a": None}, {"\x00": "\x00"}, {"id": []},
    {"type": "text", "text": []}, ["x"] * 300, {"name": {"name": {"name": 1}}}, "javascript:alert(1)",
    "http://[::1", "http://a b/", "https://" + "a" * 3000, "file:///etc/passwd", "//evil", "http://:99999/",
)  # fmt: skip
# Names that handlers look for deeper inside.
INNER = (
    "type", "text", "body", "id", "link", "name", "language", "code", "components", "parameters", "action",
    "header", "footer", "buttons", "sections", "rows", "title", "reply", "format",
    "example", "cards", "index",
    "sub_type", "emoji", "message_id", "contacts", "phones", "latitude", "longitude",
    "caption", "filename", "user",
)  # fmt: skip
TEXT = {"type": "BODY", "text": "Hello {{1}}", "example": {"body_text": [["Kim"]]}}
MESSAGES: tuple[dict[str, Any], ...] = (
    {"type": "text", "text": {"body": "Hello", "preview_url": True}},
    {"type": "image", "image": {"link": "https://example.com/a.jpg", "caption": "A"}},
    {"type": "document", "document": {"link": "https://example.com/a.pdf", "filename": "a.pdf"}},
    {"type": "location", "location": {"latitude": 1, "longitude": 2, "name": "A", "address": "B"}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "A", "first_name": "A"},
                                       "phones": [{"phone": "+447700900900", "type": "HOME"}]}]},
    {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "👍"}},
    {"type": "interactive", "interactive": {"type": "button", "body": {"text": "A"}, "action": {
        "buttons": [{"type": "reply", "reply": {"id": "1", "title": "A"}}]}}},
    {"type": "interactive", "interactive": {"type": "list", "body": {"text": "A"}, "action": {
        "button": "A", "sections": [{"title": "A", "rows": [{"id": "1", "title": "A"}]}]}}},
    {"type": "interactive", "interactive": {"type": "cta_url", "body": {"text": "A"}, "action": {
        "name": "cta_url", "parameters": {"display_text": "A", "url": "https://example.com"}}}},
    {"type": "interactive", "interactive": {"type": "flow", "body": {"text": "A"}, "action": {
        "name": "flow", "parameters": {"flow_message_version": "3", "flow_id": "1", "flow_cta": "A"}}}},
    {"type": "interactive", "interactive": {"type": "carousel", "body": {"text": "A"}, "action": {"cards": [
        {"card_index": 0, "type": "cta_url", "header": {"type": "image", "image": {"link": "https://a.bc/d"}},
         "body": {"text": "A"}, "action": {"name": "cta_url", "parameters": {
             "display_text": "A", "url": "https://a.bc"}}}] * 2}}},
    {"type": "template", "template": {"name": "order_update", "language": {"code": "en_US"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]}]}},
    {"type": "template", "template": {"name": "appointment_confirmation", "language": {"code": "en_US"},
     "components": [{"type": "body", "parameters": [{"type": "text", "text": "A"}] * 2},
                    {"type": "button", "sub_type": "quick_reply", "index": "0",
                     "parameters": [{"type": "payload", "payload": "x"}]}]}},
    {"status": "read", "message_id": "wamid.x", "typing_indicator": {"type": "text"}},
)  # fmt: skip
MESSAGE_TEMPLATES: tuple[dict[str, Any], ...] = (
    {"name": "plain", "language": "en_US", "category": "UTILITY", "components": [TEXT]},
    {"name": "full", "language": "de", "category": "MARKETING", "parameter_format": "NAMED", "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Hi {{name}}", "example": {
            "header_text_named_params": [{"param_name": "name", "example": "Kim"}]}},
        {"type": "BODY", "text": "Hello"}, {"type": "FOOTER", "text": "Bye"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "A"}, {
            "type": "URL", "text": "B", "url": "https://a.bc/{{1}}", "example": ["https://a.bc/d"]}]}]},
    {"name": "auth", "language": "en", "category": "AUTHENTICATION", "components": [
        {"type": "BODY", "add_security_recommendation": True}, {"type": "FOOTER",
        "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy"}]}]},
    {"name": "cards", "language": "en", "category": "MARKETING", "components": [TEXT, {
        "type": "CAROUSEL", "cards": [{"components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}},
            {"type": "BODY", "text": "A"}, {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "A"}]}]}] * 2}]},
)  # fmt: skip
FLOWS: tuple[dict[str, Any], ...] = (
    {"name": "A flow", "categories": ["OTHER"], "publish": False, "flow_json": json.dumps(
        {"version": "6.0", "screens": [{"id": "A", "title": "A", "terminal": True, "layout": {
            "type": "SingleColumnLayout", "children": [{"type": "Footer", "label": "A", "on-click-action": {
                "name": "complete", "payload": {}}}]}}]})},
)  # fmt: skip
SEEDS: dict[tuple[str, str], tuple[dict[str, Any], ...]] = {
    ("phone_number", "messages"): MESSAGES,
    ("phone_number", "marketing_messages"): MESSAGES[-3:-1],
    ("waba", "message_templates"): MESSAGE_TEMPLATES,
    ("message_template", ""): MESSAGE_TEMPLATES,
    ("waba", "upsert_message_templates"): MESSAGE_TEMPLATES,
    ("waba", "flows"): FLOWS,
    ("phone_number", "block_users"): ({"block_users": [{"user": "+447700900901"}]},),
    ("phone_number", "conversational_automation"): (
        {"commands": [{"command_name": "a", "command_description": "b"}], "prompts": ["a"]},
    ),
    ("phone_number", "settings"): (
        {"calling": {"status": "ENABLED", "call_hours": {"weekly_operating_hours": [{}]}}},
        {"user_identity_change": {"enable_identity_key_check": True}},
    ),
    ("phone_number", "whatsapp_business_profile"): ({"about": "A", "websites": ["https://a.bc"]},),
    ("root", ""): ({"batch": [{"method": "GET", "relative_url": "me", "body": "a=b"}]}, {"ids": "1,2"}),
}
CONTROL: dict[tuple[str, str], tuple[dict[str, Any], ...]] = {
    ("POST", "tokens"): ({"app_id": "$app", "scopes": ["a"], "target_ids": ["1"], "expires_in_s": 5},),
    ("POST", "tokens/revoke"): ({"access_token": "EAAx", "reason": "invalidated"},),
    ("POST", "codes"): ({"app_id": "$app", "waba_id": "$waba", "expires_in_s": 5},),
    ("POST", "conditions"): ({"id": "$waba", "conditions": []},),
    ("POST", "flows/1"): ({"status": "DRAFT"},),
    ("POST", "handles"): ({"app_id": "$app", "file_type": "image/png", "data": "AAAA"},),
    ("POST", "phone_numbers/$number"): ({"quality_rating": "GREEN", "verified_name": "A"},),
    ("POST", "phone_numbers"): ({"waba_id": "$waba", "phone_number": "+12025550111", "verified_name": "A"},),
    ("POST", "message_templates"): ({"waba_id": "$waba", "message_templates": [
        {"name": "made", "language": "en", "category": "UTILITY", "components": [TEXT],
        "status": "APPROVED"}]},),
    ("GET", "customers"): ({"phone_number_id": "$number"},),
    ("POST", "customers"): ({"phone_number_id": "$number", "customers": [
        {"from": "+447700900903", "name": "A", "username": "b", "last_inbound_at": 1,
        "reads_messages": True}]},),
    ("DELETE", "customers"): ({"phone_number_id": "$number", "from": "+447700900903"},),
    ("POST", "events"): (
        {"phone_number_id": "$number", "field": "account_update", "value": {"event": "DISABLED_UPDATE"}},
        {"phone_number_id": "$number", "field": "message_template_status_update", "value": {}},
        {"phone_number_id": "$number", "field": "user_id_update", "value": {}, "from": "+447700900903"},
        {"phone_number_id": "$number", "field": "messages", "value": {"errors": [{}]}},
    ),
    ("POST", "inbound"): tuple(
        {"phone_number_id": "$number", "from": "+447700900902", "name": "A", "message": message}
        for message in (
            {"type": "text", "text": {"body": "Hi"}, "context": {"id": "wamid.x"}, "timestamp": "1700000000"},
            {"type": "image", "image": {"data": "AAAA", "mime_type": "image/svg+xml", "filename": "a"}},
            {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1"}}},
            {"type": "order", "order": {"product_items": [{"quantity": 1}]}},
            {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": "x"}},
            {"type": "contacts", "contacts": [{}]}, {"type": "location", "location": {"latitude": 1}},
            {"type": "system", "system": {"body": "A"}}, {"type": "document", "document": {"filename": "x"}},
        )
    ),
    ("POST", "window"): ({"phone_number_id": "$number", "from": "+447700900902", "is_open": True},),
    ("GET", "messages"): ({"phone_number_id": "$number", "to": "1", "limit": "5"},),
    ("GET", "requests"): ({"limit": "5"},),
    ("GET", "deliveries"): ({"limit": "5", "state": "pending", "field": "messages"},),
    ("DELETE", "deliveries"): ({"id": "999999999"},),
    ("DELETE", "faults"): ({"id": "999999999"}, {"kind": "slow"}),
    ("POST", "deliveries/retry"): ({"waba_id": "1"},),
    ("GET", "accounts"): ({},),
}  # fmt: skip
FORMS = {
    "phone/messages": ("text", "thing", "reply"),
    "phone/taps": ("tap", "wamid"),
    "phone/scenes": ("scene",),
    "phone/reactions": ("wamid", "emoji"),
    "phone/read": ("wamid",),
    "phone/customers": ("name", "username", "phone_number"),
    "phone/reviews": ("id", "decision", "reason"),
    "phone/flow": ("wamid", "a"),
}


TAPS = (
    "button:",
    "list:",
    "template:",
    "template:0.",
    "card:",
    "flow:",
    "order:",
    "call:",
    "address:",
    "contact:",
)
