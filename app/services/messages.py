"""Messages to send: written down here, sent by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.errors import FieldProblem, InvalidFields, KeyReused, NotReady, WindowClosed
from app.extensions import db
from app.graph import message_template_rules, payloads
from app.models import (
    Account,
    Contact,
    Conversation,
    Direction,
    Message,
    MessagePriority,
    MessageStatus,
    MessageTemplate,
    utcnow,
)
from app.models.messages import new_client_ref
from app.queries.access import Actor
from app.queries.planned import is_planned
from app.services import bell, cases, flow_tokens, pacing, quotas, usage_changes
from app.services.bot import hand_over
from app.services.contact_blocks import require_unblocked
from app.services.conversations import open_conversation, show_as_last, show_status
from app.services.message_keys import cleaned, digest_of
from app.services.message_templates.families import require_role
from app.services.message_text import outbound_text
from app.services.outgoing import telling
from app.services.reach import require_reach

__all__ = [
    "check_content",
    "check_sending",
    "find_by_key",
    "leave_unconfirmed",
    "mark_read",
    "message_template_content",
    "open_conversation",
    "queue_message",
    "queue_message_template",
    "queue_text",
    "retry_message",
]

CODE_IS_USEFUL = timedelta(minutes=10)
"""Meta's own default for authentication. Source: Meta docs, "Time to live", read 2026-09."""


def queue_text(
    *,
    conversation: Conversation,
    body: str,
    actor: Actor,
    client_key: str | None = None,
    context_wamid: str | None = None,
) -> Message:
    """Queue a free text of 1 to 4096 characters. Raises WindowClosed, InvalidFields, NotReady.

    Source: Meta docs, "Text messages", read 2026-09.
    """
    return queue_message(
        conversation=conversation,
        message_type="text",
        content={"body": body, "preview_url": "://" in body},
        actor=actor,
        client_key=client_key,
        context_wamid=context_wamid,
    )


def queue_message_template(
    *,
    conversation: Conversation,
    message_template: MessageTemplate,
    values: Mapping[str, Any],
    actor: Actor,
    client_key: str | None = None,
    client_key_digest: str | None = None,
    context_wamid: str | None = None,
    expires_at: datetime | None = None,
    resends_unconfirmed: bool = False,
    commits: bool = True,
    is_trial: bool = False,
) -> Message:
    """Queue an approved message template with its values, keyed "header.1", "body.1", "button.0.url".

    Raises InvalidFields when one is missing, and what `queue_message` raises.
    """
    return queue_message(
        conversation=conversation,
        message_type="template",
        content=message_template_content(message_template, values),
        actor=actor,
        client_key=client_key,
        client_key_digest=client_key_digest,
        context_wamid=context_wamid,
        expires_at=expires_at,
        resends_unconfirmed=resends_unconfirmed,
        commits=commits,
        is_trial=is_trial,
    )


def message_template_content(message_template: MessageTemplate, values: Mapping[str, Any]) -> dict[str, Any]:
    """Meta's `template` object with these values. Raises InvalidFields."""
    try:
        components = message_template_rules.send_components(message_template.components, values)
    except payloads.InvalidPayload as error:
        raise InvalidFields(
            [FieldProblem(problem.field, problem.message) for problem in error.problems]
        ) from error
    content: dict[str, Any] = {
        "name": message_template.name,
        "language": {"code": message_template.language},
    }
    return content | ({"components": components} if components else {})


def queue_message(
    *,
    conversation: Conversation,
    message_type: str,
    content: dict[str, Any],
    actor: Actor,
    client_key: str | None = None,
    client_key_digest: str | None = None,
    context_wamid: str | None = None,
    priority: MessagePriority = MessagePriority.PERSON,
    bot_reply_to_id: int | None = None,
    expires_at: datetime | None = None,
    resends_unconfirmed: bool = False,
    commits: bool = True,
    is_trial: bool = False,
) -> Message:
    """Queue any kind of message; `content` is Meta's object of that kind.

    The same `client_key` is the same message: it is returned, not queued again; with other content
    KeyReused is raised. After `expires_at` it is not sent any more; a one-time code is of no use after
    ten minutes. `resends_unconfirmed`: rather two copies than none. Without `commits` it is part of the
    caller's transaction, who also rings. `is_trial`: it will not be sent, and uses up no limit. Raises
    InvalidFields, NotAllowed, Blocked, WindowClosed, OptedOut, NotReady and TooMany before anything is
    stored.
    """
    content = cleaned(content)
    digest = client_key_digest or digest_of(message_type, content, conversation.id, context_wamid)
    if client_key and (existing := find_by_key(conversation.account_id, client_key, digest)):
        return existing
    if client_key and is_planned(conversation.account_id, client_key):
        # One press is one message, also where a second one, in another tab, was for later.
        raise KeyReused("With this key a message is planned for later. Nothing was sent. Use a new key.")
    message_template = check_sending(conversation, message_type, content, actor)
    taken = _take_place(conversation.account, is_trial=is_trial)
    # After the digest: the token is another one each time, and the same key must stay the same message.
    content = flow_tokens.with_tokens(conversation.account_id, message_type, content, message_template)
    message = Message(
        account_id=conversation.account_id,
        phone_number_id=conversation.phone_number_id,
        contact_id=conversation.contact_id,
        conversation_id=conversation.id,
        direction=Direction.OUTBOUND,
        status=MessageStatus.QUEUED,
        message_type=message_type,
        content=content,
        text_content=outbound_text(
            message_type, content, message_template.components if message_template else None
        ),
        context_wamid=context_wamid,
        client_key=client_key,
        client_key_digest=digest if client_key else None,
        sender_id=actor.user.id if actor.user else None,
        api_key_id=actor.api_key.id if actor.api_key else None,
        priority=priority,
        bot_reply_to_id=bot_reply_to_id,
        # By the clock that the workers go by: this machine's may be minutes ahead.
        next_attempt_at=pacing.database_now(),
        expires_at=expires_at or _useful_until(message_template),
        resends_unconfirmed=resends_unconfirmed,
    )
    return _store(conversation, message, taken) if commits else _put(conversation, message)


def check_sending(
    conversation: Conversation, message_type: str, content: dict[str, Any], actor: Actor
) -> MessageTemplate | None:
    """All that can be said before anything is stored. Returns the message template, if it is one we know.

    Raises InvalidFields, NotAllowed, Blocked, WindowClosed, OptedOut and NotReady.
    """
    _check_account(conversation.account)
    _check_address(conversation.contact)
    message_template = check_content(conversation.account_id, message_type, content)
    _check_role(actor, conversation.account_id, message_type, content)
    require_unblocked(conversation)
    if message_type != "template" and not conversation.window_is_open():
        raise WindowClosed(
            "The customer last wrote over 24 hours ago, so WhatsApp takes only an approved message template. "
            "Nothing was sent. Choose a message template instead."
        )
    require_reach(conversation.contact, message_template)
    return message_template


def _take_place(account: Account, *, is_trial: bool) -> quotas.Taken:
    if is_trial:
        quotas.require_room(account)
        return quotas.Taken(account.id)
    return quotas.take(account)


def _put(conversation: Conversation, message: Message) -> Message:
    db.session.add(message)
    db.session.flush()
    show_as_last(conversation, message)
    if message.priority is MessagePriority.PERSON:
        # After the conversation's row: it is the lock for what the bot keeps.
        db.session.flush()
        hand_over.person_wrote(message)
        cases.person_answered(message)
    return message


def _store(conversation: Conversation, message: Message, taken: quotas.Taken) -> Message:
    """Commit, and ring. A twin that was faster is the same message."""
    account_id, key, digest = message.account_id, message.client_key, message.client_key_digest
    try:
        _put(conversation, message)
    except IntegrityError:
        db.session.rollback()
        quotas.give_back(taken)
        existing = find_by_key(account_id, key, digest) if key else None
        if existing is None:
            raise
        return existing
    db.session.commit()
    bell.ring(bell.MESSAGES)
    return message


def find_by_key(account_id: int, client_key: str, digest: str | None) -> Message | None:
    """The message this key already stands for. Raises KeyReused when it was another one."""
    statement = select(Message).where(Message.account_id == account_id, Message.client_key == client_key)
    message = db.session.scalar(statement)
    if message is not None and message.client_key_digest != digest:
        raise KeyReused(
            "This idempotency key was already used for another message. Nothing was sent. Use a new key."
        )
    return message


def _check_account(account: Account) -> None:
    if not account.is_live:
        raise NotReady("This account is not connected yet. Finish its set-up, then send again.")


def _check_role(actor: Actor, account_id: int, message_type: str, content: dict[str, Any]) -> None:
    """Some message templates are kept for some roles."""
    if message_type == "template":
        require_role(actor, account_id, str(content.get("name") or ""))


def _check_address(contact: Contact) -> None:
    if not (contact.wa_id or contact.user_id):
        raise NotReady("This person was erased, so there is nobody to write to. Nothing was sent.")


def check_content(account_id: int, message_type: str, content: dict[str, Any]) -> MessageTemplate | None:
    """Meta's limits, checked before the call. Returns the message template, if it is one we know.

    Raises InvalidFields.
    """
    inner = content.get("contacts") if message_type == "contacts" else content
    problems = payloads.validate(message_type, inner)
    found = None
    if message_type == "template" and not problems:
        found = _find_message_template(account_id, content)
        if found is not None:
            _check_sendable(found)
            given = content.get("components") or []
            problems = message_template_rules.check_send(found.components, given)
    if problems:
        raise InvalidFields([FieldProblem(problem.field, problem.message) for problem in problems])
    return found


def _useful_until(message_template: MessageTemplate | None) -> datetime | None:
    """A code that comes late is worse than none: the customer has asked for another one by then."""
    is_code = message_template is not None and message_template.category == "AUTHENTICATION"
    return utcnow() + CODE_IS_USEFUL if is_code else None


def _find_message_template(account_id: int, content: dict[str, Any]) -> MessageTemplate | None:
    """One that is not known here may have been made at Meta since the last look: Meta decides then."""
    language = content.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    statement = select(MessageTemplate).where(
        MessageTemplate.account_id == account_id,
        MessageTemplate.name == content.get("name"),
        MessageTemplate.language == code,
    )
    return db.session.scalar(statement)


def _check_sendable(message_template: MessageTemplate) -> None:
    if not message_template.is_sendable:
        state = message_template.status.value.lower().replace("_", " ")
        raise InvalidFields(
            [
                FieldProblem(
                    "template",
                    f"The message template “{message_template.name}” is {state}; only an approved one can be "
                    "sent. Nothing was sent.",
                )
            ]
        )


def retry_message(*, message: Message, actor: Actor) -> Message:
    """Send again, by a person's choice: a failed message, or one that was never confirmed.

    Raises NotReady for any other state, WindowClosed when free text may no longer be sent, NotAllowed,
    OptedOut when the customer has had enough of advertising since, and TooMany.
    """
    _check_account(message.account)
    _check_role(actor, message.account_id, message.message_type, message.content)
    db.session.refresh(message, with_for_update={"of": Message})
    if message.status not in {MessageStatus.FAILED, MessageStatus.UNCONFIRMED} or not message.is_outbound:
        raise NotReady("Only a failed or unconfirmed message can be sent again.")
    require_unblocked(message.conversation)
    if message.message_type != "template" and not message.conversation.window_is_open():
        raise WindowClosed(
            "The 24-hour window has closed, so this message cannot be sent again. "
            "Send a message template instead."
        )
    if message.message_type == "template":
        require_reach(message.contact, _find_message_template(message.account_id, message.content))
    quotas.take(message.account)
    if message.status is MessageStatus.FAILED:
        # A late status of the refused try must not be taken for one of the new try.
        message.client_ref = new_client_ref()
    message.status = MessageStatus.QUEUED
    message.next_attempt_at = pacing.database_now()
    message.attempts = 0
    message.wamid = None
    message.failed_at = message.error_code = None
    message.error_title = message.error_details = message.error_trace_id = ""
    message.sender_id = actor.user.id if actor.user else message.sender_id
    usage_changes.note([(message.phone_number_id, message.created_at)])
    show_status(message.conversation, message)
    db.session.commit()
    bell.ring(bell.MESSAGES)
    return message


def leave_unconfirmed(*, message: Message) -> Message:
    """The person decides not to send an unconfirmed message again: it counts as failed, without a code."""
    db.session.refresh(message, with_for_update={"of": Message})
    if message.status is MessageStatus.UNCONFIRMED:
        message.status = MessageStatus.FAILED
        message.failed_at = utcnow()
        message.error_title = "Not confirmed by Meta"
        message.error_details = "Meta never confirmed this message, and you chose not to send it again."
        usage_changes.note([(message.phone_number_id, message.created_at)])
        telling.tell_statuses([message.id])
        show_status(message.conversation, message)
    db.session.commit()
    return message


def mark_read(*, conversation: Conversation) -> None:
    """A person has seen the conversation: nothing in it is unread any more."""
    if conversation.unread_count:
        conversation.unread_count = 0
        conversation.version = Conversation.version + 1
    db.session.commit()
