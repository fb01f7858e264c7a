"""`send_message/`: every kind, the window, names of what is wrong, and the same key twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.extensions import db
from app.models import AccountStatus, Contact, Conversation, Message, MessageTemplateStatus
from tests.api.conftest import Program

TO = "+447700900123"
TEXT = {"to_phone_number": TO, "message_type": "text", "text_content": "Hello Grace"}
MESSAGE_FIELDS = {
    "id",
    "waba_account_id",
    "phone_number_id",
    "wamid",
    "direction",
    "status",
    "message_type",
    "to_phone_number",
    "from_phone_number",
    "text_content",
    "content",
    "error",
    "created_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "failed_at",
}


@pytest.fixture
def open_account(make):
    """An account whose customer TO has just written."""
    account = make.account()
    make.conversation(account, contact=make.contact(account, wa_id=TO[1:]))
    return account


@pytest.fixture
def send(program, open_account):
    caller = program(role="agent", accounts=[open_account])

    def _send(body, *, status=202, headers=None):
        path = f"accounts/{open_account.id}/send_message/"
        return caller.call("POST", path, json=body, status=status, headers=headers)

    return _send


@pytest.fixture
def wrong(program, open_account):
    caller = program(role="agent", accounts=[open_account])

    def _wrong(**changes):
        body = {name: value for name, value in {**TEXT, **changes}.items() if value is not None}
        return caller.refused_fields("POST", f"accounts/{open_account.id}/send_message/", json=body)

    return _wrong


def test_a_text_is_queued_and_shown_as_a_message(send, open_account):
    message = send(TEXT)
    assert message.keys() >= MESSAGE_FIELDS
    number = open_account.phone_numbers[0]
    assert message["waba_account_id"] == open_account.id
    assert message["phone_number_id"] == number.id
    assert message["direction"] == "outbound"
    assert message["status"] == "queued"
    assert message["wamid"] is None
    assert message["error"] is None
    assert message["to_phone_number"] == TO
    assert message["from_phone_number"] == number.phone_number
    assert message["text_content"] == "Hello Grace"
    assert message["content"] == {"body": "Hello Grace", "preview_url": False}
    assert message["created_at"].endswith("Z")
    assert message["sent_at"] is None


def test_the_key_that_sent_it_is_kept(send):
    message_id = send(TEXT)["id"]
    message = db.session.get(Message, message_id)
    assert message.api_key_id is not None
    assert message.sender_id is None


@pytest.mark.parametrize(
    "spelling", ["+44 7700 900123", "00447700900123", "+44 (7700) 900-123", "07700 900123"]
)
def test_a_number_may_be_spelt_in_any_way(send, spelling):
    assert send({**TEXT, "to_phone_number": spelling})["to_phone_number"] == TO


def test_a_user_id_may_stand_instead_of_a_number(send, make, open_account):
    contact = make.contact(open_account, wa_id=None, user_id="US.7310000000000001")
    make.conversation(open_account, contact=contact)
    body = {"to_user_id": "US.7310000000000001", "message_type": "text", "text_content": "Hello"}
    message = send(body)
    assert message["to_user_id"] == "US.7310000000000001"
    assert message["to_phone_number"] is None


@pytest.mark.parametrize("which", ["ours", "meta"])
def test_the_sending_number_is_named_by_our_id_or_metas(send, make, open_account, which):
    second = make.number(open_account)
    contact = db.session.scalars(db.select(Contact)).one()
    db.session.add(
        Conversation(
            account_id=open_account.id,
            phone_number_id=second.id,
            contact_id=contact.id,
            last_inbound_at=make.conversation(open_account).last_inbound_at,
        )
    )
    db.session.commit()
    wanted = second.id if which == "ours" else second.meta_id
    assert send({**TEXT, "phone_number_id": wanted})["phone_number_id"] == second.id


KINDS = {
    "image": {"link": "https://shop.example.com/a.jpg", "caption": "Our shop"},
    "video": {"id": "100200300400500"},
    "audio": {"link": "https://shop.example.com/a.ogg"},
    "document": {"link": "https://shop.example.com/a.pdf", "filename": "invoice.pdf", "caption": "Invoice"},
    "sticker": {"id": "100200300400500"},
    "location": {"latitude": 50.8, "longitude": -1.09, "name": "Shop", "address": "12 Harbour Lane"},
    "contacts": [
        {
            "name": {"formatted_name": "Grace Hall", "first_name": "Grace"},
            "phones": [{"phone": "+447700900123"}],
        }
    ],
    "reaction": {"message_id": "wamid.A", "emoji": "👍"},
    "interactive": {
        "type": "button",
        "body": {"text": "Does Tuesday suit you?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]},
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_takes_metas_object_and_shows_it_unchanged(send, kind):
    message = send({"to_phone_number": TO, "message_type": kind, kind: KINDS[kind]})
    assert message["message_type"] == kind
    assert message["content"] == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_without_its_object_names_the_missing_field(wrong, kind):
    fields = wrong(message_type=kind, text_content=None)
    assert any(name == kind or name.startswith((f"{kind}.", f"{kind}[")) for name in fields), fields


@pytest.mark.parametrize("quote", ["context_message_id", "reply_to"])
def test_a_message_can_quote_another(send, quote):
    message_id = send({**TEXT, quote: "wamid.HBgM"})["id"]
    assert db.session.get(Message, message_id).context_wamid == "wamid.HBgM"


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"to_phone_number": None}, "to_phone_number"),
        ({"to_phone_number": "twelve"}, "to_phone_number"),
        ({"to_user_id": "US.7310000000000001"}, "to_phone_number"),
        ({"message_type": None}, "message_type"),
        ({"message_type": "carrier_pigeon"}, "message_type"),
        ({"text_content": None}, "text_content"),
        ({"text_content": ""}, "text_content"),
        ({"text_content": "x" * 4097}, "text_content"),
        ({"text_content": ["Hello"]}, "text_content"),
        ({"preview_url": "yes"}, "preview_url"),
        ({"waba_account_id": 2_000_000}, "waba_account_id"),
        ({"waba_account_id": "1"}, "waba_account_id"),
        ({"phone_number_id": 2_000_000}, "phone_number_id"),
        ({"phone_number_id": "108293047599999"}, "phone_number_id"),
        ({"image": {"link": "https://shop.example.com/a.jpg"}}, "image"),
        ({"template_name": "order_update"}, "template_name"),
        ({"context_message_id": "wamid.A", "reply_to": "wamid.B"}, "reply_to"),
        ({"message_type": "image", "text_content": None, "image": {"link": "ftp://a"}}, "image.link"),
    ],
)
def test_what_is_wrong_is_named_under_the_callers_own_name(wrong, changes, field):
    assert field in wrong(**changes)


def test_nothing_is_stored_when_something_is_wrong(wrong):
    wrong(text_content="")
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 0


def test_free_text_outside_the_window_is_a_409_that_says_what_to_do(program, make):
    account = make.account()
    make.conversation(account, window_open=False, contact=make.contact(account, wa_id=TO[1:]))
    error = program().refused("POST", f"accounts/{account.id}/send_message/", 409, json=TEXT)
    assert error["code"] == "window_closed"
    assert "message template" in error["message"]


def test_an_account_that_is_not_connected_answers_409(program, make):
    account = make.account(status=AccountStatus.SETUP, setup_step=2)
    error = program().refused("POST", f"accounts/{account.id}/send_message/", 409, json=TEXT)
    assert error["code"] == "account_not_ready"


def test_an_account_without_a_number_answers_409(program, make):
    account = make.account(number=False)
    error = program().refused("POST", f"accounts/{account.id}/send_message/", 409, json=TEXT)
    assert error["code"] == "account_not_ready"


# --- message templates -----------------------------------------------------------------------------------

META_OBJECT = {
    "name": "order_update",
    "language": {"code": "en_US"},
    "components": [
        {
            "type": "body",
            "parameters": [{"type": "text", "text": "Grace"}, {"type": "text", "text": "BM-1042"}],
        }
    ],
}


def flat(**changes):
    body = {"to_phone_number": TO, "message_type": "template", "template_name": "order_update", **changes}
    return {name: value for name, value in body.items() if value is not None}


@pytest.fixture
def order_update(make, open_account):
    return make.message_template(open_account, name="order_update")


def test_a_message_template_goes_out_while_the_window_is_closed(program, make):
    account = make.account()
    make.message_template(account, name="order_update")
    body = {"to_phone_number": "+447700900999", "message_type": "template", "template": META_OBJECT}
    message = program().call("POST", f"accounts/{account.id}/send_message/", json=body, status=202)
    assert message["text_content"] == "Hello Grace, your order BM-1042 is on its way."


@pytest.mark.parametrize(
    "parameters",
    [["Grace", "BM-1042"], {"body": ["Grace", "BM-1042"]}, {"body": {"1": "Grace", "2": "BM-1042"}}],
)
def test_the_flat_fields_make_the_same_object(send, order_update, parameters):
    message = send(flat(template_language="en_US", template_parameters=parameters))
    assert message["content"] == META_OBJECT


def test_the_only_language_need_not_be_named(send, order_update):
    assert send(flat(template_parameters=["Grace", "BM-1042"]))["content"]["language"] == {"code": "en_US"}


def test_of_several_languages_one_must_be_named(wrong, make, open_account, order_update):
    make.message_template(open_account, name="order_update", language="de")
    fields = wrong(**{"text_content": None, **flat(template_parameters=["Grace", "BM-1042"])})
    assert "de, en_US" in fields["template_language"][0]


def test_a_link_buttons_end_is_given_by_the_buttons_position(send, make, open_account):
    make.message_template(
        open_account,
        name="track",
        components=[
            {"type": "BODY", "text": "On its way."},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Thanks"},
                    {"type": "URL", "text": "Track", "url": "https://shop.example.com/{{1}}"},
                ],
            },
        ],
    )
    message = send(flat(template_name="track", template_parameters={"buttons": {"1": "BM-1042"}}))
    assert message["content"]["components"] == [
        {
            "type": "button",
            "sub_type": "url",
            "index": "1",
            "parameters": [{"type": "text", "text": "BM-1042"}],
        }
    ]


def test_named_places_are_given_by_name(send, make, open_account):
    make.message_template(
        open_account,
        name="named",
        parameter_format="NAMED",
        components=[{"type": "BODY", "text": "Hello {{first_name}}."}],
    )
    message = send(flat(template_name="named", template_parameters={"body": {"first_name": "Grace"}}))
    assert message["text_content"] == "Hello Grace."


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"template_name": "no_such"}, "template_name"),
        ({"template_name": None, "template_language": "en_US"}, "template_name"),
        ({"template_language": "fr"}, "template_language"),
        ({"template_parameters": None}, "template_parameters"),
        ({"template_parameters": ["Grace"]}, "template_parameters"),
        ({"template_parameters": ["Grace", "BM-1042", "more"]}, "template_parameters"),
        ({"template_parameters": {"footer": ["x"]}}, "template_parameters"),
        ({"template_parameters": {"body": "Grace"}}, "template_parameters"),
        ({"template_parameters": ["Grace", True]}, "template_parameters"),
        ({"template_parameters": "Grace"}, "template_parameters"),
        ({"template": META_OBJECT}, "template_name"),
    ],
)
def test_what_is_wrong_with_the_flat_fields_is_named(wrong, order_update, changes, field):
    body = flat(**{"template_parameters": ["Grace", "BM-1042"], **changes})
    assert field in wrong(**{"text_content": None, "template_name": None, **body})


def test_a_message_template_that_is_not_approved_is_refused(wrong, make, open_account):
    make.message_template(open_account, name="order_update", status=MessageTemplateStatus.PAUSED)
    fields = wrong(**{"text_content": None, **flat(template_parameters=["Grace", "BM-1042"])})
    assert "only an approved one" in fields["template_name"][0]


# --- the same key ----------------------------------------------------------------------------------------


def with_key(key="order-1042"):
    return {"Idempotency-Key": key}


def test_the_same_key_with_the_same_body_is_the_same_message(send):
    first = send(TEXT, headers=with_key())
    again = send(dict(reversed(TEXT.items())), headers=with_key())
    assert again == first
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 1


def test_the_same_key_with_another_body_is_a_409(send):
    send(TEXT, headers=with_key())
    error = send({**TEXT, "text_content": "Other"}, headers=with_key(), status=409)["error"]
    assert error["code"] == "idempotency_key_reused"


def test_the_same_key_answers_the_same_after_the_window_has_closed(send):
    first = send(TEXT, headers=with_key())
    conversation = db.session.scalars(db.select(Conversation)).one()
    conversation.last_inbound_at = None
    db.session.commit()
    assert send(TEXT, headers=with_key())["id"] == first["id"]


def test_other_keys_and_no_key_are_other_messages(send):
    ids = {send(TEXT, headers=headers)["id"] for headers in (with_key("a"), with_key("b"), None, None)}
    assert len(ids) == 4


def test_the_same_key_in_another_account_is_another_message(program, make, send, open_account):
    first = send(TEXT, headers=with_key())
    other = make.account()
    make.conversation(other, contact=make.contact(other, wa_id=TO[1:]))
    path = f"accounts/{other.id}/send_message/"
    second = program().call("POST", path, json=TEXT, headers=with_key(), status=202)
    assert second["id"] != first["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "ä", "a\tb"])
def test_a_key_that_is_empty_too_long_or_not_visible_is_refused(send, key):
    error = send(TEXT, headers=with_key(key), status=422)["error"]
    assert "Idempotency-Key" in error["details"]["fields"]


def test_ten_sends_at_once_with_one_key_are_one_message(app, make, open_account):
    key = make.api_key(role="agent", accounts=[open_account])
    path = f"accounts/{open_account.id}/send_message/"
    db.session.rollback()  # the test's own transaction would hold SQLite's write lock

    def one(_):
        return Program(app, key).call("POST", path, json=TEXT, headers=with_key(), status=202)["id"]

    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(one, range(10)))) == 1
    assert db.session.scalar(db.select(db.func.count(Message.id))) == 1


def test_a_dry_run_shows_what_would_be_sent_and_keeps_nothing(send, app):
    told = send({**TEXT, "dry_run": True}, status=200)
    assert (told["dry_run"], told["message_type"], told["to_phone_number"]) == (True, "text", TO)
    assert told["content"] == {"body": "Hello Grace", "preview_url": False}
    assert db.session.query(Message).count() == 0


def test_a_dry_run_to_a_stranger_leaves_no_contact_behind(program, open_account):
    body = {
        "to_phone_number": "+447700900999",
        "message_type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}},
        "dry_run": True,
    }
    path = f"accounts/{open_account.id}/send_message/"
    told = program().call("POST", path, json=body, status=200)
    assert told["to_phone_number"] == "+447700900999"
    assert (db.session.query(Contact).count(), db.session.query(Conversation).count()) == (1, 1)


def test_a_dry_run_is_refused_as_the_send_would_be(program, make):
    account = make.account()
    make.conversation(account, contact=make.contact(account, wa_id=TO[1:]), window_open=False)
    path = f"accounts/{account.id}/send_message/"
    error = program().refused("POST", path, 409, json={**TEXT, "dry_run": True})
    assert error["code"] == "window_closed"


def test_a_dry_run_uses_no_key_up(send):
    key = {"Idempotency-Key": "order-1"}
    send({**TEXT, "dry_run": True}, status=200, headers=key)
    sent = send(TEXT, headers=key)
    assert send(TEXT, headers=key)["id"] == sent["id"]
