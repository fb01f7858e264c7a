"""Pieces of message templates, to put small ones together by hand."""

from __future__ import annotations

from typing import Any

from tests.contract_rules.message_template_cases import HANDLE

Part = dict[str, Any]
PLAIN = {"type": "BODY", "text": "Your order left our store this morning."}
OFFER = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon"}}
IMAGE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [HANDLE]}}
PRODUCT = {"type": "HEADER", "format": "PRODUCT"}
OTP = {"type": "OTP", "otp_type": "COPY_CODE"}
APPS = [{"package_name": "com.shop.app", "signature_hash": "Bm4xQ0zT7/a"}]


def whole(*components: object, category: str = "UTILITY", **more: Any) -> Part:
    return {"name": "a", "language": "en", "category": category, "components": [*components], **more}


def marketing(*components: object, **more: Any) -> Part:
    return whole(*components, category="MARKETING", **more)


def login(*components: object) -> Part:
    return whole(*components, category="AUTHENTICATION")


def body(text: str, *examples: str) -> Part:
    return {"type": "BODY", "text": text, "example": {"body_text": [[*examples]]}}


def header(text: str, *examples: str) -> Part:
    return {"type": "HEADER", "format": "TEXT", "text": text, "example": {"header_text": [*examples]}}


def footer(**fields: Any) -> Part:
    return {"type": "FOOTER", **fields}


def buttons(*listed: Part) -> Part:
    return {"type": "BUTTONS", "buttons": [*listed]}


def named(text: str, name: str) -> Part:
    pair = {"param_name": name, "example": "Ann"}
    return {"type": "BODY", "text": text, "example": {"body_text_named_params": [pair]}}


def cards(*parts: list[Part]) -> Part:
    return {"type": "CAROUSEL", "cards": [{"components": listed} for listed in parts]}
