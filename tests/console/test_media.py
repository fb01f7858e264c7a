"""Files in a thread: shown, played, saved, wound; what is not there says why; nobody else sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import MediaState, MessageStatus, utcnow
from app.services.thumbnails import work as thumbnail_work
from app.web.file_answers import file_name
from tests.support.media import PNG
from tests.support.pictures import photo

FILM = bytes(range(256)) * 40


@pytest.fixture
def conversation(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("agent", [account])
    return make.conversation(account)


@pytest.fixture
def send(make: Any, conversation: Any) -> Any:
    """A customer's message with its file: `send("image", PNG)`."""

    def _send(kind: str, data: bytes | None, *, said: dict[str, Any] | None = None, **values: Any) -> Any:
        content = {"id": "1", "mime_type": values.get("mime_type", "image/png"), **(said or {})}
        message = make.message(
            conversation, outbound=False, message_type=kind, content=content, text_content=""
        )
        return make.media_file(message, data, **values)

    return _send


def get(page: Any, file: Any, conversation: Any, **options: Any) -> Any:
    return page._client.get(
        page.url("console.media_file", conversation_id=conversation.id, media_id=file.id), **options
    )


def element(page: Any, conversation: Any, selector: str) -> Any:
    thread = page.get("console.thread", conversation_id=conversation.id)
    found = thread.soup.select(f"#thread-log {selector}")
    assert len(found) == 1, f"{selector}: {found}"
    return found[0]


def test_a_photo_is_shown_with_room_kept_free_and_words_for_who_cannot_see_it(
    page: Any, conversation: Any, send: Any
) -> None:
    file = send("image", PNG, width=1280, height=960, said={"caption": "The bonnet"})
    image = element(page, conversation, ".wc-bub img")
    assert image["src"] == f"/console/{conversation.id}/media/{file.id}"
    assert (image["width"], image["height"], image["loading"]) == ("320", "240", "lazy")
    assert image["alt"].startswith("Photo from Customer")
    answer = get(page, file, conversation)
    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")


def test_a_thread_shows_the_small_picture_and_leads_to_the_large_one(
    page: Any, conversation: Any, send: Any
) -> None:
    large = photo(1200, 900, turned=True)
    file = send("image", large, mime_type="image/jpeg", width=900, height=1200)
    assert element(page, conversation, ".wc-bub img")["src"].endswith(f"/media/{file.id}")
    while thumbnail_work.work_off():
        continue
    db.session.expire_all()
    link = element(page, conversation, ".wc-bub a.wc-media")
    image = link.img
    assert image["src"].startswith(f"/console/{conversation.id}/media/{file.id}/thumbnail?v=")
    assert (image["width"], image["height"], image["loading"]) == ("320", "240", "lazy"), "upright"
    assert link["href"] == f"/console/{conversation.id}/media/{file.id}"
    small = page._client.get(image["src"])
    assert (small.status_code, small.headers["Content-Type"]) == (200, "image/webp")
    assert len(small.data) < len(large) / 3
    assert small.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert small.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = page._client.get(image["src"], headers={"If-None-Match": small.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert get(page, file, conversation).data == large


def test_a_picture_without_a_small_one_is_shown_as_it_is(page: Any, conversation: Any, send: Any) -> None:
    file = send("image", photo(80, 60, quality=5), mime_type="image/jpeg")
    while thumbnail_work.work_off():
        continue
    db.session.expire_all()
    assert file.thumbnail_reason == "A small one would not be smaller."
    assert element(page, conversation, ".wc-bub img")["src"] == f"/console/{conversation.id}/media/{file.id}"
    answer = page._client.get(f"/console/{conversation.id}/media/{file.id}/thumbnail")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "kind, mime_type, selector",
    [
        ("video", "video/mp4", "video[controls]"),
        ("audio", "audio/ogg", "audio[controls]"),
        ("sticker", "image/webp", "img"),
        ("document", "application/pdf", "a[download]"),
        ("document", "image/png", "a[download]"),
        ("image", "image/svg+xml", "a[download]"),
        ("audio", "audio/amr", "a[download]"),
        ("video", "video/3gpp", "a[download]"),
    ],
)
def test_each_kind_is_shown_played_or_saved(
    page: Any, conversation: Any, send: Any, kind: str, mime_type: str, selector: str
) -> None:
    send(kind, FILM, mime_type=mime_type, file_name="a.bin")
    assert element(page, conversation, f".wc-bub {selector}")


@pytest.mark.parametrize(
    "mime_type",
    [
        "text/html",
        "image/svg+xml",
        "application/pdf",
        "application/xhtml+xml",
        "text/javascript",
        "",
        "x",
        "a/b\r\nc",
    ],
)
def test_what_could_run_is_only_saved(page: Any, conversation: Any, send: Any, mime_type: str) -> None:
    file = send("document", b"<script>alert(1)</script>", mime_type=mime_type)
    answer = get(page, file, conversation)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    "name, shown",
    [
        ("claim.pdf", "claim.pdf"),
        ("../../etc/passwd", "etcpasswd"),
        ("C:\\windows\\a.exe", "Cwindowsa.exe"),
        ('a"\r\nSet-Cookie: x=1.pdf', "aSet-Cookie x=1.pdf"),
        ("photo_\u202egpj.exe", "photo_gpj.exe"),
        ("", "file-{id}.pdf"),
        ("Schadensmeldung Müller 損害.pdf", "Schadensmeldung Müller 損害.pdf"),
    ],
)
def test_a_senders_name_for_a_file_is_only_a_name(
    page: Any, conversation: Any, send: Any, name: str, shown: str
) -> None:
    file = send("document", b"x", mime_type="application/pdf", file_name=name)
    assert file_name(file) == shown.format(id=file.id)
    answer = get(page, file, conversation)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "\n" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "asked, status, start, end",
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=100-", 206, 100, len(FILM)),
        ("bytes=-10", 206, len(FILM) - 10, len(FILM)),
        (f"bytes={len(FILM) - 1}-{len(FILM) + 50}", 206, len(FILM) - 1, len(FILM)),
        ("bytes=0-1,5-6", 200, 0, len(FILM)),
        ("lines=0-9", 200, 0, len(FILM)),
        ("nonsense", 200, 0, len(FILM)),
    ],
)
def test_a_film_can_be_wound(
    page: Any, conversation: Any, send: Any, asked: str, status: int, start: int, end: int
) -> None:
    file = send("video", FILM, mime_type="video/mp4")
    answer = get(page, file, conversation, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (status, FILM[start:end])
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert int(answer.headers["Content-Length"]) == end - start
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(FILM)}"


def test_a_part_that_is_not_there_is_refused(page: Any, conversation: Any, send: Any) -> None:
    file = send("video", FILM, mime_type="video/mp4")
    answer = get(page, file, conversation, headers={"Range": f"bytes={len(FILM)}-"})
    assert (answer.status_code, FILM in answer.data) == (416, False)
    assert answer.headers["Content-Range"] == f"bytes */{len(FILM)}"


def test_a_range_of_another_version_gets_the_whole_file(page: Any, conversation: Any, send: Any) -> None:
    file = send("video", FILM, mime_type="video/mp4")
    headers = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert get(page, file, conversation, headers=headers).status_code == 200
    headers["If-Range"] = f'"{file.sha256}"'
    assert get(page, file, conversation, headers=headers).status_code == 206


def test_a_browser_keeps_a_file_and_asks_only_whether_it_is_the_same(
    page: Any, conversation: Any, send: Any
) -> None:
    file = send("image", PNG)
    first = get(page, file, conversation)
    assert first.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    again = get(page, file, conversation, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_head_of_a_file_says_its_size_and_reads_nothing(page: Any, conversation: Any, send: Any) -> None:
    file = send("image", PNG)
    answer = page._client.head(
        page.url("console.media_file", conversation_id=conversation.id, media_id=file.id)
    )
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(PNG)


# --- who may see it -----------------------------------------------------------------------------------------


def test_a_file_of_another_conversation_is_not_found_under_this_one(
    page: Any, make: Any, conversation: Any, send: Any
) -> None:
    send("image", PNG)
    other = make.conversation(conversation.account)
    file = make.media_file(make.message(other, outbound=False, message_type="image"), PNG)
    assert get(page, file, conversation).status_code == 404
    assert get(page, file, other).status_code == 200


def test_a_file_of_another_account_is_not_found(page: Any, make: Any, conversation: Any) -> None:
    foreign = make.conversation(make.account())
    message = make.message(foreign, outbound=False, message_type="image")
    file = make.media_file(message, photo(), mime_type="image/jpeg")
    assert thumbnail_work.work_off() == 1
    for place in (foreign, conversation):
        assert get(page, file, place).status_code == 404
        assert page._client.get(f"/console/{place.id}/media/{file.id}/thumbnail").status_code == 404


# --- what is not there --------------------------------------------------------------------------------------


def test_a_file_that_is_on_its_way_says_so_and_needs_no_button(
    page: Any, conversation: Any, send: Any
) -> None:
    file = send("image", None)
    bubble = element(page, conversation, ".wc-bub")
    assert "Is being fetched from WhatsApp" in bubble.get_text()
    assert not bubble.select("form, img")
    assert get(page, file, conversation).status_code == 404


def test_a_file_that_has_to_wait_says_why_and_until_when(page: Any, conversation: Any, send: Any) -> None:
    send(
        "image",
        None,
        reason="Meta cannot be reached.",
        attempts=2,
        next_attempt_at=utcnow() + timedelta(minutes=9),
    )
    bubble = element(page, conversation, ".wc-bub")
    assert "Meta cannot be reached. Next try at" in " ".join(bubble.get_text().split())
    assert bubble.select("form button")


def test_fetch_again_puts_a_failed_file_before_the_worker(page: Any, conversation: Any, send: Any) -> None:
    file = send("image", None, state=MediaState.FAILED, reason="It broke.", attempts=5, next_attempt_at=None)
    bubble = element(page, conversation, ".wc-bub")
    assert "Could not be fetched" in bubble.get_text()
    assert "It broke." in bubble.get_text()
    version = conversation.version
    answer = page.post(
        "console.fetch_media_file", conversation_id=conversation.id, media_id=file.id, htmx=True
    )
    assert "Is being fetched from WhatsApp" in answer.texts("#thread-log")[0]
    db.session.expire_all()
    assert (file.state, file.attempts, file.reason) == (MediaState.WAITING, 0, "")
    assert file.next_attempt_at <= utcnow()
    assert conversation.version > version


def test_fetch_again_works_without_script(page: Any, conversation: Any, send: Any) -> None:
    file = send("image", None, state=MediaState.FAILED, reason="It broke.", next_attempt_at=None)
    answer = page.post(
        "console.fetch_media_file", conversation_id=conversation.id, media_id=file.id, status=303
    )
    assert answer.response.headers["Location"].endswith(f"/console/{conversation.id}/")


def test_after_seven_days_there_is_no_button_and_the_refusal_says_why(
    page: Any, make: Any, conversation: Any
) -> None:
    message = make.message(
        conversation,
        outbound=False,
        message_type="image",
        status=MessageStatus.RECEIVED,
        occurred_at=utcnow() - timedelta(days=8),
    )
    file = make.media_file(message, None, state=MediaState.GONE, reason="Away.", next_attempt_at=None)
    bubble = element(page, conversation, ".wc-bub")
    assert "No longer there" in bubble.get_text()
    assert not bubble.select("form")
    answer = page.post(
        "console.fetch_media_file", conversation_id=conversation.id, media_id=file.id, htmx=True, status=422
    )
    assert "7 days" in answer.text()


def test_a_stored_file_is_not_fetched_again(page: Any, conversation: Any, send: Any) -> None:
    file = send("image", PNG)
    page.post("console.fetch_media_file", conversation_id=conversation.id, media_id=file.id, htmx=True)
    db.session.expire_all()
    assert file.is_stored


def test_bytes_that_have_vanished_from_the_store_are_a_404_in_words(
    page: Any, conversation: Any, send: Any, settings: Any
) -> None:
    file = send("image", PNG)
    next(settings.media_folder.rglob(file.store_key)).unlink()
    answer = get(page, file, conversation)
    assert answer.status_code == 404
    assert "does not have it any more" in answer.text


def test_a_store_that_does_not_answer_is_a_503_in_words(page: Any, conversation: Any, send: Any) -> None:
    file = send("image", PNG)
    file.store = "s3"
    db.session.commit()
    answer = get(page, file, conversation)
    assert answer.status_code == 503
    assert "Try again in a minute" in answer.text


def test_a_thread_of_texts_asks_nothing_about_files(
    page: Any, make: Any, conversation: Any, count_queries: Any
) -> None:
    make.message(conversation, outbound=False)
    with count_queries() as counted:
        page.get("console.thread", conversation_id=conversation.id)
    assert not [statement for statement in counted.statements if "media_files" in statement]


def test_a_thread_of_files_asks_about_them_once(
    page: Any, conversation: Any, send: Any, count_queries: Any
) -> None:
    for _ in range(5):
        send("image", PNG)
    with count_queries() as counted:
        page.get("console.thread", conversation_id=conversation.id)
    assert len([statement for statement in counted.statements if "FROM media_files" in statement]) == 1
