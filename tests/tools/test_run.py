"""`make run` as a person meets it: the real app, started, signed in to and stopped."""

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
import requests
from bs4 import BeautifulSoup

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ("DATABASE_URL", "REDIS_URL", "GRAPH_API_BASE_URL", "PUBLIC_BASE_URL", "SECRET_KEY", "DEMO")
END_OF_WELCOME = "Ctrl-C"

pytestmark = pytest.mark.slow


class Trial:
    """One `make run` on its own ports, with its data in a folder of the test."""

    def __init__(self, instance: Path, **environ: str) -> None:
        self.port = free_port()
        inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        told = {"PORT": str(self.port), "SANDBOX_PORT": str(free_port()), "WABA_INSTANCE_PATH": str(instance)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools", "run"],
            cwd=ROOT,
            env={**inherited, **told, "DEMO": "0", **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def await_welcome(self) -> str:
        """What was printed up to the end of the welcome."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if END_OF_WELCOME in line:
                return "".join(lines)
        pytest.fail("it ended before its welcome:\n" + "".join(lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.communicate(timeout=20)
        return self.process.returncode


@dataclass(frozen=True)
class FirstStart:
    """What came of the first start: its welcome, the answer to the sign-in it printed, its exit code."""

    instance: Path
    url: str
    welcome: str
    sign_in_status: int
    exit_code: int


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> FirstStart:
    instance = tmp_path_factory.mktemp("trial") / "instance"
    with Trial(instance) as trial:
        welcome = trial.await_welcome()
        url = shown(welcome, "Open")
        answer = sign_in(url, shown(welcome, "Sign in"), shown(welcome, "Password"))
        return FirstStart(instance, url, welcome, answer.status_code, trial.stop())


def shown(welcome: str, label: str) -> str:
    found = re.search(rf"^ +{label} +(\S+)", welcome, re.MULTILINE)
    assert found is not None, welcome
    return found[1]


def sign_in(url: str, email: str, password: str) -> requests.Response:
    browser = requests.Session()
    browser.trust_env = False
    page = BeautifulSoup(browser.get(f"{url}/login", timeout=10).text, "html.parser")
    field = page.find("input", attrs={"name": "csrf_token"})
    assert field is not None
    form = {"csrf_token": str(field["value"]), "email": email, "password": password}
    return browser.post(f"{url}/login", data=form, timeout=10, allow_redirects=False)


def test_the_sign_in_it_prints_opens_the_app(first: FirstStart) -> None:
    assert first.sign_in_status in {302, 303}


def test_a_signal_stops_everything(first: FirstStart) -> None:
    assert first.exit_code == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{first.url}/healthz", timeout=5)


def test_a_second_start_prints_the_same_sign_in_and_prepares_nothing(first: FirstStart) -> None:
    with Trial(first.instance) as trial:
        again = trial.await_welcome()
    assert "Preparing the database" in first.welcome
    assert "Preparing the database" not in again
    assert "Installing" not in again
    assert shown(again, "Password") == shown(first.welcome, "Password")


def test_another_graph_address_leaves_sandbox_and_demo_out(tmp_path: Path) -> None:
    with Trial(tmp_path, GRAPH_API_BASE_URL="http://127.0.0.1:9", DEMO="1") as trial:
        welcome = trial.await_welcome()
    assert shown(welcome, "Graph API") == "http://127.0.0.1:9"
    assert "sandbox |" not in welcome
    assert "fictional company" not in welcome


def test_a_setting_the_app_refuses_ends_it_with_one_line(tmp_path: Path) -> None:
    with Trial(tmp_path, DATABASE_URL="mysql://shop") as trial:
        output, _ = trial.process.communicate(timeout=60)
    assert trial.process.returncode == 1
    assert "waba-console: DATABASE_URL must start with" in output
    assert "Traceback" not in output
