"""People and API keys over the API."""

from __future__ import annotations

import re
from typing import Any

from app.extensions import db
from app.models import AuditEntry, User


def test_a_person_is_invited_and_the_link_opens(program: Any, make: Any, page: Any) -> None:
    account = make.account()
    body = {"email": "Amara@Example.com", "role": "agent", "account_ids": [account.id]}
    made = program().call("POST", "users/", json=body, status=201)
    assert made["email"] == "amara@example.com"
    path = re.sub(r"^https?://[^/]+", "", made["link"])
    assert "amara@example.com" in page.open(path, status=200).text()


def test_rights_change_at_once_and_are_written_down(program: Any, make: Any) -> None:
    account = make.account()
    user = make.user(role="agent", accounts=[account])
    caller = program()
    changed = caller.call("PATCH", f"users/{user.id}/", json={"role": "viewer"}, status=200)
    assert (changed["role"], changed["accounts"]) == ("viewer", [])
    caller.call("PATCH", f"users/{user.id}/", json={"is_active": False}, status=200)
    db.session.expire_all()
    assert not db.session.get_one(User, user.id).is_active
    actions = {entry.action for entry in db.session.query(AuditEntry)}
    assert {"person.rights_changed", "person.switched_off"} <= actions


def test_accounts_without_a_role_and_unknown_ones_are_refused(program: Any, make: Any) -> None:
    user = make.user(role="agent")
    caller = program()
    path = f"users/{user.id}/"
    assert set(caller.refused_fields("PATCH", path, json={"account_ids": [1]})) == {"role"}
    body = {"role": "agent", "account_ids": [99]}
    assert set(caller.refused_fields("PATCH", path, json=body)) == {"account_ids"}


def test_nobody_without_a_name_and_nobody_twice(program: Any, make: Any) -> None:
    make.user(email="here@example.com")
    caller = program()
    for email in ("nonsense", "here@example.com", ""):
        fields = caller.refused_fields("POST", "users/", json={"email": email, "role": "agent"})
        assert set(fields) == {"email"}


def test_a_key_is_made_shown_once_used_and_revoked(program: Any, make: Any, app: Any) -> None:
    account = make.account()
    caller = program()
    body = {"name": "Shop", "role": "viewer", "account_ids": [account.id]}
    made = caller.call("POST", "api-keys/", json=body, status=201)
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert caller.open("GET", "accounts/", headers=headers).status_code == 200
    assert caller.open("GET", "users/", headers=headers).status_code == 403
    shown = caller.get(f"api-keys/{made['id']}/")
    assert "key" not in shown
    assert made["key"].startswith(shown["prefix"])
    caller.call("DELETE", f"api-keys/{made['id']}/", status=204)
    assert caller.open("GET", "accounts/", headers=headers).status_code == 401
    assert caller.get(f"api-keys/{made['id']}/")["revoked_at"]
