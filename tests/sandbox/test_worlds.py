"""Several accounts side by side: none sees or changes anything of another, whatever ids are sent."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

import app.sandbox.graph  # noqa: F401 (registers the endpoints)
from app.sandbox.graph.registry import ENDPOINTS
from tests.sandbox.attack import read_names
from tests.sandbox.attack_bodies import MESSAGE_TEMPLATES
from tests.sandbox.support import CUSTOMER, Meta, RunningSandbox, error_of, eventually, wamid_of

# What a request of anybody adds to, whoever sent it.
LOGS = {"requests", "deliveries", "timers", "node_events"}
THREADS = 8


class World:
    """An account with one of everything."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.meta = meta = Meta(sandbox, sandbox.control("POST", "accounts", {}).json())
        self.inbound = meta.receive().json()["wamid"]
        self.outbound = wamid_of(meta.send_text())
        form = {"name": "A flow", "categories": '["OTHER"]'}
        query = {"file_length": "5", "file_type": "image/png", "file_name": "a"}
        listed = meta.get(f"{meta.waba_id}/message_templates").json()["data"]
        self.handle = meta.handle("image/png")
        self.ids = {
            "waba": meta.waba_id,
            "phone_number": meta.number_id,
            "app": meta.app_id,
            "business": meta.account["meta_business_account_id"],
            "message_template": listed[0]["id"],
            "flow": meta.call("POST", f"{meta.waba_id}/flows", data=form).json()["id"],
            "media": upload(meta).json()["id"],
            "upload": meta.call("POST", f"{meta.app_id}/uploads", params=query).json()["id"],
        }
        meta.post(f"{meta.number_id}/block_users", {"messaging_product": "whatsapp", "block_users": [
            {"user": "+447700900901"}]})  # fmt: skip
        read = f"messages?phone_number_id={meta.number_id}&to={CUSTOMER}&limit=1"
        eventually(lambda: sandbox.logged(read)[0]["status"] == "read")
        self.code = meta.post(f"{meta.number_id}/message_qrdls", {"prefilled_message": "Hi"}).json()["code"]

    def rows(self) -> dict[str, list[str]]:
        """All that stands in the database about it, but for logs."""
        db = self.meta.sandbox.app.extensions["sandbox"].db
        tables = [row["name"] for row in db.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {}
        for table in set(tables) - LOGS:
            rows = [repr(row) for row in db.rows(f"SELECT * FROM {table}")]
            found[table] = sorted(row for row in rows if any(known in row for known in self.ids.values()))
        return found


def upload(meta: Meta) -> requests.Response:
    files = {"file": ("a.png", b"\x89PNG", "image/png")}
    return meta.call("POST", f"{meta.number_id}/media", data={"messaging_product": "whatsapp"}, files=files)


@pytest.fixture
def worlds(sandbox: RunningSandbox) -> tuple[World, World]:
    sandbox.control("POST", "settings", {"sent_delay_s": 0, "delivered_delay_s": 0, "read_delay_s": 0})
    return World(sandbox), World(sandbox)


def paths_into(other: World) -> list[tuple[str, str]]:
    """(method, path) of every edge, with ids of that world."""
    return [
        (method, "/".join(part for part in (other.ids[kind], edge.replace("*", other.code)) if part))
        for kind, edge, method in ENDPOINTS
        if kind in other.ids
    ]


def knock(own: World, other: World) -> list[str]:
    """Every edge of the other world with this one's tokens, and bodies that would do something."""
    wrong = []
    bodies = [{"messaging_product": "whatsapp", "to": "+447700900900", "type": "text", "text": {"body": "A"}},
              {"messaging_product": "whatsapp", "pin": "123456", "name": "A", "categories": ["OTHER"]},
              {**MESSAGE_TEMPLATES[0], "file_type": "image/png", "file_length": "5"}]  # fmt: skip
    for method, path in paths_into(other):
        for token in (own.meta.token, own.meta.app_token):
            for body in bodies[: 1 if method == "GET" else 3]:
                more: dict[str, Any] = {"params": {"limit": "5"}} if method == "GET" else {"json": body}
                answer = own.meta.call(method, path, token=token, **more)
                if not 400 <= answer.status_code < 500 or any(known in answer.text for known in (
                        other.meta.token, other.meta.account["app_secret"], "+447700900901")):  # fmt: skip
                    wrong.append(f"{method} {path} {answer.status_code} {answer.text[:200]}")
    return wrong


def test_no_edge_of_another_account_answers_or_changes(worlds: tuple[World, World]) -> None:
    own, other = worlds
    before = other.rows()
    assert knock(own, other) == []
    assert other.rows() == before


def test_ids_of_another_account_are_unknown_in_bodies_and_queries(worlds: tuple[World, World]) -> None:
    own, other = worlds
    before = other.rows()
    meta, number = own.meta, own.meta.number_id
    ids = ",".join(other.ids[kind] for kind in ("waba", "message_template"))
    answers = [
        meta.send(type="image", image={"id": other.ids["media"]}),
        meta.post(f"{number}/messages", {
            "messaging_product": "whatsapp", "status": "read", "message_id": other.inbound}),
        meta.get(other.ids["media"], phone_number_id=number),
        meta.get(own.ids["media"], phone_number_id=other.meta.number_id),
        meta.get("", ids=ids),
        meta.get("", ids=f"{own.ids['waba']},{other.ids['waba']}"),
        meta.post(f"{own.ids['waba']}/migrate_flows", {"source_waba_id": other.ids["waba"]}),
        meta.post(f"{own.ids['waba']}/migrate_message_templates", {"source_waba_id": other.ids["waba"]}),
        meta.get(f"{own.ids['message_template']}/compare", template_ids=f"[{other.ids['message_template']}]",
                 start="1", end="2"),
        meta.get("debug_token", input_token=other.meta.token),
        meta.call("DELETE", f"{number}/message_qrdls/{other.code}"),
        meta.call("DELETE", f"{own.ids['waba']}/message_templates",
                  params={"hsm_id": other.ids["message_template"], "name": "hello_world"}),
        meta.post(f"{number}/whatsapp_business_profile", {
            "messaging_product": "whatsapp", "profile_picture_handle": other.handle}),
        meta.post(f"{own.ids['waba']}/message_templates", {
            "name": "with_picture", "language": "en_US", "category": "MARKETING", "components": [
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [other.handle]}},
                {"type": "BODY", "text": "Hello"}]}),
    ]  # fmt: skip
    assert [answer.text for answer in answers if not 400 <= answer.status_code < 500] == []
    archived = meta.post(
        f"{own.ids['waba']}/message_templates/archive", {"template_ids": [other.ids["message_template"]]}
    )
    assert other.ids["message_template"] not in str(archived.json().get("archived_templates"))
    # A quote of a message that this number never saw is no error with Meta, nor a way to it.
    meta.send_text(context={"message_id": other.outbound})
    meta.send(type="reaction", reaction={"message_id": other.inbound, "emoji": "👍"})
    batch = [{"method": "GET", "relative_url": other.ids[kind]} for kind in sorted(other.ids)]
    parts = meta.call("POST", "", data={"batch": json.dumps(batch)}).json()
    assert [part["code"] for part in parts if part["code"] < 400] == []
    assert other.rows() == before


def test_resetting_one_account_leaves_the_others_whole(worlds: tuple[World, World]) -> None:
    own, other = worlds
    before = other.rows()
    other.meta.sandbox.control("POST", "reset", {"waba_id": own.ids["waba"]}).raise_for_status()
    assert other.rows() == before
    assert {table: rows for table, rows in own.rows().items() if rows} == {}
    assert own.meta.get("me").status_code == 401
    assert wamid_of(other.meta.send_text())


def test_eight_at_once_do_not_mix(sandbox: RunningSandbox) -> None:
    worlds = [World(sandbox) for _ in range(THREADS)]
    before = [world.rows() for world in worlds[1::2]]

    def live(index: int) -> list[str]:
        """The odd ones keep still, the even ones knock at them, write, and are reset."""
        if index % 2:
            return []
        own = worlds[index]
        wrong = [] if index else knock(own, worlds[index + 1])
        sent = {wamid_of(own.meta.send_text()) for _ in range(5)} | {own.outbound}
        listed = sandbox.logged(f"messages?phone_number_id={own.meta.number_id}&limit=500")
        kept = {row["wamid"] for row in listed if row["direction"] == "outbound"}
        sandbox.control("POST", "reset", {"waba_id": own.ids["waba"]}).raise_for_status()
        return wrong + sorted(sent ^ kept)

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(live, range(THREADS))) == [[]] * THREADS
    assert [world.rows() for world in worlds[1::2]] == before


@pytest.mark.parametrize(
    "fields",
    ["a{" * 50 + "}" * 50, ",".join(["id"] * 2000), "phone_numbers" + ".limit(1)" * 400, "{" * 4000,
     "phone_numbers{" + "whatsapp_business_profile{" * 8 + "}" * 9, "id" + "," * 4900],
    ids=["deep", "long", "arguments", "open", "nested edges", "commas"],
)  # fmt: skip
def test_endless_fields_are_answered_at_once(meta: Meta, fields: str) -> None:
    answer = meta.get(meta.waba_id, fields=fields)
    assert answer.status_code in (200, 400)
    assert len(answer.content) < 100_000


def test_a_batch_is_neither_longer_than_fifty_nor_holds_another(meta: Meta) -> None:
    one = {"method": "GET", "relative_url": "me"}
    too_long = meta.call("POST", "", data={"batch": json.dumps([one] * 51)})
    assert (too_long.status_code, error_of(too_long)["code"]) == (400, 100)
    for inner in (f"?batch={json.dumps([one])}", "/v23.0/"):
        outer = [{"method": "POST", "relative_url": inner, "body": f"batch={json.dumps([one] * 3)}"}]
        parts = meta.call("POST", "", data={"batch": json.dumps(outer)}).json()
        assert parts[0]["code"] == 400, parts
    assert meta.get("", ids=",".join([meta.waba_id] * 51)).status_code == 400


@pytest.mark.parametrize(
    "name", ["'; DROP TABLE messages; --", '" OR 1=1 --', "a') UNION SELECT token FROM tokens --"]
)
def test_sql_in_names_and_queries_is_only_text(meta: Meta, name: str) -> None:
    sent = wamid_of(meta.send_text(biz_opaque_callback_data=name))
    assert meta.get(f"{meta.waba_id}/message_templates", name=name).json()["data"] == []
    assert meta.get(f"{meta.waba_id}/message_templates", status=name, category=name).status_code in (200, 400)
    assert meta.sandbox.logged(f"messages?to={name}") == []
    listed = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")
    assert [(row["wamid"], row["biz_opaque_callback_data"]) for row in listed] == [(sent, name)]


def test_names_are_all_known_to_the_attack() -> None:
    """The generated attack reads the names of parameters from the handlers: it must find some."""
    found = {name for endpoint in ENDPOINTS.values() for name in read_names(endpoint.handler)}
    assert {"template_ids", "pin", "file_length", "biz_opaque_callback_data"} <= found
