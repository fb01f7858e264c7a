"""Files over the API: what is known of each, and its bytes."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db
from app.models import MediaState
from tests.support.factories import Factory

FILM = bytes(range(256)) * 20


@pytest.fixture
def message(make: Factory) -> Any:
    return make.message(make.conversation(), outbound=False, message_type="video", content={"id": "1"})


def download(app: Flask, make: Factory, file: Any, **headers: str) -> Any:
    headers["Authorization"] = f"Bearer {make.api_key()}"
    return app.test_client().get(f"/api/whatsapp/api/media/{file.id}/", headers=headers)


def test_a_message_without_a_file_says_null(program: Any, make: Factory) -> None:
    text = make.message(make.conversation())
    assert program().get(f"messages/{text.id}/")["media"] is None


def test_a_file_on_its_way_has_no_address_yet(program: Any, make: Factory, message: Any) -> None:
    file = make.media_file(message, None, reason="Meta cannot be reached.", file_name="film.mp4", sha256="x")
    shown = program().get(f"messages/{message.id}/")["media"]
    assert shown == {
        "id": file.id,
        "state": "waiting",
        "reason": "Meta cannot be reached.",
        "mime_type": "image/png",
        "file_name": "film.mp4",
        "size_bytes": None,
        "sha256": None,
        "url": None,
        "stored_at": None,
    }
    error = program().refused("GET", f"media/{file.id}/", 404)
    assert "not here" in error["message"]


def test_a_stored_file_is_downloaded_where_the_message_says(
    app: Flask, program: Any, make: Factory, message: Any
) -> None:
    make.media_file(message, FILM, mime_type="video/mp4")
    (row,) = program().get("messages/", message_type="video")["results"]
    shown = row["media"]
    assert (shown["state"], shown["size_bytes"], shown["reason"]) == ("stored", len(FILM), None)
    assert shown["sha256"] == hashlib.sha256(FILM).hexdigest()
    headers = {"Authorization": f"Bearer {make.api_key()}"}
    answer = app.test_client().get(shown["url"], headers=headers)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, FILM, "video/mp4")


def test_a_program_may_ask_for_a_part_and_for_what_it_has(app: Flask, make: Factory, message: Any) -> None:
    file = make.media_file(message, FILM, mime_type="video/mp4")
    part = download(app, make, file, Range="bytes=10-19")
    assert (part.status_code, part.data) == (206, FILM[10:20])
    same = download(app, make, file, **{"If-None-Match": part.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")


def test_a_part_that_is_not_there_is_an_error_in_the_one_shape(
    app: Flask, make: Factory, message: Any
) -> None:
    file = make.media_file(message, FILM, mime_type="video/mp4")
    answer = download(app, make, file, Range=f"bytes={len(FILM)}-")
    assert answer.status_code == 416
    assert answer.json["error"]["code"] == "requested_range_not_satisfiable"
    assert answer.headers["Content-Range"] == f"bytes */{len(FILM)}"


def test_a_list_of_messages_asks_for_their_files_once(program: Any, make: Factory) -> None:
    conversation = make.conversation()
    for _ in range(5):
        make.media_file(make.message(conversation, outbound=False, message_type="image"), b"x")
    asked: list[str] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        found = program().get("messages/")["results"]
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert {row["media"]["state"] for row in found} == {MediaState.STORED.value}
    assert len([statement for statement in asked if "FROM media_files" in statement]) == 1
