"""The ceiling: the same server, a Flask view that checks the signature and stores nothing."""

from __future__ import annotations

import hmac
import os

from flask import Flask, Response, request

app = Flask(__name__)
_SECRET = os.environ.get("BENCH_APP_SECRET", "").encode()


@app.post("/webhooks/whatsapp")
def receive() -> Response:
    """200 when the signature fits."""
    expected = "sha256=" + hmac.new(_SECRET, request.get_data(), "sha256").hexdigest()
    given = request.headers.get("X-Hub-Signature-256", "")
    fits = hmac.compare_digest(expected.encode(), given.encode())
    return Response(status=200 if fits else 403)
