"""An exchange of the wire log as a curl command; `$TOKEN` stands for the token."""

import json
from shlex import quote
from urllib.parse import urlencode

from ..database import Row
from ..store.request_log import SECRET_KEYS

BREAK = " \\\n  "


def of_call(row: Row, base_url: str) -> str:
    """Files of an upload are not kept, so they have to be added by hand."""
    query = {key: value for key, value in row["query"].items() if key not in SECRET_KEYS}
    address = base_url + row["path"] + (f"?{urlencode(query)}" if query else "")
    parts = [f"curl -X {row['method']} {quote(address)}", '-H "Authorization: Bearer $TOKEN"']
    body = row["body"]
    if isinstance(body, dict):
        body = {key: value for key, value in body.items() if key != "access_token" and key not in query}
    if body:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        parts += ["-H 'Content-Type: application/json'", f"-d {quote(text)}"]
    return BREAK.join(parts)


def of_webhook(row: Row, signature: str) -> str:
    """The very bytes, so that the signature fits."""
    return BREAK.join(
        [
            f"curl -X POST {quote(str(row['url']))}",
            "-H 'Content-Type: application/json'",
            f"-H {quote('X-Hub-Signature-256: ' + signature)}",
            f"--data-binary {quote(row['body'])}",
        ]
    )
