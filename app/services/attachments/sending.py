"""Chosen files become messages, now or at their time: one each, in their order, all of them or none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.graph.payloads.plain_rules import CAPTION_CHARACTERS
from app.models import Conversation, Message, OutgoingFile, PlannedMessage, User
from app.queries import outgoing_files as queries
from app.queries.access import Actor
from app.services import bell, messages, planning
from app.services.attachments import keeping
from app.services.attachments.giving import give_to
from app.services.planning import When

WITH_CAPTION = frozenset({"image", "video", "document"})


@dataclass(frozen=True)
class Chosen:
    """A file by its key, with what was typed beside it."""

    key: str
    caption: str = ""


def queue_files(
    *,
    conversation: Conversation,
    text: str,
    chosen: Sequence[Chosen],
    actor: Actor,
    client_key: str | None = None,
    client_key_digest: str | None = None,
    context_wamid: str | None = None,
    when: When | None = None,
) -> Sequence[Message | PlannedMessage]:
    """Queue a message per file, or with `when` plan it. The text is the caption of a single file that takes
    one, if it is short enough; else a message of its own before the files. A quotation stands on the first.

    The same `client_key` is the same messages. Raises what `messages.queue_message` raises, InvalidFields
    for a file that is gone and NotReady for one that Meta does not have; then nothing was queued.
    """
    digest = client_key_digest or digest_of(conversation.id, text, chosen)
    if earlier := find_earlier(conversation.account_id, client_key, digest, when):
        return [earlier]
    _hand_over_the_rest(conversation, actor.user, chosen)
    files = _files(conversation, actor.user, chosen)
    if len(files) < len(chosen):
        # Whoever pressed twice waited here for the first press.
        if earlier := find_earlier(conversation.account_id, client_key, digest, when):
            return [earlier]
        db.session.rollback()
        raise InvalidFields(
            [
                FieldProblem(
                    "files",
                    "A file is not here any more: it was sent or taken away in another window. Nothing was "
                    "sent. Look at the conversation, then send the rest.",
                )
            ]
        )
    batch = _Batch(conversation, actor, client_key, digest, context_wamid, when)
    return batch.queue(text.strip(), files)


def queue_with_header(
    *,
    conversation: Conversation,
    content: dict[str, Any],
    file: OutgoingFile,
    actor: Actor,
    client_key: str | None,
    client_key_digest: str,
    context_wamid: str | None = None,
) -> Message:
    """Queue an interactive message that names this file, which Meta has, above its text. It is the
    message's from then on.

    Raises what `messages.queue_message` raises, and then the file stays as it was.
    """
    try:
        held = queries.lock_by_keys(conversation, file.user_id, [file.key])
        message = messages.queue_message(
            conversation=conversation,
            message_type="interactive",
            content=content,
            actor=actor,
            client_key=client_key,
            client_key_digest=client_key_digest,
            context_wamid=context_wamid,
            commits=False,
        )
        # Whoever pressed twice waited here, and finds the first press's message and no file.
        for kept in held.values():
            give_to(kept, message)
        db.session.commit()
    except Exception:
        db.session.rollback()
        raise
    bell.ring(bell.MESSAGES)
    return message


def find_earlier(
    account_id: int, client_key: str | None, digest: str, when: When | None
) -> Message | PlannedMessage | None:
    """What the same press brought before. Raises KeyReused when it was another one."""
    if client_key is None:
        return None
    find = messages.find_by_key if when is None else planning.find_planned
    return find(account_id, client_key, digest)


def digest_of(conversation_id: int, text: str, chosen: Sequence[Chosen], *more: str) -> str:
    """The same for the same form, however often it is sent."""
    given = [conversation_id, text.strip(), [(one.key, one.caption) for one in chosen], more]
    return hashlib.sha256(json.dumps(given).encode()).hexdigest()


def _hand_over_the_rest(conversation: Conversation, user: User | None, chosen: Sequence[Chosen]) -> None:
    """What Meta did not take before gets another try now."""
    keys = {one.key for one in chosen}
    for file in queries.list_waiting(conversation, user.id if user else None):
        if file.key in keys and not file.meta_id:
            keeping.hand_over(file, conversation)


def _files(
    conversation: Conversation, user: User | None, chosen: Sequence[Chosen]
) -> list[tuple[OutgoingFile, str]]:
    rows = queries.lock_by_keys(conversation, user.id, [one.key for one in chosen]) if user else {}
    return [(rows[one.key], one.caption.strip()) for one in chosen if one.key in rows]


class _Batch:
    """The messages of one press of Send."""

    def __init__(
        self,
        conversation: Conversation,
        actor: Actor,
        client_key: str | None,
        digest: str,
        context_wamid: str | None,
        when: When | None,
    ) -> None:
        self._conversation = conversation
        self._actor = actor
        self._client_key = client_key
        self._digest = digest
        self._context_wamid = context_wamid
        self._when = when
        self._queued: list[Message | PlannedMessage] = []

    def queue(self, text: str, files: list[tuple[OutgoingFile, str]]) -> Sequence[Message | PlannedMessage]:
        account_id = self._conversation.account_id
        try:
            self._queue_all(text, files)
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            earlier = find_earlier(account_id, self._client_key, self._digest, self._when)
            if earlier is None:
                raise
            return [earlier]
        except Exception:
            db.session.rollback()
            raise
        bell.ring(bell.MESSAGES)
        return self._queued

    def _queue_all(self, text: str, files: list[tuple[OutgoingFile, str]]) -> None:
        for file, _caption in files:
            _require_ready(file)
        (only, caption), *others = files
        if text and not others and not caption and only.kind in WITH_CAPTION and _fits(text):
            files, text = [(only, text)], ""
        if text:
            self._put("text", {"body": text, "preview_url": "://" in text})
        for file, caption in files:
            self._put(file.kind, _content(file, caption), file)

    def _put(self, kind: str, content: dict[str, Any], file: OutgoingFile | None = None) -> None:
        number = len(self._queued)
        key = self._client_key if number == 0 else f"{self._client_key}.{number}"
        what: dict[str, Any] = {
            "conversation": self._conversation,
            "message_type": kind,
            "content": content,
            "actor": self._actor,
            "client_key": key if self._client_key else None,
            "client_key_digest": self._digest if self._client_key else None,
            "context_wamid": self._context_wamid if number == 0 else None,
            "commits": False,
        }
        if self._when is not None:
            self._queued.append(planning.plan(**what, when=self._when, kept=[file] if file else []))
            return
        message = messages.queue_message(**what)
        if file is not None:
            give_to(file, message)
        self._queued.append(message)


def _require_ready(file: OutgoingFile) -> None:
    if not file.is_whole:
        raise NotReady(f"“{file.file_name}” is not all here yet. Nothing was sent. Wait for its upload.")
    if not file.meta_id:
        raise NotReady(f"“{file.file_name}” did not get to WhatsApp, so nothing was sent. {file.problem}")


def _fits(text: str) -> bool:
    return len(text) <= CAPTION_CHARACTERS


def _content(file: OutgoingFile, caption: str) -> dict[str, Any]:
    content: dict[str, Any] = {"id": file.meta_id}
    if caption and file.kind in WITH_CAPTION:
        content["caption"] = caption
    if file.kind == "document" and file.file_name:
        content["filename"] = file.file_name
    if file.is_voice:
        content["voice"] = True
    return content
