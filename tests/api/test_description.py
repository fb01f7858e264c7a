"""The API's description: open to all, complete, and true."""

from __future__ import annotations

import json
import re

import pytest

from tests.api.conftest import Program

PREFIX = "/api/whatsapp/api/"


@pytest.fixture
def spec(app):
    return Program(app, None).call("GET", "/api/whatsapp/openapi.json", status=200)


def operations(spec):
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_openapi_3_1_and_needs_no_key(spec):
    assert spec["openapi"].startswith("3.1")
    assert spec["servers"] == [{"url": "http://127.0.0.1:5000"}]


def test_every_route_is_described_and_nothing_else(app, spec):
    found = {(re.sub(r"{.+?}", "<>", path), method.upper()) for path, method, _ in operations(spec)}
    routes = {
        (re.sub(r"<.+?>", "<>", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert found == routes


def test_only_whatsapp_api_paths_are_described(spec):
    assert all(path.startswith(PREFIX) for path in spec["paths"])


def test_every_operation_has_words_a_key_and_its_errors(spec):
    ids = []
    for path, method, operation in operations(spec):
        assert operation["summary"], path
        assert operation["tags"], path
        ids.append(operation["operationId"])
        if path.endswith("/webhook/webhook/"):
            assert operation["security"] == []
            continue
        assert operation["security"] == [{"apiKey": []}]
        expected = {"401", "403", "404", "503"}
        if method in {"post", "put", "patch"} and "requestBody" in operation:
            expected |= {"400", "409", "413", "415", "422", "429"}
        assert expected <= operation["responses"].keys(), f"{method} {path}"
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere(spec):
    text = json.dumps(spec)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in spec["components"]["schemas"]


def test_every_error_example_has_the_one_shape(spec):
    for path, _, operation in operations(spec):
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and "content" in answer:
                example = answer["content"]["application/json"]["example"]
                assert set(example["error"]) == {"code", "message", "details"}, path


def test_the_fields_of_a_body_have_examples(spec):
    for name in ("SendMessageIn", "AccountSetup", "MessageTemplateIn"):
        for field, schema in spec["components"]["schemas"][name]["properties"].items():
            assert "example" in schema, f"{name}.{field}"


def test_answers_have_exactly_the_described_fields(program, make, spec):
    conversation = make.conversation()
    account = conversation.account
    rows = {
        "MessageOut": f"messages/{make.message(conversation).id}/",
        "AccountOut": f"accounts/{account.id}/",
        "PhoneNumberOut": f"phone-numbers/{account.phone_numbers[0].id}/",
        "MessageTemplateOut": f"templates/{make.message_template(account).id}/",
        "AccountAnalyticsOut": f"accounts/{account.id}/analytics/",
        "DashboardOut": "analytics/dashboard/",
    }
    for name, path in rows.items():
        schema = spec["components"]["schemas"][name]
        assert program().get(path).keys() == schema["properties"].keys(), name
        assert set(schema["required"]) == set(schema["properties"]), name
