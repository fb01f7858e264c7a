"""Meta's example requests: the sandbox takes them, or a reviewed list says why not."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import pytest
import requests

from tests.contract import description, faults, filling
from tests.contract.description import Operation
from tests.contract.example_exceptions import ANSWERS, NOT_SERVED, REFUSED
from tests.contract.exceptions import KNOWN
from tests.contract.known import fits, idle
from tests.contract.recording import exchange_of
from tests.contract.tour import PICTURE
from tests.contract.world import World
from tests.sandbox.support import Receiver, RunningSandbox, error_of

pytestmark = pytest.mark.usefixtures("described")
NO_SUCH_EDGE = 33
MIME = {"ogg": "audio/ogg", "jpg": "image/jpeg", "webp": "image/webp"}


@pytest.fixture(scope="module")
def answers(contract_sandbox: RunningSandbox) -> Iterator[dict[str, requests.Response]]:
    """What the sandbox said to each example, by operation and the example's name."""
    description.needed()
    receiver = Receiver()
    world = World(contract_sandbox, receiver)
    yield Sender(world).send_all()
    world.close()
    receiver.close()


def test_examples_are_taken(answers: dict[str, requests.Response]) -> None:
    assert len(answers) > 100
    refused = {
        name: answer.text
        for name, answer in answers.items()
        if answer.status_code != 200 and name not in REFUSED and _operation(name) not in NOT_SERVED
    }
    assert refused == {}


def test_each_refusal_is_still_one(answers: dict[str, requests.Response]) -> None:
    assert set(REFUSED) <= set(answers)
    assert [name for name in REFUSED if answers[name].status_code == 200] == []


def test_what_is_not_served_does_not_exist(answers: dict[str, requests.Response]) -> None:
    """Graph's own error for an edge that is not there, and not half an answer."""
    asked = {name: answer for name, answer in answers.items() if _operation(name) in NOT_SERVED}
    assert {_operation(name) for name in asked} == set(NOT_SERVED)
    half = {name for name, answer in asked.items() if error_of(answer).get("error_subcode") != NO_SUCH_EDGE}
    assert half == set()


def test_answers_to_examples_are_as_described(answers: dict[str, requests.Response]) -> None:
    found = {
        f"{operation}: {fault}"
        for operation, fault in _faults(answers)
        if not any(fits(entry, operation) and fault in entry.faults for entry in (*KNOWN, *ANSWERS))
    }
    assert sorted(found) == []


def test_each_exception_among_answers_is_still_one(answers: dict[str, requests.Response]) -> None:
    found = set(_faults(answers))
    assert idle(ANSWERS, found) == []


def _faults(answers: dict[str, requests.Response]) -> Iterator[tuple[str, str]]:
    served = {name: answer for name, answer in answers.items() if _operation(name) not in NOT_SERVED}
    for name, answer in served.items():
        operation = description.operations()[_operation(name)]
        for fault in faults.answer_faults(operation, exchange_of(answer.request, None, answer)):
            yield operation.name, fault


def _operation(name: str) -> str:
    return name.partition(": ")[0]


class Sender:
    """Sends the examples of one world after another, in the order of the description."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.filler = filling.of_world(world)
        self.flows = filling.flows(world)
        self.handle = world.meta.handle("image/png", PICTURE)
        self.count = itertools.count()
        assigned = {"user": filling.USER, "tasks": ["MANAGE"]}
        assert world.meta.post(f"{world.meta.waba_id}/assigned_users", assigned).ok
        waba_id, number_id = world.meta.waba_id, world.meta.number_id
        self.ids = {
            "WABA-ID": waba_id,
            "WhatsApp-Business-Account-ID": waba_id,
            "Phone-Number-ID": number_id,
            "Application-ID": world.meta.app_id,
            "Business-ID": world.meta.account["meta_business_account_id"],
            "TEMPLATE_ID": world.client.message_templates.list(waba_id)[0].message_template_id,
        }

    def send_all(self) -> dict[str, requests.Response]:
        return {
            f"{operation.name}: {name}": self.send(operation, content_type, value)
            for operation in description.operations().values()
            for name, (content_type, value) in operation.examples().items()
            if operation.path != description.WEBHOOKS
        }

    def send(self, operation: Operation, content_type: str, value: Any) -> requests.Response:
        body = filling.with_flow(self.filler.fill(value), self.flows)
        path = operation.path.removeprefix("/{Version}/")
        for name, node_id in self.ids.items():
            path = path.replace(f"{{{name}}}", node_id)
        if isinstance(body.get("template"), dict):
            self._approve(body["template"])
        if path.endswith("/message_templates"):
            body["name"] = f"example_{next(self.count)}"
        return self.world.meta.call(operation.method.upper(), path, **_as(content_type, body))

    def _approve(self, template: dict[str, Any]) -> None:
        """The same name means different things in different examples: each gets its own."""
        template["name"] += f"_{next(self.count)}"
        flow_id, _ = self.flows[False]
        approved = [filling.message_template_of(template, self.handle, flow_id)]
        given = {"waba_id": self.world.meta.waba_id, "message_templates": approved}
        made = self.world.meta.sandbox.control("POST", "message_templates", given)
        assert made.status_code == HTTPStatus.CREATED, made.text


def _as(content_type: str, body: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(body.get("file"), str):  # as on a command line: "@/path/file.ogg;type=ogg"
        ending = body["file"].partition(";")[0].rpartition(".")[2]
        rest = {key: value for key, value in body.items() if key != "file"}
        return {"data": rest, "files": {"file": (f"file.{ending}", PICTURE, MIME[ending])}}
    if content_type == "application/json":
        return {"json": body}
    texts = {key: one if isinstance(one, str) else json.dumps(one) for key, one in body.items()}
    if content_type == "multipart/form-data":
        return {"files": {key: (None, one) for key, one in texts.items()}}
    return {"data": texts}
