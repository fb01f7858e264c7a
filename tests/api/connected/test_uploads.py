"""Files for sending, to the sandbox and out with a message."""

from __future__ import annotations

import base64

PDF = b"%PDF-1.4\n%%EOF\n"


def body_of(content: bytes = PDF, **values: str) -> dict[str, str]:
    usual = {"file_name": "offer.pdf", "mime_type": "application/pdf"}
    return {**usual, "content_base64": base64.b64encode(content).decode(), **values}


def test_a_file_goes_to_meta_and_its_id_into_a_message(program, connected):
    caller, path = program(), f"accounts/{connected['id']}"
    made = caller.call("POST", f"{path}/media/", json=body_of(), status=201)
    assert (made["size_bytes"], made["mime_type"]) == (len(PDF), "application/pdf")
    message = {
        "to_phone_number": "+447700900123",
        "message_type": "document",
        "document": {"id": made["id"], "filename": "offer.pdf"},
        "dry_run": True,
    }
    answer = caller.open("POST", f"{path}/send_message/", json=message)
    # Nobody has written first in this test: the window is all that may stand in the way.
    assert answer.status_code == 200 or answer.json["error"]["code"] == "window_closed"


def test_what_whatsapp_does_not_take_is_said_before_meta_is_asked(program, connected):
    path = f"accounts/{connected['id']}/media/"
    for wrong, field in (
        ({"mime_type": "application/x-msdownload"}, "mime_type"),
        ({"content_base64": "no base64!"}, "content_base64"),
        ({"content_base64": ""}, "mime_type"),
        ({"phone_number_id": "99"}, "phone_number_id"),
    ):
        assert field in program().refused_fields("POST", path, json={**body_of(), **wrong})


def test_a_picture_that_is_too_large_is_refused(program, connected):
    path = f"accounts/{connected['id']}/media/"
    large = body_of(b"\xff" * (5 * 1024 * 1024 + 1), mime_type="image/jpeg")
    assert "mime_type" in program().refused_fields("POST", path, json=large)
