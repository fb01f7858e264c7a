"""Files: up in pieces, down with the token only where it belongs, checked on both ways."""

from __future__ import annotations

import base64
import hashlib
import traceback
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from io import BytesIO

import pytest
import requests

from app.graph.client import GraphClient
from app.graph.downloads import Downloader
from app.graph.errors import (
    GraphAuthError,
    GraphError,
    GraphRejected,
    GraphUnconfirmed,
    GraphUnexpected,
    GraphUnreachable,
)
from app.graph.media_limits import (
    HANDLE_LIMITS,
    MEDIA_LIMITS,
    MEGABYTE,
    bare_type,
    check_handle_file,
    check_media,
    kind_of,
    size_in_words,
)
from app.graph.problems import InvalidPayload
from tests.graph.conftest import TOKEN
from tests.graph.server import FakeMeta, Reply, Reset, graph_error

PICTURE = b"\x89PNG not really a picture\r\n--but with a line like a boundary"


class NeverWhole:
    """A file that is only ever read in pieces, as a large one must be."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.largest_read = 0

    def read(self, size: int = -1, /) -> bytes:
        assert size > 0
        self.largest_read = max(self.largest_read, size)
        piece = b"x" * min(size, self.left)
        self.left -= len(piece)
        return piece


def parts(meta: FakeMeta) -> dict[str, tuple[str | None, bytes]]:
    """The parts of the last multipart body: name to file name and content."""
    asked = meta.asked[-1]
    head = f"Content-Type: {asked.headers['Content-Type']}\r\n\r\n".encode()
    parsed = BytesParser(policy=HTTP).parsebytes(head + asked.body)
    found: dict[str, tuple[str | None, bytes]] = {}
    for part in parsed.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[str(part.get_param("name", header="content-disposition"))] = (part.get_filename(), content)
    return found


def test_upload_goes_out_as_form_data_with_one_file(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": 880011}))
    media_id = client.media.upload(
        "100",
        BytesIO(PICTURE),
        size_bytes=len(PICTURE),
        mime_type="Image/PNG; x=y",
        filename='a"\r\nb.png',
        ttl_minutes=60,
    )
    assert media_id == "880011"
    assert meta.asked[0].path == "/v25.0/100/media"
    assert meta.asked[0].headers["Content-Length"].isdigit()
    assert meta.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    found = parts(meta)
    assert found["messaging_product"] == (None, b"whatsapp")
    assert found["type"] == (None, b"image/png")
    assert found["ttl_minutes"] == (None, b"60")
    assert found["file"] == ("a%22%0D%0Ab.png", PICTURE)


def test_large_file_is_never_read_whole(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": "1"}))
    file = NeverWhole(3 * MEGABYTE)
    client.media.upload("100", file, size_bytes=3 * MEGABYTE, mime_type="application/pdf")
    assert file.left == 0
    assert file.largest_read <= 64 * 1024
    assert parts(meta)["file"][1] == b"x" * (3 * MEGABYTE)


def test_file_that_grew_is_sent_up_to_its_given_size(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": "1"}))
    client.media.upload("100", BytesIO(b"12345 and more"), size_bytes=5, mime_type="text/plain")
    assert parts(meta)["file"][1] == b"12345"


def test_file_shorter_than_said_is_a_refusal_of_ours(client: GraphClient) -> None:
    with pytest.raises(GraphRejected, match="ended before"):
        client.media.upload("100", BytesIO(b"123"), size_bytes=5, mime_type="text/plain")


@pytest.mark.parametrize(
    "mime_type, size, code",
    [
        ("image/gif", 10, "bad_type"),
        ("image/jpeg", 0, "missing"),
        ("image/jpeg", 5 * MEGABYTE + 1, "too_large"),
        ("image/webp", 501 * 1024, "too_large"),
    ],
)
def test_what_whatsapp_does_not_take_is_not_sent(
    meta: FakeMeta, client: GraphClient, mime_type: str, size: int, code: str
) -> None:
    with pytest.raises(InvalidPayload) as caught:
        client.media.upload("100", BytesIO(), size_bytes=size, mime_type=mime_type)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert not meta.asked


def test_no_storage_time_outside_its_bounds(meta: FakeMeta, client: GraphClient) -> None:
    with pytest.raises(InvalidPayload):
        client.media.upload("100", BytesIO(b"1"), size_bytes=1, mime_type="text/plain", ttl_minutes=59)
    assert not meta.asked


def test_upload_without_an_answer_is_unconfirmed(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reset())
    with pytest.raises(GraphUnconfirmed):
        client.media.upload("100", BytesIO(b"1"), size_bytes=1, mime_type="text/plain")
    assert len(meta.asked) == 1


def test_limits_say_kind_and_size_in_words() -> None:
    assert [kind_of(name) for name in ("audio/ogg; codecs=opus", "image/webp", "x/y")] == [
        "audio",
        "sticker",
        None,
    ]
    assert [size_in_words(size) for size in (500 * 1024, 16 * MEGABYTE, 5 * MEGABYTE + 1)] == [
        "500 KB",
        "16 MB",
        "5.1 MB",
    ]
    assert check_media("image/png", 10, "document")[0].code == "bad_type"
    assert check_media("image/png", 10, "image") == []
    assert check_handle_file("audio/ogg", 10)[0].code == "bad_type"
    assert check_handle_file("image/jpg", 10) == []
    assert "allows 5 MB" in check_media("image/png", 6 * MEGABYTE)[0].message


@pytest.mark.parametrize("limits", [MEDIA_LIMITS, HANDLE_LIMITS])
def test_each_type_belongs_to_one_kind(limits: dict[str, object]) -> None:
    listed = [name for limit in limits.values() for name in limit.mime_types]  # type: ignore[attr-defined]
    assert len(listed) == len(set(listed))
    assert listed == [bare_type(name) for name in listed]


def test_look_up_tells_where_the_file_is(meta: FakeMeta, client: GraphClient) -> None:
    node = {
        "id": "5",
        "url": "https://lookaside.fbsbx.com/x",
        "mime_type": "image/png",
        "sha256": "ab",
        "file_size": "33",
    }
    meta.will(Reply(200, node), Reply(200, {"file_size": 33}))
    found = client.media.get("5", "100")
    assert (found.media_id, found.size_bytes, found.url) == ("5", 33, node["url"])
    assert meta.asked[0].query == {"phone_number_id": "100"}
    assert "lookaside" not in repr(found)
    assert (client.media.get("5").media_id, meta.asked[1].query) == ("5", {})


def test_deleting_names_the_number(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}))
    assert client.media.delete("5", "100")
    assert (meta.asked[0].method, meta.asked[0].path) == ("DELETE", "/v25.0/5")


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@pytest.mark.parametrize("written", [digest(PICTURE).hex(), base64.b64encode(digest(PICTURE)).decode(), None])
def test_download_copies_and_checks_the_bytes(
    meta: FakeMeta, client: GraphClient, written: str | None
) -> None:
    meta.will(Reply(200, PICTURE, {"Content-Type": "image/png"}))
    into = BytesIO()
    found = client.media.download(f"{meta.url}/file?id=1", into, sha256=written)
    assert into.getvalue() == PICTURE
    assert (found.size_bytes, found.mime_type) == (len(PICTURE), "image/png")
    assert found.sha256 == digest(PICTURE).hex()
    assert meta.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("promised", ["00" * 32, "not a hash", base64.b64encode(b"1" * 32).decode()])
def test_other_bytes_than_promised_are_an_error(meta: FakeMeta, client: GraphClient, promised: str) -> None:
    meta.will(Reply(200, PICTURE))
    with pytest.raises(GraphUnexpected, match="SHA-256"):
        client.media.download(f"{meta.url}/file", BytesIO(), sha256=promised)


def test_download_stops_at_its_limit(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, b"x" * 200_000))
    into = BytesIO()
    with pytest.raises(GraphRejected, match="too large"):
        client.media.download(f"{meta.url}/file", into, most_bytes=100_000)
    assert len(into.getvalue()) <= 100_000


@pytest.mark.parametrize(
    "step, kind",
    [
        (Reply(404, b"Not found"), GraphRejected),
        (Reply(401, b"Unauthorized"), GraphAuthError),
        (graph_error(190, 401), GraphAuthError),
        (Reply(302, b"", {"Location": "https://evil.example/"}), GraphUnexpected),
        (Reply(200, b"half", declared_bytes=100), GraphUnreachable),
    ],
)
def test_refused_download_is_a_named_error_without_the_token(
    meta: FakeMeta, client: GraphClient, step: Reply, kind: type[GraphError]
) -> None:
    meta.will(step)
    signature = "x" * 20
    with pytest.raises(kind) as caught:
        client.media.download(f"{meta.url}/file?{signature}", BytesIO())
    told = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in told
    assert signature not in told


class Watching(requests.Session):
    """Says which hosts would have seen the token, instead of asking them."""

    def __init__(self) -> None:
        super().__init__()
        self.hosts: list[str] = []
        self.waits: list[object] = []

    def request(self, method: str, url: str, **options: object) -> requests.Response:  # type: ignore[override]
        self.hosts.append(url)
        self.waits.append(options["timeout"])
        raise requests.ConnectionError("nothing leaves this machine")


META_BASE = "https://graph.facebook.com"
SANDBOX_BASE = "http://127.0.0.1:5001"


@pytest.mark.parametrize(
    "base, url, is_asked",
    [
        (META_BASE, "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", True),
        (META_BASE, "https://mmg.whatsapp.net/x", True),
        (META_BASE, "https://graph.facebook.com/x", True),
        (META_BASE, "http://lookaside.fbsbx.com/x", False),
        (META_BASE, "https://lookaside.fbsbx.com:8443/x", False),
        (META_BASE, "https://lookaside.fbsbx.com.evil.example/x", False),
        (META_BASE, "https://evilfbsbx.com/x", False),
        (META_BASE, "https://evil.example\\.fbsbx.com/x", False),
        (META_BASE, "https://somebody:else@lookaside.fbsbx.com/x", False),
        (META_BASE, "https://lookaside.fbsbx.com@evil.example/x", False),
        (META_BASE, "https://evil.example\\@lookaside.fbsbx.com/x", False),
        (META_BASE, "https://evil.example/?https://lookaside.fbsbx.com/", False),
        (META_BASE, "https://lookaside.fbsbx.com:nonsense/x", False),
        (META_BASE, "file:///etc/hostname", False),
        (META_BASE, "", False),
        (SANDBOX_BASE, "http://127.0.0.1:5001/_media/?mid=1", True),
        (SANDBOX_BASE, "http://127.0.0.1:5002/_media/?mid=1", False),
        (SANDBOX_BASE, "https://lookaside.fbsbx.com/x", False),
    ],
)
def test_token_is_shown_to_metas_hosts_or_the_sandbox_only(base: str, url: str, is_asked: bool) -> None:
    session = Watching()
    downloader = Downloader(session, base_url=base, token=TOKEN, timeouts=(0.1, 0.1))
    with pytest.raises(GraphUnreachable if is_asked else GraphRejected):
        downloader.fetch(url, BytesIO(), most_bytes=10)
    assert session.hosts == ([url] if is_asked else [])


def test_answer_to_an_upload_is_waited_for_longer() -> None:
    session = Watching()
    client = GraphClient(
        session, base_url=META_BASE, version="v25.0", token=TOKEN, connect_timeout_s=1, read_timeout_s=10
    )
    with pytest.raises(GraphUnconfirmed):
        client.media.upload("100", BytesIO(b"1"), size_bytes=1, mime_type="text/plain")
    with pytest.raises(GraphUnconfirmed):
        client.media.delete("5")
    assert session.waits == [(1, 40), (1, 10)]


def test_handle_comes_of_a_session_under_oauth(
    meta: FakeMeta, make_client: Callable[..., GraphClient]
) -> None:
    client = make_client(read_timeout_s=2)
    meta.will(Reply(200, {"id": "upload:MTphdHRh=?sig=ARZ_x"}), Reply(200, {"h": "4::aW1h\n4::Z2U="}))
    handle = client.uploads.upload(
        "5000", BytesIO(PICTURE), size_bytes=len(PICTURE), mime_type="image/png", filename="a.png"
    )
    assert handle == "4::aW1h\n4::Z2U="
    opened, sent = meta.asked
    assert (opened.method, opened.path) == ("POST", "/v25.0/5000/uploads")
    assert opened.query == {
        "file_name": "a.png",
        "file_length": str(len(PICTURE)),
        "file_type": "image/png",
        "session_type": "attachment",
    }
    assert (sent.path, sent.query) == ("/v25.0/upload:MTphdHRh=", {"sig": "ARZ_x"})
    assert sent.headers["Authorization"] == f"OAuth {TOKEN}"
    assert sent.headers["file_offset"] == "0"
    assert sent.body == PICTURE
    assert client.last_call is not None
    assert "sig" not in client.last_call.path


def test_upload_that_broke_off_goes_on_where_meta_is(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": "upload:A", "file_offset": 4}), Reply(200, {"h": "4::x"}))
    assert client.uploads.resume("upload:A", BytesIO(b"abcdefgh"), size_bytes=8) == "4::x"
    assert [asked.method for asked in meta.asked] == ["GET", "POST"]
    assert meta.asked[0].headers["Authorization"] == f"OAuth {TOKEN}"
    assert (meta.asked[1].headers["file_offset"], meta.asked[1].body) == ("4", b"efgh")


def test_upload_that_was_complete_is_only_asked_for_its_handle(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"file_offset": 99}), Reply(200, {"h": "4::x"}))
    assert client.uploads.resume("upload:A", BytesIO(b"abcd"), size_bytes=4) == "4::x"
    assert (meta.asked[1].headers["file_offset"], meta.asked[1].body) == ("4", None)


@pytest.mark.parametrize("session_id", ["880011", "upload:../x", "upload:", "upload:a b", "upload:a?x=1#y"])
def test_only_uploads_are_uploaded_to(meta: FakeMeta, client: GraphClient, session_id: str) -> None:
    with pytest.raises(GraphRejected):
        client.uploads.send(session_id, BytesIO(b"1"), size_bytes=1)
    assert not meta.asked


def test_upload_without_a_handle_is_unconfirmed(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {}))
    with pytest.raises(GraphUnconfirmed):
        client.uploads.send("upload:A", BytesIO(b"1"), size_bytes=1)
