"""Customers' files, fetched from the real sandbox into each store, and whatever may go wrong on the way."""

from __future__ import annotations

import hashlib
import random
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from app.crypto import Secret
from app.extensions import db
from app.media_store import open_store
from app.models import (
    Account,
    AccountStatus,
    Conversation,
    MediaDeletion,
    MediaFile,
    MediaState,
    Message,
    utcnow,
)
from app.services import connections, event_work, media_claims, media_fetching, media_upkeep
from app.services.media_claims import Claim, LeaseLost
from tests.support.factories import Factory
from tests.support.media import PNG, Sender, fetch_due, stored_bytes
from tests.support.ports import free_port
from tests.support.s3 import S3Server, s3_server
from tests.support.sandbox import RunningSandbox
from tests.support.webhooks import Meta, change, envelope, text_message

__all__ = ["s3_server"]


@pytest.fixture
def account(make: Factory, sandbox: RunningSandbox) -> Account:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def sender(app: Flask, sandbox: RunningSandbox, account: Account) -> Sender:
    return sender_of(app, sandbox, account)


def sender_of(app: Flask, sandbox: RunningSandbox, account: Account) -> Sender:
    assert account.app_secret is not None
    return Sender(app, sandbox, account, account.app_secret.reveal())


def hours_later(file: MediaFile) -> None:
    """As if the time to the next try were over."""
    file.next_attempt_at = utcnow()
    db.session.commit()


def version_of(file: MediaFile) -> int:
    """Of the conversation: what its page's poll goes by."""
    statement = select(Conversation.version).join(Message).where(Message.id == file.message_id)
    version = db.session.scalar(statement)
    db.session.commit()
    return version or 0


def asked(sandbox: RunningSandbox, path: str) -> int:
    return sum(path in row["path"] for row in sandbox.control("GET", "requests?limit=1000")["data"])


# --- rows ---------------------------------------------------------------------------------------------------


def test_a_photo_gets_a_row_with_its_message(sender: Sender) -> None:
    file = sender.send("image", PNG, mime_type="image/png", caption="Look")
    assert (file.state, file.attempts, file.size_bytes) == (MediaState.WAITING, 0, None)
    assert (file.mime_type, file.message.text_content) == ("image/png", "Look")
    assert file.message.media_file is file


def test_every_kind_with_a_file_gets_one_and_a_text_none(
    sender: Sender, account: Account, app: Flask
) -> None:
    for kind in ("image", "audio", "video", "document", "sticker"):
        assert sender.send(kind).message.message_type == kind
    count = db.session.scalar(select(func.count(MediaFile.id)))
    assert account.app_secret is not None
    meta = Meta(app, account.app_secret.reveal())
    meta.tell(account, text_message(account, body="Hello"))
    event_work.work_off()
    assert db.session.scalar(select(func.count(MediaFile.id))) == count == 5


def test_texts_cost_no_statement_more(app: Flask, account: Account) -> None:
    """The way of a text is the busiest of all."""
    assert account.app_secret is not None
    Meta(app, account.app_secret.reveal()).tell(account, text_message(account, body="Hello"))
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        event_work.work_off()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert any("whatsapp_messages" in statement for statement in statements)
    assert not [statement for statement in statements if "media" in statement]


@pytest.mark.parametrize("content", [{}, {"id": None}, {"id": "../12"}, {"id": {"a": 1}}, {"id": ""}])
def test_an_object_that_names_no_file_is_a_message_without_one(
    app: Flask, account: Account, content: dict[str, Any]
) -> None:
    assert account.app_secret is not None
    value = text_message(account, type="image", image=content)
    body = envelope(change(account, value))
    assert Meta(app, account.app_secret.reveal()).post(body).status_code == 200
    event_work.work_off()
    assert db.session.scalar(select(func.count(Message.id))) == 1
    assert db.session.scalar(select(func.count(MediaFile.id))) == 0


def test_the_same_post_twice_brings_one_file(app: Flask, account: Account) -> None:
    assert account.app_secret is not None
    value = text_message(
        account, wamid="wamid.ONE", type="image", image={"id": "123", "mime_type": "image/png"}
    )
    meta = Meta(app, account.app_secret.reveal())
    for name in ("Grace", "Grace A."):
        value["contacts"][0]["profile"]["name"] = name
        meta.tell(account, value)
        event_work.work_off()
    assert db.session.scalar(select(func.count(MediaFile.id))) == 1


# --- the way of a file --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["disk", "database", "s3"])
def test_a_file_is_fetched_into_the_store(app: Flask, sender: Sender, name: str, s3_server: S3Server) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], s3=s3_server.settings)
    data = random.Random(3).randbytes(2_500_000)
    file = sender.send("document", data, mime_type="application/pdf", filename="claim.pdf")
    before = version_of(file)
    assert fetch_due(store=name) == 1
    assert (file.state, file.reason, file.attempts) == (MediaState.STORED, "", 1)
    assert (file.store, file.size_bytes, file.file_name) == (name, len(data), "claim.pdf")
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert stored_bytes(app, file) == data
    assert version_of(file) > before
    assert fetch_due(store=name) == 0


def test_a_picture_is_measured(sender: Sender) -> None:
    file = sender.send("image")
    fetch_due()
    assert (file.width, file.height) == (240, 160)


def test_the_webhooks_own_address_saves_a_look_up_while_it_is_fresh(
    sender: Sender, sandbox: RunningSandbox
) -> None:
    file = sender.send("image")
    fetch_due()
    assert file.is_stored
    assert asked(sandbox, file.meta_id) == 0


def test_an_address_that_has_expired_is_asked_for_anew(sender: Sender, sandbox: RunningSandbox) -> None:
    file = sender.send("image")
    sandbox.control("POST", "faults", {"kind": "media_expired"})
    fetch_due()
    assert (file.state, file.attempts) == (MediaState.STORED, 1)
    assert asked(sandbox, file.meta_id) == 1


def test_an_address_that_keeps_expiring_is_tried_again_later(sender: Sender, sandbox: RunningSandbox) -> None:
    file = sender.send("image")
    sandbox.control("POST", "faults", {"kind": "media_expired", "count": 2})
    fetch_due()
    assert (file.state, file.attempts) == (MediaState.WAITING, 1)
    assert "expired" in file.reason
    assert file.next_attempt_at is not None
    assert file.next_attempt_at > utcnow()
    assert fetch_due() == 0
    hours_later(file)
    fetch_due()
    assert (file.state, file.reason, file.attempts) == (MediaState.STORED, "", 2)


@pytest.mark.parametrize("kind", ["media_cut", "media_changed"])
def test_half_a_file_or_another_one_is_never_stored(
    app: Flask, sender: Sender, sandbox: RunningSandbox, kind: str
) -> None:
    file = sender.send("image")
    sandbox.control("POST", "faults", {"kind": kind, "count": 2})
    fetch_due()
    assert file.state is MediaState.WAITING
    assert file.reason
    with app.app_context():
        keys = list(open_store("disk", app.config["SETTINGS"], db.engine).keys(utcnow() + timedelta(hours=1)))
    assert keys == []
    hours_later(file)
    fetch_due()
    if not file.is_stored:  # the second fault struck
        hours_later(file)
        fetch_due()
    assert file.is_stored


def test_a_file_that_is_never_the_promised_one_is_left_to_a_person(
    sender: Sender, sandbox: RunningSandbox
) -> None:
    file = sender.send("image")
    sandbox.control("POST", "faults", {"kind": "media_changed", "count": None})
    for _ in range(media_fetching.MOST_STRANGE_ANSWERS):
        hours_later(file)
        assert fetch_due() == 1
    assert file.state is MediaState.FAILED
    assert "not the one that Meta promised" in file.reason
    assert file.next_attempt_at is None


def test_a_file_over_the_limit_is_not_fetched(app: Flask, sender: Sender) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], media_max_bytes=1000)
    large, small = sender.send("document", b"x" * 1001), sender.send("document", b"x" * 1000)
    fetch_due()
    assert (large.state, small.state) == (MediaState.FAILED, MediaState.STORED)
    assert "1 KB" in large.reason


def test_a_file_over_the_limit_by_meta_s_own_word_is_not_even_begun(app: Flask, sender: Sender) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], media_max_bytes=1000)
    file = sender.send("document", b"x" * 1001)
    db.session.execute(update(MediaFile).values(attempts=1))
    db.session.commit()
    fetch_due()
    assert file.state is MediaState.FAILED


def test_a_file_that_meta_no_longer_has_is_gone(sender: Sender, sandbox: RunningSandbox) -> None:
    file = sender.send("image")
    sandbox.control("POST", f"media/{file.meta_id}", {"expires_in_s": 0})
    fetch_due()
    assert (file.state, file.next_attempt_at) == (MediaState.GONE, None)
    assert "no such file" in file.reason


def test_after_seven_days_meta_is_not_asked_any_more(sender: Sender, sandbox: RunningSandbox) -> None:
    file = sender.send("image")
    db.session.execute(update(Message).values(occurred_at=utcnow() - timedelta(days=7, minutes=1)))
    db.session.commit()
    fetch_due()
    assert file.state is MediaState.GONE
    assert "7 days" in file.reason
    assert asked(sandbox, file.meta_id) == 0


@pytest.mark.parametrize("fault", [{"kind": "outage"}, {"kind": "throttle"}, {"kind": "reset_before"}])
def test_trouble_at_meta_is_waited_for(
    sender: Sender, sandbox: RunningSandbox, fault: dict[str, Any]
) -> None:
    file = sender.send("image")
    sandbox.control("POST", "faults", {"kind": "media_expired"})
    # Without end: reading calls are tried again at once by the client itself.
    sandbox.control("POST", "faults", {**fault, "count": None, "match": {"path": file.meta_id}})
    fetch_due()
    assert file.state is MediaState.WAITING
    assert file.reason
    sandbox.control("DELETE", "faults")
    hours_later(file)
    fetch_due()
    assert file.is_stored


def test_a_refused_token_holds_files_until_there_is_a_new_one(sender: Sender, account: Account) -> None:
    good = account.access_token
    account.access_token = Secret("EAAsomethingelse")
    db.session.commit()
    file = sender.send("image")
    fetch_due()
    assert file.state is MediaState.WAITING
    assert "step 3" in file.reason
    account.access_token = good
    hours_later(file)
    fetch_due()
    assert file.is_stored


def test_an_account_without_a_token_says_so_on_the_file(sender: Sender, account: Account) -> None:
    file = sender.send("image")
    account.access_token = None
    db.session.commit()
    fetch_due()
    assert file.state is MediaState.WAITING
    assert "no access token" in file.reason


def test_an_archived_account_fetches_nothing(sender: Sender, account: Account) -> None:
    sender.send("image")
    account.status = AccountStatus.ARCHIVED
    db.session.commit()
    assert fetch_due() == 0


def test_a_foreign_address_never_sees_the_token(
    app: Flask, sandbox: RunningSandbox, account: Account, sender: Sender
) -> None:
    """Not even when the signed webhook names it: Meta is asked for its own."""
    file = sender.send("image")
    message = file.message
    message.content = {**message.content, "url": f"http://127.0.0.1:{free_port()}/steal"}
    db.session.commit()
    fetch_due()
    assert file.is_stored
    assert asked(sandbox, file.meta_id) == 1


def test_a_store_that_is_away_is_trouble_and_the_file_comes_later(
    app: Flask, sender: Sender, s3_server: S3Server
) -> None:
    away = replace(s3_server.settings, endpoint_url=f"http://127.0.0.1:{free_port()}")
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, s3=away)
    file = sender.send("image")
    fetch_due(store="s3")
    assert file.state is MediaState.WAITING
    assert file.reason.startswith("The S3 store could not be written")
    assert file.store_key is None
    app.config["SETTINGS"] = replace(settings, s3=s3_server.settings)
    hours_later(file)
    fetch_due(store="s3")
    assert file.is_stored


def test_what_a_failed_write_may_have_left_is_noted_for_deletion(
    app: Flask, sender: Sender, s3_server: S3Server
) -> None:
    away = replace(s3_server.settings, endpoint_url=f"http://127.0.0.1:{free_port()}")
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], s3=away)
    sender.send("image")
    fetch_due(store="s3")
    assert db.session.scalar(select(func.count(MediaDeletion.id))) == 1
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], s3=s3_server.settings)
    assert media_upkeep.work_off_deletions() == 1
    assert db.session.scalar(select(func.count(MediaDeletion.id))) == 0


# --- several at once ----------------------------------------------------------------------------------------


def claims_of(worker: str, limit: int = 16, most: int = 16) -> list[Claim]:
    return media_claims.claim(worker, "disk", limit, {}, most)


def run_out(file: MediaFile) -> None:
    """As if the worker that has claimed it had died a while ago."""
    file.next_attempt_at = utcnow() - timedelta(seconds=1)
    db.session.commit()


def test_two_workers_never_have_the_same_file(sender: Sender) -> None:
    for _ in range(3):
        sender.send("image")
    first, second = claims_of("a", 2), claims_of("b", 16)
    assert len(first) == 2
    assert len(second) == 1
    assert not {claim.file_id for claim in first} & {claim.file_id for claim in second}
    assert claims_of("c") == []


def test_workers_side_by_side_fetch_each_file_once(app: Flask, sender: Sender) -> None:
    for _ in range(12):
        sender.send("image")
    fetched: list[int] = []

    def work(name: str) -> None:
        with app.app_context():
            while claims := media_claims.claim(name, "disk", 2, {}, 2):
                for claim in claims:
                    media_fetching.fetch(claim, threading.Event())
                    fetched.append(claim.file_id)

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    assert len(fetched) == len(set(fetched)) == 12
    states = set(db.session.scalars(select(MediaFile.state)))
    keys = set(open_store("disk", app.config["SETTINGS"], db.engine).keys(utcnow() + timedelta(hours=1)))
    assert states == {MediaState.STORED}
    assert keys == set(db.session.scalars(select(MediaFile.store_key)))


def test_what_a_dead_worker_left_is_fetched_by_another_one(app: Flask, sender: Sender) -> None:
    file = sender.send("image", PNG)
    (dead,) = claims_of("dead")
    assert fetch_due() == 0
    run_out(file)
    assert fetch_due("alive") == 1
    assert (file.state, file.attempts) == (MediaState.STORED, 2)
    assert stored_bytes(app, file) == PNG
    noted = db.session.scalars(select(MediaDeletion)).one()
    assert noted.store_key == dead.store_key
    assert noted.due_at > utcnow() + timedelta(minutes=30)


def test_who_comes_too_late_changes_nothing_and_takes_his_bytes_away(app: Flask, sender: Sender) -> None:
    file = sender.send("image", PNG)
    (late,) = claims_of("late")
    run_out(file)
    fetch_due("faster")
    key = file.store_key
    media_fetching.fetch(late, threading.Event())
    db.session.expire_all()
    assert (file.state, file.store_key) == (MediaState.STORED, key)
    media_upkeep.work_off_deletions()
    store = open_store("disk", app.config["SETTINGS"], db.engine)
    assert store.size(late.store_key) is None
    assert stored_bytes(app, file) == PNG


def test_a_lease_is_prolonged_only_by_its_owner(sender: Sender) -> None:
    file = sender.send("image")
    (first,) = claims_of("first")
    run_out(file)
    media_claims.prolong(first)
    db.session.expire_all()
    assert file.next_attempt_at is not None
    assert file.next_attempt_at > utcnow() + timedelta(seconds=60)
    run_out(file)
    claims_of("second")
    with pytest.raises(LeaseLost):
        media_claims.prolong(first)


def test_a_lease_is_kept_alive_while_bytes_come(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media_fetching, "_PROLONG_EVERY_S", 0.0)
    file = sender.send("document", b"x" * 1_000_000)
    (claim,) = claims_of("slow")
    run_out(file)
    media_fetching.fetch(claim, threading.Event())
    db.session.expire_all()
    assert file.is_stored


def test_who_loses_the_lease_on_the_way_stops_before_he_stores_anything(
    app: Flask, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_fetching, "_PROLONG_EVERY_S", 0.0)
    file = sender.send("document", b"x" * 1_000_000)
    (slow,) = claims_of("slow")
    run_out(file)
    (other,) = claims_of("other")
    media_fetching.fetch(slow, threading.Event())
    db.session.expire_all()
    assert (file.state, file.store_key, file.lease_owner) == (MediaState.FETCHING, other.store_key, "other")
    db.session.commit()
    store = open_store("disk", app.config["SETTINGS"], db.engine)
    assert [store.size(claim.store_key) for claim in (slow, other)] == [None, None]


def test_a_worker_that_is_to_go_leaves_the_file_for_the_next_one_at_once(sender: Sender) -> None:
    file = sender.send("image")
    (claim,) = claims_of("leaving")
    stopping = threading.Event()
    stopping.set()
    media_fetching.fetch(claim, stopping)
    db.session.expire_all()
    assert (file.state, file.attempts, file.reason) == (MediaState.WAITING, 0, "")
    assert fetch_due() == 1
    assert file.is_stored


def test_a_long_queue_of_one_account_hides_no_other(
    app: Flask, make: Factory, sandbox: RunningSandbox, account: Account
) -> None:
    quiet = make.sandbox_account(sandbox.new_account())
    for _ in range(4):
        sender_of(app, sandbox, account).send("image")
    late = sender_of(app, sandbox, quiet).send("image")
    assert late.id in {claim.file_id for claim in claims_of("worker", 2)}


def test_accounts_take_turns_and_none_has_all_threads(
    app: Flask, make: Factory, sandbox: RunningSandbox, account: Account
) -> None:
    busy, quiet = account, make.sandbox_account(sandbox.new_account())
    for _ in range(6):
        sender_of(app, sandbox, busy).send("image")
    late = sender_of(app, sandbox, quiet).send("image")
    claims = claims_of("worker", 3, 2)
    assert late.id in {claim.file_id for claim in claims}
    assert [claim.account_id for claim in claims].count(busy.id) == 2
    assert media_claims.claim("worker", "disk", 2, {busy.id: 2}, 2) == []


def test_no_transaction_is_open_while_bytes_travel(
    app: Flask, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender.send("image")
    (claim,) = claims_of("worker")
    assert claim.client is not None
    open_ones: list[bool] = []
    session = connections.shared_session(app.config["SETTINGS"].send_threads)
    ask = session.request

    def watching(*arguments: Any, **options: Any) -> Any:
        open_ones.append(db.session().in_transaction() or db.engine.pool.checkedout() > 0)  # type: ignore[attr-defined]
        return ask(*arguments, **options)

    monkeypatch.setattr(session, "request", watching)
    media_fetching.fetch(claim, threading.Event())
    assert open_ones == [False]
