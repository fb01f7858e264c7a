"""From an HTTP request to a handler (version, faults, token, node, edge) and back (headers, log, errors)."""

import re
import time
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, json, request

from .. import clock, ids
from ..connection import cut_connection
from ..context import Sandbox, current_sandbox
from ..database import Row
from ..store import faults, request_log
from . import authentication, errors, parameters
from .errors import GraphError
from .parameters import Parameters
from .registry import ENDPOINTS, NODE_TYPES, Answer, Call, Node, find_node

OLDEST, NEWEST = 16, 26
VERSION = re.compile(r"v(\d{1,3})\.(\d{1,2})")
DEFAULT_SLOW_S = 8.0
LONGEST_SLOW_S = 300.0


@dataclass
class Exchange:
    """One request and what became of it; logged at the end."""

    sandbox: Sandbox
    version: str
    path: str
    params: Parameters
    trace_id: str
    started_at: float
    struck: list[Row]
    http_status: int = 200
    answer: Any = None
    plain_text: str | None = None

    def fault(self, kind: str) -> Row | None:
        return next((fault for fault in self.struck if fault["kind"] == kind), None)


def answer_request(version: str, path: str) -> Response:
    """The one view of all Graph paths."""
    exchange = Exchange(
        current_sandbox(), version, path.strip("/"), Parameters({}), ids.trace_id(), clock.now(), []
    )
    try:
        exchange.params = parameters.read(request)
        exchange.struck = _striking_faults(exchange)
        _run(exchange)
    except GraphError as error:
        exchange.http_status = error.http
        exchange.answer = error.body(exchange.trace_id)
    _log(exchange)
    if exchange.fault("reset_before") or exchange.fault("lost_answer"):
        return cut_connection()
    return _response(exchange)


def graph_error_response(error: GraphError) -> Response:
    """For errors outside the Graph view (unknown paths)."""
    trace_id = ids.trace_id()
    response = Response(json.dumps(error.body(trace_id)), error.http, content_type="application/json")
    response.headers["x-fb-trace-id"] = trace_id
    return response


def _run(exchange: Exchange) -> None:
    if exchange.fault("reset_before"):
        return
    if exchange.fault("outage"):
        exchange.http_status, exchange.plain_text = 503, "Service Unavailable"
        return
    _raise_faults(exchange)
    if slow := exchange.fault("slow"):
        time.sleep(min(float(slow["options"].get("seconds", DEFAULT_SLOW_S)), LONGEST_SLOW_S))
    exchange.answer = _handle(exchange)


def _striking_faults(exchange: Exchange) -> list[Row]:
    first = exchange.path.split("/")[0]
    to = exchange.params.get("to")
    subject = faults.Subject(
        path=request.path, method=request.method, phone_number_id=first, to=str(to) if to else None
    )
    return faults.take(exchange.sandbox.db, faults.REQUEST_KINDS, subject)


def _raise_faults(exchange: Exchange) -> None:
    if exchange.fault("token_expired"):
        raise authentication.expired(clock.now() - 60)
    if exchange.fault("throttle"):
        raise GraphError(130429, details="Cloud API message throughput has been reached.")
    if fault := exchange.fault("error"):
        options = fault["options"]
        raise GraphError(
            options.get("code", 131000),
            options.get("message"),
            http=options.get("http"),
            subcode=options.get("subcode"),
            details=options.get("details"),
        )


def _handle(exchange: Exchange) -> Answer:
    version = _checked_version(exchange.version)
    method = _method(exchange.params)
    root = ENDPOINTS.get(("root", exchange.path, method))
    sent = authentication.sent_token(request, exchange.params)
    if root is not None and root.is_open:
        token = authentication.NOBODY
    else:
        proof = exchange.params.text("appsecret_proof")
        token = authentication.authenticate(exchange.sandbox.db, sent, proof)
    params = _without_credentials(exchange.params)
    node = Node("root", "", {})
    call = Call(
        sandbox=exchange.sandbox,
        version=version,
        token=token,
        node=node,
        params=params,
        method=method,
        url=exchange.sandbox.base_url() + request.path,
        access_token_param=sent if exchange.params.has("access_token") else None,
    )
    return root.handler(call) if root else _handle_node(call, exchange.path)


def _handle_node(call: Call, path: str) -> Answer:
    node_id, _, edge_name = path.partition("/")
    node = authentication.self_node(call.token) if node_id == "me" else find_node(call.db, node_id)
    if node is None:
        raise errors.unsupported(call.method, node_id)
    endpoint = ENDPOINTS.get((node.kind, edge_name, call.method))
    if endpoint is None:
        raise _no_such_endpoint(call, node, edge_name)
    authentication.check_access(call.token, endpoint, node, edge_name, call.method)
    return endpoint.handler(replace(call, node=node))


def _no_such_endpoint(call: Call, node: Node, edge_name: str) -> GraphError:
    if edge_name and call.method == "GET" and call.token.can_see(node.waba_id):
        return errors.unknown_field(edge_name, NODE_TYPES[node.kind].graph_name)
    return errors.unsupported(call.method, node.id)


def _checked_version(version: str) -> int:
    match = VERSION.fullmatch(version)
    if match is None or match[2] != "0" or not OLDEST <= int(match[1]) <= NEWEST:
        # (unverified) which code Meta answers here; the page on versions names 2635 and 100.
        message = f"Version {version} of the Graph API is not available to this application."
        raise GraphError(2635, message, http=400)
    return int(match[1])


def _method(params: Parameters) -> str:
    """A POST may say what it really is (unverified)."""
    wanted = str(params.get("method") or "").upper()
    return wanted if request.method == "POST" and wanted in {"GET", "DELETE"} else request.method


def _without_credentials(params: Parameters) -> Parameters:
    hidden = {"access_token", "appsecret_proof", "method"}
    kept = {key: value for key, value in params.values.items() if key not in hidden}
    return Parameters(kept, params.files)


def _response(exchange: Exchange) -> Response:
    if exchange.plain_text is not None:
        return Response(exchange.plain_text, exchange.http_status, content_type="text/plain")
    response = Response(
        json.dumps(exchange.answer), exchange.http_status, content_type="application/json; charset=UTF-8"
    )
    response.headers["facebook-api-version"] = exchange.version
    response.headers["x-fb-trace-id"] = exchange.trace_id
    response.headers["x-fb-request-id"] = exchange.trace_id
    response.headers["x-app-usage"] = '{"call_count":0,"total_time":0,"total_cputime":0}'
    return response


def _log(exchange: Exchange) -> None:
    answer = exchange.answer if isinstance(exchange.answer, dict) else {}
    sent = answer.get("messages") or [{}]
    to = exchange.params.get("to")
    request_log.insert(
        exchange.sandbox.db,
        request_log.LoggedRequest(
            at=exchange.started_at,
            method=request.method,
            path=request.path,
            query=dict(request.args.items()),
            body={} if request.method == "GET" else exchange.params.values,
            http_status=_logged_status(exchange),
            error_code=answer.get("error", {}).get("code"),
            fault=exchange.struck[0]["kind"] if exchange.struck else None,
            wamid=sent[0].get("id"),
            recipient=str(to) if to else None,
            phone_number_id=exchange.path.split("/")[0],
            seconds=clock.now() - exchange.started_at,
        ),
    )


def _logged_status(exchange: Exchange) -> int:
    """0 when the connection was cut and no answer left."""
    is_cut = exchange.fault("reset_before") or exchange.fault("lost_answer")
    return 0 if is_cut else exchange.http_status
