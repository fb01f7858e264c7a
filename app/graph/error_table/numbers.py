"""Registering, verifying, moving and connecting phone numbers."""

from __future__ import annotations

from app.graph.advice import ACCOUNT, HOUR_S, META, MINUTE_S, OPERATOR, OURS, PERMANENT, RETRY, WAIT, Entry

_WAITING = "Nothing: it is tried again by itself."

NUMBERS: dict[int, Entry] = {
    133000: Entry(
        RETRY,
        ACCOUNT,
        "An earlier deregistration is not finished",
        "The number was being deregistered and that did not end properly.",
        "Deregister the number once more, then register it.",
    ),
    133004: Entry(
        RETRY,
        META,
        "Meta's registration service is not available",
        "This is a passing fault on Meta's side.",
        _WAITING,
    ),
    133005: Entry(
        OPERATOR,
        OURS,
        "The PIN is wrong",
        "The number has a two-step PIN, and the one that was sent does not match it.",
        "Enter the right PIN. It can be reset in WhatsApp Manager.",
    ),
    133006: Entry(
        OPERATOR,
        ACCOUNT,
        "The number is not verified yet",
        "A number must be verified with a code before it can be registered.",
        "Ask for a code by SMS or call in WhatsApp Manager and enter it there.",
    ),
    133008: Entry(
        WAIT,
        OURS,
        "The PIN was guessed too often",
        "Too many wrong PINs were entered. Meta names the time to wait.",
        "Wait as long as Meta says, then enter the right PIN.",
        HOUR_S,
    ),
    133009: Entry(
        WAIT,
        OURS,
        "The PIN was entered too fast",
        "PINs were entered too quickly one after another. Meta names the time to wait.",
        "Wait as long as Meta says, then enter the right PIN.",
        5 * MINUTE_S,
    ),
    133010: Entry(
        OPERATOR,
        ACCOUNT,
        "The number is not registered",
        "The number must be registered for the Cloud API before it can send.",
        "Register it with its six-digit PIN on the account's page.",
    ),
    133015: Entry(
        WAIT,
        META,
        "The number was deleted a moment ago",
        "Meta is still clearing it up.",
        "Wait five minutes, then register the number.",
        5 * MINUTE_S,
    ),
    136024: Entry(
        WAIT,
        OURS,
        "Too many codes were asked for",
        "Meta sends only a few verification codes in a row.",
        "Wait some hours, then ask for a new code.",
        HOUR_S,
    ),
    136025: Entry(
        OPERATOR,
        OURS,
        "The verification code is wrong",
        "The code that was entered is not the one that Meta sent.",
        "Enter the newest code, digits only.",
    ),
    2388001: Entry(
        OPERATOR,
        ACCOUNT,
        "The number's ownership is not confirmed",
        "The ownership must be confirmed first, or two-step verification must be switched off at "
        "the old provider.",
        "Confirm the number in WhatsApp Manager or have the old provider switch the PIN off.",
    ),
    2388012: Entry(
        PERMANENT,
        OURS,
        "The number is already on your list",
        "This account already has this number.",
        "Use the number that is there.",
    ),
    2388091: Entry(
        OPERATOR,
        ACCOUNT,
        "The number is not on the move",
        "A code is only sent to a number that is being moved here.",
        "Start the move in WhatsApp Manager first.",
    ),
    2388093: Entry(
        OPERATOR,
        ACCOUNT,
        "The number is not on the move",
        "A code is only sent to a number that is being moved here.",
        "Start the move in WhatsApp Manager first.",
    ),
    2388103: Entry(
        OPERATOR,
        ACCOUNT,
        "The number cannot be moved",
        "Something at the old or new account is not ready: no webhook, a name that is not "
        "approved, no payment method, another business, or an account that is not approved.",
        "Read Meta's words and put right what they name.",
    ),
    2593107: Entry(
        OPERATOR,
        OURS,
        "The phone app was synchronised too often",
        "Contacts and history can be fetched once each after connecting.",
        "Disconnect the number and connect it again.",
    ),
    2593108: Entry(
        OPERATOR,
        OURS,
        "The phone app can no longer be synchronised",
        "That works only within 24 hours of connecting.",
        "Disconnect the number and connect it again.",
    ),
    2593109: Entry(
        PERMANENT,
        ACCOUNT,
        "The chat history is not shared",
        "The owner of the phone chose not to share the old chats.",
        "Nothing is wrong. New messages arrive as usual.",
    ),
    2593079: Entry(
        OPERATOR,
        ACCOUNT,
        "The account belongs to another solution already",
        "It is already marked for another provider's solution.",
        "Talk to the other provider or to Meta's support.",
    ),
    2593085: Entry(
        OPERATOR,
        ACCOUNT,
        "The account's ownership cannot be transferred",
        "Meta does not allow the transfer for this account.",
        "Talk to Meta's support.",
    ),
}
