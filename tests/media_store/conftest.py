"""The three stores, each as the product opens it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.extensions import db
from app.media_store import MediaStore, open_store
from config import MEDIA_STORES, Settings
from tests.support.s3 import S3Server, s3_server

__all__ = ["s3_server"]


@pytest.fixture(params=MEDIA_STORES)
def store(
    request: pytest.FixtureRequest, app: Flask, settings: Settings, s3_server: S3Server
) -> Iterator[MediaStore]:
    with app.app_context():
        yield open_store(request.param, replace(settings, s3=s3_server.settings), db.engine)
