"""From an HTTP request to a handler (version, faults, token, node, edge) and back (headers, log, errors)."""

import logging
import time
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, json, request
from werkzeug.exceptions import HTTPException

from .. import clock, ids
from ..connection import cut_after_body, cut_connection
from ..context import Sandbox, current_sandbox
from ..database import Row
from ..store import faults, request_log
from . import authentication, conditions, dates, errors, parameters, usage, versions
from .errors import GraphError
from .parameters import Parameters
from .registry import ENDPOINTS, NODE_TYPES, Call, Node, find_node

logger = logging.getLogger(__name__)

DEFAULT_SLOW_S = 8.0
DEFAULT_TIMEOUT_S = 60.0
LONGEST_SLOW_S = 300.0
# Long enough for all statuses of a message to overtake its answer.
EARLY_STATUSES_S = 3.0
# Wordings unverified.
THROTTLE_DETAILS = {
    130429: "Cloud API message throughput has been reached.",
    131048: "Message failed to send because there are restrictions on how many messages can be sent from "
    "this phone number.",
    131056: "Too many messages sent from this phone number to the same recipient in a short time.",
}


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
    headers: dict[str, str] = field(default_factory=dict)

    def fault(self, kind: str) -> Row | None:
        return next((fault for fault in self.struck if fault["kind"] == kind), None)


def answer_request(path: str, version: str = "") -> Response:
    """The one view of all Graph paths, with a version in front (`v23.0`) or without."""
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
    except HTTPException:
        raise  # a body that is too long, or was cut off
    except Exception:
        # A mistake of ours: clients get what Meta answers in such a case, and the log says where it is.
        logger.exception("The sandbox could not answer %s %s", request.method, request.path)
        unknown = GraphError(1, http=500)
        exchange.http_status, exchange.answer = unknown.http, unknown.body(exchange.trace_id)
    _log(exchange)
    if _is_cut(exchange):
        return cut_connection()
    response = _response(exchange)
    return cut_after_body(response) if exchange.fault("reset_after") else response


def graph_error_response(error: GraphError) -> Response:
    """For errors outside the Graph view (unknown paths)."""
    trace_id = ids.trace_id()
    response = Response(json.dumps(error.body(trace_id)), error.http, content_type="application/json")
    response.headers["x-fb-trace-id"] = trace_id
    return response


def _run(exchange: Exchange) -> None:
    if exchange.fault("reset_before"):
        return
    if hung := exchange.fault("timeout"):
        _sleep(hung, DEFAULT_TIMEOUT_S)
        return
    if exchange.fault("outage"):
        exchange.http_status, exchange.plain_text = 503, "Service Unavailable"
        return
    _raise_faults(exchange)
    if slow := exchange.fault("slow"):
        _sleep(slow, DEFAULT_SLOW_S)
    exchange.answer = dates.written(_handle(exchange), exchange.params.get("date_format"))
    if early := exchange.fault("early_statuses"):
        _sleep(early, EARLY_STATUSES_S / exchange.sandbox.settings.speed)


def _sleep(fault: Row, default_s: float) -> None:
    time.sleep(min(float(fault["options"].get("seconds", default_s)), LONGEST_SLOW_S))


def _striking_faults(exchange: Exchange) -> list[Row]:
    db = exchange.sandbox.db
    if not faults.are_any_active(db):
        return []
    first = exchange.path.split("/")[0]
    node = find_node(db, first)
    to = exchange.params.get("to") or exchange.params.get("recipient")
    subject = faults.Subject(
        path=request.path,
        method=request.method,
        waba_id=node.waba_id if node else None,
        phone_number_id=first,
        to=str(to) if to else None,
    )
    return faults.take(db, faults.REQUEST_KINDS, subject)


def _raise_faults(exchange: Exchange) -> None:
    if exchange.fault("token_expired"):
        raise authentication.expired(clock.now() - 60)
    if missing := exchange.fault("missing_permission"):
        raise GraphError(missing["options"].get("code", 10))
    if throttle := exchange.fault("throttle"):
        code = throttle["options"].get("code", 130429)
        raise GraphError(code, details=THROTTLE_DETAILS.get(code))
    if fault := exchange.fault("error"):
        options = fault["options"]
        raise GraphError(
            options.get("code", 131000),
            options.get("message"),
            http=options.get("http"),
            subcode=options.get("subcode"),
            details=options.get("details"),
        )


def _handle(exchange: Exchange) -> Any:
    version = versions.really_used(exchange.version)
    exchange.version = f"v{version}.0"
    method = _method(exchange.params)
    root = ENDPOINTS.get(("root", exchange.path, method))
    sent = authentication.sent_token(request, exchange.params)
    if root is not None and root.is_open:
        token = authentication.NOBODY
    else:
        authentication.require(sent, exchange.path)
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
    if not exchange.path.endswith("/messages"):
        _charge(exchange, usage.of_app(call), 4)
    return root.handler(call) if root else _handle_node(exchange, call)


def _charge(exchange: Exchange, used: usage.Usage | None, code: int) -> None:
    """Tell the usage in the headers, also of the refusal."""
    if used is None:
        return
    exchange.headers |= used.headers
    if used.is_exceeded:
        raise GraphError(code)


def _handle_node(exchange: Exchange, call: Call) -> Any:
    node_id, _, rest = exchange.path.partition("/")
    node = authentication.self_node(call.token) if node_id == "me" else find_node(call.db, node_id)
    if node is None:
        raise errors.unsupported(call.method, node_id)
    edge_name, tail = _edge_of(node, rest)
    endpoint = ENDPOINTS.get((node.kind, edge_name, call.method))
    if endpoint is None:
        raise _no_such_endpoint(call, node, edge_name)
    authentication.check_access(call.token, endpoint, node, edge_name, call.method)
    _charge(exchange, usage.of_account(call, node, edge_name), 80007)
    _charge(exchange, usage.of_edge(call, node, edge_name), 613)
    meant = replace(call, node=node, tail=tail)
    conditions.check(meant, conditions.ANY_CALL)
    return endpoint.handler(meant)


def _edge_of(node: Node, rest: str) -> tuple[str, str]:
    """The name of the edge, and the member of it that is meant."""
    head, _, tail = rest.partition("/")
    has_members = any((node.kind, f"{head}/*", method) in ENDPOINTS for method in ("GET", "POST", "DELETE"))
    return (f"{head}/*", tail) if tail and has_members else (rest, "")


def _no_such_endpoint(call: Call, node: Node, edge_name: str) -> GraphError:
    if edge_name and call.method == "GET" and call.token.can_see(node.waba_id):
        return errors.unknown_field(edge_name, NODE_TYPES[node.kind].graph_name)
    return errors.unsupported(call.method, node.id)


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
    if exchange.version:
        response.headers["facebook-api-version"] = exchange.version
    response.headers["x-fb-trace-id"] = exchange.trace_id
    response.headers["x-fb-request-id"] = exchange.trace_id
    response.headers.update(exchange.headers)
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
            answer=exchange.plain_text
            if exchange.answer is None
            else json.dumps(request_log.masked(exchange.answer)),
        ),
    )


def _logged_status(exchange: Exchange) -> int:
    """0 when the connection was cut and no answer left."""
    return 0 if _is_cut(exchange) else exchange.http_status


def _is_cut(exchange: Exchange) -> bool:
    return any(exchange.fault(kind) for kind in ("reset_before", "timeout", "lost_answer"))
