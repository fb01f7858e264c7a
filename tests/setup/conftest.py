"""The wizard against the real sandbox, which calls our own webhook back over HTTP."""

from __future__ import annotations

from tests.support.open_door import app, meta, open_door, settings

__all__ = ["app", "meta", "open_door", "settings"]
