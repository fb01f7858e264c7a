"""An app that may reach this machine, and a customer's system on it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from app.models import OutgoingWebhook
from config import Settings
from tests.support.factories import Factory
from tests.support.receiver import Receiver


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, outgoing_webhook_networks=(ipaddress.ip_network("127.0.0.1/32"),))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def webhook(make: Factory, receiver: Receiver) -> OutgoingWebhook:
    made: OutgoingWebhook = make.outgoing_webhook(url=receiver.url)
    return made


@pytest.fixture
def strict(settings: Settings, app: Flask) -> Iterator[Flask]:
    """An app whose operator has named no network."""
    strict = create_app(replace(settings, outgoing_webhook_networks=()))
    yield strict
    with strict.app_context():
        db.engine.dispose()
