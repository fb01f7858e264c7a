"""Sample files in the headers of message templates: kept here, handed to Meta at each submission.

A component names ours as `sample-file:12` where Meta wants the handle of an upload, which soon expires.
Calls to Meta and to the store are made with no transaction open.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any

from flask import current_app

from app.errors import FieldProblem, InvalidFields, NotFound, NotReady, Unavailable
from app.extensions import db
from app.graph import payloads, reading
from app.graph.client import GraphClient
from app.graph.errors import GraphError
from app.graph.media_limits import HANDLE_LIMITS, MEGABYTE, check_handle_file, size_in_words
from app.media_store import NotStored, StoreTrouble, new_key, open_store
from app.models import Account, MessageTemplateFile
from app.models.message_template_files import FILE_PREFIX
from app.queries.access import Actor
from app.queries.message_template_files import find_same, get_files
from app.services import audit
from app.services.meta_refusals import refused

KINDS = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document", "GIF": "video"}
_MOST_GIF_BYTES = 3_500_000
MOST_BYTES = 16 * MEGABYTE
"""Of one sample: Meta would take a document of 100 MB, but nobody reviews that."""
_STARTS: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"ftyp", 4, "video/mp4"),
    (b"%PDF-", 0, "application/pdf"),
)
_STAND_IN = "4::sample"


def keep_sample(
    *, account: Account, header: str, content: bytes, file_name: str, actor: Actor
) -> MessageTemplateFile:
    """Keep an uploaded file; the same bytes are kept once. `header`: Meta's format, IMAGE or the like.

    Raises InvalidFields for what Meta does not take there (by the bytes, whatever it is called),
    Unavailable when the store does not take it.
    """
    mime_type = _type_of(content)
    _require_fit(header, mime_type, len(content))
    digest = hashlib.sha256(content).hexdigest()
    if same := find_same(account.id, digest):
        return same
    settings = current_app.config["SETTINGS"]
    file = MessageTemplateFile(
        account_id=account.id,
        file_name=file_name[-200:],
        mime_type=mime_type,
        size_bytes=len(content),
        sha256=digest,
        store=settings.media_store,
        store_key="",
    )
    db.session.add(file)
    db.session.flush()
    file.store_key = new_key(file.id)
    audit.record(
        actor,
        "message_template.file_added",
        account_id=account.id,
        object_type="message_template_file",
        object_id=file.id,
        details={"mime_type": mime_type, "bytes": len(content)},
    )
    db.session.commit()
    try:
        open_store(file.store, settings, db.engine).put(file.store_key, [content], size_bytes=len(content))
    except StoreTrouble as trouble:
        db.session.delete(file)
        db.session.commit()
        raise Unavailable(f"The file could not be kept. {trouble} Try again in a minute.") from None
    return file


def _type_of(content: bytes) -> str:
    return next((mime for start, place, mime in _STARTS if content[place:].startswith(start)), "")


def _require_fit(header: str, mime_type: str, size_bytes: int) -> None:
    kind = KINDS[header]
    problems = [problem.message for problem in check_handle_file(mime_type, size_bytes, kind)]
    most = _MOST_GIF_BYTES if header == "GIF" else MOST_BYTES
    if not problems and size_bytes > most:
        problems = [f"The file has {size_in_words(size_bytes)}; {size_in_words(most)} are taken here."]
    if problems:
        raise InvalidFields([FieldProblem("file", problem) for problem in problems])


def accepted_types(header: str) -> str:
    """For the `accept` of a file field."""
    return ",".join(HANDLE_LIMITS[KINDS[header]].mime_types)


def read_sample(file: MessageTemplateFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Its bytes. Raises NotFound when the store has lost them, Unavailable when it does not answer."""
    try:
        store = open_store(file.store, current_app.config["SETTINGS"], db.engine)
        pieces = store.read(file.store_key, start, end)
        first = next(pieces, b"")
    except NotStored:
        raise NotFound("This sample file is not in the store any more. Upload it again.") from None
    except StoreTrouble as trouble:
        raise Unavailable(f"The sample file cannot be read just now. {trouble}") from None
    return iter([first, *pieces])


def file_id_of(handle: str) -> int | None:
    """The id of the file of ours that a component names, if it does."""
    number = handle.removeprefix(FILE_PREFIX)
    return int(number) if number != handle and number.isascii() and number.isdecimal() else None


def handles_of(components: list[Any]) -> list[str]:
    """All that the headers name, in order."""
    found: list[str] = []

    def note(handle: str) -> str:
        found.append(handle)
        return handle

    _with_handles(components, note)
    return found


def with_stand_ins(components: list[Any]) -> list[Any]:
    """As Meta's rules see it: a file that can be handed over stands for the handle it will get."""
    return _with_handles(components, lambda handle: _STAND_IN if _can_be_handed_over(handle) else handle)


def _can_be_handed_over(handle: str) -> bool:
    return file_id_of(handle) is not None or handle.startswith(("https://", "http://"))


def hand_over(account: Account, client: GraphClient, components: list[Any]) -> list[Any]:
    """The components with fresh handles of Meta's: each sample is uploaded, Meta's own copies too.

    Ends the transaction. Raises InvalidFields for a file that is not there, NotReady, RefusedByMeta.
    """
    wanted = {handle for handle in handles_of(components) if _can_be_handed_over(handle)}
    if not wanted:
        return components
    app_id, account_id = account.app_id, account.id
    if not app_id:
        raise NotReady(
            "Sample files are uploaded by the account’s app. Enter its id in step 1 of the set-up."
        )
    files = get_files(account_id, {number for handle in wanted if (number := file_id_of(handle))})
    for file in files.values():
        # Looked at after the commit it would open a transaction, and hold the database while Meta answers.
        db.session.expunge(file)
    db.session.commit()
    fresh = {}
    for handle in sorted(wanted):
        number = file_id_of(handle)
        content, mime_type, name = _content(client, handle) if number is None else _own(files.get(number))
        try:
            fresh[handle] = client.uploads.upload(
                app_id, io.BytesIO(content), size_bytes=len(content), mime_type=mime_type, filename=name
            )
        except payloads.InvalidPayload as error:
            raise InvalidFields([FieldProblem("file", one.message) for one in error.problems]) from None
        except GraphError as error:
            raise refused(error) from error
    return _with_handles(components, lambda handle: fresh.get(handle, handle))


def _own(file: MessageTemplateFile | None) -> tuple[bytes, str, str]:
    if file is None:
        raise InvalidFields([FieldProblem("file", "The sample file is not here any more. Upload it again.")])
    return b"".join(read_sample(file)), file.mime_type, file.file_name or f"sample-{file.id}"


def _content(client: GraphClient, address: str) -> tuple[bytes, str, str]:
    """Meta's copy, from where it shows it for a while."""
    into = io.BytesIO()
    try:
        client.media.download(address, into, most_bytes=MOST_BYTES)
    except GraphError:
        said = "Meta does not show its copy of the sample file any more. Upload the file again."
        raise InvalidFields([FieldProblem("file", said)]) from None
    content = into.getvalue()
    return content, _type_of(content), "sample"


def keep_own_handles(before: list[Any], found: list[Any]) -> list[Any]:
    """What Meta sent back, with our files in the places where they were: Meta's copies soon expire."""
    ours = handles_of(before)
    theirs = handles_of(found)
    if len(ours) != len(theirs):
        return found
    kept = {new: old for new, old in zip(theirs, ours, strict=True) if file_id_of(old) is not None}
    return _with_handles(found, lambda handle: kept.get(handle, handle))


def _with_handles(components: list[Any], change: Callable[[str], str]) -> list[Any]:
    return [_changed(part, change) if isinstance(part, dict) else part for part in components]


def _changed(part: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    example = part.get("example")
    handles = example.get("header_handle") if isinstance(example, dict) else None
    if isinstance(handles, list) and isinstance(example, dict):
        fresh = [change(one) if isinstance(one, str) else one for one in handles]
        return part | {"example": example | {"header_handle": fresh}}
    cards = part.get("cards")
    if isinstance(cards, list):
        made = [
            card | {"components": _with_handles(reading.items(card.get("components")), change)}
            if isinstance(card, dict)
            else card
            for card in cards
        ]
        return part | {"cards": made}
    return part
