"""Meta's error codes: HTTP status and title, for answers and for `failed` webhooks.

Source: Meta docs, "Error codes" page, read 2025-12 (HTTP column) and 2026-09 (new codes).
"""

from typing import NamedTuple


class ErrorCode(NamedTuple):
    http: int
    title: str


UNKNOWN = ErrorCode(400, "Unknown error")

ERROR_CODES: dict[int, ErrorCode] = {
    0: ErrorCode(401, "AuthException"),
    1: ErrorCode(400, "An unknown error occurred"),
    2: ErrorCode(503, "Service temporarily unavailable"),
    3: ErrorCode(500, "Application does not have the capability to make this API call."),
    4: ErrorCode(400, "Application request limit reached"),
    10: ErrorCode(403, "Application does not have permission for this action"),
    15: ErrorCode(400, "This method must be called with an app access token."),
    33: ErrorCode(400, "The object does not exist"),
    100: ErrorCode(400, "Invalid parameter"),
    104: ErrorCode(401, "An access token is required"),
    190: ErrorCode(401, "Invalid OAuth access token - Cannot parse access token"),
    200: ErrorCode(403, "Permissions error"),
    368: ErrorCode(403, "Temporarily blocked for policies violations"),
    613: ErrorCode(400, "Calls to this API have exceeded the rate limit"),
    80007: ErrorCode(400, "Rate limit issues"),
    130403: ErrorCode(400, "User is blocked by the business"),
    130429: ErrorCode(400, "Rate limit hit"),
    130472: ErrorCode(400, "User's number is part of an experiment"),
    130497: ErrorCode(403, "Business account is restricted from messaging users in this country"),
    131000: ErrorCode(500, "Something went wrong"),
    131005: ErrorCode(403, "Access denied"),
    131008: ErrorCode(400, "Required parameter is missing"),
    131009: ErrorCode(400, "Parameter value is not valid"),
    131014: ErrorCode(400, "Media could not be fetched"),
    131016: ErrorCode(500, "Service unavailable"),
    131020: ErrorCode(400, "Group has a single member"),
    131021: ErrorCode(400, "Recipient cannot be sender"),
    131026: ErrorCode(400, "Message undeliverable"),
    131030: ErrorCode(400, "Recipient phone number not in allowed list"),
    131031: ErrorCode(403, "Business account has been locked"),
    131037: ErrorCode(400, "WhatsApp provided number needs display name approval before message can be sent"),
    131041: ErrorCode(400, "Group does not exist"),
    131042: ErrorCode(400, "Business eligibility payment issue"),
    131044: ErrorCode(400, "Business eligibility payment issue"),
    131045: ErrorCode(500, "Incorrect certificate"),
    131047: ErrorCode(400, "Re-engagement message"),
    131048: ErrorCode(400, "Spam rate limit hit"),
    131049: ErrorCode(400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: ErrorCode(400, "User has stopped receiving marketing messages from this business"),
    131051: ErrorCode(400, "Unsupported message type"),
    131052: ErrorCode(400, "Media download error"),
    131053: ErrorCode(400, "Media upload error"),
    131055: ErrorCode(400, "Method not allowed"),
    131056: ErrorCode(400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: ErrorCode(500, "Account in maintenance mode"),
    131059: ErrorCode(400, "Invalid or expired cursor"),
    131062: ErrorCode(400, "Business-scoped user ID is not allowed for this message"),
    131063: ErrorCode(400, "Marketing message templates are disabled on Cloud API"),
    131064: ErrorCode(400, "Message template category limit reached"),
    132000: ErrorCode(400, "Number of parameters does not match the expected number of params"),
    132001: ErrorCode(404, "Template name does not exist in the translation"),
    132005: ErrorCode(400, "Translated text too long"),
    132007: ErrorCode(400, "Template content policy violated"),
    132008: ErrorCode(400, "Parameter value is not valid"),
    132012: ErrorCode(400, "Parameter format does not match format in the created template"),
    132015: ErrorCode(400, "Template is paused"),
    132016: ErrorCode(400, "Template is disabled"),
    132018: ErrorCode(400, "Template parameters are not valid"),
    132068: ErrorCode(400, "Flow is blocked"),
    132069: ErrorCode(400, "Flow is throttled"),
    133000: ErrorCode(500, "Incomplete deregistration"),
    133004: ErrorCode(503, "Server temporarily unavailable"),
    133005: ErrorCode(400, "Two step verification PIN mismatch"),
    133006: ErrorCode(400, "Phone number re-verification needed"),
    133008: ErrorCode(400, "Too many two step verification PIN guesses"),
    133009: ErrorCode(400, "Two step verification PIN guessed too fast"),
    133010: ErrorCode(400, "Phone number not registered"),
    133015: ErrorCode(400, "Please wait a few minutes before attempting to register this phone number"),
    133016: ErrorCode(400, "Account register deregister rate limit exceeded"),
    134011: ErrorCode(400, "WhatsApp Payments terms of service has not been accepted"),
    134100: ErrorCode(400, "Only marketing messages are supported"),
    134101: ErrorCode(400, "Message template is still syncing"),
    134102: ErrorCode(500, "Message template is not available for the Marketing Messages API"),
    135000: ErrorCode(400, "Generic user error"),
    136024: ErrorCode(400, "Verification code requested too often"),
    136025: ErrorCode(400, "Verification code is not correct"),
    137000: ErrorCode(400, "Recipient identity key hash does not match"),
    138000: ErrorCode(400, "Calling is not enabled"),
    139000: ErrorCode(400, "Blocked by integrity"),
    139001: ErrorCode(400, "Flow can't be updated"),
    139002: ErrorCode(400, "Flow can't be published"),
    139003: ErrorCode(400, "Flow can't be deprecated"),
    139004: ErrorCode(400, "Flow can't be deleted"),
    139006: ErrorCode(400, "Metric is below the threshold"),
    139100: ErrorCode(400, "Some users of the list failed"),
    139101: ErrorCode(400, "Block list limit reached"),
    139102: ErrorCode(400, "Block list changed"),
    139103: ErrorCode(500, "Block list internal error"),
    147001: ErrorCode(400, "Username is not available"),
    147002: ErrorCode(400, "Account is not eligible for a username"),
    147003: ErrorCode(400, "Facebook page is not linked"),
    147004: ErrorCode(400, "Instagram account is not linked"),
    147005: ErrorCode(400, "Username transfer is required"),
    200005: ErrorCode(400, "Message template insights are not available"),
    200006: ErrorCode(400, "Message template insights cannot be disabled"),
    200007: ErrorCode(400, "Message template insights are not enabled"),
    1752041: ErrorCode(400, "Onboarding was requested already"),
    2388001: ErrorCode(400, "Certificate is not available"),
    2388091: ErrorCode(400, "Number is not eligible for a code"),
    2388093: ErrorCode(400, "Number is not eligible for a code"),
    2494100: ErrorCode(400, "Number is in maintenance mode"),
    2593107: ErrorCode(400, "Synchronisation was requested too often"),
    2593108: ErrorCode(400, "Synchronisation is allowed within 24 hours of onboarding"),
    2593109: ErrorCode(400, "The business does not share its history"),
}

# What Meta writes in error_data.details of a `failed` status (wording unverified).
FAILURE_DETAILS: dict[int, str] = {
    130472: "Failed to send message because this user's phone number is part of an experiment",
    131000: "Message failed to send due to an unknown error.",
    131009: "The message you react to is unknown, deleted, a reaction itself or older than 30 days.",
    131026: "Message Undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last "
    "replied to this number.",
    131049: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    131050: "The user has stopped receiving marketing messages from your business.",
    131053: "Downloading media from the link failed.",
    132015: "The message template was paused after low quality feedback while this message was held.",
}

HELP_LINK = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"


def known(code: int) -> ErrorCode:
    return ERROR_CODES.get(code, UNKNOWN)


def webhook_error(code: int, title: str | None = None, details: str | None = None) -> dict[str, object]:
    """An error as statuses[].errors[] carries it. Source: Meta docs, "Webhooks" page, read 2026-09.

    title, details: other words than the usual ones of that code.
    """
    title = title or known(code).title
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details or FAILURE_DETAILS.get(code, title)},
        "href": HELP_LINK,
    }
