"""The same server under a public receiver library that checks the signature and stores nothing."""

from __future__ import annotations

import os

from flask import Flask
from pywa import WhatsApp

app = Flask(__name__)
client = WhatsApp(
    phone_id=os.environ.get("BENCH_PHONE_NUMBER_ID", "1"),
    token="bench",  # noqa: S106 - it calls nobody
    server=app,
    webhook_endpoint="/webhooks/whatsapp",
    verify_token="bench",  # noqa: S106
    app_secret=os.environ.get("BENCH_APP_SECRET", ""),
    validate_updates=True,
)
