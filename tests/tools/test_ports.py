"""A taken port is said in one line that also says the way out."""

import re
import socket
from collections.abc import Iterator

import pytest

from tools.ports import check_free
from tools.say import Stop


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_is_no_reason_to_stop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    check_free("127.0.0.1", port, "PORT")


def test_a_taken_port_names_its_holder_and_a_port_that_is_free(taken_port: int) -> None:
    with pytest.raises(Stop) as stop:
        check_free("127.0.0.1", taken_port, "PORT")
    line = str(stop.value)
    assert re.fullmatch(
        rf"Port {taken_port} is in use \(by .+, process \d+\)\. Stop it or run: make run PORT=\d+", line
    )
    check_free("127.0.0.1", int(line.rpartition("=")[2]), "PORT")


def test_every_address_is_taken_when_one_of_them_is(taken_port: int) -> None:
    with pytest.raises(Stop, match="is in use"):
        check_free("0.0.0.0", taken_port, "PORT")


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_foreign_host_is_named_as_the_fault(host: str) -> None:
    with pytest.raises(Stop, match="is not an address of this machine"):
        check_free(host, 5000, "PORT")
