"""An account with a customer who has written, pywa connected to it, and a bot that hears its webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pywa import WhatsApp

from tests.sandbox.clients.bot import Bot, connect
from tests.sandbox.support import Meta


@pytest.fixture
def whatsapp(meta: Meta) -> Iterator[WhatsApp]:
    meta.receive()
    client = connect(meta)
    yield client
    client.api._session.close()


@pytest.fixture
def bot(meta: Meta) -> Iterator[Bot]:
    """Registered by pywa itself: the app's callback and its fields, then the account's subscription."""
    bot = Bot(meta)
    bot.register()
    yield bot
    bot.close()
