"""Tokens, permissions, policy and call limits."""

from __future__ import annotations

from app.graph.advice import (
    ACCOUNT,
    DAY_S,
    HOUR_S,
    META,
    MINUTE_S,
    OPERATOR,
    OURS,
    PERMANENT,
    RECONNECT,
    RETRY,
    WAIT,
    Entry,
)

_RENEW = (
    "Create a new permanent token for a system user in Meta's business settings and save it in "
    "step 3 of the set-up."
)
_GRANT = (
    "In Meta's business settings, give the system user this account with full control, and create "
    "the token with whatsapp_business_management and whatsapp_business_messaging."
)
_SLOWER = "Nothing: it is tried again by itself. If it happens often, send more slowly."

ACCESS: dict[int, Entry] = {
    0: Entry(
        RECONNECT,
        ACCOUNT,
        "Meta does not accept the access token",
        "The token has expired, was revoked, or the app's settings changed.",
        _RENEW,
    ),
    3: Entry(
        OPERATOR,
        ACCOUNT,
        "The app may not do this",
        "The Meta app lacks a capability or a permission that this call needs.",
        _GRANT,
    ),
    10: Entry(
        OPERATOR,
        ACCOUNT,
        "Permission is missing",
        "The permission was not granted to the token, or was taken away.",
        _GRANT,
    ),
    104: Entry(
        RECONNECT,
        ACCOUNT,
        "No access token was sent",
        "Meta got the call without a token.",
        "Save the access token again in step 3 of the set-up.",
    ),
    190: Entry(
        RECONNECT,
        ACCOUNT,
        "The access token does not work any more",
        "Meta says that the token has expired or is not valid. Nothing can be sent until it is replaced.",
        _RENEW,
    ),
    200: Entry(
        RECONNECT,
        ACCOUNT,
        "The token has no access to this account",
        "Meta got no usable token, or the token was made without access to this account.",
        _GRANT,
    ),
    2500: Entry(
        RECONNECT,
        ACCOUNT,
        "No active access token",
        "Meta found no active token in the call.",
        _RENEW,
    ),
    368: Entry(
        OPERATOR,
        ACCOUNT,
        "Meta has restricted the account",
        "The WhatsApp Business account is restricted or disabled because Meta found a violation of "
        "its policies.",
        "Open Business Support Home at Meta, read what was found, and ask for a review.",
    ),
    130497: Entry(
        PERMANENT,
        ACCOUNT,
        "This country is closed to the account",
        "This account may not message people in the recipient's country.",
        "Leave recipients of this country out. Meta's policy page lists which trades may message where.",
    ),
    131031: Entry(
        OPERATOR,
        ACCOUNT,
        "Meta has locked the account",
        "The account was locked for a policy violation, or Meta could not verify data that was "
        "sent, for instance a wrong two-step PIN.",
        "Look at the account in WhatsApp Manager. If a PIN was sent, check it.",
    ),
    131064: Entry(
        OPERATOR,
        ACCOUNT,
        "A limit was set because of wrong categories",
        "Message templates were filed under the wrong category, so Meta limits the account for a "
        "while. The limit lifts by itself.",
        "Correct the categories of your message templates, then wait until Meta lifts the limit.",
    ),
    4: Entry(
        RETRY,
        OURS,
        "The app makes too many calls",
        "The Meta app has reached its hourly number of calls.",
        _SLOWER,
        5 * MINUTE_S,
    ),
    17: Entry(
        RETRY,
        OURS,
        "Too many calls",
        "The user behind the token has reached Meta's number of calls.",
        _SLOWER,
        5 * MINUTE_S,
    ),
    32: Entry(
        RETRY,
        OURS,
        "Too many calls",
        "The page behind the token has reached Meta's number of calls.",
        _SLOWER,
        5 * MINUTE_S,
    ),
    613: Entry(
        RETRY,
        OURS,
        "Too many calls of this kind",
        "Meta limits how often this may be asked.",
        _SLOWER,
        5 * MINUTE_S,
    ),
    80007: Entry(
        RETRY,
        OURS,
        "The account makes too many calls",
        "The WhatsApp Business account has reached its hourly number of calls.",
        _SLOWER,
        5 * MINUTE_S,
    ),
    80008: Entry(
        RETRY,
        OURS,
        "Too many calls about message templates",
        "The account has reached its hourly number of calls for message templates.",
        _SLOWER,
        5 * MINUTE_S,
    ),
    130429: Entry(
        RETRY,
        OURS,
        "Messages go out too fast",
        "The phone number sends more messages a second than Meta allows it.",
        _SLOWER,
        5,
    ),
    131048: Entry(
        OPERATOR,
        ACCOUNT,
        "The number is restricted because people blocked or reported it",
        "Too many recipients blocked or reported messages of this number, so Meta limits what it may send.",
        "Stop campaigns from this number, check its quality in WhatsApp Manager, and message only "
        "people who asked for it. Try again after some hours.",
    ),
    131056: Entry(
        RETRY,
        OURS,
        "Too many messages to the same person",
        "One number may send about one message every six seconds to the same person.",
        "Nothing: it is tried again by itself, a little later.",
        6,
    ),
    133016: Entry(
        WAIT,
        OURS,
        "Registered too often",
        "A number can be registered or deregistered ten times in 72 hours; that is used up.",
        "Wait until 72 hours after the first try, then register again.",
        72 * HOUR_S,
    ),
    131057: Entry(
        RETRY,
        META,
        "The number is being serviced by Meta",
        "Meta is working on the number, for instance raising its speed. That takes minutes.",
        "Nothing: it is tried again by itself.",
        MINUTE_S,
    ),
    131049: Entry(
        WAIT,
        META,
        "Held back to keep the person from too much advertising",
        "Meta limits how many marketing messages a person gets from all businesses together. The "
        "number is not published, and sending again at once makes it worse.",
        "Wait at least a day before trying this person once more, or wait until they write to you.",
        DAY_S,
    ),
}

TOKEN_SUBCODES: dict[int, Entry] = {
    458: Entry(
        RECONNECT,
        ACCOUNT,
        "The app was removed",
        "The Meta app behind this token was removed from the user or business that allowed it.",
        "Allow the app again in Meta's business settings, then create a new token.",
    ),
    460: Entry(
        RECONNECT,
        ACCOUNT,
        "A changed password ended the access token",
        "The person behind this token changed their password, which ends their tokens.",
        "Use a system user's token, which has no password behind it.",
    ),
    463: Entry(
        RECONNECT,
        ACCOUNT,
        "The access token has expired",
        "The token was made for a limited time, and that is over.",
        "Create a token for a system user that never expires and save it in step 3 of the set-up.",
    ),
    467: Entry(
        RECONNECT,
        ACCOUNT,
        "The access token was revoked",
        "The token was made invalid at Meta.",
        _RENEW,
    ),
}
