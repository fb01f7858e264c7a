"""Ten people with the sandbox's phones, and a Meta that fails now and then."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.support.processes import Stack

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "outage", "for_s": 4},
    {"kind": "error", "code": 131000, "percent": 40, "for_s": 8},
    {"kind": "throttle", "percent": 40, "for_s": 6},
    {"kind": "lost_answer", "count": 1, "match": {"path": "messages"}},
    {"kind": "reset_after", "count": 1, "match": {"path": "messages"}},
    {"kind": "failed_status", "code": 131000, "count": 1},
    {"kind": "slow", "seconds": 3, "for_s": 8},
    {"kind": "duplicate_webhooks", "for_s": 20},
    {"kind": "reorder_webhooks", "for_s": 20},
    {"kind": "delay_webhooks", "seconds": 3, "for_s": 20},
)
FAULT_EVERY_S = (25.0, 50.0)
PAUSE_S = (12.0, 40.0)
HOURS_QUESTION = "What are your opening hours?"
_BOT_SHARE = 0.2


@dataclass
class Customer:
    """`number`: whom the sandbox knows them as; it may change. `asked`: their questions' marks."""

    place: int
    number: str
    hides_number: bool = False
    asked: list[str] = field(default_factory=list)
    hours_asked: int = 0


class Street:
    """The customers, each writing whenever they like until `stop`."""

    def __init__(self, stack: Stack, phone_number_id: str, seed: int) -> None:
        self._stack = stack
        self.phone_number_id = phone_number_id
        self._chance = random.Random(seed)
        self.faults: list[str] = []
        self.customers = [Customer(place, f"4477009001{place:02d}") for place in range(10)]
        for customer in self.customers[-2:]:
            customer.hides_number = True

    def run(self, stop: threading.Event, seconds: float) -> None:
        """All of it in one thread: what is due next happens next."""
        begun = time.monotonic()
        due = {customer.place: begun + self._chance.uniform(0, 10) for customer in self.customers}
        next_fault = begun + 20
        moves_at: float | None = begun + seconds / 2
        while not stop.is_set():
            now = time.monotonic()
            for customer in self.customers:
                if due[customer.place] <= now:
                    self._write(customer)
                    due[customer.place] = now + self._chance.uniform(*PAUSE_S)
            if next_fault <= now:
                self._trouble()
                next_fault = now + self._chance.uniform(*FAULT_EVERY_S)
            if moves_at is not None and moves_at <= now:
                self._move(self.customers[0])
                moves_at = None
            stop.wait(0.2)
        self.control("DELETE", "faults")

    def _write(self, customer: Customer) -> None:
        if self._chance.random() < _BOT_SHARE:
            text = HOURS_QUESTION
            customer.hours_asked += 1
        else:
            mark = f"Q-{customer.place}-{len(customer.asked)}"
            text = f"{mark}: is my order on its way?"
            customer.asked.append(mark)
        body = {
            "phone_number_id": self.phone_number_id,
            "from": customer.number,
            "name": f"Customer {customer.place}",
            "hide_phone": customer.hides_number,
            "message": {"type": "text", "text": {"body": text}},
        }
        self.control("POST", "inbound", body)

    def _move(self, customer: Customer) -> None:
        """Another number, as somebody who changes the operator."""
        new = customer.number.replace("4477009001", "4477009002")
        body = {"phone_number_id": self.phone_number_id, "from": customer.number, "new_number": new}
        self.control("POST", "customers/changes", body)
        customer.number = new

    def _trouble(self) -> None:
        fault = self._chance.choice(FAULTS)
        self.faults.append(fault["kind"])
        self.control("POST", "faults", fault)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self._stack.sandbox_url}/_sandbox/{path}", json=body, timeout=30)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()
