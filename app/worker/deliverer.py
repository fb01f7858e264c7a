"""The deliverer: posts events to customers' systems, several at a time, no address holding up the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Flask

from app.services.outgoing import claims, delivering
from app.services.outgoing.claims import Claim
from app.worker.hands import Hands


class Deliverer(Hands[Claim]):
    """A lane is an address. With two that never answer there are still threads left for the others.

    Stopped, it posts nothing more of what it has claimed; what is under way ends in its time.
    """

    def __init__(self, app: Flask, worker: str) -> None:
        threads = app.config["SETTINGS"].outgoing_webhook_threads
        super().__init__(app, worker, threads=threads, share=threads // 4, name="deliver")

    def _claim(self, room: int, in_hand: Mapping[int, int]) -> Sequence[Claim]:
        return claims.claim(self._worker, room, in_hand, self._most_per_lane)

    def _lane_of(self, claim: Claim) -> int:
        return claim.webhook_id

    def _work_on(self, claim: Claim) -> None:
        if not self._stopping.is_set():
            delivering.deliver(claim)

    def _name_of(self, claim: Claim) -> str:
        return f"delivery {claim.delivery_id}"
