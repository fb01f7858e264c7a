"""May a message template be created like this: name, language, category, header, body, footer, special kinds.

Source: Meta docs, "Templates" pages, read 2026-03; subcodes partly from reports of integrators (unverified).
"""

import re
from typing import Any

from . import errors, message_template_buttons, message_template_texts
from .message_template_texts import refuse

NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
FORMATS = ("POSITIONAL", "NAMED")
HEADER_FORMATS = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT", "GIF")
KINDS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER", "CALL_PERMISSION_REQUEST")
MARKETING_ONLY = ("CAROUSEL", "LIMITED_TIME_OFFER")
TTL_RANGES = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43200), "MARKETING": (43200, 2592000)}
_LANGUAGE_CODES = """
    af sq ar ar_EG ar_AE ar_LB ar_MA ar_QA az be_BY bn bn_IN bg ca zh_CN zh_HK zh_TW hr cs da prs_AF
    nl nl_BE en en_GB en_US en_AE en_AU en_CA en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG
    en_ZA et fil fi fr fr_BE fr_CA fr_CH fr_CI fr_MA ka de de_AT de_CH el gu ha he hi hu id ga it ja
    kn kk rw_RW ko ky_KG lo lv lt mk ms ml mr nb ps_AF fa pl pt_BR pt_PT pa ro ru sr si_LK sk sl es
    es_AR es_CL es_CO es_CR es_DO es_EC es_HN es_MX es_PA es_PE es_ES es_UY sw sv ta te th tr uk ur
    uz vi zu
"""
LANGUAGES = frozenset(_LANGUAGE_CODES.split())
Part = dict[str, Any]


def check_creation(body: Part) -> None:
    """Raises GraphError; afterwards `name`, `language`, `category` and `components` can be relied on."""
    _check_head(body)
    if body.get("library_template_name"):
        body.setdefault("components", [])
        return
    body["components"] = _checked_components(body)
    by_type = {part["type"]: part for part in body["components"]}
    if body["category"] == "AUTHENTICATION":
        _check_authentication(by_type)
    else:
        _check_parts(body, by_type)
    _check_ttl(body)


def _check_head(body: Part) -> None:
    for name in ("name", "language", "category"):
        if not body.get(name):
            raise errors.required(name)
    if not isinstance(body["name"], str) or not NAME.fullmatch(body["name"]):
        raise refuse(
            2388046,
            "Message template name is not valid",
            "Use lowercase letters, numbers and underscores, at most 512 characters.",
            error_data={"blame_field_specs": [["name"]]},
        )
    if not isinstance(body["language"], str) or body["language"] not in LANGUAGES:
        raise refuse(
            2388049, "Language not supported", f"{body['language']} is not a supported language code."
        )
    body["category"] = str(body["category"]).upper()
    if body["category"] not in CATEGORIES:
        raise errors.one_of("category", CATEGORIES, body["category"])
    body["parameter_format"] = str(body.get("parameter_format") or "POSITIONAL").upper()
    if body["parameter_format"] not in FORMATS:
        raise errors.one_of("parameter_format", FORMATS, body["parameter_format"])


def _checked_components(body: Part) -> list[Part]:
    """A copy with types in capitals. Each type at most once; a BODY is required."""
    components = body.get("components")
    if not isinstance(components, list) or not all(isinstance(part, dict) for part in components):
        raise errors.required("components")
    named = [{**part, "type": str(part.get("type", "")).upper()} for part in components]
    types = [part["type"] for part in named]
    for kind in types:
        if kind not in KINDS:
            raise errors.one_of("components['type']", KINDS, kind)
    if len(set(types)) != len(types):
        raise refuse(None, "Component given twice", "Each type of component may stand once.")
    if "BODY" not in types:
        raise refuse(2388072, "Body is missing", "A component of type BODY is required.")
    return named


def _check_parts(body: Part, by_type: dict[str, Part]) -> None:
    for kind in MARKETING_ONLY:
        if kind in by_type and body["category"] != "MARKETING":
            raise refuse(None, f"{kind} is only for marketing", "Choose the category MARKETING.")
    _check_header(body, by_type.get("HEADER"))
    most = 600 if "LIMITED_TIME_OFFER" in by_type else message_template_texts.LONGEST_BODY
    message_template_texts.check_body(by_type["BODY"], body["parameter_format"], most)
    message_template_texts.check_footer(by_type.get("FOOTER"))
    message_template_buttons.check(by_type.get("BUTTONS"), body["category"])
    if "LIMITED_TIME_OFFER" in by_type:
        _check_offer(by_type)
    if "CAROUSEL" in by_type:
        _check_carousel(body, by_type["CAROUSEL"])


def _check_header(body: Part, header: Part | None) -> None:
    if header is None:
        return
    form = str(header.get("format", "")).upper()
    if form not in HEADER_FORMATS:
        raise errors.one_of("components['format']", HEADER_FORMATS, header.get("format"))
    header["format"] = form
    if form == "TEXT":
        message_template_texts.check_text_header(header, body["parameter_format"])
    elif form in {"IMAGE", "VIDEO", "DOCUMENT", "GIF"}:
        check_handle(header)


def check_handle(header: Part) -> None:
    """A handle of a resumable upload, not a media id."""
    example = header.get("example")
    handles = example.get("header_handle") if isinstance(example, dict) else None
    if not isinstance(handles, list) or not handles:
        raise refuse(
            2388043,
            "Sample is missing",
            "A media header needs example.header_handle with an uploaded sample.",
        )
    if not str(handles[0]).startswith("4:"):
        raise errors.invalid(
            "header_handle must be a handle of a resumable upload, not a media id or a link."
        )


def _check_offer(by_type: dict[str, Part]) -> None:
    offer = by_type["LIMITED_TIME_OFFER"].get("limited_time_offer") or {}
    text = str(offer.get("text") or "")
    if not text or len(text) > 16:
        raise refuse(
            2388040, "Offer text is not valid", "limited_time_offer.text must have 1 to 16 characters."
        )
    if "FOOTER" in by_type:
        raise refuse(2388073, "Footer is not allowed", "A limited-time offer has no footer.")
    header = by_type.get("HEADER")
    if header is not None and header["format"] not in {"IMAGE", "VIDEO"}:
        raise refuse(
            2388047, "Header is not allowed", "A limited-time offer has an IMAGE or VIDEO header, or none."
        )
    buttons = by_type.get("BUTTONS", {}).get("buttons", [])
    if not any(button["type"] == "URL" for button in buttons):
        raise refuse(None, "Button is missing", "A limited-time offer needs a URL button.")


def _check_carousel(body: Part, carousel: Part) -> None:
    cards = carousel.get("cards")
    if not isinstance(cards, list) or not 2 <= len(cards) <= 10:
        raise refuse(None, "Number of cards is not valid", "A carousel has 2 to 10 cards.")
    shapes = [_card_shape(body, card) for card in cards]
    if any(shape != shapes[0] for shape in shapes):
        raise refuse(
            None, "Cards differ", "All cards need the same components and the same buttons in the same order."
        )


def _card_shape(body: Part, card: Any) -> list[tuple[str, ...]]:
    """Checks a card; answers what must be equal on all of them."""
    components = card.get("components") if isinstance(card, dict) else None
    if not isinstance(components, list):
        raise errors.required("cards['components']")
    shape: list[tuple[str, ...]] = []
    for part in components:
        part["type"] = kind = str(part.get("type", "")).upper()
        if kind == "HEADER":
            _check_header(body, part)
            shape.append((kind, part["format"]))
        elif kind == "BODY":
            message_template_texts.check_body(part, body["parameter_format"], 160)
            shape.append((kind,))
        elif kind == "BUTTONS":
            message_template_buttons.check(part, body["category"])
            shape.append((kind, *(button["type"] for button in part["buttons"])))
    return sorted(shape)


def _check_authentication(by_type: dict[str, Part]) -> None:
    """Fixed wording: no text, no header; exactly one OTP button."""
    if by_type["BODY"].get("text"):
        raise refuse(
            2388072, "Body text is not allowed", "The text of an authentication template is fixed by Meta."
        )
    extra = set(by_type) - {"BODY", "FOOTER", "BUTTONS"}
    if extra:
        raise refuse(
            None, "Component is not allowed", f"An authentication template has no {', '.join(sorted(extra))}."
        )
    minutes = by_type.get("FOOTER", {}).get("code_expiration_minutes", 10)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 1 <= minutes <= 90:
        raise refuse(2388073, "Expiration is not valid", "code_expiration_minutes must be 1 to 90.")
    message_template_buttons.check_otp(by_type.get("BUTTONS"))


def _check_ttl(body: Part) -> None:
    ttl = body.get("message_send_ttl_seconds")
    if ttl is None or (ttl == -1 and body["category"] != "MARKETING"):
        return
    least, most = TTL_RANGES[body["category"]]
    if not isinstance(ttl, int) or not least <= ttl <= most:
        raise errors.invalid(f"message_send_ttl_seconds must be {least} to {most} for {body['category']}.")
