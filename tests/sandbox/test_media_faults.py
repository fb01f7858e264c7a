"""Faults of a file's bytes: what a client has to live with between the address and the last byte."""

from __future__ import annotations

import pytest
import requests

from tests.sandbox.support import Meta


@pytest.fixture
def media_id(meta: Meta) -> str:
    """Of a file that a customer sent."""
    meta.receive({"type": "image", "image": {}})
    (message,) = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")
    return str(message["payload"]["image"]["id"])


def fetch(meta: Meta, media_id: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {meta.account['access_token']}"}
    return requests.get(meta.get(media_id).json()["url"], headers=headers, timeout=20)


def test_without_a_fault_the_file_is_whole(meta: Meta, media_id: str) -> None:
    answer = fetch(meta, media_id)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 0


def test_an_expired_address_answers_404_once(meta: Meta, media_id: str) -> None:
    meta.fault("media_expired")
    assert [fetch(meta, media_id).status_code for _ in range(2)] == [404, 200]


def test_a_file_that_is_cut_breaks_off(meta: Meta, media_id: str) -> None:
    meta.fault("media_cut")
    with pytest.raises(requests.RequestException):
        fetch(meta, media_id)


def test_a_changed_file_has_as_many_bytes_and_not_the_same(meta: Meta, media_id: str) -> None:
    whole = fetch(meta, media_id).content
    meta.fault("media_changed")
    changed = fetch(meta, media_id).content
    assert len(changed) == len(whole)
    assert changed != whole


def test_a_slow_file_comes_whole_in_the_end(meta: Meta, media_id: str) -> None:
    whole = fetch(meta, media_id).content
    meta.fault("media_slow", seconds=0.2)
    assert fetch(meta, media_id).content == whole
    assert meta.sandbox.logged("faults") == []


def test_a_client_that_does_not_wait_for_a_slow_file_is_left_with_half(meta: Meta, media_id: str) -> None:
    meta.fault("media_slow", seconds=5)
    headers = {"Authorization": f"Bearer {meta.account['access_token']}"}
    with pytest.raises(requests.RequestException):
        requests.get(meta.get(media_id).json()["url"], headers=headers, timeout=0.5)


def test_a_fault_may_be_for_one_number_alone(meta: Meta, media_id: str) -> None:
    meta.fault("media_expired", match={"phone_number_id": "1"})
    assert fetch(meta, media_id).status_code == 200
    meta.fault("media_expired", match={"phone_number_id": meta.number_id})
    assert fetch(meta, media_id).status_code == 404
