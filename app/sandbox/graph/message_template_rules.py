"""May a message template be created like this: name, language, category, header, body, footer, special kinds.

Source: Meta docs, "Templates" pages, read 2026-03; subcodes partly from reports of integrators (unverified).
"""

import re
from typing import Any

from . import errors, message_template_buttons, message_template_special, message_template_texts
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
    _check_ttl(body)
    if body.get("library_template_name") is not None:
        _check_library(body)
        body.setdefault("components", [])
        return
    body["components"] = _checked_components(body)
    by_type = {part["type"]: part for part in body["components"]}
    if body["category"] == "AUTHENTICATION":
        message_template_special.check_authentication(by_type)
    else:
        _check_parts(body, by_type)


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
    given = body.get("parameter_format")
    body["parameter_format"] = "POSITIONAL" if given is None else str(given).upper()
    if body["parameter_format"] not in FORMATS:
        raise errors.one_of("parameter_format", FORMATS, body["parameter_format"])
    choice = body.get("cta_url_link_tracking_opted_out")
    if choice is not None and str(choice).lower() not in {"true", "false"}:
        raise errors.invalid("cta_url_link_tracking_opted_out must be true or false.")


def _check_library(body: Part) -> None:
    """Meta has the text, only the inputs are given. No item is for marketing."""
    name = body["library_template_name"]
    if not isinstance(name, str) or not name.strip() or len(name) > 512:
        raise errors.invalid("library_template_name must be the name of an item of the library.")
    if body["category"] == "MARKETING":
        raise errors.one_of("category", ("UTILITY", "AUTHENTICATION"), body["category"])


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
    header = by_type.get("HEADER")
    if header is not None:
        _check_header(body, header)
    message_template_texts.check_body(by_type["BODY"], body["parameter_format"], _longest_body(by_type))
    message_template_texts.check_footer(by_type.get("FOOTER"))
    message_template_buttons.check(by_type.get("BUTTONS"), body["category"], body["parameter_format"])
    message_template_special.check_products(by_type)
    if "LIMITED_TIME_OFFER" in by_type:
        message_template_special.check_offer(by_type)
    if "CAROUSEL" in by_type:
        message_template_special.check_carousel(body, by_type["CAROUSEL"], _check_header)


def _longest_body(by_type: dict[str, Part]) -> int:
    """Offers have less room, messages about one product as little as a card."""
    if str(by_type.get("HEADER", {}).get("format", "")).upper() == "PRODUCT":
        return message_template_special.LONGEST_CARD_BODY
    return 600 if "LIMITED_TIME_OFFER" in by_type else message_template_texts.LONGEST_BODY


def _check_header(body: Part, header: Part) -> None:
    form = str(header.get("format", "")).upper()
    if form not in HEADER_FORMATS:
        raise errors.one_of("components['format']", HEADER_FORMATS, header.get("format"))
    header["format"] = form
    if form == "TEXT":
        message_template_texts.check_text_header(header, body["parameter_format"])
    elif form in {"IMAGE", "VIDEO", "DOCUMENT", "GIF"}:
        check_handle(header)
    if form == "GIF" and body["category"] != "MARKETING":
        raise refuse(2388047, "Header is not allowed", "A GIF header is only for marketing.")


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


def _check_ttl(body: Part) -> None:
    ttl = body.get("message_send_ttl_seconds")
    if ttl is None or (str(ttl) == "-1" and body["category"] != "MARKETING"):
        return
    least, most = TTL_RANGES[body["category"]]
    if not message_template_special.is_whole(ttl, least, most):
        raise errors.invalid(f"message_send_ttl_seconds must be {least} to {most} for {body['category']}.")
