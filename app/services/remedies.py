"""Which deed helps with which failure: what a person is offered beside it."""

from __future__ import annotations

from enum import StrEnum

from app.services.failures import AdviceClass, Failure, Retry


class Remedy(StrEnum):
    """Something a person can do about a failed message, here."""

    SEND_AGAIN = "send_again"
    USE_MESSAGE_TEMPLATE = "use_message_template"
    RENEW_TOKEN = "renew_token"  # noqa: S105 - a deed, no secret
    OPEN_HEALTH = "open_health"
    OPEN_ACCOUNT = "open_account"
    OPEN_MESSAGE_TEMPLATES = "open_message_templates"
    OPEN_FLOWS = "open_flows"


WINDOW_CLOSED = frozenset({131047, 470})
_FILL_IN_ANEW = frozenset({132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018})
"""Another message template, or other values for the same one."""
_TOKEN = frozenset({3, 10, 131005})
"""Permissions come with a new token."""
_MESSAGE_TEMPLATES = frozenset({132001, 132007, 132015, 132016, 132018, 134101, 134102})
_FLOWS = frozenset({132068, 132069})
_REGISTRATION = frozenset({33, 131045, 133000, 133005, 133006, 133010, 133015, 133016})


def remedies_for(failure: Failure, *, is_window_open: bool) -> tuple[Remedy, ...]:
    """The best first. `is_window_open`: whether the very same message could go out now."""
    found = [remedy for remedy in (_at_its_root(failure),) if remedy is not None]
    needs_message_template = failure.code in WINDOW_CLOSED | _FILL_IN_ANEW
    if failure.retry is not Retry.NEVER:
        if is_window_open:
            found.append(Remedy.SEND_AGAIN)
        else:
            needs_message_template = True
    if needs_message_template:
        found.append(Remedy.USE_MESSAGE_TEMPLATE)
    return tuple(found)


def _at_its_root(failure: Failure) -> Remedy | None:
    if failure.advice_class is AdviceClass.RECONNECT or failure.code in _TOKEN:
        return Remedy.RENEW_TOKEN
    if failure.code in _MESSAGE_TEMPLATES:
        return Remedy.OPEN_MESSAGE_TEMPLATES
    if failure.code in _FLOWS:
        return Remedy.OPEN_FLOWS
    if failure.code in _REGISTRATION:
        return Remedy.OPEN_ACCOUNT
    if failure.advice_class is AdviceClass.OPERATOR:
        return Remedy.OPEN_HEALTH
    return None
