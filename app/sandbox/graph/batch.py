"""Several requests in one (`batch=`) and several nodes in one (`ids=`), both at the root.

Source: Meta docs, Graph "Batch requests" page, read 2026-03.
"""

from dataclasses import replace
from typing import Any

from flask import current_app, request

from . import authentication, errors, versions
from .registry import ENDPOINTS, Answer, Call, edge, find_node

MOST_OPERATIONS = 50
METHODS = ("GET", "POST", "DELETE")
# In the WSGI environment of an operation.
IN_BATCH = "sandbox.in_batch"


@edge("root", "", "POST")
def run_batch(call: Call) -> list[Any]:
    """Answers in the order of the operations, each with its body as JSON text."""
    if IN_BATCH in request.environ:
        raise errors.invalid("A batch cannot hold another batch.")
    operations = call.params.opened("batch")
    if operations is None:
        raise errors.unsupported(call.method, "root")
    if not isinstance(operations, list) or not all(isinstance(item, dict) for item in operations):
        raise errors.invalid("batch must be a list of operations.")
    if not 1 <= len(operations) <= MOST_OPERATIONS:
        raise errors.invalid(f"batch holds 1 to {MOST_OPERATIONS} operations.")
    with_headers = str(call.params.get("include_headers")).lower() not in {"false", "0"}
    return [_run(call, operation, with_headers) for operation in operations]


@edge("root", "", "GET")
def get_many(call: Call) -> Answer:
    """Nodes keyed by id; one that is not visible refuses the whole call."""
    wanted = call.params.words("ids")
    if not wanted:
        raise errors.required("ids")
    if len(wanted) > MOST_OPERATIONS:
        raise errors.invalid(f"ids holds at most {MOST_OPERATIONS} ids.")
    return {node_id: _read_node(call, node_id) for node_id in wanted}


def _read_node(call: Call, node_id: str) -> Any:
    node = find_node(call.db, node_id)
    endpoint = ENDPOINTS.get((node.kind, "", "GET")) if node else None
    if node is None or endpoint is None:
        raise errors.unsupported("get", node_id)
    authentication.check_access(call.token, endpoint, node, "", "GET")
    return endpoint.handler(replace(call, node=node))


def _run(call: Call, operation: dict[str, Any], with_headers: bool) -> dict[str, Any]:
    method = str(operation.get("method", "GET")).upper()
    relative_url = str(operation.get("relative_url") or "").strip().lstrip("/")
    if method not in METHODS or not relative_url:
        raise errors.invalid("Each operation of a batch needs method (GET, POST, DELETE) and relative_url.")
    from .dispatch import answer_request  # the dispatcher imports the endpoints

    has_version = versions.VERSION.fullmatch(relative_url.partition("/")[0])
    path = relative_url if has_version else f"v{call.version}.0/{relative_url}"
    with current_app.test_request_context(
        f"/{path}",
        method=method,
        data=str(operation.get("body") or ""),
        headers={"Authorization": f"Bearer {call.token.value}"},
        content_type="application/x-www-form-urlencoded" if operation.get("body") else None,
        base_url=call.sandbox.base_url(),
        environ_base={IN_BATCH: True},
    ):
        version, _, rest = request.path.strip("/").partition("/")
        response = answer_request(rest, version)
    answer: dict[str, Any] = {"code": response.status_code, "body": response.get_data(as_text=True)}
    if with_headers:
        answer["headers"] = [{"name": name, "value": value} for name, value in response.headers.items()]
    return answer
