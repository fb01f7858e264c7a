"""Files in the composer: piece by piece, checked by their bytes, sent once and in order, nothing lost."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Message, OutgoingFile
from app.services.media_upkeep import let_go_of_unsent, work_off_deletions
from tests.support.media import PNG

PDF = b"%PDF-1.4\n" + b"x" * 1500
KEY = "a" * 32


@pytest.fixture
def conversation(sandbox: Any, make: Any, sign_in: Any) -> Any:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("agent", [account])
    return make.conversation(account)


def attach(page: Any, conversation: Any, content: bytes, name: str, **more: Any) -> Any:
    data = {"key": KEY, "name": name, "size": len(content), "offset": 0, **more}
    piece = data.pop("part", content)
    return page.post(
        "console.attach_file",
        conversation_id=conversation.id,
        data={**data, "piece": (io.BytesIO(piece), "piece")},
        htmx=True,
        status=data.pop("status", 200),
    )


def waiting() -> list[OutgoingFile]:
    db.session.expire_all()
    return list(db.session.scalars(select(OutgoingFile).order_by(OutgoingFile.id)))


def sent(conversation: Any) -> list[Message]:
    db.session.expire_all()
    statement = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id)
    return list(db.session.scalars(statement))


def send(page: Any, conversation: Any, status: int = 200, **data: Any) -> Any:
    return page.post(
        "console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=status
    )


def test_a_file_waits_beside_the_text_and_goes_with_it_as_its_caption(page: Any, conversation: Any) -> None:
    shown = attach(page, conversation, PNG, "cat.png")
    url = shown.soup.select_one("li img")["src"]
    assert page.open(url, status=200).response.data == PNG
    again = page.get("console.thread", conversation_id=conversation.id)
    assert again.soup.select_one("#tray input[name=files]")["value"] == KEY
    data = {"body": "This is Tom", "files": KEY, "send_key": "b" * 32}
    for _ in range(2):
        answer = send(page, conversation, **data)
    [message] = sent(conversation)
    assert message.message_type == "image"
    assert message.content["caption"] == "This is Tom"
    assert message.content["id"].isdigit()
    assert waiting() == []
    picture = answer.soup.select_one("#thread-log img")["src"]
    assert page.open(picture, status=200).response.data == PNG


def test_a_large_file_comes_in_pieces_and_a_piece_sent_twice_counts_once(
    app: Any, page: Any, conversation: Any
) -> None:
    first, rest = PDF[:1000], PDF[1000:]
    for _ in range(2):
        told = attach(page, conversation, PDF, "offer.pdf", part=first, status=202)
        assert told.response.get_json() == {"received": 1000}
    for _ in range(2):
        shown = attach(page, conversation, PDF, "offer.pdf", part=rest, offset=1000)
    [file] = waiting()
    assert (file.kind, file.size_bytes, file.is_whole) == ("document", len(PDF), True)
    url = shown.soup.select_one("[formaction]")["formaction"].replace("/remove", "")
    assert page.open(url, status=200).response.data == PDF
    send(page, conversation, files=KEY, body="")
    [message] = sent(conversation)
    assert message.content["filename"] == "offer.pdf"
    work_off_deletions()
    folder = app.config["SETTINGS"].media_folder
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_several_files_and_a_text_become_messages_in_their_order(page: Any, conversation: Any) -> None:
    attach(page, conversation, PNG, "a.png")
    attach(page, conversation, PDF, "b.pdf", key="c" * 32)
    data = {"body": "Two things", "files": ["c" * 32, KEY], f"caption-{KEY}": "The cat", "send_key": "d" * 32}
    send(page, conversation, **data)
    send(page, conversation, **data)
    assert [message.message_type for message in sent(conversation)] == ["text", "document", "image"]
    assert sent(conversation)[2].content["caption"] == "The cat"


@pytest.mark.parametrize(
    "content, name, said",
    [
        (b"GIF89a" + b"x" * 50, "fun.gif", "GIFs are not taken"),
        (b"\x00\x00\x00\x18ftypheic" + b"\0" * 20, "a.jpg", "HEIC"),
        (b"PK\x03\x04" + b"x" * 50, "all.docx", "ZIP archives"),
        (b"", "empty.pdf", "is empty"),
        (b"\x7fELF\x00\x01", "a.pdf", "This kind of file is not taken by WhatsApp. WhatsApp takes"),
    ],
)
def test_what_whatsapp_does_not_take_is_refused_by_its_bytes_in_plain_words(
    page: Any, conversation: Any, content: bytes, name: str, said: str
) -> None:
    told = attach(page, conversation, content, name, status=422)
    assert said in told.response.get_json()["message"]
    assert waiting() == []


def test_too_large_is_said_before_the_rest_is_sent(page: Any, conversation: Any) -> None:
    size = 6 * 1024 * 1024
    told = attach(page, conversation, PNG, "huge.png", size=size, status=422)
    assert told.response.get_json()["message"] == "The file has 6 MB; WhatsApp allows 5 MB for this kind."


def test_without_script_files_go_with_the_form_and_twice_is_once(page: Any, conversation: Any) -> None:
    for _ in range(2):
        files = [(io.BytesIO(PNG), "a.png"), (io.BytesIO(PDF), "b.pdf")]
        page.post(
            "console.send_text",
            conversation_id=conversation.id,
            data={"body": "Both", "new_files": files, "send_key": "e" * 32},
            status=303,
        )
    assert [message.message_type for message in sent(conversation)] == ["text", "image", "document"]
    assert waiting() == []
    bad = page.post(
        "console.send_text",
        conversation_id=conversation.id,
        data={"body": "Typed", "new_files": [(io.BytesIO(PNG), "c.png"), (io.BytesIO(b"GIF89a"), "d.gif")]},
        status=422,
    )
    assert "“d.gif” cannot be sent." in bad.text()
    assert bad.soup.select_one("#message-body").get_text().strip() == "Typed"
    assert len(bad.soup.select("#tray li")) == 1
    assert len(sent(conversation)) == 3


def test_what_meta_does_not_take_now_stays_and_goes_later(sandbox: Any, page: Any, conversation: Any) -> None:
    sandbox.control(
        "POST", "faults", {"kind": "error", "code": 131000, "count": 2, "match": {"path": "/media"}}
    )
    shown = attach(page, conversation, PNG, "cat.png")
    assert "WhatsApp does not have it yet" in shown.text()
    refused = send(page, conversation, 422, body="Look", files=KEY)
    assert "did not get to WhatsApp, so nothing was sent" in refused.text()
    assert refused.soup.select_one("#message-body").get_text().strip() == "Look"
    again = refused.soup.select_one("#tray [role=alert] button")["formaction"]
    assert (
        "does not have it yet"
        not in page.open(
            again, method="POST", htmx=True, status=200, data={"csrf_token": page.csrf_token()}
        ).text()
    )
    send(page, conversation, body="Look", files=KEY)
    assert len(sent(conversation)) == 1


def test_a_file_is_taken_away_and_one_that_is_gone_sends_nothing(page: Any, conversation: Any) -> None:
    shown = attach(page, conversation, PNG, "cat.png")
    remove = shown.soup.select_one("[formaction$=remove]")["formaction"]
    page.open(remove, method="POST", htmx=True, status=200, data={"csrf_token": page.csrf_token()})
    gone = send(page, conversation, 422, body="Look", files=KEY)
    assert "Nothing was sent" in gone.text()
    assert sent(conversation) == []
    attach(page, conversation, PDF, "offer.pdf", part=PDF[:1000], status=202)
    for _ in range(2):
        attach(page, conversation, PDF, "offer.pdf", cancel=1, status=204)
    assert waiting() == []
    work_off_deletions()


def test_another_persons_file_is_neither_sent_nor_taken_away(
    page: Any, make: Any, sign_in: Any, conversation: Any
) -> None:
    shown = attach(page, conversation, PNG, "cat.png")
    remove = shown.soup.select_one("[formaction$=remove]")["formaction"]
    sign_in("agent", [conversation.account])
    page.open(remove, method="POST", htmx=True, status=404, data={"csrf_token": page.csrf_token()})
    attach(page, conversation, PNG, "cat.png", status=404)
    send(page, conversation, 422, body="Look", files=KEY)
    assert len(waiting()) == 1
    assert page.get("console.thread", conversation_id=conversation.id).soup.select("#tray li") == []


def test_files_that_nobody_sent_are_let_go(app: Any, page: Any, conversation: Any) -> None:
    attach(page, conversation, PNG, "cat.png")
    assert let_go_of_unsent(1) == 0
    assert let_go_of_unsent(-1) == 1
    work_off_deletions()
    folder = app.config["SETTINGS"].media_folder
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "bad", [{"offset": "x"}, {"size": "9" * 13}, {"key": "../x"}, {"offset": 5}, {"size": 0}]
)
def test_nonsense_is_told_in_words(page: Any, conversation: Any, bad: dict[str, Any]) -> None:
    data = {"key": KEY, "name": "a.png", "size": len(PNG), "offset": 0, **bad}
    data["piece"] = (io.BytesIO(PNG), "piece")
    told = page.post("console.attach_file", conversation_id=conversation.id, data=data)
    assert told.status in (404, 422)
    assert told.response.get_json()["message"]
    assert waiting() == []
