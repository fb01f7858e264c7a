"""What hangs on a message besides its text: files, places, contact cards, the card of a link."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from ..database import Database
from ..store import media as media_store
from . import formatting

Part = dict[str, Any]
WORDS = {
    "image": "Photo",
    "audio": "Audio",
    "video": "Video",
    "document": "Document",
    "sticker": "Sticker",
}
KILOBYTE, MEGABYTE = 1024, 1024 * 1024


@dataclass
class Media:
    """One attachment. `kind`: image, audio, video, document, sticker, location, contacts or link.

    id: of bytes the page can show. address: a link instead. note: what it is, in words. name: a heading or
    a file's name. lines: what stands under it.
    """

    kind: str
    id: str = ""
    address: str = ""
    note: str = ""
    name: str = ""
    lines: list[str] = field(default_factory=list)
    is_voice: bool = False


def of_file(db: Database, kind: str, content: Part) -> Media:
    """An uploaded file, or a link, which the sandbox does not fetch."""
    is_voice = kind == "audio" and bool(content.get("voice"))
    word = "Voice message" if is_voice else WORDS[kind]
    media_id, link = str(content.get("id") or ""), str(content.get("link") or "")
    row = media_store.find(db, media_id) if media_id else None
    name = str(content.get("filename") or (row["filename"] if row and kind == "document" else "") or "")
    if row is not None:
        lines = [f"{_ending(name, row['mime_type'])}, {size_in_words(row['size'])}"]
        return Media(kind, media_id, note=f"{word} {name}".strip(), name=name, lines=lines, is_voice=is_voice)
    if link:
        name = name or PurePosixPath(urlsplit(link).path).name
        lines = ["By link, which the sandbox does not fetch"]
        return Media(kind, "", link, f"{word} {name}".strip(), name or word, lines, is_voice)
    return Media(
        kind, note=f"{word} {name}".strip(), name=name or word, lines=["The file is no longer there"]
    )


def _ending(name: str, mime_type: str) -> str:
    return (PurePosixPath(name).suffix or "." + mime_type.rsplit("/", 1)[-1]).lstrip(".").upper()[:12]


def size_in_words(size: int) -> str:
    """`3.2 MB`."""
    if size >= MEGABYTE:
        return f"{size / MEGABYTE:.1f} MB"
    return f"{size / KILOBYTE:.0f} KB" if size >= KILOBYTE else f"{size} bytes"


def of_place(place: Part) -> Media:
    at = f"{float(place['latitude']):.4f}, {float(place['longitude']):.4f}"
    name, address = str(place.get("name") or ""), str(place.get("address") or "")
    shown = name or address or "Location"
    lines = [*([address] if name and address else []), at]
    return Media("location", note=f"Location {name}".strip(), name=shown, lines=lines)


def of_contacts(people: list[Part]) -> Media:
    """One card: the first person by name, with whatever can be dialled or written to."""
    names = [str(person.get("name", {}).get("formatted_name", "Contact")) for person in people]
    others = len(names) - 1
    title = names[0] + (f" and {others} other contact{'s' if others > 1 else ''}" if others else "")
    lines = [line for person in people for line in _contact_lines(person, with_name=others > 0)]
    return Media("contacts", note=", ".join(names), name=title, lines=lines)


def _contact_lines(person: Part, *, with_name: bool) -> list[str]:
    work = person.get("org") or {}
    job = ", ".join(str(work[key]) for key in ("title", "company") if work.get(key))
    found = [str(item[key]) for key, many in (("phone", "phones"), ("email", "emails"), ("url", "urls"))
             for item in person.get(many) or [] if item.get(key)]  # fmt: skip
    name = [str(person.get("name", {}).get("formatted_name", ""))] if with_name else []
    return [*name, *([job] if job else []), *found]


def of_text(content: Part) -> Media | None:
    """The card of a link, when the sender asked for one. Its title and picture would have to be fetched."""
    address = formatting.first_link(str(content.get("body") or "")) if content.get("preview_url") else ""
    if not address:
        return None
    parts = urlsplit(address)
    return Media("link", "", address, address, parts.hostname or address, [parts.path or "/"])
