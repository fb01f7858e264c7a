"""The resumable upload and what its handles are good for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import Meta, RunningSandbox, code_of, error_of

PICTURE = b"\x89PNG and the rest of a picture"


def open_session(meta: Meta, **more: str) -> Any:
    query = {"file_length": str(len(PICTURE)), "file_type": "image/png", "file_name": "a.png"} | more
    return meta.call("POST", f"{meta.app_id}/uploads", params=query)


def put(meta: Meta, session: str, data: bytes, offset: int = 0, content_type: str = "image/png") -> Any:
    headers = {"Authorization": f"OAuth {meta.token}", "file_offset": str(offset)}
    headers["Content-Type"] = content_type
    return meta.call("POST", session, data=data, headers=headers)


def test_upload_ends_in_a_handle_whatever_its_content_type(meta: Meta) -> None:
    for content_type in ("application/x-www-form-urlencoded", "application/json", "image/png"):
        session = open_session(meta).json()["id"]
        assert session.startswith("upload:")
        answer = put(meta, session, PICTURE, content_type=content_type)
        assert answer.json()["h"].startswith("4::")


def test_upload_goes_on_where_it_broke_off(meta: Meta) -> None:
    session = open_session(meta).json()["id"]
    assert put(meta, session, PICTURE[:10]).json() == {"id": session, "file_offset": 10}
    assert meta.get(session).json() == {"id": session, "file_offset": 10}
    assert code_of(put(meta, session, PICTURE[10:], 4)) == (400, 100)
    answer = put(meta, session, PICTURE[10:], 10)
    assert "h" in answer.json(), answer.text


@pytest.mark.parametrize("wrong", [{"file_type": "text/html"}, {"file_length": "0"}, {"file_length": "x"}])
def test_session_for_a_wrong_file_is_refused(meta: Meta, wrong: dict[str, str]) -> None:
    assert code_of(open_session(meta, **wrong)) == (400, 100)


def test_upload_without_a_token_is_104_and_to_another_app_is_100(meta: Meta, sandbox: RunningSandbox) -> None:
    assert code_of(meta.call("POST", f"{meta.app_id}/uploads", token="")) == (401, 104)
    other = sandbox.control("POST", "accounts", {}).json()
    answer = meta.call("POST", f"{other['app_id']}/uploads", params={"file_length": "1"})
    assert error_of(answer)["error_subcode"] == 33


def header(handle: str, name: str) -> dict[str, Any]:
    example = {"header_handle": [handle]}
    return {
        "name": name,
        "language": "en_US",
        "category": "MARKETING",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": example},
            {"type": "BODY", "text": "Have a look at our new season, it has begun this week."},
        ],
    }


def test_media_header_wants_a_real_handle_of_the_right_kind(meta: Meta, sandbox: RunningSandbox) -> None:
    path = f"{meta.waba_id}/message_templates"
    other = Meta(sandbox, sandbox.control("POST", "accounts", {}).json())
    assert meta.post(path, header(meta.handle("image/png"), "a")).status_code == 200
    for handle in ("4::invented", meta.handle("video/mp4"), other.handle("image/png"), "880011223344556"):
        assert code_of(meta.post(path, header(handle, "b"))) == (400, 100)


def test_profile_picture_wants_a_real_handle(meta: Meta) -> None:
    path = f"{meta.number_id}/whatsapp_business_profile"
    body = {"messaging_product": "whatsapp", "profile_picture_handle": "4::invented"}
    assert code_of(meta.post(path, body)) == (400, 100)
    body["profile_picture_handle"] = meta.handle("image/jpeg")
    assert meta.post(path, body).json() == {"success": True}
    assert meta.get(path, fields="profile_picture_url").json()["data"][0]["profile_picture_url"]


def test_control_gives_a_ready_handle(meta: Meta) -> None:
    body = {"app_id": meta.app_id, "file_type": "image/png"}
    handle = meta.sandbox.control("POST", "handles", body).json()["handle"]
    assert meta.post(f"{meta.waba_id}/message_templates", header(handle, "c")).status_code == 200
