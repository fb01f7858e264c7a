"""Which version answers: the one asked for, or the oldest usable one."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import requests

from app.sandbox.graph import versions
from tests.sandbox.support import Meta, code_of


def oldest_today() -> str:
    return f"v{versions.oldest(datetime.now(UTC).date())}.0"


@pytest.mark.parametrize(
    "day,version",
    [
        (date(2026, 1, 26), 18),
        (date(2026, 1, 27), 19),
        (date(2026, 9, 24), 20),
        (date(2026, 9, 25), 21),
        (date(2026, 11, 28), 21),
        (date(2027, 1, 22), 22),
        (date(2040, 1, 1), 26),
    ],
)
def test_oldest_usable_version_follows_the_calendar(day: date, version: int) -> None:
    assert versions.oldest(day) == version


@pytest.mark.parametrize("version", ["v2.12", "v15.0", "v16.0", "v19.0"])
def test_ended_version_is_answered_by_the_oldest_usable_one(meta: Meta, version: str) -> None:
    answer = meta.call("GET", meta.waba_id, version=version)
    assert answer.json()["id"] == meta.waba_id
    assert answer.headers["facebook-api-version"] == oldest_today()


@pytest.mark.parametrize("path", ["me", "{waba}", "{waba}/message_templates", "{number}/settings"])
def test_call_without_a_version_works_the_same(meta: Meta, path: str) -> None:
    target = path.format(waba=meta.waba_id, number=meta.number_id)
    headers = {"Authorization": f"Bearer {meta.token}"}
    answer = requests.get(f"{meta.sandbox.url}/{target}", headers=headers, timeout=20)
    with_version = meta.call("GET", target, version=oldest_today())
    assert answer.status_code == 200
    assert answer.json().keys() == with_version.json().keys()
    assert answer.headers["facebook-api-version"] == oldest_today()


def test_message_and_batch_go_without_a_version_too(meta: Meta) -> None:
    headers = {"Authorization": f"Bearer {meta.token}"}
    template = {"name": "hello_world", "language": {"code": "en_US"}}
    body = {"messaging_product": "whatsapp", "to": "+447700900900", "type": "template", "template": template}
    url = f"{meta.sandbox.url}/{meta.number_id}/messages"
    assert requests.post(url, json=body, headers=headers, timeout=20).json()["messages"]
    batch = [{"method": "GET", "relative_url": "me"}, {"method": "GET", "relative_url": "v16.0/me"}]
    answer = requests.post(f"{meta.sandbox.url}/", json={"batch": batch}, headers=headers, timeout=20)
    assert [item["code"] for item in answer.json()] == [200, 200]


@pytest.mark.parametrize("version", ["v27.0", "v99.0", "v23.5"])
def test_version_that_does_not_exist_is_refused_in_the_shape_of_graph(meta: Meta, version: str) -> None:
    assert code_of(meta.call("GET", "me", version=version)) == (400, 2635)
