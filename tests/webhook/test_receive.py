"""Meta's door: what is signed is stored before the 200, what is not leaves no trace."""

from __future__ import annotations

import hashlib
import time
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.crypto import Secret
from app.extensions import db
from app.graph.signatures import sign
from app.models import WebhookEvent
from tests.support.factories import APP_SECRET, Factory
from tests.support.webhooks import Meta, change, envelope, text_message

LIMIT = 3 * 1024 * 1024


def stored() -> list[WebhookEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)))


@pytest.fixture
def meta(app: Flask) -> Meta:
    return Meta(app)


def test_a_signed_event_is_stored_byte_for_byte_and_answered_with_200(make: Factory, meta: Meta) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account)))
    answer = meta.post(body)
    assert answer.status_code == 200
    (event,) = stored()
    assert event.body == body
    assert event.body_sha256 == hashlib.sha256(body).hexdigest()
    assert event.verified_account_ids == str(account.id)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        "nonsense",
        "sha256=" + "\xe9" * 64,
        "x" * 60_000,
    ],
)
def test_a_wrong_signature_gets_an_empty_403_and_stores_nothing(
    make: Factory, meta: Meta, signature: str
) -> None:
    account = make.account()
    answer = meta.post(envelope(change(account, text_message(account))), signature=signature)
    assert (answer.status_code, answer.data) == (403, b"")
    assert stored() == []


def _altered(body: bytes) -> str:
    return sign(APP_SECRET, body + b" ")


def _upper_case(body: bytes) -> str:
    return sign(APP_SECRET, body).upper()


def _without_prefix(body: bytes) -> str:
    return sign(APP_SECRET, body).removeprefix("sha256=")


@pytest.mark.parametrize("forge", [_altered, _upper_case, _without_prefix])
def test_a_signature_must_fit_to_the_letter(make: Factory, meta: Meta, forge: Any) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account)))
    assert meta.post(body, signature=forge(body)).status_code == 403
    assert stored() == []


def test_the_secret_of_another_account_does_not_speak_for_this_one(make: Factory, app: Flask) -> None:
    account = make.account()
    make.account(app_secret=Secret("another-secret-of-another-app-1234"))
    stranger = Meta(app, secret="another-secret-of-another-app-1234")
    assert stranger.tell(account, text_message(account)).status_code == 403
    assert stored() == []


def test_an_account_without_a_secret_refuses(make: Factory, app: Flask) -> None:
    account = make.account(app_secret=None)
    body = envelope(change(account, text_message(account)))
    assert Meta(app).post(body).status_code == 403
    assert stored() == []


def test_both_secrets_count_while_one_is_being_changed(make: Factory, app: Flask, meta: Meta) -> None:
    account = make.account()
    assert meta.tell(account, text_message(account)).status_code == 200
    account.previous_app_secret = account.app_secret
    account.app_secret = Secret("the-new-secret-0123456789abcdef00")
    db.session.commit()
    new = Meta(app, secret="the-new-secret-0123456789abcdef00")
    time.sleep(0.25)  # secrets are read again at most every 0.2 s
    assert new.tell(account, text_message(account)).status_code == 200
    assert meta.tell(account, text_message(account)).status_code == 200


def test_an_account_connected_a_moment_ago_is_known_at_once(make: Factory, app: Flask, meta: Meta) -> None:
    first = make.account()
    assert meta.tell(first, text_message(first)).status_code == 200
    second = make.account()
    time.sleep(0.25)
    assert meta.tell(second, text_message(second)).status_code == 200
    # The first one's secret fits as well, for both belong to one app; but it does not speak for the second.
    assert stored()[-1].verified_account_ids == str(second.id)


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b'{"object":"whatsapp_business_account","entry":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"a":"\\u0000"}',
        b"\x00\x01\x02",
        b"\xff\xfe{\x00}\x00",
        b'{"n":' + b"9" * 5000 + b"}",
        b'{"n":NaN}',
        b"",
        b"[]",
        b'{"entry":"x"}',
    ],
)
def test_signed_nonsense_is_kept_and_never_a_500(make: Factory, meta: Meta, body: bytes) -> None:
    make.account()
    assert meta.post(body).status_code == 200
    (event,) = stored()
    assert event.body == body


def test_three_mebibytes_are_taken_and_one_byte_more_is_not(make: Factory, meta: Meta) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account)))
    largest = body[:-1] + b" " * (LIMIT - len(body)) + body[-1:]
    assert meta.post(largest).status_code == 200
    assert meta.post(largest + b" ").status_code == 413
    assert len(stored()) == 1


def test_an_oversize_chunked_body_is_refused_not_cut(make: Factory, app: Flask) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account))) + b" " * LIMIT
    answer = app.test_client().post(
        "/webhooks/whatsapp",
        input_stream=BytesIO(body),
        headers={"Transfer-Encoding": "chunked", "X-Hub-Signature-256": sign(APP_SECRET, body)},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413
    assert stored() == []


def test_the_api_path_is_the_same_door(make: Factory, app: Flask) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account)))
    answer = app.test_client().post(
        "/api/whatsapp/api/webhook/webhook/",
        data=body,
        headers={"X-Hub-Signature-256": sign(APP_SECRET, body)},
    )
    assert answer.status_code == 200
    assert db.session.scalar(select(func.count(WebhookEvent.id))) == 1


def test_slashes_at_the_head_of_the_address_do_not_lead_past_the_door(make: Factory, app: Flask) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account)))
    overrides = {"PATH_INFO": "//webhooks/whatsapp"}
    client = app.test_client()
    assert client.post("/", data=body, environ_overrides=overrides).status_code == 403
    signed = {"X-Hub-Signature-256": sign(APP_SECRET, body)}
    assert client.post("/", data=body, headers=signed, environ_overrides=overrides).status_code == 200
    assert len(stored()) == 1


class _BrokenOff(BytesIO):
    """A body whose chunks the web server cannot make out."""

    def read(self, _size: int | None = -1) -> bytes:
        raise ValueError("invalid chunk size")


def test_a_body_that_is_no_http_is_refused_for_good(make: Factory, app: Flask) -> None:
    make.account()
    answer = app.test_client().post(
        "/webhooks/whatsapp",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True, "wsgi.input": _BrokenOff()},
    )
    assert (answer.status_code, answer.data) == (400, b"")
    assert stored() == []


def test_a_body_of_which_a_part_is_missing_is_asked_for_again_and_not_called_forged(
    make: Factory, app: Flask
) -> None:
    account = make.account()
    body = envelope(change(account, text_message(account)))
    answer = app.test_client().post(
        "/webhooks/whatsapp",
        headers={"X-Hub-Signature-256": sign(APP_SECRET, body)},
        environ_overrides={"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body[:-9])},
    )
    assert (answer.status_code, answer.data) == (408, b"")
    assert stored() == []


def test_an_unreachable_database_is_answered_with_503(make: Factory, meta: Meta, app: Flask) -> None:
    account = make.account()
    assert meta.tell(account, text_message(account)).status_code == 200
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE whatsapp_webhook_events RENAME TO elsewhere")
    assert meta.tell(account, text_message(account)).status_code == 503
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO whatsapp_webhook_events")
    assert meta.tell(account, text_message(account)).status_code == 200


def test_the_handshake_echoes_the_challenge_as_plain_text(make: Factory, app: Flask) -> None:
    account = make.account(webhook_verify_token=Secret("my-verify-token"))
    answer = app.test_client().get(
        "/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token=my-verify-token&hub.challenge=1158201444"
    )
    assert (answer.status_code, answer.data) == (200, b"1158201444")
    assert answer.mimetype == "text/plain"
    db.session.refresh(account)
    assert account.handshake_seen_at is not None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=&hub.challenge=1",
        "hub.mode=unsubscribe&hub.verify_token=my-verify-token&hub.challenge=1",
        "hub.mode=subscribe&hub.verify_token=my-verify-token",
        "hub.mode=subscribe&hub.verify_token=my-verify-token&hub.challenge=<script>alert(1)</script>",
        "hub.mode=subscribe&hub.verify_token=my-verify-token&hub.challenge=" + "1" * 5000,
        "hub.mode=subscribe&hub.verify_token=%ff%fe&hub.challenge=1",
    ],
)
def test_any_other_handshake_gets_an_empty_403(make: Factory, app: Flask, query: str) -> None:
    make.account(webhook_verify_token=Secret("my-verify-token"))
    answer = app.test_client().get(f"/webhooks/whatsapp?{query}")
    assert (answer.status_code, answer.data) == (403, b"")
