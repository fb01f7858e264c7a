"""Which store a name stands for. What lies in another one since before a change is still found."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Engine

from app.media_store.disk import DiskStore
from app.media_store.interface import MediaStore, StoreTrouble
from app.media_store.tables import DatabaseStore
from config import S3Settings, Settings


def open_store(name: str, settings: Settings, engine: Engine) -> MediaStore:
    """The store of that name (one of config.MEDIA_STORES). Raises StoreTrouble if it is not set up."""
    if name == "disk":
        return DiskStore(settings.media_folder)
    if name == "database":
        return DatabaseStore(engine)
    if name == "s3" and settings.s3 is not None:
        return _bucket(settings.s3)
    raise StoreTrouble(f"The store {name!r} is not set up; the file lies there. See MEDIA_STORE.")


@lru_cache(maxsize=4)
def _bucket(settings: S3Settings) -> MediaStore:
    """One per process, for its connections; the library is only loaded where it is used."""
    from app.media_store.s3 import S3Store

    return S3Store(settings)
