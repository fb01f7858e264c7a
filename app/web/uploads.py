"""Routes that take files: they may send more than a form may."""

from __future__ import annotations

from typing import Any

from flask import Flask, request

_MEGABYTE = 1024 * 1024
# A little above what the services take, so that a file that is just too large is told so in its form;
# base64 makes four bytes of three.
_MOST_BYTES = {
    "console.attach_file": 2 * _MEGABYTE,
    "console.send_text": 40 * _MEGABYTE,
    "console.send_buttons": 20 * _MEGABYTE,
    "console.send_link": 20 * _MEGABYTE,
    "console.send_message_template": 20 * _MEGABYTE,
    "console.preview": 20 * _MEGABYTE,
    "console.send_first": 20 * _MEGABYTE,
    "message_templates.create": 40 * _MEGABYTE,
    "message_templates.save": 40 * _MEGABYTE,
    "message_templates.arrange": 40 * _MEGABYTE,
    "contacts.bring_file": 11 * _MEGABYTE,
    "api.create_contact_import": 21 * _MEGABYTE,
    "knowledge.start_import": 26 * _MEGABYTE,
    "api.create_import": 35 * _MEGABYTE,
    "api.upload_media": 28 * _MEGABYTE,
}


def init_uploads(app: Flask) -> None:
    app.url_value_preprocessor(_allow_more)


def _allow_more(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the body: the check of the form's token does."""
    if endpoint in _MOST_BYTES:
        request.max_content_length = _MOST_BYTES[endpoint]
