"""What a failed call is called: for a send the difference between "no" and "nobody knows" is all."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import SSLError as InnerSSLError

from app.graph import refusals
from app.graph.call_info import CallInfo
from app.graph.client import GraphClient
from app.graph.errors import (
    GraphAuthError,
    GraphBlocked,
    GraphError,
    GraphRejected,
    GraphThrottled,
    GraphUnconfirmed,
    GraphUnexpected,
    GraphUnreachable,
)
from tests.graph.server import Drip, FakeMeta, Reply, Reset, Silence, graph_error

PAGE = b"<html>Bad gateway</html>"


def failure(call: Callable[[], Any]) -> GraphError:
    with pytest.raises(GraphError) as caught:
        call()
    return caught.value


@pytest.fixture
def send(client: GraphClient) -> Callable[[], GraphError]:
    return lambda: failure(lambda: client.messages.send("100", {"type": "text"}))


@pytest.fixture
def read(client: GraphClient) -> Callable[[], GraphError]:
    return lambda: failure(lambda: client.accounts.get("7"))


@pytest.mark.parametrize(
    "step",
    [
        Silence(),
        Reset(),
        Drip(),
        Reply(500, PAGE),
        Reply(502, b""),
        Reply(503, {"unrelated": 1}),
        Reply(504, PAGE),
        Reply(200, PAGE),
        Reply(200, b""),
        Reply(200, {"messages": []}),
        Reply(200, {"messages": [{"id": None}]}),
        Reply(200, [1]),
        Reply(200, {"messages": [{"id": "wamid.1"}]}, declared_bytes=999),
    ],
    ids=lambda step: f"{getattr(step, 'status', type(step).__name__)}",
)
def test_send_without_a_clear_answer_is_unconfirmed_and_tried_once(
    meta: FakeMeta, send: Callable[[], GraphError], step: object
) -> None:
    meta.will(step)
    error = send()
    assert type(error) is GraphUnconfirmed
    assert error.retryable is False
    assert len(meta.asked) == 1


def test_send_over_a_connection_that_was_never_made_may_be_repeated(
    make_client: Callable[..., GraphClient],
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed_port = unused.getsockname()[1]
    for base_url in (f"http://127.0.0.1:{closed_port}", "http://no-such-host.invalid"):
        client = make_client(base_url=base_url)
        error = failure(lambda client=client: client.messages.send("100", {}))
        assert type(error) is GraphUnreachable
        assert error.retryable is True


def test_send_is_not_even_repeated_when_the_connection_was_refused(
    make_client: Callable[..., GraphClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(base_url="http://127.0.0.1:9")
    failure(lambda: client.messages.send("100", {}))
    assert "Retrying" not in caplog.text
    failure(lambda: client.accounts.get("7"))
    assert "Retrying" in caplog.text


@pytest.fixture
def full_backlog() -> Iterator[int]:
    """A port that takes no more connections, so that connecting times out."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(("127.0.0.1", port))
        yield port
        for one in waiting:
            one.close()


def test_send_that_could_not_connect_in_time_may_be_repeated(
    make_client: Callable[..., GraphClient], full_backlog: int
) -> None:
    client = make_client(base_url=f"http://127.0.0.1:{full_backlog}", connect_timeout_s=0.2)
    assert type(failure(lambda: client.messages.send("100", {}))) is GraphUnreachable


def test_send_through_a_dead_proxy_may_be_repeated() -> None:
    error = refusals.from_failure(requests.exceptions.ProxyError("x"), method="POST", info=CallInfo())
    assert type(error) is GraphUnreachable


def tls_failure(inner: ssl.SSLError) -> requests.exceptions.SSLError:
    """The error as requests wraps it."""
    with HTTPConnectionPool("graph.example") as pool:
        return requests.exceptions.SSLError(MaxRetryError(pool, "/v25.0/1", InnerSSLError(inner)))


def test_send_is_repeatable_only_if_the_tls_handshake_failed() -> None:
    def outcome(inner: ssl.SSLError) -> type[GraphError]:
        return type(refusals.from_failure(tls_failure(inner), method="POST", info=CallInfo()))

    wrong_version = ssl.SSLError(1, "wrong version")
    wrong_version.reason = "WRONG_VERSION_NUMBER"
    later = ssl.SSLError(1, "bad record")
    later.reason = "SSLV3_ALERT_BAD_RECORD_MAC"
    assert outcome(ssl.SSLCertVerificationError(1, "self-signed")) is GraphUnreachable
    assert outcome(wrong_version) is GraphUnreachable
    assert outcome(later) is GraphUnconfirmed


def test_send_to_an_impossible_address_is_a_bug(make_client: Callable[..., GraphClient]) -> None:
    client = make_client(base_url="nonsense://")
    assert type(failure(lambda: client.messages.send("100", {}))) is GraphUnexpected


@pytest.mark.parametrize(
    "step",
    [Silence(), Reply(500, PAGE), Drip(), Reply(200, {"id": "7"}, declared_bytes=99)],
    ids=["silence", "500", "drip", "broken off"],
)
def test_read_without_an_answer_may_be_repeated(
    meta: FakeMeta, read: Callable[[], GraphError], step: object
) -> None:
    meta.will(step)
    error = read()
    assert type(error) is GraphUnreachable
    assert error.retryable is True


def test_read_answered_with_a_page_is_unexpected(meta: FakeMeta, read: Callable[[], GraphError]) -> None:
    meta.will(Reply(200, PAGE))
    assert type(read()) is GraphUnexpected


def test_read_is_repeated_after_passing_faults(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(503, PAGE), Reply(502, PAGE), Reply(200, {"id": "7", "name": "Shop"}))
    assert client.accounts.get("7").name == "Shop"


def test_read_survives_a_kept_connection_that_was_reset(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": "7"}), Reset(), Reply(200, {"id": "7", "name": "Shop"}))
    client.accounts.get("7")
    assert client.accounts.get("7").name == "Shop"


def test_read_is_not_repeated_for_ever(meta: FakeMeta, read: Callable[[], GraphError]) -> None:
    meta.will(*[Reply(503, PAGE)] * 9)
    assert type(read()) is GraphUnreachable
    assert len(meta.asked) == 3


def test_read_that_timed_out_is_not_waited_for_again(meta: FakeMeta, read: Callable[[], GraphError]) -> None:
    meta.will(*[Silence()] * 3)
    read()
    assert len(meta.asked) == 1


@pytest.mark.parametrize(
    "step, kind",
    [
        (graph_error(190, 401, error_subcode=463), GraphAuthError),
        (graph_error(131042), GraphBlocked),
        (graph_error(132001, 404), GraphRejected),
        (graph_error(131056), GraphThrottled),
        (graph_error(131000, 500), GraphThrottled),
        (graph_error(2, 503), GraphThrottled),
        (graph_error(131049), GraphThrottled),
        (graph_error(100, error_subcode=33), GraphBlocked),
        (graph_error(100, error_subcode=2388024), GraphRejected),
        (graph_error(250, 403), GraphBlocked),
        (graph_error(987654, 401), GraphAuthError),
        (graph_error(987654, 403), GraphBlocked),
        (graph_error(987654, 429), GraphThrottled),
        (graph_error(987654, 500), GraphThrottled),
        (graph_error(987654), GraphRejected),
        (graph_error(987654, is_transient=True), GraphThrottled),
        (graph_error(131047, 200), GraphRejected),
        (Reply(401, PAGE), GraphAuthError),
        (Reply(403, PAGE), GraphBlocked),
        (Reply(429, PAGE), GraphThrottled),
        (Reply(408, PAGE), GraphThrottled),
        (Reply(404, PAGE), GraphUnexpected),
    ],
)
def test_refused_send_is_named_for_what_to_do_next(
    meta: FakeMeta, send: Callable[[], GraphError], step: Reply, kind: type[GraphError]
) -> None:
    meta.will(step)
    error = send()
    assert type(error) is kind
    assert error.retryable is (kind in {GraphThrottled, GraphUnreachable})


def test_error_keeps_everything_support_asks_for(meta: FakeMeta, send: Callable[[], GraphError]) -> None:
    meta.will(
        graph_error(
            132000,
            error_subcode=2494073,
            fbtrace_id="AbC",
            error_data={"messaging_product": "whatsapp", "details": "body: 1 instead of 2"},
            error_user_title="Titel",
            error_user_msg="Meldung",
        )
    )
    error = send()
    assert (error.code, error.subcode, error.http_status, error.fbtrace_id) == (132000, 2494073, 400, "AbC")
    assert (error.title, error.details) == ("(#132000) Some title", "body: 1 instead of 2")
    assert (error.user_title, error.user_message) == ("Titel", "Meldung")
    assert error.info.path == "100/messages"
    assert str(error) == (
        "(#132000) Some title: body: 1 instead of 2 (code 132000, subcode 2494073, HTTP 400, trace AbC)"
    )


@pytest.mark.parametrize(
    "data, details",
    [
        ("plain words", "plain words"),
        ({"blame_field_specs": [["name"], ["components", 0]]}, "Fields: name, components/0"),
        ({"blame_field_specs": "?"}, ""),
        (None, ""),
        ([1], ""),
    ],
)
def test_details_come_in_several_shapes(
    meta: FakeMeta, send: Callable[[], GraphError], data: object, details: str
) -> None:
    meta.will(graph_error(100, error_data=data))
    assert send().details == details


@pytest.mark.parametrize(
    "error", [{"code": "190"}, {"code": []}, {"message": 5}, {"error_data": {"details": {}}}, {"x": "y"}]
)
def test_odd_error_objects_still_become_errors(
    meta: FakeMeta, send: Callable[[], GraphError], error: dict[str, object]
) -> None:
    meta.will(Reply(400, {"error": error}))
    assert send().title


def test_waits_come_from_the_answer_before_the_table(meta: FakeMeta, send: Callable[[], GraphError]) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)
    usage = '{"1":[{"call_count":100,"estimated_time_to_regain_access":7}]}'
    meta.will(
        Reply(429, graph_error(80007).body, {"Retry-After": "17"}),
        Reply(400, graph_error(80007).body, {"x-business-use-case-usage": usage}),
        Reply(400, graph_error(130429).body, {"x-business-use-case-usage": usage}),
        graph_error(132069),
        graph_error(131000, 500),
        Reply(503, graph_error(131016).body, {"Retry-After": soon}),
        Reply(503, graph_error(131016).body, {"Retry-After": "next week"}),
        Reply(429, graph_error(80007).body, {"Retry-After": "99999999"}),
        Reply(400, graph_error(132000).body, {"Retry-After": "5"}),
    )
    waits = [send().retry_after_s for _ in range(9)]
    assert waits[:5] == [17, 420, 5, 3600, None]
    assert waits[5] is not None
    assert 110 <= waits[5] <= 121
    assert waits[6:] == [None, 7 * 86_400, None]
