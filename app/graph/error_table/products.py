"""Block list, calls, groups, user names and marketing sign-up."""

from __future__ import annotations

from app.graph.advice import (
    ACCOUNT,
    AFTER_CHANGE,
    CUSTOMER,
    DAY_S,
    HOUR_S,
    META,
    NOW,
    OPERATOR,
    OURS,
    PERMANENT,
    RETRY,
    WAIT,
    Entry,
)

_WAITING = "Nothing: it is tried again by itself."

_BLOCK_LIST: dict[int, Entry] = {
    139100: Entry(
        PERMANENT,
        OURS,
        "Not everybody could be blocked or unblocked",
        "Only people who wrote in the last 24 hours can be blocked.",
        "See which ones failed; try those again after they write to you.",
        retry=AFTER_CHANGE,
    ),
    139101: Entry(
        PERMANENT,
        ACCOUNT,
        "The block list is full",
        "A number can block 64,000 people.",
        "Unblock people first.",
    ),
    139102: Entry(RETRY, META, "The block list changed meanwhile", "It changed while read.", _WAITING),
    139103: Entry(RETRY, META, "Meta could not change the block list", "A passing fault.", _WAITING),
}

_CALLS: dict[int, Entry] = {
    138000: Entry(
        OPERATOR,
        ACCOUNT,
        "Calls are not switched on",
        "This number is not set up for calls.",
        "Switch calls on for the number in WhatsApp Manager.",
    ),
    138001: Entry(
        PERMANENT,
        CUSTOMER,
        "The person cannot take calls",
        "Their WhatsApp does not take calls from businesses.",
        "Write instead.",
        retry=AFTER_CHANGE,
    ),
    138002: Entry(RETRY, OURS, "Too many calls at once", "A number can hold 1,000 calls.", _WAITING),
    138003: Entry(
        PERMANENT,
        OURS,
        "There is a call already",
        "A call with this person is running.",
        "End it before you start a new one.",
    ),
    138004: Entry(
        PERMANENT,
        META,
        "The call could not be connected",
        "The connection failed.",
        "Try the call again.",
        retry=NOW,
    ),
    138005: Entry(RETRY, OURS, "Calls are started too fast", "Too many calls a second.", _WAITING),
    138006: Entry(
        PERMANENT,
        CUSTOMER,
        "The person has not allowed calls",
        "A person must allow calls before a business may call.",
        "Ask for permission with a message first.",
        retry=AFTER_CHANGE,
    ),
    138007: Entry(
        PERMANENT,
        OURS,
        "The call was not set up in time",
        "The other side did not answer the set-up in time.",
        "Try the call again.",
        retry=NOW,
    ),
    138009: Entry(
        WAIT,
        OURS,
        "Permission was asked for too often",
        "A person may be asked for permission to call only now and then.",
        "Wait as long as Meta says.",
        DAY_S,
    ),
    138012: Entry(
        WAIT,
        OURS,
        "Too many calls to this person today",
        "The daily number of calls to this person is used up.",
        "Try again tomorrow.",
        DAY_S,
    ),
    138018: Entry(
        OPERATOR,
        ACCOUNT,
        "The number is not ready for calls",
        "Something that calls need is missing.",
        "Read Meta's words and put right what they name.",
    ),
}

_GROUPS: dict[int, Entry] = {
    131020: Entry(
        PERMANENT,
        OURS,
        "The group has only one member",
        "Nobody else is in the group.",
        "Invite people first.",
    ),
    131041: Entry(
        PERMANENT,
        OURS,
        "The group is not known",
        "The group was deleted or its id is wrong.",
        "Choose another group.",
    ),
    131201: Entry(
        PERMANENT,
        OURS,
        "It worked only for some people",
        "Some members of the group could not be changed.",
        "See which ones failed.",
    ),
    131202: Entry(
        PERMANENT,
        OURS,
        "A person is named twice",
        "The same member is on the list more than once.",
        "Name each one once.",
    ),
    131204: Entry(
        PERMANENT,
        OURS,
        "Too many members",
        "The group would grow over Meta's limit.",
        "Choose fewer people.",
    ),
    131207: Entry(
        OPERATOR,
        ACCOUNT,
        "The group is suspended",
        "Meta has suspended the group.",
        "Look at the group in WhatsApp Manager.",
    ),
    131208: Entry(RETRY, OURS, "Too many calls for groups", "Meta limits their number.", _WAITING),
    131209: Entry(
        PERMANENT,
        OURS,
        "The picture has the wrong shape",
        "Its sides do not have the proportion that Meta wants.",
        "Use a square picture.",
    ),
    131210: Entry(
        PERMANENT,
        OURS,
        "The picture is too small",
        "It has too few pixels.",
        "Use a larger one.",
    ),
    131211: Entry(
        PERMANENT,
        ACCOUNT,
        "Too many groups",
        "The account has reached its number of groups.",
        "Delete groups that you do not use.",
    ),
    131212: Entry(
        PERMANENT,
        OURS,
        "The person is not in the group",
        "They have left, or were never in it.",
        "Reload the list of members.",
    ),
    131213: Entry(
        PERMANENT,
        OURS,
        "The request to join is gone",
        "It was taken back or answered already.",
        "Reload the list of requests.",
    ),
    131214: Entry(
        WAIT,
        META,
        "Groups cannot be created for now",
        "Meta has switched it off for this account for a while.",
        "Try again later.",
        HOUR_S,
    ),
    131215: Entry(
        OPERATOR,
        ACCOUNT,
        "The account may not have groups",
        "Meta does not offer groups to this account.",
        "Read Meta's conditions for groups.",
    ),
}

_USER_NAMES: dict[int, Entry] = {
    147001: Entry(
        PERMANENT,
        OURS,
        "The user name is not available",
        "Somebody has it, or it is not allowed.",
        "Choose another one.",
    ),
    147002: Entry(
        PERMANENT,
        ACCOUNT,
        "The account may not have a user name",
        "Meta does not offer it to this account yet.",
        "Read Meta's conditions.",
    ),
    147003: Entry(
        PERMANENT,
        ACCOUNT,
        "The Facebook page is not linked",
        "The user name is that of a Facebook page.",
        "Link the page in Meta's business settings.",
    ),
    147004: Entry(
        PERMANENT,
        ACCOUNT,
        "The Instagram account is not linked",
        "The user name is that of an Instagram account.",
        "Link the account in Meta's business settings.",
    ),
    147005: Entry(
        PERMANENT,
        ACCOUNT,
        "The user name belongs to another number of yours",
        "It must be transferred.",
        "Confirm the transfer.",
    ),
}

_SIGN_UP_FAULTS = {
    2494164: (ACCOUNT, "The sign-up was not found"),
    2494165: (META, "The sign-up service is not available"),
    2494166: (OURS, "A placeholder is not known"),
    2494167: (OURS, "A placeholder is missing"),
    2494168: (ACCOUNT, "The terms are not accepted"),
    2494176: (ACCOUNT, "The terms were accepted already"),
    2494177: (OURS, "This address is not allowed"),
    2494179: (OURS, "The address has the wrong form"),
}
_SIGN_UP = {
    code: Entry(
        PERMANENT,
        side,
        title,
        "Meta did not take the marketing sign-up.",
        "Read Meta's words and correct what they name.",
    )
    for code, (side, title) in _SIGN_UP_FAULTS.items()
}

PRODUCTS: dict[int, Entry] = {**_BLOCK_LIST, **_CALLS, **_GROUPS, **_USER_NAMES, **_SIGN_UP}
