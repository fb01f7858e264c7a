"""What Meta tells of numbers and ids that have changed: one contact at a time, since it is rare.

An address that passes to somebody else goes with them. Two contacts that turn out to be one person are
joined; where each has a user id of its own, that is only suggested (`contact_joins`). Source: Meta docs,
"Business-scoped user IDs" and "Webhooks: messages" pages, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.graph import reading
from app.graph.identifiers import is_user_id
from app.graph.webhooks import InboundMessage, UserIdChange
from app.models import Account, AddressKind, AddressSource, Contact, utcnow
from app.models.phone_twins import spellings_of, twin_of
from app.services import contact_addresses as addresses
from app.services import contact_joins as joins
from app.services.contact_addresses import Origin
from app.services.customers import Claim, Person

_NEW_NUMBER = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
"""The middle one is an old name of the first."""
_ASKED_FOR = "contact_request"
_SAME_POST = "WhatsApp named this number and this user id in one message."
OTHER_SPELLING = "WhatsApp knows this number under the other spelling."
_CHANGED = "WhatsApp says that the customer changed to this number."
_NEW_ID = "WhatsApp says that this user id took the place of the other one."
_SHARED = "The customer shared this number."
_PASSED_ON = "Both wrote from the same number, under two user ids. It may have passed to somebody else."


@dataclass(frozen=True, slots=True)
class News:
    """A message that tells something about who its sender is."""

    account_id: int
    person: Person
    item: InboundMessage
    event_id: int | None


def is_news(item: InboundMessage) -> bool:
    return item.type in {"system", "contacts"}


def settle(claims: Iterable[Claim], news: Iterable[News]) -> None:
    """After a batch is stored: numbers that known customers wrote from, and what they told. The caller
    commits."""
    for claim in claims:
        note_number(claim.person.id, claim.wa_id, claim.origin)
    for one in news:
        if one.item.type == "system":
            _apply_system(one)
        else:
            _apply_cards(one)


def note_number(contact_id: int, wa_id: str, origin: Origin, why: str = _SAME_POST) -> None:
    """This contact has that number. The caller commits."""
    spellings = spellings_of(wa_id)
    holder_id = next(filter(None, (_holder_id(contact_id, Contact.wa_id, one) for one in spellings)), None)
    held = addresses.hold(filter(None, (contact_id, holder_id)))
    contact = held.get(contact_id)
    if contact is None or contact.wa_id == wa_id:
        return
    if addresses.is_old_news(contact, AddressKind.NUMBER, wa_id, origin.at):
        return
    holder = held.get(holder_id) if holder_id else None
    if holder is None or holder.wa_id not in spellings:
        _take_number(contact, wa_id, origin)
    elif holder.user_id and contact.user_id and origin.source is AddressSource.MESSAGE:
        # Who writes from it has it now, whoever had it before: what is sent there must not reach a stranger.
        _lose_number(holder, origin)
        _take_number(contact, wa_id, origin)
        joins.suggest(contact, holder, _PASSED_ON, origin.event_id)
    elif holder.user_id and contact.user_id:
        joins.suggest(contact, holder, why, origin.event_id)
    else:
        joins.join_by_rule(contact, holder, why, origin.event_id)


def note_user_id(contact_id: int, user_id: str, origin: Origin) -> None:
    """Meta named it beside the number that this contact has. The caller commits."""
    holder_id = _holder_id(contact_id, Contact.user_id, user_id)
    held = addresses.hold(filter(None, (contact_id, holder_id)))
    contact, holder = held.get(contact_id), held.get(holder_id or 0)
    if contact is None or contact.user_id:
        return
    if holder is not None:
        joins.join_by_rule(contact, holder, _SAME_POST, origin.event_id)
        return
    contact.user_id = user_id
    addresses.note(contact, AddressKind.USER_ID, user_id, origin)


def apply_id_change(account: Account, item: UserIdChange, event_id: int | None) -> bool:
    """The customer stays the same; only the id we know them by is new. False: nothing new. The caller
    commits."""
    origin = Origin(AddressSource.CHANGE, min(item.timestamp, utcnow()), event_id)
    if not item.current_user_id:
        return False
    contact_id = _find_id(account.id, item.previous_user_id, item.wa_id)
    if contact_id is None:
        return False
    is_new = _change_user_id(contact_id, item.current_user_id, origin)
    if item.wa_id:
        note_number(contact_id, item.wa_id, origin, _CHANGED)
    return is_new


def _find_id(account_id: int, user_id: str | None, wa_id: str | None) -> int | None:
    for column, value in ((Contact.user_id, user_id), (Contact.wa_id, wa_id)):
        found = _contact_id(account_id, column, value)
        if found is not None:
            return found
    return None


def _contact_id(account_id: int, column: Any, value: str | None) -> int | None:
    if not value:
        return None
    return db.session.scalar(select(Contact.id).where(Contact.account_id == account_id, column == value))


def _holder_id(contact_id: int, column: Any, value: str) -> int | None:
    """Another contact of the same account that has it now."""
    db.session.flush()
    account_id = db.session.scalar(select(Contact.account_id).where(Contact.id == contact_id))
    found = _contact_id(account_id, column, value) if account_id else None
    return found if found != contact_id else None


def _take_number(contact: Contact, wa_id: str, origin: Origin) -> None:
    """The other spelling of the number before stays theirs; another number is given up."""
    before = contact.wa_id
    twin = twin_of(wa_id)
    if before and twin and twin.wa_id == before:
        if _knows(contact, wa_id) and origin.source is AddressSource.MESSAGE:
            return
    elif before:
        addresses.end(contact, AddressKind.NUMBER, before, origin)
    contact.wa_id = wa_id
    addresses.note(contact, AddressKind.NUMBER, wa_id, origin)


def _knows(contact: Contact, wa_id: str) -> bool:
    return wa_id in addresses.values_of(contact, AddressKind.NUMBER)


def _lose_number(contact: Contact, origin: Origin) -> None:
    if contact.wa_id:
        addresses.end(contact, AddressKind.NUMBER, contact.wa_id, origin)
        contact.wa_id = None
        db.session.flush()


def _change_user_id(contact_id: int, user_id: str, origin: Origin) -> bool:
    holder_id = _holder_id(contact_id, Contact.user_id, user_id)
    held = addresses.hold(filter(None, (contact_id, holder_id)))
    contact, holder = held.get(contact_id), held.get(holder_id or 0)
    if contact is None or contact.user_id == user_id:
        return False
    if addresses.is_old_news(contact, AddressKind.USER_ID, user_id, origin.at):
        return False
    if holder is not None:
        # Meta itself says that the two ids are one person.
        return joins.join_by_rule(contact, holder, _NEW_ID, origin.event_id)
    if contact.user_id:
        addresses.end(contact, AddressKind.USER_ID, contact.user_id, origin)
    contact.user_id = user_id
    addresses.note(contact, AddressKind.USER_ID, user_id, origin)
    return True


def _apply_system(news: News) -> None:
    """The sender has another number now. With it comes another user id, which this may name or not."""
    told = news.item.content
    if told.get("type") not in _NEW_NUMBER:
        return
    wa_id, user_id = reading.text(told.get("wa_id")), reading.text(told.get("user_id"))
    if wa_id and is_user_id(wa_id):
        wa_id, user_id = None, user_id or wa_id
    origin = Origin(AddressSource.CHANGE, min(news.item.timestamp, utcnow()), news.event_id)
    if user_id:
        _change_user_id(news.person.id, user_id, origin)
    if wa_id:
        note_number(news.person.id, wa_id, origin, _CHANGED)
    _give_up_old(news.person.id, wa_id, user_id, news.item, origin)


def _give_up_old(
    contact_id: int, wa_id: str | None, user_id: str | None, item: InboundMessage, origin: Origin
) -> None:
    """What belonged to the old number, as long as something is left by which the customer is reached."""
    contact = addresses.hold((contact_id,)).get(contact_id)
    if contact is None:
        return
    if wa_id and contact.wa_id == wa_id and not user_id and contact.user_id == item.user_id and item.user_id:
        addresses.end(contact, AddressKind.USER_ID, item.user_id, origin)
        contact.user_id = None
    if user_id and contact.user_id == user_id and not wa_id and contact.wa_id == item.wa_id and item.wa_id:
        _lose_number(contact, origin)
    addresses.show_again((contact_id,))


def _apply_cards(news: News) -> None:
    """The number that was asked for. A card that was merely passed on may be anybody's."""
    cards = reading.mappings(news.item.content.get("contacts"))
    asked = [card for card in cards if card.get("origin") == _ASKED_FOR]
    phones = [phone for card in asked for phone in reading.mappings(card.get("phones"))]
    wa_id = next((wa_id for phone in phones if (wa_id := reading.text(phone.get("wa_id")))), None)
    if wa_id and wa_id.isascii() and wa_id.isdigit() and len(wa_id) <= 15:
        origin = Origin(AddressSource.CARD, min(news.item.timestamp, utcnow()), news.event_id)
        note_number(news.person.id, wa_id, origin, _SHARED)
        addresses.show_again((news.person.id,))
