"""The fetcher: a few threads of their own bring files from Meta, so that none holds up sending or events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask

from app.services import media_claims, media_fetching
from app.services.media_claims import Claim
from app.worker.hands import Hands


class Fetcher(Hands[Claim]):
    """A lane is an account. Stopped, it leaves what is under way at its next piece."""

    def __init__(self, app: Flask, worker: str) -> None:
        settings = app.config["SETTINGS"]
        threads = settings.media_threads
        super().__init__(app, worker, threads=threads, share=threads // 2, name="fetch")
        self._store = settings.media_store

    def _claim(self, room: int, in_hand: Mapping[int, int]) -> Sequence[Claim]:
        return media_claims.claim(self._worker, self._store, room, in_hand, self._most_per_lane)

    def _lane_of(self, claim: Claim) -> int:
        return claim.account_id

    def _work_on(self, claim: Claim) -> None:
        media_fetching.fetch(claim, self._stopping)

    def _name_of(self, claim: Claim) -> str:
        return f"fetching file {claim.file_id}"
