"""The API's own description (OpenAPI 3.1): what APIFlask gathers, and what holds for every endpoint."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask

from app.api.blueprint import LARGEST_BIG_ID, LARGEST_ID, blueprint
from app.api.errors import INVALID
from app.api.repeating import HEADER, REPLAYED

_SECURITY = "apiKey"
_TAGS = (
    "Accounts",
    "Phone numbers",
    "Message templates",
    "Flows",
    "Messages",
    "Conversations",
    "Contacts",
    "Canned replies",
    "Bot",
    "Knowledge base",
    "Analytics",
    "Webhook events",
    "Outgoing webhooks",
    "People",
    "Teams",
    "API keys",
    "Webhook",
)
_WITH_BIG_IDS = (
    "/contacts/",
    "/conversations/",
    "/media/",
    "/messages/",
    "/webhook-events/",
    "/bot/traces/",
    "/deliveries/",
)
_WEBHOOK_PATH = f"{blueprint.url_prefix}/webhook/webhook/"
_ABOUT = """
Run WhatsApp Business accounts from your own programs.

Send your API key in the header `Authorization: Bearer waba_…`. Make one with
`flask --app wsgi api-keys create --name N --role R`. A key sees the accounts it was made for, an
owner's key all of them; anything else answers 404.

Every POST takes the header `Idempotency-Key`: when an answer was lost, repeat the request with the
same key, and nothing is done twice.

A key may call a limited number of times a minute, over all servers: `RateLimit-Limit` says how often,
`RateLimit-Remaining` how often still, `RateLimit-Reset` for how many seconds this minute lasts. After
that, and where a limit of the account is used up (`accounts/{id}/limits/`), the answer is 429 with
`Retry-After`.

Lists answer `{"results", "next", "previous"}`: follow the addresses as they are. Errors answer
`{"error": {"code", "message", "details"}}`; build on `code`, show `message` to people. Times are UTC.
"""
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "string", "description": "A stable word for programs."},
                "message": {
                    "type": "string",
                    "description": "For people: what happened, why, what to do.",
                },
                "details": {
                    "type": "object",
                    "description": "With 422: fields, what is wrong with each by its path; where rules "
                    "of Meta's were checked, problems, the same with a stable code each.",
                },
            },
        }
    },
}
_FIELDS = {"fields": {"to_phone_number": ["Give either to_phone_number or to_user_id."]}}
_ERRORS: dict[int, tuple[str, str, str, dict[str, Any]]] = {
    400: (
        "The body is not JSON that we take.",
        "malformed_json",
        "The request's body is not valid JSON. Nothing was done.",
        {},
    ),
    401: (
        "No API key, or one that is unknown, expired or revoked.",
        "unauthorized",
        "Send your API key in the header “Authorization: Bearer waba_…”.",
        {},
    ),
    403: (
        "The key's role does not allow this.",
        "forbidden",
        "Your role does not include this.",
        {},
    ),
    404: (
        "It does not exist, or not for this key.",
        "not_found",
        "There is no such account.",
        {},
    ),
    409: (
        "Not in the present state.",
        "account_not_ready",
        "This account is not connected yet. Finish its set-up, then send again.",
        {},
    ),
    413: (
        "The body is larger than 1 MiB.",
        "request_entity_too_large",
        "The data value transmitted exceeds the capacity limit.",
        {},
    ),
    415: (
        "The body is not declared as JSON.",
        "unsupported_media_type",
        "Send the body as JSON, with the header “Content-Type: application/json”.",
        {},
    ),
    416: (
        "The file has no part that the header Range asks for.",
        "requested_range_not_satisfiable",
        "The file has no such part: it is shorter. Ask for it without the header Range.",
        {},
    ),
    422: ("Some values cannot be taken, or Meta refused them.", "invalid_fields", INVALID, _FIELDS),
    429: (
        "Too often for this key, for a limit of the account, or for Meta: come again after Retry-After s.",
        "too_many_requests",
        "This API key may call 6,000 times a minute, and that is used up. Call again in 12 s.",
        {},
    ),
    504: (
        "Meta did not answer in time: it may or may not have happened there.",
        "meta_unconfirmed",
        "Meta did not answer in time. It may or may not have happened there. Look before you try again.",
        {},
    ),
    503: (
        "The database or Meta cannot be reached just now.",
        "unavailable",
        "The database cannot be reached just now, so nothing was done. Try again in a moment.",
        {},
    ),
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Your own key for this request, 1 to 255 visible ASCII characters. Repeated within 24 "
    "hours, the same request is not carried out again and gets the same answer, with the header "
    f"{REPLAYED}: true; another request under the same key gets 409. A refusal (4xx) frees the key.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_ALWAYS = (401, 403, 404, 429, 503)
_WITH_QUERY = (422,)
_WITH_BODY = (400, 413, 415, 422)
_WHEN_CHANGING = (409, 422, 429, 504)


def init_description(app: APIFlask) -> None:
    app.config.update(
        DESCRIPTION=_ABOUT.strip(),
        SERVERS=[{"url": app.config["SETTINGS"].public_base_url}],
        SECURITY_SCHEMES={_SECURITY: {"type": "http", "scheme": "bearer"}},
        TAGS=[{"name": name} for name in _TAGS],
        AUTO_OPERATION_ID=True,
        # These would name APIFlask's own error shapes; ours are added below.
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
    )
    app.spec_processor(complete)


def complete(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """Add to every operation its errors, its security, and the bounds of its ids."""
    if isinstance(spec, str):  # YAML, which nobody asks for here
        return spec
    spec.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            operation["security"] = [{_SECURITY: []}]
            operation["operationId"] = operation["operationId"].split("_api_", maxsplit=1)[-1]
            for parameter in operation.get("parameters", []):
                _bound_id(path, parameter)
            if method == "post" and not _has_key(operation):
                operation.setdefault("parameters", []).append(_KEY)
            for status in _statuses(method, operation):
                operation["responses"].setdefault(str(status), _error(status))
    spec["paths"][_WEBHOOK_PATH] = _WEBHOOK
    return spec


def _has_key(operation: dict[str, Any]) -> bool:
    return any(parameter["name"] == HEADER for parameter in operation.get("parameters", []))


def _bound_id(path: str, parameter: dict[str, Any]) -> None:
    if parameter["in"] != "path":
        return
    is_big = any(name in path for name in _WITH_BIG_IDS)
    largest = LARGEST_BIG_ID if is_big else LARGEST_ID
    parameter["required"] = True
    parameter["description"] = "Our id."
    parameter["schema"] = {"type": "integer", "minimum": 0, "maximum": largest}


def _statuses(method: str, operation: dict[str, Any]) -> set[int]:
    statuses = set(_ALWAYS)
    if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
        statuses.update(_WITH_QUERY)
    if "206" in operation["responses"]:
        statuses.add(416)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
        statuses.update(_WITH_BODY)
    if method != "get":
        statuses.update(_WHEN_CHANGING)
    return statuses


def _error(status: int) -> dict[str, Any]:
    description, code, message, details = _ERRORS[status]
    example = {"error": {"code": code, "message": message, "details": details}}
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}
    answer: dict[str, Any] = {"description": description, "content": {"application/json": content}}
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status == 429:
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return answer


def _plain(description: str) -> dict[str, Any]:
    return {"description": description}


def _hub(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"in": "query", "name": f"hub.{name}", "description": description, "schema": schema}


_WEBHOOK: dict[str, Any] = {
    "get": {
        "tags": ["Webhook"],
        "operationId": "verify_webhook",
        "summary": "Meta's handshake",
        "description": "No API key: Meta shows the account's verify token. Same as /webhooks/whatsapp.",
        "security": [],
        "parameters": [
            _hub("mode", "subscribe"),
            _hub("verify_token", "The account's verify token."),
            _hub("challenge", "Echoed when the token fits."),
        ],
        "responses": {
            "200": {
                "description": "The challenge.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            "403": _plain("No account has this token."),
        },
    },
    "post": {
        "tags": ["Webhook"],
        "operationId": "receive_webhook",
        "summary": "Meta's events",
        "description": "No API key: the header X-Hub-Signature-256 signs the raw body.",
        "security": [],
        "parameters": [
            {"in": "header", "name": "X-Hub-Signature-256", "required": True, "schema": {"type": "string"}}
        ],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": _plain("Stored. A repeat is answered alike."),
            "403": _plain("The signature is missing or wrong; nothing was stored."),
            "413": _plain("Larger than 3 MiB."),
            "503": _plain("It cannot be stored just now; Meta sends it again."),
        },
    },
}
