"""What the composer made leaves now, or at the time that stands in its form."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

from app.console import times, tray
from app.console.composing import quote_id
from app.console.forms import SendForm
from app.errors import FieldProblem, InvalidFields
from app.models import Conversation, Message, OutgoingFile, PlannedMessage
from app.queries import outgoing_files as queries
from app.services import messages, planning
from app.services.attachments import keeping
from app.services.attachments.keeping import Promise
from app.services.planning import When
from app.services.quoting import quoted_wamid
from app.web.identity import current_actor


def is_for_later() -> bool:
    """A time stands in the form, or it was sent by the button beside that field."""
    return bool(request.form.get("send_at", "").strip() or request.form.get("later"))


def when(conversation: Conversation) -> When | None:
    """None: now. Raises InvalidFields for a time that cannot be."""
    if not is_for_later():
        return None
    at = times.read(request.form.get("send_at", ""), conversation.account.time_zone)
    planning.check_time(at)
    return When(at, "hold" in request.form)


def quoted(conversation: Conversation) -> str | None:
    """The message it answers to. Raises DomainError when it can no longer be quoted."""
    return quoted_wamid(conversation, quote_id())


def sender(form: SendForm) -> dict[str, Any]:
    """Who sends it, and the key by which two presses are one."""
    return {"actor": current_actor(), "client_key": form.client_key}


def leave(
    conversation: Conversation,
    message_type: str,
    content: dict[str, Any],
    form: SendForm,
    *,
    quotes: bool = True,
) -> Message | PlannedMessage:
    """Queue it, or plan it. Raises what both raise."""
    what: dict[str, Any] = {
        "conversation": conversation,
        "message_type": message_type,
        "content": content,
        "context_wamid": quoted(conversation) if quotes else None,
        **sender(form),
    }
    at = when(conversation)
    return messages.queue_message(**what) if at is None else planning.plan(**what, when=at)


def plan_with_files(
    conversation: Conversation,
    message_type: str,
    form: SendForm,
    given: Sequence[FileStorage],
    fill: Callable[[list[OutgoingFile]], dict[str, Any]],
    *,
    quotes: bool = True,
) -> PlannedMessage:
    """Plan a message that names files beside its text: they stay here until it leaves, and Meta has them.

    `fill`: Meta's object with these files in it; raises InvalidFields for one that does not fit. Pressed
    twice it is one plan. Raises DomainError, and then none of the files is kept.
    """
    at = when(conversation)
    if at is None:
        raise InvalidFields([FieldProblem("send_at", "Choose a time.")])
    digest = _digest(conversation.id, at, given)
    account_id, client_key = conversation.account_id, form.client_key
    if client_key and (earlier := planning.find_planned(account_id, client_key, digest)):
        return earlier
    keys = [hashlib.sha256(f"{digest}.{number}".encode()).hexdigest()[:32] for number in range(len(given))]
    try:
        kept = [_keep(conversation, key, file) for key, file in zip(keys, given, strict=True)]
        return planning.plan(
            conversation=conversation,
            message_type=message_type,
            content=fill(kept),
            when=at,
            kept=kept,
            client_key_digest=digest,
            context_wamid=quoted(conversation) if quotes else None,
            **sender(form),
        )
    finally:
        # The plan has them under other keys.
        for key in keys:
            if (left := queries.find_by_key(key)) is not None:
                keeping.remove(left)


def _keep(conversation: Conversation, key: str, given: FileStorage) -> OutgoingFile:
    name = tray.name_of(given)
    promise = Promise(key, name, given.stream.seek(0, io.SEEK_END))
    try:
        kept = keeping.add_whole(
            conversation=conversation,
            user=tray.me(),
            promise=promise,
            content=given.stream,
            needs_window=False,
        )
    except InvalidFields as error:
        raise _refused(f"“{name}” cannot be sent. {error.message}") from None
    if not kept.meta_id:
        raise _refused(f"“{name}” did not get to WhatsApp. {kept.problem}")
    return kept


def _digest(conversation_id: int, at: When, given: Sequence[FileStorage]) -> str:
    """Of what the form said and of the files themselves, not of Meta's ids."""
    fields = {name: values for name, values in request.form.lists() if name not in ("csrf_token", "draft")}
    said = [conversation_id, at.send_at.isoformat(), fields, [tray.digest_of_file(file) for file in given]]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _refused(said: str) -> InvalidFields:
    return InvalidFields([FieldProblem("file", f"{said} Nothing was planned.")])
