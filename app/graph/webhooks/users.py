"""Fields about people. Source: Meta docs, "Webhooks: user_preferences" page, read 2026-09."""

from __future__ import annotations

from collections.abc import Iterator

from app.graph import reading
from app.graph.webhooks.elements import Place
from app.graph.webhooks.items import BadElement, Item, UserIdChange, UserPreference
from app.graph.webhooks.people import person


def read_preferences(change: Place) -> Iterator[Item]:
    """Who stopped or resumed marketing messages."""
    for place in change.at("user_preferences").each():
        yield place if isinstance(place, BadElement) else _preference(place)


def _preference(place: Place) -> Item:
    who = person(place.value.get("wa_id"), place.value.get("user_id"))
    value = reading.text(place.value.get("value"))
    if value is None or (who.wa_id is None and who.user_id is None):
        return place.bad("the person or the wish is not named")
    return UserPreference(
        **place.where(),
        category=reading.text(place.value.get("category")) or "",
        value=value,
        timestamp=place.moment(),
        wa_id=who.wa_id,
        user_id=who.user_id,
    )


def read_id_changes(change: Place) -> Iterator[Item]:
    """Whose user id changed."""
    for place in change.at("user_id_update").each():
        yield place if isinstance(place, BadElement) else _id_change(place)


def _id_change(place: Place) -> Item:
    ids = reading.mapping(place.value.get("user_id"))
    previous, current = reading.text(ids.get("previous")), reading.text(ids.get("current"))
    if previous is None and current is None:
        return place.bad("neither the old nor the new id is named")
    return UserIdChange(
        **place.where(),
        previous_user_id=previous,
        current_user_id=current,
        timestamp=place.moment(),
        wa_id=person(place.value.get("wa_id"), None).wa_id,
    )
