"""Message templates of every kind that Meta takes, to be changed a little by `mutations`.

Source: Meta docs, "Message templates" pages, read 2026-09.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.contract_rules.mutations import Limits, mutated

Part = dict[str, Any]
HANDLE = "4::aW1hZ2U=:ARinvented"
WORDS = [
    "your",
    "order",
    "left",
    "our",
    "store",
    "this",
    "morning",
    "and",
    "it",
    "arrives",
    "at",
    "the",
    "given",
    "address",
    "within",
    "two",
    "days",
]
NAMES = ("first_name", "order", "day")
LIMITS = Limits(
    lengths=(1, 11, 15, 16, 20, 25, 60, 160, 224, 512, 600, 1024, 2000),
    counts=(1, 2, 3, 5, 10),
    words={
        "type": (
            "HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER",
            "CALL_PERMISSION_REQUEST", "QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "FLOW",
            "CATALOG", "MPM", "SPM", "VOICE_CALL", "REQUEST_CONTACT_INFO", "APP", "ROCKET",
        ),
        "format": ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "GIF", "LOCATION", "PRODUCT", "SOUND"),
        "category": ("MARKETING", "UTILITY", "AUTHENTICATION", "marketing", "OTHER"),
        "parameter_format": ("POSITIONAL", "NAMED", "named", "MIXED"),
        "language": ("de", "en_US", "en-US", "pt_BR", "xx"),
        "otp_type": ("COPY_CODE", "ONE_TAP", "ZERO_TAP", "one_tap", "SMS"),
        "flow_action": ("navigate", "data_exchange", "complete"),
        "icon": ("DOCUMENT", "PROMOTION", "STAR"),
        "flow_id": ("910000000000077",),
        "flow_name": ("booking",),
        "url": ("http://shop.example", "https://shop.example/{{1}}", "https://shop.example/{{order}}",
                "HTTPS://shop.example/a b", "shop.example", "https://"),
        "phone_number": ("+15555550117", "15555550117", "+44 20 7946 0000", "+1 (555) 555-0117", "12",
                         "+999123456789", "+1800FLOWERS"),
        "package_name": ("com.shop.app", "com", "com.1a", "com..app"),
        "supported_apps": ([{"package_name": "com.shop.app", "signature_hash": "Bm4xQ0zT7/a"}],),
        "message_send_ttl_seconds": (-1, 29, 30, 900, 901, 43199, 43200, 43201, 2592000, 2592001),
        "example": (["a"], "a", {"header_handle": [HANDLE]}, {"body_text": [["a", "b"]]}, {"body_text": "a"},
                    {"header_handle": ["880011223344556"]}),
        "text": ("Hello {{1}}, your order is on its way.", "{{1}} and welcome to our shop today",
                 "Welcome to our shop {{1}}!", "Our shop {{1}} {{2}} has opened in your street this week",
                 "您好{{1}}先生您的訂單已經寄出", "One\n\n\nTwo", "*Bold* words",
                 "🎉 {{1}} is what you won with us"),
        "code_expiration_minutes": (1, 90, 91, 0, "10"),
        "library_template_name": ("low_balance_warning_1",),
    },
    pieces=("{{1}}", "{{2}}", "{{3}}", "{{order}}", "{{Order}}", "{{ 1 }}", "{{line_1}}", "{{#1}}",
            "{{", "}}", "{", " {{1}} ", "{{1}} {{1}}", "\n\n\n", "🎉", ".", "ü"),
    numbers=(-1, 0, 1, 16, 29, 30, 89, 90, 91, 900, 901, 43200, 43201, 2592000, 2592001, 10.5),
)  # fmt: skip


@st.composite
def _text(draw: st.DrawFn, variables: int, *, named: bool) -> tuple[str, list[str]]:
    """Words around so many variables, and the variables' names."""
    names = [NAMES[number] if named else str(number + 1) for number in range(variables)]
    least = 2 * variables + 2
    words = [draw(st.sampled_from(WORDS)) for _ in range(draw(st.integers(least, least + 6)))]
    for number, name in enumerate(names):
        words.insert(1 + 3 * number, f"{{{{{name}}}}},")
    return " ".join(words), names


def _examples(key: str, names: list[str], *, named: bool) -> Part:
    if not names:
        return {}
    if named:
        pairs = [{"param_name": name, "example": "Ann"} for name in names]
        return {"example": {f"{key}_named_params": pairs}}
    values = ["Ann"] * len(names)
    return {"example": {key: [values] if key == "body_text" else values}}


@st.composite
def _body(draw: st.DrawFn, *, named: bool, most_variables: int = 3) -> Part:
    text, names = draw(_text(draw(st.integers(0, most_variables)), named=named))
    return {"type": "BODY", "text": text, **_examples("body_text", names, named=named)}


@st.composite
def _header(draw: st.DrawFn, *, named: bool, is_marketing: bool) -> list[Part]:
    kinds = ["", "TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", *(["GIF"] if is_marketing else [])]
    kind = draw(st.sampled_from(kinds))
    if kind in ("", "LOCATION"):
        return [{"type": "HEADER", "format": kind}] if kind else []
    if kind != "TEXT":
        return [{"type": "HEADER", "format": kind, "example": {"header_handle": [HANDLE]}}]
    name = NAMES[0] if named else "1"
    text, names = draw(st.sampled_from([("News", []), (f"News for {{{{{name}}}}}", [name])]))
    return [
        {"type": "HEADER", "format": "TEXT", "text": text, **_examples("header_text", names, named=named)}
    ]


def link(*, named: bool = False, variable: bool = False) -> Part:
    if not variable:
        return {"type": "URL", "text": "Open", "url": "https://shop.example/a"}
    url = f"https://shop.example/{{{{{NAMES[1] if named else '1'}}}}}"
    return {"type": "URL", "text": "Open", "url": url, "example": ["a"]}


QUICK = {"type": "QUICK_REPLY", "text": "Yes"}
CALL = {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15555550117"}
CODE = {"type": "COPY_CODE", "example": "SAVE20"}
FLOW = {"type": "FLOW", "text": "Start", "flow_id": "910000000000077", "flow_action": "navigate"}
VOICE = {"type": "VOICE_CALL", "text": "Talk to us"}
CONTACT = {"type": "REQUEST_CONTACT_INFO"}
APP = {"type": "APP", "text": "Open the app", "app_deep_link": {"meta_app_id": "1"}}


@st.composite
def _buttons(draw: st.DrawFn, *, named: bool, is_marketing: bool) -> list[Part]:
    quick = [dict(QUICK)] * draw(st.integers(0, 3))
    others = [link(named=named), link(named=named, variable=True), CALL, FLOW, VOICE, CONTACT]
    others += [CODE, APP] if is_marketing else []
    chosen = draw(st.lists(st.sampled_from(others), max_size=4, unique_by=str))
    listed = quick + chosen if draw(st.booleans()) else chosen + quick
    return [{"type": "BUTTONS", "buttons": [dict(one) for one in listed]}] if listed else []


def _whole(category: str, components: list[Part], *, named: bool = False, **more: Any) -> Part:
    body = {"name": "order_sent", "language": "en_US", "category": category, "components": components, **more}
    return {**body, "parameter_format": "NAMED"} if named else body


@st.composite
def free(draw: st.DrawFn) -> Part:
    """Header, body, footer and buttons in every mix."""
    named, category = draw(st.booleans()), draw(st.sampled_from(["UTILITY", "MARKETING"]))
    is_marketing = category == "MARKETING"
    components = [
        *draw(_header(named=named, is_marketing=is_marketing)),
        draw(_body(named=named)),
        *draw(st.sampled_from([[], [{"type": "FOOTER", "text": "Harbour Lane"}]])),
        *draw(_buttons(named=named, is_marketing=is_marketing)),
        *draw(st.sampled_from([[], [], [{"type": "CALL_PERMISSION_REQUEST"}]])),
    ]
    life = draw(st.sampled_from([{}, {"message_send_ttl_seconds": 43200}]))
    return _whole(category, components, named=named, **life)


@st.composite
def login(draw: st.DrawFn) -> Part:
    kind = draw(st.sampled_from(["COPY_CODE", "ONE_TAP", "ZERO_TAP"]))
    button: Part = {"type": "OTP", "otp_type": kind, "text": "Copy code"}
    if kind != "COPY_CODE":
        app = {"package_name": "com.shop.app", "signature_hash": "Bm4xQ0zT7/a"}
        button |= {"autofill_text": "Fill in", "supported_apps": [dict(app)] * draw(st.integers(1, 5))}
    if kind == "ZERO_TAP":
        button["zero_tap_terms_accepted"] = True
    footer = draw(st.sampled_from([[], [{"type": "FOOTER", "code_expiration_minutes": 10}]]))
    body = draw(st.sampled_from([{"type": "BODY"}, {"type": "BODY", "add_security_recommendation": True}]))
    life = draw(st.sampled_from([{}, {"message_send_ttl_seconds": 900}]))
    return _whole("AUTHENTICATION", [body, *footer, {"type": "BUTTONS", "buttons": [button]}], **life)


@st.composite
def offer(draw: st.DrawFn) -> Part:
    kind = draw(st.sampled_from(["", "IMAGE", "VIDEO"]))
    header = [{"type": "HEADER", "format": kind, "example": {"header_handle": [HANDLE]}}] if kind else []
    part = {
        "type": "LIMITED_TIME_OFFER",
        "limited_time_offer": {"text": "Ends soon", "has_expiration": draw(st.booleans())},
    }
    listed = [*draw(st.sampled_from([[], [CODE]])), link(variable=draw(st.booleans()))]
    buttons = {"type": "BUTTONS", "buttons": [dict(one) for one in listed]}
    return _whole("MARKETING", [*header, part, draw(_body(named=False)), buttons])


@st.composite
def carousel(draw: st.DrawFn) -> Part:
    header = {"type": "HEADER", "format": draw(st.sampled_from(["IMAGE", "VIDEO"]))}
    header |= {"example": {"header_handle": [HANDLE]}}
    kinds = st.sampled_from([QUICK, link(), link(variable=True), CALL])
    listed = draw(st.lists(kinds, min_size=1, max_size=2, unique_by=lambda one: one["type"]))
    has_text = draw(st.booleans())
    cards = [
        {
            "components": [
                {**header},
                *([draw(_body(named=False, most_variables=1))] if has_text else []),
                {"type": "BUTTONS", "buttons": [dict(one) for one in listed]},
            ]
        }
        for _ in range(draw(st.sampled_from([2, 3, 10])))
    ]
    return _whole("MARKETING", [draw(_body(named=False)), {"type": "CAROUSEL", "cards": cards}])


@st.composite
def products(draw: st.DrawFn) -> Part:
    """A catalogue, several products, one product, or cards of products."""
    kind = draw(st.sampled_from(["CATALOG", "MPM", "SPM", "CARDS"]))
    header = {"MPM": {"type": "HEADER", "format": "TEXT", "text": "Our picks"},
              "SPM": {"type": "HEADER", "format": "PRODUCT"}}.get(kind)  # fmt: skip
    body = draw(_body(named=False, most_variables=1))
    if kind != "CARDS":
        button = {"type": "BUTTONS", "buttons": [{"type": kind, "text": "View"}]}
        return _whole("MARKETING", [*([header] if header else []), body, button])
    button = draw(st.sampled_from([{"type": "SPM", "text": "View"}, link(variable=True)]))
    cards = [
        {
            "components": [
                {"type": "HEADER", "format": "PRODUCT"},
                {"type": "BUTTONS", "buttons": [dict(button)]},
            ]
        }
        for _ in range(2)
    ]
    return _whole("MARKETING", [body, {"type": "CAROUSEL", "cards": cards}])


@st.composite
def library(draw: st.DrawFn) -> Part:
    category = draw(st.sampled_from(["UTILITY", "AUTHENTICATION"]))
    body = _whole(category, [], library_template_name="low_balance_warning_1")
    del body["components"]
    return body


KINDS = {
    "free": free(),
    "login": login(),
    "offer": offer(),
    "carousel": carousel(),
    "products": products(),
    "library": library(),
}
valid = st.one_of(*KINDS.values())
changed = {kind: mutated(bases, LIMITS, most=3, least=1) for kind, bases in KINDS.items()}
