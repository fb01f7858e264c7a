"""Who gets in: keys, their roles, their accounts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.extensions import db
from app.models import ApiKey, Role, utcnow
from tests.api.conftest import Program


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic b3duZXI6cGFzc3dvcmQ=",
        "Bearer waba_00000000_nosuchkey",
        "Bearer waba_\xff",
        "waba_00000000_nosuchkey",
    ],
)
def test_without_a_valid_key_the_answer_is_401_with_the_way_in(app, header):
    headers = {} if header is None else {"Authorization": header}
    response = Program(app, None).open("GET", "accounts/", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.json["error"]["code"] == "unauthorized"


def test_a_key_of_which_only_the_prefix_fits_opens_nothing(app, make):
    key = make.api_key()
    Program(app, key[:-1] + ("A" if key[-1] != "A" else "B")).refused("GET", "accounts/", 401)


def test_an_expired_key_opens_nothing(program):
    program(expires_at=utcnow() - timedelta(seconds=1)).refused("GET", "accounts/", 401)


def test_a_revoked_key_opens_nothing_from_the_next_request_on(program):
    caller = program()
    caller.get("accounts/")
    change_the_key(revoked_at=utcnow())
    caller.refused("GET", "accounts/", 401)


def test_a_demoted_key_loses_its_rights_at_once(program, make):
    account = make.account()
    caller = program(role="manager", accounts=[account])
    caller.call("PATCH", f"accounts/{account.id}/", json={"name": "New name"}, status=200)
    change_the_key(role=Role.VIEWER)
    caller.refused("PATCH", f"accounts/{account.id}/", 403, json={"name": "Another name"})


def test_a_signed_in_browser_is_nobody_here(app, page, sign_in):
    sign_in(role="owner")
    assert page.open("/api/whatsapp/api/accounts/").status == 401


def test_a_key_needs_no_form_token(program, make):
    account = make.account()
    program().call("PATCH", f"accounts/{account.id}/", json={"name": "New name"}, status=200)


ROUTES = [
    # method, path, who may
    ("GET", "accounts/", "viewer agent manager owner"),
    ("POST", "accounts/", "manager owner"),
    ("POST", "accounts/setup/", "manager owner"),
    ("GET", "accounts/{account}/", "viewer agent manager owner"),
    ("PUT", "accounts/{account}/", "manager owner"),
    ("PATCH", "accounts/{account}/", "manager owner"),
    ("DELETE", "accounts/{account}/", "manager owner"),
    ("GET", "accounts/{account}/limits/", "viewer agent manager owner"),
    ("PUT", "accounts/{account}/limits/", "manager owner"),
    ("POST", "accounts/{account}/media/", "agent manager owner"),
    ("GET", "accounts/{account}/receipts/", "viewer agent manager owner"),
    ("PUT", "accounts/{account}/receipts/", "manager owner"),
    ("POST", "accounts/{account}/send_message/", "agent manager owner"),
    ("GET", "planned-messages/", "viewer agent manager owner"),
    ("GET", "planned-messages/{plan}/", "viewer agent manager owner"),
    ("POST", "planned-messages/{plan}/cancel/", "agent manager owner"),
    ("POST", "planned-messages/{plan}/send_now/", "agent manager owner"),
    ("POST", "accounts/{account}/health_check/", "manager owner"),
    ("POST", "accounts/{account}/test_message/", "manager owner"),
    ("GET", "accounts/{account}/analytics/", "viewer agent manager owner"),
    ("GET", "accounts/{account}/health/", "viewer agent manager owner"),
    ("GET", "accounts/{account}/health-logs/", "viewer agent manager owner"),
    ("GET", "accounts/{account}/usage/", "viewer agent manager owner"),
    ("PUT", "accounts/{account}/time_zone/", "manager owner"),
    ("GET", "analytics/dashboard/", "viewer agent manager owner"),
    ("POST", "templates/sync/", "manager owner"),
    ("POST", "phone-numbers/sync/", "manager owner"),
    ("GET", "contacts/", "viewer agent manager owner"),
    ("GET", "contacts/{contact}/", "viewer agent manager owner"),
    ("PATCH", "contacts/{contact}/", "agent manager owner"),
    ("POST", "contacts/{contact}/opt_out/", "agent manager owner"),
    ("GET", "contact-fields/", "viewer agent manager owner"),
    ("POST", "contact-fields/", "manager owner"),
    ("GET", "contact-fields/{field}/", "viewer agent manager owner"),
    ("PATCH", "contact-fields/{field}/", "manager owner"),
    ("GET", "contact-imports/", "manager owner"),
    ("POST", "contact-imports/", "manager owner"),
    ("GET", "contact-imports/{contactimport}/", "manager owner"),
    ("POST", "contact-imports/{contactimport}/undo/", "manager owner"),
    ("POST", "contacts/{contact}/data/", "owner"),
    ("POST", "contacts/{contact}/erase/", "owner"),
    ("GET", "erasures/", "owner"),
    ("GET", "erasures/{erasure}/", "owner"),
    ("POST", "contacts/{contact}/opt_in/", "agent manager owner"),
    ("GET", "contacts/{contact}/addresses/", "viewer agent manager owner"),
    ("POST", "contacts/addresses/{address}/refuse/", "agent manager owner"),
    ("GET", "contacts/joins/", "viewer agent manager owner"),
    ("POST", "contacts/joins/{join}/accept/", "agent manager owner"),
    ("POST", "contacts/joins/{join}/dismiss/", "agent manager owner"),
    ("POST", "contacts/joins/{join}/undo/", "agent manager owner"),
    ("POST", "contacts/{contact}/join/", "agent manager owner"),
    ("POST", "contacts/{contact}/block/", "agent manager owner"),
    ("POST", "contacts/{contact}/unblock/", "agent manager owner"),
    ("GET", "contacts/blocked/", "viewer agent manager owner"),
    ("POST", "contacts/blocked/sync/", "agent manager owner"),
    ("GET", "conversations/", "viewer agent manager owner"),
    ("GET", "conversations/{conversation}/", "viewer agent manager owner"),
    ("POST", "conversations/bulk/", "agent manager owner"),
    ("POST", "conversations/{conversation}/mark_read/", "agent manager owner"),
    ("POST", "conversations/{conversation}/take_over/", "agent manager owner"),
    ("POST", "conversations/{conversation}/give_back/", "agent manager owner"),
    ("POST", "conversations/{conversation}/assign/", "agent manager owner"),
    ("POST", "conversations/{conversation}/close/", "agent manager owner"),
    ("POST", "conversations/{conversation}/reopen/", "agent manager owner"),
    ("GET", "conversations/{conversation}/notes/", "agent manager owner"),
    ("POST", "conversations/{conversation}/notes/", "agent manager owner"),
    ("POST", "messages/{message}/retry/", "agent manager owner"),
    ("POST", "messages/{message}/give_up/", "agent manager owner"),
    ("GET", "users/", "owner"),
    ("POST", "users/", "owner"),
    ("GET", "users/{user}/", "owner"),
    ("PATCH", "users/{user}/", "owner"),
    ("GET", "api-keys/", "owner"),
    ("POST", "api-keys/", "owner"),
    ("GET", "api-keys/{key}/", "owner"),
    ("DELETE", "api-keys/{key}/", "owner"),
    ("GET", "templates/", "viewer agent manager owner"),
    ("POST", "templates/lint/", "viewer agent manager owner"),
    ("GET", "templates/export/", "viewer agent manager owner"),
    ("POST", "templates/import/", "manager owner"),
    ("GET", "templates/{template}/family/", "viewer agent manager owner"),
    ("PUT", "templates/{template}/family/", "manager owner"),
    ("POST", "templates/", "manager owner"),
    ("GET", "templates/{template}/", "viewer agent manager owner"),
    ("PUT", "templates/{template}/", "manager owner"),
    ("DELETE", "templates/{template}/", "manager owner"),
    ("POST", "templates/{template}/submit_for_approval/", "manager owner"),
    ("GET", "templates/{template}/uses/", "viewer agent manager owner"),
    ("GET", "templates/{template}/versions/", "viewer agent manager owner"),
    ("POST", "templates/{template}/versions/{version}/restore/", "manager owner"),
    ("GET", "flows/", "viewer agent manager owner"),
    ("POST", "flows/", "manager owner"),
    ("POST", "flows/sync/", "manager owner"),
    ("GET", "flows/answers/", "viewer agent manager owner"),
    ("GET", "flows/{flow}/", "viewer agent manager owner"),
    ("PUT", "flows/{flow}/", "manager owner"),
    ("DELETE", "flows/{flow}/", "manager owner"),
    ("POST", "flows/{flow}/publish/", "manager owner"),
    ("POST", "flows/{flow}/deprecate/", "manager owner"),
    ("POST", "flows/{flow}/preview/", "manager owner"),
    ("GET", "flows/{flow}/answers/", "viewer agent manager owner"),
    ("GET", "flows/{flow}/answers/csv/", "viewer agent manager owner"),
    ("GET", "flows/{flow}/events/", "viewer agent manager owner"),
    ("GET", "phone-numbers/", "viewer agent manager owner"),
    ("POST", "phone-numbers/", "manager owner"),
    ("GET", "phone-numbers/{number}/", "viewer agent manager owner"),
    ("PUT", "phone-numbers/{number}/", "manager owner"),
    ("DELETE", "phone-numbers/{number}/", "manager owner"),
    ("GET", "media/{media}/", "viewer agent manager owner"),
    ("GET", "messages/", "viewer agent manager owner"),
    ("GET", "messages/{message}/", "viewer agent manager owner"),
    ("GET", "messages/{message}/calls/", "manager owner"),
    ("GET", "messages/{message}/passport/", "viewer agent manager owner"),
    ("GET", "knowledge/articles/", "viewer agent manager owner"),
    ("POST", "knowledge/articles/", "manager owner"),
    ("GET", "knowledge/articles/{article}/", "viewer agent manager owner"),
    ("PUT", "knowledge/articles/{article}/", "manager owner"),
    ("DELETE", "knowledge/articles/{article}/", "manager owner"),
    ("POST", "knowledge/search/", "viewer agent manager owner"),
    ("GET", "knowledge/imports/", "viewer agent manager owner"),
    ("POST", "knowledge/imports/", "manager owner"),
    ("GET", "knowledge/imports/{import}/", "viewer agent manager owner"),
    ("GET", "bot/settings/{account}/", "viewer agent manager owner"),
    ("PATCH", "bot/settings/{account}/", "manager owner"),
    ("GET", "bot/rules/", "viewer agent manager owner"),
    ("POST", "bot/rules/", "manager owner"),
    ("GET", "bot/rules/{rule}/", "viewer agent manager owner"),
    ("PUT", "bot/rules/{rule}/", "manager owner"),
    ("DELETE", "bot/rules/{rule}/", "manager owner"),
    ("POST", "bot/try/", "viewer agent manager owner"),
    ("GET", "bot/traces/", "viewer agent manager owner"),
    ("GET", "bot/traces/{inbound}/", "viewer agent manager owner"),
    ("GET", "canned-replies/", "agent manager owner"),
    ("POST", "canned-replies/", "manager owner"),
    ("GET", "canned-replies/{canned}/", "agent manager owner"),
    ("PUT", "canned-replies/{canned}/", "manager owner"),
    ("DELETE", "canned-replies/{canned}/", "manager owner"),
    ("GET", "teams/", "agent manager owner"),
    ("POST", "teams/", "owner"),
    ("GET", "teams/{team}/", "agent manager owner"),
    ("PUT", "teams/{team}/", "owner"),
    ("DELETE", "teams/{team}/", "owner"),
    ("GET", "accounts/{account}/teamwork/", "viewer agent manager owner"),
    ("PATCH", "accounts/{account}/teamwork/", "manager owner"),
    ("GET", "analytics/service_times/", "manager owner"),
    ("GET", "webhook-events/", "manager owner"),
    ("GET", "webhook-events/{event}/", "manager owner"),
    ("POST", "webhook-events/{event}/replay/", "manager owner"),
    ("GET", "outgoing-webhooks/", "owner"),
    ("POST", "outgoing-webhooks/", "owner"),
    ("GET", "outgoing-webhooks/{outgoing}/", "owner"),
    ("PUT", "outgoing-webhooks/{outgoing}/", "owner"),
    ("DELETE", "outgoing-webhooks/{outgoing}/", "owner"),
    ("POST", "outgoing-webhooks/{outgoing}/rotate_secret/", "owner"),
    ("POST", "outgoing-webhooks/{outgoing}/test/", "owner"),
    ("GET", "outgoing-webhooks/deliveries/", "owner"),
    ("POST", "outgoing-webhooks/deliveries/replay/", "owner"),
    ("GET", "outgoing-webhooks/deliveries/{delivery}/", "owner"),
    ("POST", "outgoing-webhooks/deliveries/{delivery}/replay/", "owner"),
]


def _key(make, account):
    make.api_key(role="viewer", accounts=[account])
    return db.session.scalars(db.select(ApiKey).order_by(ApiKey.id.desc())).first()


@pytest.fixture
def things(make):
    """One of each, of one account."""
    conversation = make.conversation()
    account = conversation.account
    inbound = make.message(conversation, outbound=False)
    make.bot_trace(inbound)
    outgoing = make.outgoing_webhook(accounts=[account])
    message_template = make.message_template(account)
    return {
        "outgoing": outgoing,
        "delivery": make.outgoing_delivery(outgoing, account_id=account.id),
        "account": account,
        "conversation": conversation,
        "contact": conversation.contact,
        "address": make.contact_address(conversation.contact),
        "join": make.contact_join(make.contact(account), conversation.contact),
        "user": make.user(role="viewer"),
        "key": _key(make, account),
        "number": account.phone_numbers[0],
        "template": message_template,
        "version": make.message_template_version(message_template),
        "message": make.message(conversation),
        "plan": make.planned_message(conversation),
        "inbound": inbound,
        "rule": make.bot_rule(account),
        "canned": make.canned_reply(account),
        "team": make.team(account),
        "erasure": make.erasure(account),
        "contactimport": make.contact_import(account),
        "field": make.contact_field(account),
        "media": make.media_file(make.message(conversation, outbound=False, message_type="image")),
        "flow": make.flow(account),
        "event": make.webhook_event(account),
        "article": make.article(account),
        "import": make.knowledge_import(account),
    }


def test_every_route_is_in_the_table(app):
    known = {(method, f"/api/whatsapp/api/{path}") for method, path, _ in ROUTES}
    known = {(method, re.sub(r"{[a-z]+}", "<>", path)) for method, path in known}
    found = {
        (method, re.sub(r"<[^>]+>", "<>", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert found == known


def test_a_role_gets_403_where_it_may_not_and_never_where_it_may(program, things):
    callers = {role: program(role=role, accounts=[things["account"]]) for role in Role}
    ids = {name: row.id for name, row in things.items()}
    for method, path, allowed in ROUTES:
        for role, caller in callers.items():
            # An empty body is refused by every route that takes one, so that nothing happens.
            body = {} if method == "GET" else {"json": {"no_such_field": 1}}
            if method == "DELETE" and role in allowed.split():
                continue
            status = caller.open(method, path.format(**ids), **body).status_code
            assert (status == 403) == (role not in allowed.split()), f"{role} {method} {path}: {status}"


def test_what_belongs_to_another_account_does_not_exist(program, make, things):
    caller = program(role="manager", accounts=[make.account()])
    ids = {name: row.id for name, row in things.items()}
    bodies = {
        ("PUT", "templates/{template}/"): {
            "name": "a",
            "language": "en",
            "category": "UTILITY",
            "components": [],
        },
        ("PUT", "phone-numbers/{number}/"): {"display_number": "+44 1"},
        ("POST", "accounts/{account}/send_message/"): {
            "to_phone_number": "+447700900123",
            "message_type": "text",
            "text_content": "Hello",
        },
    }
    for method, path, allowed in ROUTES:
        if "{" not in path or "manager" not in allowed:
            continue
        body = {} if method in {"GET", "DELETE"} else {"json": bodies.get((method, path), {})}
        assert caller.refused(method, path.format(**ids), 404, **body)["code"] == "not_found"
    for path in ("accounts/", "messages/", "templates/", "phone-numbers/"):
        assert things["account"].id not in {row.get("waba_account_id") for row in caller.get(path)["results"]}


def test_an_account_of_others_in_a_body_does_not_exist_either(program, make, things):
    caller = program(role="manager", accounts=[make.account()])
    foreign = things["account"].id
    caller.refused(
        "POST", "phone-numbers/", 404, json={"waba_account_id": foreign, "phone_number_id": "123456"}
    )
    template = {"name": "a", "language": "en", "category": "UTILITY", "components": []}
    caller.refused("POST", "templates/", 404, json={"waba_account_id": foreign, **template})


def test_a_filter_by_an_account_of_others_finds_nothing(program, make, things):
    caller = program(role="viewer", accounts=[make.account()])
    for path in ("messages/", "templates/", "phone-numbers/"):
        assert caller.get(path, account=things["account"].id)["results"] == []


def change_the_key(**values):
    key = db.session.scalars(db.select(ApiKey)).one()
    for name, value in values.items():
        setattr(key, name, value)
    db.session.commit()
