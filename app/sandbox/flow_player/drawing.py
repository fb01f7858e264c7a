"""From the JSON of a screen to what stands on it now: conditions decided, bindings filled in.

Source: Meta docs, "Flow JSON" and "Components" pages, read 2026-05.
"""

from collections.abc import Iterator
from typing import Any

from ..flow_json import expressions
from ..flow_json.reading import DEEPEST_COMPONENT, Part, children_of, strings_in
from . import pictures
from .items import Item, Option, Page
from .scope import Scope
from .state import State

KINDS = {
    "TextHeading": "heading", "TextSubheading": "subheading", "TextBody": "body", "TextCaption": "caption",
    "RichText": "rich", "TextInput": "text", "TextArea": "area", "CheckboxGroup": "some",
    "RadioButtonsGroup": "one", "Dropdown": "dropdown", "ChipsSelector": "chips", "OptIn": "check",
    "EmbeddedLink": "link", "DatePicker": "date", "CalendarPicker": "date", "Image": "images",
    "ImageCarousel": "images", "NavigationList": "list", "PhotoPicker": "photos",
    "DocumentPicker": "documents", "Footer": "footer",
}  # fmt: skip
FIELDS = {
    "text", "area", "some", "one", "dropdown", "chips", "check", "date", "range", "list", "photos",
    "documents",
}  # fmt: skip
MANY = {"some", "chips", "photos", "documents"}
# A draft that nobody checked may hold anything; so much of it is shown.
MOST_ITEMS, MOST_OPTIONS, MOST_FILES = 100, 200, 30


def draw(screen: Part, state: State) -> Page:
    """The screen of the state's last frame; fields without an entry get their first value there."""
    _items(screen, state)  # so that a condition finds the first value of a field further down
    title = Scope(state.frames).text(screen.get("title"), 120) or state.frame.screen
    is_terminal = screen.get("terminal") is True
    return Page(state.frame.screen, title, _items(screen, state), len(state.frames) > 1, is_terminal)


def _items(screen: Part, state: State) -> list[Item]:
    scope, watched = Scope(state.frames), _watched_names(screen)
    items: list[Item] = []
    for component, place, defaults, messages in _shown(children_of(screen), scope, "", {}, {}, 0):
        if len(items) >= MOST_ITEMS:
            break
        item = _item(component, place, scope, state, defaults, messages, watched)
        if item is not None:
            items.append(item)
    return items


Shown = tuple[Part, str, Part, Part]


def _shown(
    children: list[Any], scope: Scope, place: str, defaults: Part, messages: Part, depth: int
) -> Iterator[Shown]:
    """The components that can be seen, with the first values and messages of the Form around them."""
    if depth > DEEPEST_COMPONENT:
        return
    for index, child in enumerate(children):
        if not isinstance(child, dict) or not scope.is_true(child.get("visible")):
            continue
        here, kind = f"{place}{index}", child.get("type")
        if kind == "Form":
            inner = _object(scope.resolve(child.get("init-values")))
            told = _object(scope.resolve(child.get("error-messages")))
            yield from _shown(_list(child.get("children")), scope, f"{here}-", inner, told, depth + 1)
        elif kind in {"If", "Switch"}:
            branch, name = _chosen(child, scope)
            yield from _shown(branch, scope, f"{here}{name}-", defaults, messages, depth + 1)
        elif kind in KINDS:
            yield child, here, defaults, messages


def _chosen(component: Part, scope: Scope) -> tuple[list[Any], str]:
    """The branch to show, and a letter for its places."""
    if component.get("type") == "If":
        is_true = scope.is_true(component.get("condition"), default=False)
        return _list(component.get("then" if is_true else "else")), "t" if is_true else "e"
    cases = _object(component.get("cases"))
    value = scope.text(component.get("value"))
    name = value if value in cases else "default"
    return _list(cases.get(name)), f"c{list(cases).index(name)}" if name in cases else "c"


def _item(
    component: Part,
    place: str,
    scope: Scope,
    state: State,
    defaults: Part,
    messages: Part,
    watched: set[str],
) -> Item | None:
    kind, name = KINDS[str(component["type"])], component.get("name")
    if component["type"] == "CalendarPicker" and scope.text(component.get("mode")) == "range":
        kind = "range"
    is_field = kind in FIELDS
    if is_field and (not isinstance(name, str) or not name):
        return None
    name = name if is_field and isinstance(name, str) else ""
    if is_field:
        _fill(kind, name, component, scope, state, defaults)
    actions = {key: _action(component.get(f"on-{key}-action")) for key in ("click", "select", "unselect")}
    options = _options(component, scope)
    own = any(option.action or option.unselect for option in options)
    changes = name in watched or own or actions["select"] is not None or actions["unselect"] is not None
    told = expressions.joined(messages.get(name)) if is_field else ""
    message = component.get("error-message")
    if expressions.is_dynamic(message):
        told = told or scope.text(message)
    return Item(
        kind,
        place,
        name,
        label=_caption(component, scope),
        text=scope.text(component.get("text")),
        description=scope.text(component.get("description")),
        help=scope.text(component.get("helper-text")),
        value=state.frame.form.get(name) if is_field else None,
        options=options,
        is_required=_is_required(component, scope),
        is_enabled=scope.is_true(component.get("enabled")),
        is_watched=is_field and kind != "list" and changes,
        error=state.errors.get(name, "") or told,
        error_message=message if isinstance(message, str) and not expressions.is_dynamic(message) else "",
        input_type=scope.text(component.get("input-type")) or "text",
        pattern=scope.text(component.get("pattern"), 300),
        action=actions["click"],
        select=actions["select"],
        unselect=actions["unselect"],
        **_limits(kind, component, scope),
        **_extras(kind, component, scope),
    )


def _fill(kind: str, name: str, component: Part, scope: Scope, state: State, defaults: Part) -> None:
    """A field that was never entered starts with its first value."""
    if name in state.frame.form:
        return
    given = scope.resolve(component.get("init-value"))
    given = defaults.get(name) if given is None else given
    state.frame.form[name] = _started(kind, given)


def _started(kind: str, given: Any) -> Any:
    if kind in {"photos", "documents"}:
        return []
    if kind in MANY:
        return [text for text in given if isinstance(text, str)] if isinstance(given, list) else []
    if kind == "check":
        return given is True
    if kind == "range":
        days = _object(given)
        return {key: expressions.joined(days.get(key)) for key in ("start-date", "end-date")}
    return expressions.joined(given)


def _options(component: Part, scope: Scope) -> list[Option]:
    found, scope = _parts(component.get("data-source", component.get("list-items")), scope)
    options = (_option(item, scope) for item in found[:MOST_OPTIONS])
    return [option for option in options if option is not None]


def _parts(given: Any, scope: Scope) -> tuple[list[Part], Scope]:
    """The objects of a list or of what is bound to it, and the scope to read them with."""
    if isinstance(given, str):
        given, scope = scope.resolve(given), scope.plain()
    return [part for part in _list(given) if isinstance(part, dict)], scope


def _option(item: Part, scope: Scope) -> Option | None:
    content, start, end = (_object(item.get(key)) for key in ("main-content", "start", "end"))
    words = item | content
    option_id = scope.text(item.get("id"), 300)
    if not option_id:
        return None
    ends = [scope.text(end.get(key), 80) for key in ("title", "description", "metadata")]
    return Option(
        option_id,
        scope.text(words.get("title"), 300) or option_id,
        scope.text(words.get("description"), 600),
        scope.text(words.get("metadata"), 200),
        pictures.address(scope.resolve(item.get("image") or start.get("image"))),
        scope.is_true(item.get("enabled")),
        _action(item.get("on-click-action") or item.get("on-select-action")),
        _action(item.get("on-unselect-action")),
        " · ".join(text for text in ends if text),
    )


def _caption(component: Part, scope: Scope) -> str:
    """The label; of a range the two labels come apart in _extras."""
    label = component.get("label")
    if isinstance(label, dict):
        label = component.get("title") or label.get("start-date")
    return scope.text(label, 300) or scope.text(component.get("name"), 100)


def _is_required(component: Part, scope: Scope) -> bool:
    required = component.get("required")
    if isinstance(required, dict):
        return any(scope.is_true(value, default=False) for value in required.values())
    return scope.is_true(required, default=False)


LIMITS = {
    "text": ("min-chars", "max-chars"),
    "area": ("min-length", "max-length"),
    "some": ("min-selected-items", "max-selected-items"),
    "chips": ("min-selected-items", "max-selected-items"),
    "range": ("min-days", "max-days"),
    "photos": ("min-uploaded-photos", "max-uploaded-photos"),
    "documents": ("min-uploaded-documents", "max-uploaded-documents"),
}
# What counts when the Flow names none. Source: Meta docs, "Components" page, read 2026-05 (unverified).
MOST_OF = {"text": 80, "area": 600, "photos": MOST_FILES, "documents": MOST_FILES}


def _limits(kind: str, component: Part, scope: Scope) -> Part:
    least, most = LIMITS.get(kind, ("", ""))
    found = scope.whole(component.get(most))
    return {"least": scope.whole(component.get(least)), "most": MOST_OF.get(kind) if found is None else found}


def _extras(kind: str, component: Part, scope: Scope) -> Part:
    if kind in {"date", "range"}:
        return {
            "earliest": scope.text(component.get("min-date"), 20),
            "latest": scope.text(component.get("max-date"), 20),
            "unavailable": _texts(component.get("unavailable-dates"), scope),
            "weekdays": _texts(component.get("include-days"), scope),
            "captions": _range_labels(component, scope) if kind == "range" else [],
        }
    if kind == "images":
        images = component.get("images") if component["type"] == "ImageCarousel" else [component]
        found, reading = _parts(images, scope)
        return {"pictures": [_picture(image, reading) for image in found[:MOST_FILES]]}
    if kind == "footer":
        captions = [scope.text(component.get(f"{side}-caption"), 60) for side in ("left", "center", "right")]
        return {"captions": [caption for caption in captions if caption]}
    if kind in {"photos", "documents"}:
        accepted = ["image/jpeg", "image/png"] if kind == "photos" else []
        largest = scope.whole(component.get("max-file-size-kb")) or LARGEST_FILE_KB
        return {
            "accepts": accepted or _texts(component.get("allowed-mime-types"), scope),
            "largest_kb": min(largest, LARGEST_FILE_KB),
        }
    return {}


# 25 MiB. Source: flows.md of the API pages, read 2026-05.
LARGEST_FILE_KB = 25 * 1024


def _range_labels(component: Part, scope: Scope) -> list[str]:
    label = _object(component.get("label"))
    return [scope.text(label.get("start-date"), 60) or "From", scope.text(label.get("end-date"), 60) or "To"]


def _picture(image: Part, scope: Scope) -> tuple[str, str]:
    return pictures.address(scope.resolve(image.get("src"))), scope.text(image.get("alt-text"), 300)


def _watched_names(screen: Part) -> set[str]:
    """Fields of this screen that some binding outside of an action names."""
    return {
        path.split(".")[1]
        for text in _bound_texts(children_of(screen))
        for path in expressions.paths_in(text)
        if path.startswith("form.")
    }


def _bound_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not key.endswith("-action"):
                yield from _bound_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _bound_texts(inner)
    else:
        yield from strings_in(value)


def _texts(value: Any, scope: Scope) -> list[str]:
    return [text for text in _list(scope.resolve(value)) if isinstance(text, str)][:MOST_OPTIONS]


def _action(value: Any) -> Part | None:
    return value if isinstance(value, dict) else None


def _object(value: Any) -> Part:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
