"""One function per kind of message that a person composes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.graph.payloads.kinds import validate
from app.graph.problems import InvalidPayload

Content = dict[str, Any]


def content(message_type: str, inner: object) -> Content:
    """A message of any kind from Meta's own object of that kind. Raises InvalidPayload."""
    problems = validate(message_type, inner)
    if problems:
        raise InvalidPayload(problems)
    return {"type": message_type, message_type: inner}


def text(body: str, preview_url: bool = False) -> Content:
    """Plain text of 1 to 4,096 characters; `preview_url` shows the first link's page."""
    return content("text", {"body": body, "preview_url": preview_url})


def media(
    kind: str,
    *,
    media_id: str | None = None,
    link: str | None = None,
    caption: str | None = None,
    filename: str | None = None,
    voice: bool = False,
) -> Content:
    """An `image`, `audio`, `video`, `document` or `sticker`, uploaded (`media_id`) or by `link`.

    A caption has at most 1,024 characters (not on audio and sticker); `filename` goes with a
    document, `voice` makes an audio a voice message.
    """
    given = {"id": media_id, "link": link, "caption": caption or None, "filename": filename or None}
    inner: Content = {key: value for key, value in given.items() if value is not None}
    if voice:
        inner["voice"] = True
    return content(kind, inner)


def location(
    latitude: float, longitude: float, name: str | None = None, address: str | None = None
) -> Content:
    """A place on the map; the address shows only together with a name (unverified)."""
    given = {"latitude": latitude, "longitude": longitude, "name": name, "address": address}
    return content("location", {key: value for key, value in given.items() if value is not None})


def contacts(people: Sequence[Mapping[str, Any]]) -> Content:
    """Contact cards in Meta's form; each needs `name.formatted_name` and one more part of a name."""
    return content("contacts", list(people))


def reaction(wamid: str, emoji: str) -> Content:
    """React to a message of the last 30 days; an empty emoji takes the reaction back."""
    return content("reaction", {"message_id": wamid, "emoji": emoji})


def interactive_buttons(
    body: str,
    buttons: Sequence[tuple[str, str]],
    header: str | Mapping[str, Any] | None = None,
    footer: str | None = None,
) -> Content:
    """One to three reply buttons, each `(id, title)`; titles up to 20 characters."""
    replies = [{"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in buttons]
    return interactive(assemble("button", body, {"buttons": replies}, header, footer))


def interactive_list(
    body: str,
    button: str,
    sections: Sequence[Mapping[str, Any]],
    header: str | None = None,
    footer: str | None = None,
) -> Content:
    """A list behind a button: sections `{title, rows: [{id, title, description?}]}`.

    Ten rows over all sections; a title for each section if there are several.
    """
    action = {"button": button, "sections": [dict(section) for section in sections]}
    return interactive(assemble("list", body, action, header, footer))


def interactive(inner: Mapping[str, Any]) -> Content:
    """Any documented interactive kind from Meta's own object."""
    return content("interactive", dict(inner))


def message_template(
    name: str, language: str, components: Sequence[Mapping[str, Any]] | None = None
) -> Content:
    """A message template by name and language code, with the components of its values."""
    inner: Content = {"name": name, "language": {"code": language}}
    if components:
        inner["components"] = [dict(component) for component in components]
    return content("template", inner)


def assemble(
    kind: str,
    body: str,
    action: Content,
    header: str | Mapping[str, Any] | None = None,
    footer: str | None = None,
) -> Content:
    """Meta's object of an interactive message; a `header` that is text becomes a text header."""
    inner: Content = {"type": kind, "body": {"text": body}, "action": action}
    if header:
        inner["header"] = {"type": "text", "text": header} if isinstance(header, str) else dict(header)
    if footer:
        inner["footer"] = {"text": footer}
    return inner
