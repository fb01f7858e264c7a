"""Graph errors: raised anywhere below the dispatcher, answered in Meta's envelope.

Source: Meta docs, "Error codes" and Graph "Handling errors" pages, read 2026-09. Wordings of single messages
are mostly (unverified): clients must decide by code and subcode.
"""

from typing import Any

from .. import error_codes

UNSUPPORTED = (
    "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing "
    "permissions, or does not support this operation. Please read the Graph API documentation at "
    "https://developers.facebook.com/docs/graph-api"
)


class GraphError(Exception):
    """`message` without the `(#code)` prefix; `details` goes to error_data as sending errors have it."""

    def __init__(
        self,
        code: int,
        message: str | None = None,
        *,
        http: int | None = None,
        subcode: int | None = None,
        details: str | None = None,
        error_data: Any = None,
        user_title: str | None = None,
        user_message: str | None = None,
        type_: str = "OAuthException",
        is_prefixed: bool = True,
    ) -> None:
        known = error_codes.known(code)
        title = message or known.title
        self.code = code
        self.http = http or known.http
        self.message = f"(#{code}) {title}" if is_prefixed else title
        self.subcode = subcode
        self.error_data = error_data
        if details is not None:
            self.error_data = {"messaging_product": "whatsapp", "details": details}
        self.user_title = user_title
        self.user_message = user_message
        self.type = type_
        # What stands beside `error` in the answer (a list of which part failed).
        self.beside: dict[str, Any] = {}
        super().__init__(self.message)

    def body(self, trace_id: str) -> dict[str, Any]:
        error = {
            "message": self.message,
            "type": self.type,
            "code": self.code,
            "error_subcode": self.subcode,
            "error_data": self.error_data,
            "is_transient": True if self.http >= 500 else None,
            "error_user_title": self.user_title,
            "error_user_msg": self.user_message,
            "fbtrace_id": trace_id,
        }
        return self.beside | {"error": {key: value for key, value in error.items() if value is not None}}


def unsupported(method: str, object_id: str) -> GraphError:
    """Unknown id, an id the token may not see, or an edge the node does not have (unverified wording)."""
    message = UNSUPPORTED.format(method=method.lower(), id=object_id)
    return GraphError(100, message, subcode=33, type_="GraphMethodException", is_prefixed=False)


def unknown_path(path: str) -> GraphError:
    return GraphError(2500, f"Unknown path components: /{path}", http=400, is_prefixed=False)


def unknown_field(name: str, node_type: str) -> GraphError:
    return GraphError(100, f"Tried accessing nonexisting field ({name}) on node type ({node_type})")


def required(name: str) -> GraphError:
    return GraphError(100, f"The parameter {name} is required.")


def invalid(details: str) -> GraphError:
    return GraphError(100, details=details)


def one_of(name: str, values: tuple[str, ...], got: Any) -> GraphError:
    return GraphError(100, f'Param {name} must be one of {{{", ".join(values)}}} - got "{got}".')


def missing_part(details: str) -> GraphError:
    """A required part of a message."""
    return GraphError(131008, details=details)


def bad_value(details: str) -> GraphError:
    """A part of a message with a value that is not valid."""
    return GraphError(131009, details=details)
