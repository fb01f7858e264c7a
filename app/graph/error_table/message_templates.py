"""Message templates and Flows: sending them and managing them."""

from __future__ import annotations

from app.graph.advice import DAY_S, HOUR_S, MINUTE_S, OPERATOR, PERMANENT, WAIT, Entry

_EDIT = "Correct it in the message template editor and submit it again."
_SEND_AGAIN = "Correct the values and send a new message."

MESSAGE_TEMPLATES: dict[int, Entry] = {
    132000: Entry(
        PERMANENT,
        "The number of values does not fit the message template",
        "The message template has more or fewer variables than values were sent.",
        "Give exactly one value for each variable. If the message template was changed at Meta, "
        "synchronise first.",
    ),
    132001: Entry(
        PERMANENT,
        "The message template does not exist in this language",
        "Meta knows no approved message template with this name in this language. `en` and "
        "`en_US` are two different languages to Meta.",
        "Synchronise the message templates and choose one that is approved.",
    ),
    132005: Entry(
        PERMANENT,
        "The text is too long once the values are filled in",
        "With these values the message grows over Meta's limit.",
        "Use shorter values.",
    ),
    132007: Entry(
        PERMANENT,
        "The content breaks a policy of Meta's",
        "Meta found something in the text that its policies do not allow.",
        "Change the text. Meta's messaging policy lists what is not allowed.",
    ),
    132008: Entry(PERMANENT, "A value is not valid", "Meta does not accept one value.", _SEND_AGAIN),
    132012: Entry(
        PERMANENT,
        "A value has the wrong form",
        "One of the values has another kind than the message template asks for, for instance text "
        "where a picture belongs.",
        _SEND_AGAIN,
    ),
    132015: Entry(
        OPERATOR,
        "The message template is paused",
        "Too many people reacted badly to it, so Meta has paused it: three hours the first time, "
        "six hours the second time.",
        "Stop campaigns that use it and improve the text or the list of recipients. It works again "
        "after the pause.",
    ),
    132016: Entry(
        OPERATOR,
        "The message template is disabled for good",
        "It was paused several times for low quality, so Meta has disabled it.",
        "Write a new message template with a better text.",
    ),
    132018: Entry(
        PERMANENT,
        "The message template does not pass Meta's check",
        "Meta found a fault in the values or in the message template.",
        _SEND_AGAIN,
    ),
    132068: Entry(
        OPERATOR,
        "The Flow is blocked",
        "Meta has blocked the Flow that this message opens.",
        "Correct the Flow and publish it again.",
    ),
    132069: Entry(
        WAIT,
        "The Flow is slowed down",
        "The Flow had faults, so only ten messages an hour may open it, and those are used up.",
        "Repair the Flow's endpoint. Sending goes on after an hour.",
        HOUR_S,
    ),
    134100: Entry(
        PERMANENT,
        "Only marketing message templates go this way",
        "Meta's interface for marketing messages takes no other category.",
        "Send this message template in the normal way.",
    ),
    134101: Entry(
        WAIT,
        "The message template is still being prepared",
        "Meta is still copying the message template for marketing messages. That takes up to ten minutes.",
        "Nothing: it is tried again after ten minutes.",
        10 * MINUTE_S,
    ),
    134102: Entry(
        OPERATOR,
        "The message template cannot be used for marketing messages",
        "It is not available there, or the account is not signed up for it.",
        "Check the sign-up for marketing messages in WhatsApp Manager.",
    ),
    1752041: Entry(
        PERMANENT,
        "The sign-up was already asked for",
        "The account has already asked to join Meta's marketing messages.",
        "Nothing: it counts as done.",
    ),
    2388019: Entry(
        OPERATOR,
        "The account has too many message templates",
        "The limit is 250, or 6,000 for verified businesses with an approved display name. Each "
        "language counts.",
        "Delete message templates that you do not use, or have the business verified.",
    ),
    2388023: Entry(
        WAIT,
        "This name was deleted a short time ago",
        "A name that was deleted cannot be used again in the same language for 30 days.",
        "Use another name.",
        30 * DAY_S,
    ),
    2388024: Entry(
        PERMANENT,
        "This language exists already",
        "There is already a message template with this name in this language.",
        "Edit the existing one, or use another name.",
    ),
    2388039: Entry(
        PERMANENT,
        "The message template cannot be changed now",
        "It is in review, or it was edited already today. Approved ones can be edited once in 24 "
        "hours and ten times in 30 days.",
        "Wait for the review or for tomorrow, then edit it again.",
    ),
    2388040: Entry(
        PERMANENT,
        "A text is too long",
        "One of the texts is over Meta's limit.",
        "Shorten it: header and footer 60 characters, body 1,024, button 25.",
    ),
    2388043: Entry(
        PERMANENT,
        "A part or its example is missing",
        "Meta needs an example for every variable and every picture, video or document.",
        _EDIT,
    ),
    2388046: Entry(
        PERMANENT,
        "The name is not allowed",
        "A name has only lower-case letters, digits and underscores.",
        "Choose another name.",
    ),
    2388047: Entry(PERMANENT, "The header is not valid", "Its form is wrong.", _EDIT),
    2388049: Entry(
        PERMANENT,
        "This language is not supported",
        "Meta does not take message templates in this language.",
        "Choose a language from the list.",
    ),
    2388050: Entry(PERMANENT, "A part is not valid", "Meta does not accept one part.", _EDIT),
    2388072: Entry(PERMANENT, "The body is not valid", "Its form is wrong.", _EDIT),
    2388073: Entry(PERMANENT, "The footer is not valid", "Its form is wrong.", _EDIT),
    2388077: Entry(
        PERMANENT,
        "These figures cannot be asked for together",
        "Incoming messages can only be asked for alone.",
        "Ask for fewer figures at once.",
    ),
    2388084: Entry(PERMANENT, "A part is not valid", "Meta does not accept one part.", _EDIT),
    2388155: Entry(
        PERMANENT,
        "The name is taken by a sample of Meta's",
        "Meta uses this name for one of its own samples.",
        "Choose another name.",
    ),
    2388293: Entry(
        PERMANENT,
        "Too many variables for so little text",
        "The body needs more fixed words for the number of its variables.",
        "Add words around the variables or use fewer of them.",
    ),
    2388299: Entry(
        PERMANENT,
        "A variable stands at the start or end",
        "The body may not begin or end with a variable.",
        "Put words before the first and after the last variable; a full stop is not enough.",
    ),
    192: Entry(
        PERMANENT,
        "A phone number is not valid",
        "The phone number of a button is not one that Meta accepts.",
        "Write it with + and country code.",
    ),
    200002: Entry(
        PERMANENT,
        "The message template could not be created",
        "Meta refused it without naming the part.",
        _EDIT,
    ),
    200005: Entry(
        OPERATOR,
        "Figures for message templates are not available",
        "This account cannot use them.",
        "Accounts in the EU, the United Kingdom and Japan do not have them.",
    ),
    200006: Entry(
        OPERATOR,
        "Figures for message templates cannot be switched off",
        "Once on, they stay on.",
        "Nothing can be done about it.",
    ),
    200007: Entry(
        OPERATOR,
        "Figures for message templates are switched off",
        "They must be switched on for the account first, which cannot be undone.",
        "Switch them on in WhatsApp Manager.",
    ),
    139000: Entry(
        OPERATOR,
        "The Flow was blocked by Meta's checks",
        "Meta does not let this account create Flows for now.",
        "Check the account's quality and verification in WhatsApp Manager.",
    ),
    139001: Entry(
        PERMANENT,
        "The Flow cannot be changed",
        "Its state does not allow it, or it has a fault.",
        "Read Meta's words; a published Flow is copied, not changed.",
    ),
    139002: Entry(
        PERMANENT,
        "The Flow cannot be published",
        "It has a fault, or something it needs is missing.",
        "Correct what Meta names, then publish again.",
    ),
    139003: Entry(
        PERMANENT,
        "The Flow cannot be retired",
        "Only a published Flow can be retired.",
        "Check the Flow's state.",
    ),
    139004: Entry(
        PERMANENT,
        "The Flow cannot be deleted",
        "Only a draft can be deleted.",
        "Retire a published Flow instead.",
    ),
}
