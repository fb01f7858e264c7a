"""Finding or starting a conversation, and keeping what its list row shows in step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import phonenumbers
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.models import (
    Account,
    AddressKind,
    AddressSource,
    Contact,
    Conversation,
    Message,
    MessagePriority,
    PhoneNumber,
    utcnow,
)
from app.models.phone_twins import is_mobile_twin, twin_of
from app.services import contact_addresses as addresses
from app.services.contact_addresses import Origin
from app.services.message_text import preview

_USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")


def normalise_recipient(to: str, number: PhoneNumber) -> tuple[str | None, str | None]:
    """(wa_id, user_id) of what somebody typed; exactly one is set.

    A number without a leading plus is read as one of the sending number's country, or as a whole
    international number when only that makes sense. Raises InvalidFields.
    """
    to = to.strip()
    if _USER_ID.fullmatch(to):
        return None, to
    for text, region in ((to, _region_of(number)), ("+" + re.sub(r"\D", "", to), None)):
        try:
            parsed = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:], None
    raise InvalidFields(
        [
            FieldProblem(
                "to_phone_number",
                "This is not a phone number. Write it with a plus and the country code, such as "
                "+44 7700 900123.",
            )
        ]
    )


def _region_of(number: PhoneNumber) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number.phone_number))
    except phonenumbers.NumberParseException:
        return None


def insert_ignoring_conflict(table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert, and take a row that is already there as success: two workers may meet one new customer."""
    dialect: Any = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    # The bare table: going through the model costs as much again, and these inserts come in thousands.
    db.session.execute(dialect.insert(table.__table__).on_conflict_do_nothing(), list(rows))


def ensure_contact(
    account_id: int, wa_id: str | None, user_id: str | None, origin: Origin | None = None
) -> Contact:
    """The contact known by either, in whatever spelling; made when new. The caller commits.

    `origin`: by what the address came, for the ledger; without one a person typed it.
    """
    origin = origin or Origin(AddressSource.HAND, utcnow())
    contact = _find_contact(account_id, wa_id, user_id) or _find_twin(account_id, wa_id)
    if contact is None:
        insert_ignoring_conflict(Contact, [{"account_id": account_id, "wa_id": wa_id, "user_id": user_id}])
        contact = _find_contact(account_id, wa_id, user_id)
    if contact is None:
        raise LookupError("a contact vanished while it was being stored")
    _learn_ids(contact, wa_id, user_id)
    for kind, value in ((AddressKind.NUMBER, wa_id), (AddressKind.USER_ID, user_id)):
        if value:
            addresses.note_first(contact, kind, value, origin)
    return contact


def _find_twin(account_id: int, wa_id: str | None) -> Contact | None:
    """Known under the other spelling of the number. Nobody types Argentina's 9 for a landline; many leave it
    out of a mobile number, so that is looked for as well, unless the landline itself is known."""
    twin = twin_of(wa_id) if wa_id else None
    if twin is None or (not twin.is_certain and is_mobile_twin(wa_id or "")):
        return None
    found = _find_contact(account_id, twin.wa_id, None)
    is_refused = found is not None and (found.id, wa_id) in addresses.refusals({account_id}, {wa_id or ""})
    return None if is_refused else found


def _find_contact(account_id: int, wa_id: str | None, user_id: str | None) -> Contact | None:
    """By user id first: it stays when a phone number is hidden or passes to somebody else."""
    for column, value in ((Contact.user_id, user_id), (Contact.wa_id, wa_id)):
        if value:
            contact = db.session.scalar(
                select(Contact).where(Contact.account_id == account_id, column == value)
            )
            if contact is not None:
                return contact
    return None


def _learn_ids(contact: Contact, wa_id: str | None, user_id: str | None) -> None:
    """Fill in an id we did not know, unless another contact already has it."""
    for name, value in (("wa_id", wa_id), ("user_id", user_id)):
        if value and getattr(contact, name) is None:
            column = getattr(Contact, name)
            taken = db.session.scalar(
                select(Contact.id).where(Contact.account_id == contact.account_id, column == value)
            )
            if taken is None:
                setattr(contact, name, value)


def ensure_conversation(account_id: int, phone_number_id: int, contact_id: int) -> Conversation:
    """The one conversation of this customer with this number. The caller commits."""
    statement = select(Conversation).where(
        Conversation.phone_number_id == phone_number_id, Conversation.contact_id == contact_id
    )
    conversation = db.session.scalar(statement)
    if conversation is None:
        insert_ignoring_conflict(
            Conversation,
            [{"account_id": account_id, "phone_number_id": phone_number_id, "contact_id": contact_id}],
        )
        conversation = db.session.scalar(statement)
    if conversation is None:
        raise LookupError("a conversation vanished while it was being stored")
    return conversation


def open_conversation(
    *, account: Account, phone_number: PhoneNumber, to: str, source: AddressSource = AddressSource.HAND
) -> Conversation:
    """Find or start the conversation with whom somebody typed, or a program gave. Raises InvalidFields.

    Not committed: a first message that is refused must leave no empty conversation behind. Queueing
    the message commits both.
    """
    if to.strip().startswith("@"):
        contact = _known_by_username(account.id, to.strip()[1:])
    else:
        wa_id, user_id = normalise_recipient(to, phone_number)
        contact = ensure_contact(account.id, wa_id, user_id, Origin(source, utcnow()))
    conversation = ensure_conversation(account.id, phone_number.id, contact.id)
    db.session.flush()
    return conversation


def _known_by_username(account_id: int, username: str) -> Contact:
    """WhatsApp takes no user name for an address: only of somebody whose id or number is known. Raises
    InvalidFields."""
    found = list(
        db.session.scalars(
            select(Contact)
            .where(Contact.account_id == account_id, Contact.username == username.lower())
            .limit(2)
        )
    )
    if len(found) == 1:
        return found[0]
    why = "Several contacts have" if found else "Nobody who wrote to this account has"
    raise InvalidFields(
        [
            FieldProblem(
                "to_phone_number",
                f"{why} this user name, and WhatsApp itself takes none for an address. Give the number or "
                "the WhatsApp user id instead.",
            )
        ]
    )


def show_as_last(conversation: Conversation, message: Message) -> None:
    """Let the list row show this message, unless a later one stands there already."""
    conversation.version = Conversation.version + 1
    if is_answer(message):
        conversation.waiting_since = None
    if conversation.last_message_id and conversation.last_message_at > message.occurred_at:
        return
    conversation.last_message_at = message.occurred_at
    conversation.last_message_id = message.id
    conversation.last_message_preview = preview(message.message_type, message.text_content)
    conversation.last_message_direction = message.direction
    conversation.last_message_status = message.status


def is_answer(message: Message) -> bool:
    """Whether a customer who waits has been answered by it. The bot's replies are looked at where it decides:
    not all of them answer. A message template sent by a program is a notice."""
    is_notice = message.api_key_id is not None and message.message_type == "template"
    return message.is_outbound and message.priority is MessagePriority.PERSON and not is_notice


def show_status(conversation: Conversation, message: Message) -> None:
    """A message's status changed: the row follows if it shows that message."""
    conversation.version = Conversation.version + 1
    if conversation.last_message_id == message.id:
        conversation.last_message_status = message.status
