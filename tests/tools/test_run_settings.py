"""What `make run` makes of the environment."""

import pytest

from tools.envfile import Environment
from tools.run_settings import RunSettings
from tools.say import Stop


def settings(**values: str) -> RunSettings:
    return RunSettings.of(Environment(values, {}))


def test_nothing_set_means_the_local_sandbox_with_the_demo() -> None:
    trial = settings()
    assert (trial.url, trial.graph_url) == ("http://127.0.0.1:5000", "http://127.0.0.1:5001")
    assert trial.has_sandbox
    assert trial.wants_demo


def test_another_graph_address_leaves_the_sandbox_out() -> None:
    trial = settings(GRAPH_API_BASE_URL="https://graph.facebook.com/")
    assert not trial.has_sandbox
    assert trial.environ()["GRAPH_API_BASE_URL"] == "https://graph.facebook.com"


def test_the_ports_move_every_address_with_them() -> None:
    told = settings(PORT="8000", SANDBOX_PORT="8001").environ()
    assert told["PUBLIC_BASE_URL"] == "http://127.0.0.1:8000"
    assert told["GRAPH_API_BASE_URL"] == "http://127.0.0.1:8001"


def test_listening_everywhere_still_gives_addresses_that_can_be_opened() -> None:
    trial = settings(HOST="0.0.0.0")
    assert trial.host == "0.0.0.0"
    assert trial.url == "http://127.0.0.1:5000"


def test_an_ipv6_host_stands_in_brackets() -> None:
    assert settings(HOST="::1").url == "http://[::1]:5000"


@pytest.mark.parametrize("value", ["0", "no", "False", "off"])
def test_the_demo_can_be_left_out(value: str) -> None:
    assert not settings(DEMO=value).wants_demo


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1", "50.5"])
def test_a_port_that_is_none_is_named_with_an_example(value: str) -> None:
    with pytest.raises(Stop, match="PORT must be a number from 1 to 65535, for example: make run PORT=5050"):
        settings(PORT=value)


def test_one_port_for_both_is_refused() -> None:
    with pytest.raises(Stop, match="are both 5001"):
        settings(PORT="5001")
