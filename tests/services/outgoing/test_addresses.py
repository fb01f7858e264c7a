"""Where outgoing webhooks may lead: out into the world, and into named networks only."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import OutgoingWebhook
from app.services.outgoing import claims, delivering
from app.services.outgoing.addresses import UnfitAddress, check_address
from tests.support.factories import Factory
from tests.support.receiver import Receiver

pytestmark = pytest.mark.one_database

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "localhost",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[ff02::1]",
    "[2002:7f00:1::]",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_in_every_spelling(strict: Flask, host: str) -> None:
    with strict.app_context(), pytest.raises(UnfitAddress):
        check_address(f"https://{host}/hooks")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example.com/hooks",
        "ftp://93.184.216.34/",
        "https://",
        "https://user:pw@93.184.216.34/",
        "https://user@93.184.216.34/",
        "https://93.184.216.34:99999/",
        "https://93.184.216.34:0/",
        "https://93.184.216.34:22/",
        "https://93.184.216.34/#part",
        "https://93.184.216.34/a b",
        "https://93.184.216.34\\@127.0.0.1/",
        "https://93.184.216.34/\n",
        "https://[::1/",
        "https://" + "a" * 3000,
        "https://no-such-name.invalid/",
        "https://a..b/",
        "http://93.184.216.34/",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_words(strict: Flask, url: str) -> None:
    with strict.app_context(), pytest.raises(UnfitAddress) as refused:
        check_address(url)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("url", ["https://93.184.216.34/hooks?a=1", "https://93.184.216.34:8443/"])
def test_a_public_address_over_https_is_taken(strict: Flask, url: str) -> None:
    with strict.app_context():
        check_address(url)


def test_in_a_named_network_plain_http_and_any_port_are_taken(app: Flask) -> None:
    with app.app_context():
        check_address("http://127.0.0.1:81/hooks")


def test_what_was_saved_is_looked_at_again_with_each_delivery(
    strict: Flask, make: Factory, receiver: Receiver, webhook: OutgoingWebhook
) -> None:
    """The operator may have closed the network since, or the name may lead elsewhere."""
    delivery = make.outgoing_delivery(webhook)
    db.session.commit()
    with strict.app_context():
        for claim in claims.claim("tester", 1, {}, 1):
            delivering.deliver(claim)
    db.session.expire_all()
    assert receiver.posts == []
    assert "private network" in delivery.last_answer


def test_a_name_that_changes_between_the_look_and_the_call_leads_nowhere(
    strict: Flask, make: Factory, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver says a public address first, and this machine from then on."""
    real, answers = socket.getaddrinfo, ["93.184.216.34"]
    lock = threading.Lock()

    def rebinding(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host != "rebind.example.com":
            return real(host, port, *rest, **options)
        with lock:
            address = answers.pop(0) if answers else "127.0.0.1"
        return real(address, port, *rest, **options)

    url = f"https://rebind.example.com:{receiver.port}/"
    delivery = make.outgoing_delivery(make.outgoing_webhook(url=url))
    db.session.commit()
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with strict.app_context():
        for claim in claims.claim("tester", 1, {}, 1):
            delivering.deliver(claim)
    db.session.expire_all()
    assert answers == []
    assert "own network" in delivery.last_answer
