"""The components of a Flow JSON: their properties, their types and their limits.

Source: Meta docs, "Flow JSON" and "Components" pages, read 2026-05; limits as pywa has them. Which properties
a component takes beside the ones those pages stress is (unverified).
"""

from dataclasses import dataclass, field

# What a property may hold; a binding or expression is taken for each of them where it may be dynamic.
TEXT, WORDS, FLAG, NUMBER, LIST, OBJECT = "string", "string or array", "boolean", "number", "array", "object"
ANY, ACTION, CHILDREN, CASES = "any", "action", "children", "cases"

VERSIONS = ("5.1", "6.0", "6.1", "6.2", "6.3", "7.0", "7.1", "7.2", "7.3")
DATA_API_VERSIONS = ("3.0", "4.0")
DATA_TYPES = ("string", "number", "boolean", "object", "array")
ACTIONS = ("navigate", "complete", "data_exchange", "open_url", "update_data")
INPUT_TYPES = ("text", "number", "email", "password", "passcode", "phone")

TOP_KEYS = {
    "version": TEXT, "screens": LIST, "data_api_version": TEXT, "routing_model": OBJECT,
    "data_channel_uri": TEXT, "name": TEXT,
}  # fmt: skip
SCREEN_KEYS = {
    "id": TEXT, "title": TEXT, "terminal": FLAG, "success": FLAG, "refresh_on_back": FLAG, "sensitive": LIST,
    "data": OBJECT, "layout": OBJECT,
}  # fmt: skip
LAYOUT_KEYS = {"type": TEXT, "children": CHILDREN}
ACTION_KEYS = {"name": TEXT, "next": OBJECT, "payload": OBJECT, "url": TEXT}
ITEM_KEYS = {
    "id": TEXT, "title": TEXT, "description": TEXT, "metadata": TEXT, "enabled": FLAG, "image": TEXT,
    "alt-text": TEXT, "color": TEXT, "on-select-action": ACTION, "on-unselect-action": ACTION,
}  # fmt: skip

MOST_SCREENS, MOST_COMPONENTS, MOST_BRANCHES, DEEPEST_IF = 100, 50, 10, 3
LONGEST_ITEM = {"title": 30, "description": 300, "metadata": 20}
LONGEST_NAVIGATION = {"title": 30, "description": 20, "metadata": 80}
# Component → most of it on one screen, and the error beyond.
MOST_OF = {
    "EmbeddedLink": (2, "MAX_EMBEDDED_LINK_PER_SCREEN"),
    "Footer": (1, "MAX_FOOTER_PER_SCREEN"),
    "Image": (3, "MAX_IMAGE_PER_SCREEN"),
    "OptIn": (5, "MAX_OPT_IN_PER_SCREEN"),
    "ImageCarousel": (2, "INVALID_PROPERTY_VALUE"),
}


@dataclass(frozen=True)
class Component:
    """properties: name → what it holds. longest: property → characters. items: least and most in its list."""

    properties: dict[str, str]
    required: tuple[str, ...] = ()
    longest: dict[str, int] = field(default_factory=dict)
    items: tuple[str, int, int] | None = None


SELECTING = {"on-select-action": ACTION, "on-unselect-action": ACTION}
ASKING = {
    "name": TEXT, "label": TEXT, "required": FLAG, "enabled": FLAG, "visible": FLAG, "error-message": ANY,
}  # fmt: skip
CHOOSING = ASKING | SELECTING | {"description": TEXT, "data-source": LIST, "media-size": TEXT}
STYLE = {"text": WORDS, "visible": FLAG, "font-weight": TEXT, "strikethrough": FLAG, "markdown": FLAG}
MANY = {"min-selected-items": NUMBER, "max-selected-items": NUMBER, "init-value": LIST}
ONE = {"init-value": TEXT}
DATES = ASKING | {
    "helper-text": ANY, "min-date": TEXT, "max-date": TEXT, "unavailable-dates": LIST, "init-value": ANY,
    "on-select-action": ACTION,
}  # fmt: skip
PICKING = {"name": TEXT, "label": TEXT, "description": TEXT, "max-file-size-kb": NUMBER} | {
    "enabled": FLAG, "visible": FLAG, "error-message": ANY,
}  # fmt: skip
CHOICE_LIMITS = {"label": 30, "description": 300}

COMPONENTS: dict[str, Component] = {
    "Form": Component(
        {"name": TEXT, "children": CHILDREN, "init-values": OBJECT, "error-messages": OBJECT},
        ("name", "children"),
    ),
    "TextHeading": Component({"text": TEXT, "visible": FLAG}, ("text",), {"text": 80}),
    "TextSubheading": Component({"text": TEXT, "visible": FLAG}, ("text",), {"text": 80}),
    "TextBody": Component(STYLE, ("text",), {"text": 4096}),
    "TextCaption": Component(STYLE, ("text",), {"text": 4096}),
    "RichText": Component({"text": WORDS, "visible": FLAG}, ("text",)),
    "TextInput": Component(
        ASKING | {
            "input-type": TEXT, "pattern": TEXT, "min-chars": NUMBER, "max-chars": NUMBER,
            "helper-text": TEXT, "init-value": ANY, "label-variant": TEXT,
        },
        ("name", "label"),
        {"label": 20, "helper-text": 80},
    ),
    "TextArea": Component(
        ASKING | {"max-length": NUMBER, "helper-text": TEXT, "init-value": TEXT, "label-variant": TEXT},
        ("name", "label"),
        {"label": 20, "helper-text": 80},
    ),
    "CheckboxGroup": Component(
        CHOOSING | MANY, ("name", "label", "data-source"), CHOICE_LIMITS, ("data-source", 1, 20)
    ),
    "RadioButtonsGroup": Component(
        CHOOSING | ONE, ("name", "label", "data-source"), CHOICE_LIMITS, ("data-source", 1, 20)
    ),
    "Dropdown": Component(
        CHOOSING | ONE, ("name", "label", "data-source"), {"label": 30}, ("data-source", 1, 200)
    ),
    "ChipsSelector": Component(
        CHOOSING | MANY, ("name", "label", "data-source"), {"label": 80}, ("data-source", 1, 20)
    ),
    "OptIn": Component(
        {"name": TEXT, "label": TEXT, "required": FLAG, "visible": FLAG, "init-value": FLAG}
        | SELECTING | {"on-click-action": ACTION},
        ("name", "label"),
        {"label": 30},
    ),
    "EmbeddedLink": Component(
        {"text": TEXT, "visible": FLAG, "on-click-action": ACTION}, ("text", "on-click-action"), {"text": 35}
    ),
    "DatePicker": Component(DATES, ("name", "label"), {"label": 40, "helper-text": 80}),
    "CalendarPicker": Component(
        DATES | {
            "title": TEXT, "description": TEXT, "mode": TEXT, "include-days": LIST, "min-days": NUMBER,
            "max-days": NUMBER, "label": ANY, "required": ANY,
        },
        ("name", "label"),
        {"label": 40, "helper-text": 80},
    ),
    "Image": Component(
        {
            "src": TEXT, "width": NUMBER, "height": NUMBER, "scale-type": TEXT, "aspect-ratio": NUMBER,
            "alt-text": TEXT, "visible": FLAG,
        },
        ("src",),
    ),
    "ImageCarousel": Component(
        {"images": LIST, "aspect-ratio": TEXT, "scale-type": TEXT, "visible": FLAG}, ("images",), {},
        ("images", 1, 3),
    ),
    "NavigationList": Component(
        {
            "name": TEXT, "list-items": LIST, "label": TEXT, "description": TEXT, "media-size": TEXT,
            "visible": FLAG, "on-click-action": ACTION,
        },
        ("name", "list-items"),
        {"label": 80, "description": 300},
        ("list-items", 1, 20),
    ),
    "PhotoPicker": Component(
        PICKING | {"photo-source": TEXT, "min-uploaded-photos": NUMBER, "max-uploaded-photos": NUMBER},
        ("name", "label"),
        CHOICE_LIMITS,
    ),
    "DocumentPicker": Component(
        PICKING | {
            "min-uploaded-documents": NUMBER, "max-uploaded-documents": NUMBER, "allowed-mime-types": LIST,
        },
        ("name", "label"),
        CHOICE_LIMITS,
    ),
    "Footer": Component(
        {
            "label": TEXT, "left-caption": TEXT, "center-caption": TEXT, "right-caption": TEXT,
            "enabled": FLAG, "on-click-action": ACTION,
        },
        ("label", "on-click-action"),
        {"label": 35, "left-caption": 15, "center-caption": 15, "right-caption": 15},
    ),
    "If": Component({"condition": TEXT, "then": CHILDREN, "else": CHILDREN}, ("condition", "then")),
    "Switch": Component({"value": TEXT, "cases": CASES}, ("value", "cases")),
}  # fmt: skip
# Words a property is limited to.
ENUMS: dict[tuple[str, str], tuple[str, ...]] = {
    ("TextInput", "input-type"): INPUT_TYPES,
    ("CalendarPicker", "mode"): ("single", "range"),
    ("PhotoPicker", "photo-source"): ("camera_gallery", "camera", "gallery"),
}
# Pairs of which the first must not be larger than the second.
RANGES = (
    ("min-chars", "max-chars"), ("min-selected-items", "max-selected-items"), ("min-days", "max-days"),
    ("min-uploaded-photos", "max-uploaded-photos"), ("min-uploaded-documents", "max-uploaded-documents"),
)  # fmt: skip
