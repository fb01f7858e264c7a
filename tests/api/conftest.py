"""A program with an API key, and the checks that hold for each of its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models import Account
from tests.support.factories import ACCESS_TOKEN, APP_SECRET, Factory

BASE = "/api/whatsapp/api"


class Program:
    """Calls the API as a customer's system does. `call("POST", "accounts/", json={…}, status=201)`."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def call(self, method: str, path: str, *, status: int | None = None, **options: Any) -> Any:
        response = self.open(method, path, **options)
        if status is not None:
            assert response.status_code == status, f"{response.status_code}: {response.text[:800]}"
        return response.json if response.data else None

    def open(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        url = path if path.startswith(("/", "http")) else f"{BASE}/{path}"
        response = self._client.open(
            url, method=method, headers={**self._headers, **(headers or {})}, **options
        )
        check_answer(response)
        return response

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, status=200, query_string=query)

    def refused(self, method: str, path: str, status: int, **options: Any) -> dict[str, Any]:
        """The error of a call that must fail with this status."""
        error: dict[str, Any] = self.call(method, path, status=status, **options)["error"]
        return error

    def refused_fields(self, method: str, path: str, **options: Any) -> dict[str, list[str]]:
        fields: dict[str, list[str]] = self.refused(method, path, 422, **options)["details"]["fields"]
        return fields


def check_answer(response: TestResponse) -> None:
    """What must hold for every answer: no 500, one error shape, no secret, not kept by any cache."""
    assert response.status_code < 500 or response.status_code in {503, 504}, response.text[:800]
    assert response.headers["Cache-Control"] == "no-store"
    for secret in (APP_SECRET, ACCESS_TOKEN):
        assert secret not in response.text
    if response.status_code >= 400:
        assert response.mimetype == "application/json", response.text[:300]
        assert set(response.json["error"]) == {"code", "message", "details"}
        assert response.json["error"]["message"]


@pytest.fixture
def program(app: Flask, make: Factory) -> Callable[..., Program]:
    """`program(role="agent", accounts=[account])`: a program with a fresh key of that role."""

    def _program(role: str = "owner", accounts: list[Account] | None = None, **values: Any) -> Program:
        return Program(app, make.api_key(role=role, accounts=accounts, **values))

    return _program
