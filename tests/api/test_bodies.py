"""Bodies and addresses that no program should send: refused in one shape, never a 500."""

from __future__ import annotations

import io
import json

import pytest

from app.extensions import db
from app.models import ApiKey

pytestmark = pytest.mark.both_databases  # what a column takes is not the same

NESTED = 100_000
PATHS = ["accounts/", "accounts/setup/", "accounts/1/send_message/", "templates/", "phone-numbers/"]


def post(caller, path, body, *, status, mimetype="application/json"):
    return caller.refused("POST", path, status, data=body, content_type=mimetype)


@pytest.fixture
def owner(program, make):
    make.account()
    return program()


MALFORMED = {
    "nothing": b"",
    "not JSON": b"{name: 1}",
    "cut off": b'{"name": "a',
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "UTF-16 without a mark": '{"name": "a"}'.encode("utf-16-le"),
    "byte order mark": b'\xef\xbb\xbf{"name": "a"}',
    "NUL escaped": b'{"name": "a\\u0000b"}',
    "NUL in a key": b'{"na\\u0000me": "a"}',
    "NUL raw": b'{"name": "a\x00b"}',
    "half a character": b'{"name": "\\ud800"}',
    "not a number": b'{"name": NaN}',
    "infinite": b'{"name": -Infinity}',
    "too large a float": b'{"name": 1e400}',
    "5,000 digits": b'{"name": ' + b"9" * 5000 + b"}",
    "65 bits": b'{"name": 18446744073709551616}',
    "key twice": b'{"name": "a", "name": "b"}',
    "deep lists": b'{"name": ' + b"[" * NESTED + b"]" * NESTED + b"}",
    "deep objects": b'{"a":' * NESTED + b"1" + b"}" * NESTED,
}


def test_a_malformed_body_is_a_400_that_says_why(owner):
    for what, body in MALFORMED.items():
        for path in PATHS:
            error = post(owner, path, body, status=400)
            assert error["code"] == "malformed_json", what
            assert error["message"].startswith("The request's body "), what


@pytest.mark.parametrize(
    "mimetype", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_another_content_type_is_a_415(owner, mimetype):
    for path in PATHS:
        assert post(owner, path, b'{"name": "a"}', status=415, mimetype=mimetype)["code"]


def test_a_charset_beside_the_type_is_taken(owner):
    owner.call(
        "POST",
        "accounts/",
        data=b'{"name": "a"}',
        content_type="application/json; charset=utf-8",
        status=201,
    )


def test_a_body_over_the_limit_is_a_413(owner):
    body = json.dumps({"name": "a" * 1024 * 1024}).encode()
    assert post(owner, "accounts/", body, status=413)["code"] == "request_entity_too_large"


def test_a_chunked_body_over_the_limit_is_a_413(owner):
    body = b'{"name": "a"}' + b" " * 1024 * 1024
    answer = owner.open(
        "POST",
        "accounts/",
        data=body,
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert answer.status_code == 413


def test_a_body_that_trickles_in_does_not_keep_others_from_writing(app, program):
    class Trickle(io.BytesIO):
        """While this is read, somebody else writes."""

        def read(self, size=-1):
            with app.app_context():
                db.session.execute(db.update(ApiKey).values(name="written meanwhile"))
                db.session.commit()
            return super().read(size)

        def readinto(self, buffer):
            data = self.read(len(buffer))
            buffer[: len(data)] = data
            return len(data)

    body = b'{"name": "A new account"}'
    program().call(
        "POST",
        "accounts/",
        input_stream=Trickle(body),
        content_length=len(body),
        content_type="application/json",
        status=201,
    )


@pytest.mark.parametrize("body", [[], [{}], "text", 1, 1.5, True, None])
def test_a_body_that_is_no_object_is_a_422(owner, body):
    for path in PATHS:
        assert "body" in owner.refused_fields(
            "POST", path, data=json.dumps(body), content_type="application/json"
        )


ODD_VALUES = [
    None,
    True,
    0,
    -1,
    1.5,
    2.5e-42,
    2**63 - 1,
    "",
    " ",
    "x" * 100_000,
    "\u202e\u200d\u200b",
    "\u0301" * 500,
    "👩‍👩‍👧‍👦" * 50,
    "{{7*7}}${7*7}%(x)s",
    "'; DROP TABLE users; --",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    [],
    [[]],
    ["\x1f"],
    {},
    {"a": {"b": [1, {"c": None}]}},
]
SEND = {
    "to_phone_number": "+447700900123",
    "message_type": "text",
    "text_content": "Hello",
    "preview_url": False,
    "phone_number_id": 1,
    "waba_account_id": 1,
    "context_message_id": "wamid.A",
}
KINDS = [
    "template",
    "interactive",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
]
TEMPLATE = {
    "waba_account_id": 1,
    "name": "order_update",
    "language": "en_US",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Hello"}],
    "parameter_format": "NAMED",
}


def test_no_odd_value_in_any_field_makes_a_500(owner):
    for value in ODD_VALUES:
        try_everywhere(owner, value)


def try_everywhere(owner, value):
    """The client itself fails the test when an answer is a 500."""
    for name in SEND:
        owner.open("POST", "accounts/1/send_message/", json={**SEND, name: value})
    for kind in KINDS:
        odd = {**SEND, "message_type": kind, kind: value}
        owner.open(
            "POST", "accounts/1/send_message/", json={k: v for k, v in odd.items() if k != "text_content"}
        )
    for flat in ("template_name", "template_language", "template_parameters"):
        base = {"to_phone_number": "+447700900123", "message_type": "template", "template_name": "a"}
        owner.open("POST", "accounts/1/send_message/", json={**base, flat: value})
    for name in TEMPLATE:
        owner.open("POST", "templates/", json={**TEMPLATE, name: value})
    for name in (
        "name",
        "waba_id",
        "phone_number",
        "business_email",
        "business_websites",
        "auto_reply_enabled",
    ):
        owner.open("PATCH", "accounts/1/", json={name: value})
        owner.open("POST", "accounts/", json={"name": "a", name: value})
    for name in ("waba_account_id", "phone_number_id", "display_number"):
        owner.open(
            "POST", "phone-numbers/", json={"waba_account_id": 1, "phone_number_id": "12345", name: value}
        )


ODD_QUERIES = [
    "",
    "-1",
    "0",
    "1.5",
    "1e3",
    "٣",
    str(2**63),
    "9" * 400,
    "\x00",
    "a\x00b",
    "%FF",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-14:00",
    "2026-02-30",
    "%",
    "_",
    "\\",
    "' OR 1=1",
    "x" * 5000,
]


FILTERS = {
    "accounts/": "limit cursor",
    "messages/": "account direction status message_type contact since until cursor",
    "templates/": "account status language category search limit",
    "phone-numbers/": "account cursor",
    "accounts/1/analytics/": "since until",
    "analytics/dashboard/": "since until",
}


def test_no_odd_filter_makes_a_500(owner):
    for value in ODD_QUERIES:
        for path, names in FILTERS.items():
            for name in names.split():
                status = owner.open("GET", path, query_string={name: value}).status_code
                assert status in {200, 422}, f"{path}?{name}={value!r}: {status}"


@pytest.mark.parametrize(
    "id_", ["0", "-1", "2147483648", "9223372036854775808", "9" * 400, "1.5", "abc", "%00", "٣"]
)
def test_an_id_that_leads_nowhere_is_a_404(owner, id_):
    for path in (
        "accounts/{}/",
        "messages/{}/",
        "templates/{}/",
        "phone-numbers/{}/",
        "accounts/{}/analytics/",
    ):
        assert owner.refused("GET", path.format(id_), 404)["code"] == "not_found"
    change = {"display_number": "+44 20 7946 0101"}
    assert owner.refused("PUT", f"phone-numbers/{id_}/", 404, json=change)["code"] == "not_found"


def test_an_unknown_field_is_named_and_refused(owner):
    for path, base in (
        ("accounts/", {"name": "a"}),
        ("accounts/1/send_message/", SEND),
        ("templates/", TEMPLATE),
        ("phone-numbers/", {"waba_account_id": 1, "phone_number_id": "12345"}),
    ):
        for name in ("id", "role", "status", "is_active", "created_at", "account_id"):
            assert name in owner.refused_fields("POST", path, json={**base, name: "x"})


def test_an_unknown_filter_is_named_and_refused(owner):
    for path in ("accounts/", "messages/", "templates/", "phone-numbers/"):
        assert "statuss" in owner.refused_fields("GET", path, query_string={"statuss": "sent"})


def test_a_method_that_is_not_there_is_a_405_in_the_same_shape(owner):
    answer = owner.open("DELETE", "messages/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["error"]["code"] == "method_not_allowed"


def test_an_address_that_is_not_there_is_a_404_in_the_same_shape(owner):
    assert owner.refused("GET", "no-such-thing/", 404)["code"] == "not_found"
