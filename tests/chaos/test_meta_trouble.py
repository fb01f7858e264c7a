"""Meta limits one account, goes away, refuses the token, or answers after we wanted to stop."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.crypto import Secret
from app.extensions import db
from app.models import Account, AccountStatus, Message, MessageStatus, NumberPace
from app.services.departures import Departures
from app.worker.sender import Sender
from tests.support.factories import Factory
from tests.support.sandbox import RunningSandbox

PATIENCE_S = 40.0


@pytest.fixture
def sender(app: Flask, tmp_path: Path) -> Iterator[Sender]:
    departures = Departures(tmp_path / "workers", "test")
    sender = Sender(app, "test", departures)
    yield sender
    sender.finish(20)
    departures.close()


def queue(make: Factory, account: Account, count: int) -> list[str]:
    """That many messages to as many customers; our references."""
    made = [make.message(make.conversation(account)) for _ in range(count)]
    refs = [message.client_ref for message in made]
    db.session.rollback()
    return refs


def left(account_id: int) -> int:
    db.session.rollback()
    statement = select(Message.id).where(
        Message.account_id == account_id,
        Message.status.in_((MessageStatus.QUEUED, MessageStatus.SENDING)),
    )
    found = len(db.session.scalars(statement).all())
    db.session.rollback()
    return found


def send_until_empty(sender: Sender, *account_ids: int) -> None:
    end = time.monotonic() + PATIENCE_S
    while any(left(id_) for id_ in account_ids):
        assert time.monotonic() < end
        sender.step()


def deliveries(sandbox: RunningSandbox) -> Counter[str]:
    return Counter(row["biz_opaque_callback_data"] for row in sandbox.messages(limit="1000"))


@pytest.mark.parametrize("fault", ["throttle", "outage", "reset_before"])
def test_trouble_of_one_account_holds_up_no_other_and_is_probed_only_now_and_then(
    fault: str, make: Factory, sandbox: RunningSandbox, sender: Sender
) -> None:
    values = [sandbox.new_account() for _ in range(3)]
    accounts = [make.sandbox_account(value) for value in values]
    ids = [account.id for account in accounts]
    refs = [queue(make, account, 8) for account in accounts]
    sandbox.control(
        "POST",
        "faults",
        {"kind": fault, "count": None, "match": {"waba_id": values[0]["waba_id"], "path": "/messages"}},
    )
    begun = time.monotonic()
    send_until_empty(sender, *ids[1:])
    lasted_s = time.monotonic() - begun
    got = deliveries(sandbox)
    assert all(got[ref] == 1 for ref in refs[1] + refs[2])
    assert not any(got[ref] for ref in refs[0])
    tries = [row for row in sandbox.control("GET", "requests?limit=1000")["data"] if _is_send(row, values[0])]
    # The first burst, which left before anything was known, and then one probe after 1, 2, 4 … seconds.
    assert len(tries) <= 8 + lasted_s
    sandbox.control("DELETE", "faults")


def _is_send(row: dict[str, object], account: dict[str, str]) -> bool:
    return f"{account['phone_number_id']}/messages" in str(row["path"])


def test_a_token_revoked_in_the_middle_holds_the_rest_and_a_new_one_sends_each_once(
    make: Factory, sandbox: RunningSandbox, sender: Sender
) -> None:
    values = sandbox.new_account()
    account = make.sandbox_account(values)
    account_id = account.id
    refs = queue(make, account, 60)
    while left(account_id) > 40:
        sender.step()
    sandbox.control("POST", "faults", {"kind": "token_expired", "count": None})
    end = time.monotonic() + PATIENCE_S
    while db.session.get_one(Account, account_id).status is AccountStatus.LIVE:
        assert time.monotonic() < end
        db.session.rollback()
        sender.step()
    db.session.rollback()
    sender.finish(10)
    assert left(account_id) > 0
    sandbox.control("DELETE", "faults")
    row = db.session.get_one(Account, account_id)
    row.access_token, row.status = Secret(values["access_token"]), AccountStatus.LIVE
    db.session.execute(update(NumberPace).values(paused_until=None))
    db.session.commit()
    send_until_empty(fresh(sender), account_id)
    got = deliveries(sandbox)
    assert {ref: got[ref] for ref in refs} == dict.fromkeys(refs, 1)
    ends = db.session.scalars(select(Message.status).where(Message.account_id == account_id))
    assert set(ends) == {MessageStatus.SENT}


def fresh(sender: Sender) -> Sender:
    """The next worker: a sender that has finished takes nothing more."""
    return Sender(sender._app, "next", sender._departures)


def test_a_worker_that_stops_does_not_wait_for_ever_for_an_answer(
    make: Factory, sandbox: RunningSandbox, sender: Sender
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    refs = queue(make, account, 3)
    sandbox.control("POST", "faults", {"kind": "slow", "seconds": 6, "count": None})
    sender.step()
    assert not sender.finish(0.5), "it waited until all had come back"
    sandbox.control("DELETE", "faults")
    assert sender.finish(20)
    assert left(account.id) == 0
    assert all(deliveries(sandbox)[ref] == 1 for ref in refs)
