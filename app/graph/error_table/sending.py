"""Sending a message."""

from __future__ import annotations

from app.graph.advice import MINUTE_S, OPERATOR, PERMANENT, RETRY, Entry

_WAITING = "Nothing: it is tried again by itself."
_OUR_FAULT = "Correct what Meta names and send a new message."

SENDING: dict[int, Entry] = {
    1: Entry(
        RETRY,
        "Meta had an unknown problem",
        "Meta could not handle the request and does not say why.",
        "Nothing: it is tried again by itself. If it keeps failing, look at Meta's status page.",
    ),
    2: Entry(
        RETRY,
        "Meta's service is down or overloaded",
        "This is a passing fault on Meta's side.",
        _WAITING,
    ),
    33: Entry(
        OPERATOR,
        "Meta does not find this id",
        "The phone number or account was deleted, its id is wrong, or the token may not see it.",
        "Check the phone number ID and the account ID in the set-up, and that the token has access to them.",
    ),
    100: Entry(
        PERMANENT,
        "Meta does not accept one of the values",
        "Something in the request is unknown to Meta, misspelt or too long.",
        _OUR_FAULT,
    ),
    803: Entry(
        OPERATOR,
        "Meta does not find this id",
        "The id is wrong, or the token may not see what stands behind it.",
        "Check the ids in the set-up, and that the token has access to them.",
    ),
    130403: Entry(
        PERMANENT,
        "You have blocked this person",
        "This person is on the number's block list, so nothing can be sent to them.",
        "Unblock the person first if you want to write to them.",
    ),
    130472: Entry(
        PERMANENT,
        "Held back by an experiment of Meta's",
        "Meta leaves some people out of marketing messages in order to measure their effect.",
        "Do not send it again. If the person writes to you, you can answer as usual.",
    ),
    131000: Entry(
        RETRY,
        "Something went wrong at Meta",
        "Meta reports a fault of its own.",
        _WAITING,
    ),
    131005: Entry(
        OPERATOR,
        "Access denied",
        "The token lacks a permission for this, or it was taken away.",
        "Check the token's permissions in Meta's business settings.",
    ),
    131008: Entry(
        PERMANENT,
        "Something required is missing",
        "The message lacks a part that Meta insists on.",
        _OUR_FAULT,
    ),
    131009: Entry(
        PERMANENT,
        "A value is not valid",
        "Meta does not accept one of the values. A reaction fails like this when the message it "
        "answers is over 30 days old or was deleted.",
        _OUR_FAULT,
    ),
    131014: Entry(
        PERMANENT,
        "The linked file could not be fetched",
        "Meta tried to load the file from its address and failed.",
        "Check that the address opens without a sign-in, or upload the file instead.",
    ),
    131016: Entry(
        RETRY,
        "Meta's service is not available",
        "A part of Meta's service is down for the moment.",
        _WAITING,
    ),
    131021: Entry(
        PERMANENT,
        "A number cannot write to itself",
        "Sender and recipient are the same number.",
        "Choose another recipient.",
    ),
    131026: Entry(
        PERMANENT,
        "The message cannot be delivered",
        "The person is not on WhatsApp, has not accepted its newest terms, or uses a version that "
        "is too old. Meta does not say which.",
        "Check the number, or reach the person in another way and ask them to update WhatsApp.",
    ),
    131030: Entry(
        OPERATOR,
        "The recipient is not on the test number's list",
        "A test number of Meta's can only write to up to five numbers that were added to its list.",
        "Add the recipient in the app's WhatsApp settings at Meta, or use a real number.",
    ),
    131037: Entry(
        OPERATOR,
        "The number has no approved display name",
        "Numbers that Meta provides need an approved display name before they can send.",
        "Ask for a display name in WhatsApp Manager and wait for the approval.",
    ),
    131042: Entry(
        OPERATOR,
        "There is a problem with the payment",
        "Meta cannot charge for messages: a payment method is missing, was refused, or the account "
        "is not eligible.",
        "Open the payment settings of the WhatsApp Business account at Meta and put them right.",
    ),
    131044: Entry(
        OPERATOR,
        "There is a problem with paying for calls",
        "Meta cannot charge for calls of this account.",
        "Open the payment settings of the WhatsApp Business account at Meta and put them right.",
    ),
    131045: Entry(
        OPERATOR,
        "The number is not registered properly",
        "Meta found a problem with the number's registration.",
        "Register the number again with its six-digit PIN.",
    ),
    131047: Entry(
        PERMANENT,
        "More than 24 hours since the customer's last message",
        "A free message can be sent only within 24 hours of the customer's last one.",
        "Send an approved message template. When the customer answers, the window opens again.",
    ),
    131050: Entry(
        PERMANENT,
        "The person has stopped marketing messages from you",
        "They chose in WhatsApp to get no more marketing messages from this business.",
        "Respect it and take the person off your lists. Answers and service messages still work.",
    ),
    131051: Entry(
        PERMANENT,
        "This kind of message is not supported",
        "Meta's interface does not carry this kind of message.",
        "Use another kind of message. If a customer sent it, ask for it in another form.",
    ),
    131052: Entry(
        PERMANENT,
        "The customer's file could not be loaded",
        "Meta could not load the file that the customer sent.",
        "Ask the customer to send it once more, or in another way.",
    ),
    131053: Entry(
        PERMANENT,
        "Meta could not take the file",
        "The file has the wrong type, is too large, or its address could not be loaded.",
        "Check type and size: pictures JPEG or PNG up to 5 MB, audio and video up to 16 MB, "
        "documents up to 100 MB. Then send it again.",
    ),
    131055: Entry(
        PERMANENT,
        "Only marketing message templates go this way",
        "Meta's interface for marketing messages takes nothing else.",
        "Send this message in the normal way.",
    ),
    131059: Entry(
        PERMANENT,
        "The place in the list is no longer valid",
        "Meta's mark for the next page of a list has expired.",
        "Start the list again.",
    ),
    131062: Entry(
        PERMANENT,
        "Login codes need a phone number",
        "Authentication message templates cannot be sent to a person whose phone number is hidden.",
        "Ask the person for their phone number and send the code there.",
    ),
    131063: Entry(
        OPERATOR,
        "Marketing message templates are switched off here",
        "The account is set so that marketing messages go only through Meta's own interface for them.",
        "Change this setting in WhatsApp Manager, or send through the marketing interface.",
    ),
    134011: Entry(
        PERMANENT,
        "The payments terms are not accepted",
        "WhatsApp Payments needs its terms accepted before payment messages can be sent.",
        "Accept the terms in WhatsApp Manager.",
    ),
    135000: Entry(
        PERMANENT,
        "Meta found an unknown fault in the message",
        "Meta does not accept the message and does not say which part is wrong.",
        "Compare the message with one that works, or ask Meta's support.",
    ),
    137000: Entry(
        OPERATOR,
        "The person's security code has changed",
        "The message was to go only to the same device identity, and that has changed.",
        "Make sure that it is still the same person, then confirm them and send again.",
    ),
    2494100: Entry(
        RETRY,
        "The number is in maintenance at Meta",
        "Meta is working on the number. That takes minutes.",
        _WAITING,
        MINUTE_S,
    ),
}
