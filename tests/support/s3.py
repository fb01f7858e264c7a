"""A real S3-compatible server from a wheel, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from config import S3Settings
from tests.support.ports import free_port
from tests.support.processes import wait_until

BUCKET = "console-files"


class S3Server:
    """`settings` lead to it. It keeps everything in memory and forgets it when it is stopped."""

    def __init__(self) -> None:
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self.settings = S3Settings(
            endpoint_url=self.url,
            bucket=BUCKET,
            region="us-east-1",
            access_key_id="CANARY-access-key",
            secret_access_key="CANARY-secret-key",
        )

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self._port)]
        self._process = subprocess.Popen(
            command, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(self._answers, what="the S3 server answers")
        requests.put(f"{self.url}/{BUCKET}", timeout=10).raise_for_status()

    def _answers(self) -> bool:
        return requests.get(f"{self.url}/moto-api/", timeout=2).status_code < 500

    def names(self) -> str:
        """The listing of the bucket, as S3 words it."""
        return requests.get(f"{self.url}/{BUCKET}?list-type=2", timeout=10).text

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    yield server
    server.stop()
