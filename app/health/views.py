"""`/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, abort, current_app, jsonify, make_response, request

from app.health.metrics import CONTENT_TYPE, render_metrics
from app.models import Role
from app.services import self_checks
from app.services.api_keys import authenticate
from app.services.self_checks import Finding, Verdict
from app.web.permissions import public
from config import Settings

blueprint = Blueprint("health", __name__)

_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers. Asks nothing of the database: a restart would not mend that."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """200, or 503 with the part that is not ready.

    A silent worker and a Redis that is away are told (`degraded`) and stop no web process: it still takes
    Meta's events and people's messages, which wait in the database.
    """
    settings: Settings = current_app.config["SETTINGS"]
    needed = [check(settings) for check in self_checks.READINESS]
    is_ready = all(finding.verdict is not Verdict.BAD for finding in needed)
    findings = [*needed, self_checks.check_worker(settings)] if is_ready else needed
    body = {
        "status": _status(findings) if is_ready else "not_ready",
        "checks": {finding.part: _as_json(finding) for finding in findings},
    }
    return make_response(jsonify(body), 200 if is_ready else 503)


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """For this machine, or with an owner's API key as Bearer; to everybody else it does not exist."""
    if not _is_local() and not _has_owner_key():
        abort(404)
    return Response(render_metrics(), content_type=CONTENT_TYPE)


def _status(findings: list[Finding]) -> str:
    return "ok" if all(finding.verdict is Verdict.OK for finding in findings) else "degraded"


def _as_json(finding: Finding) -> dict[str, str]:
    return {"state": finding.verdict.value, "text": finding.text}


def _is_local() -> bool:
    """A proxy on this machine makes everybody local: with its marks on it, a request is not."""
    settings: Settings = current_app.config["SETTINGS"]
    is_forwarded = any(name in request.headers for name in _FORWARDED)
    if is_forwarded and not settings.trusted_proxies:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _has_owner_key() -> bool:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        return False
    api_key = authenticate(given.token)
    return api_key is not None and api_key.role is Role.OWNER
