"""People from the command line."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Role, User
from app.services.passwords import hash_password, password_fits
from tests.cli.conftest import Run
from tests.support.factories import Factory

PASSWORD = "four unrelated words"


def create(run: Run, role: str = "owner", *more: object, stdin: str = PASSWORD + "\n"):
    return run(
        "users",
        "create",
        "--email",
        "Amara@example.com",
        "--role",
        role,
        "--password-stdin",
        *more,
        stdin=stdin,
    )


def test_the_first_owner_can_be_added_by_a_script(run: Run, make: Factory) -> None:
    result = create(run)
    assert result.exit_code == 0, result.output
    user = db.session.scalars(select(User)).one()
    assert (user.email, user.role) == ("amara@example.com", Role.OWNER)
    assert password_fits(user.password_hash, PASSWORD)
    assert not user.has_temporary_password
    assert PASSWORD not in result.output


def test_windows_line_ends_are_no_part_of_the_password(run: Run, make: Factory) -> None:
    create(run, stdin=PASSWORD + "\r\n")
    assert password_fits(db.session.scalars(select(User)).one().password_hash, PASSWORD)


def test_without_accounts_named_all_of_today_are_meant_and_said(run: Run, make: Factory) -> None:
    first, second = make.account(name="Meridian"), make.account(name="Travel")
    result = create(run, "agent")
    assert f"Accounts: {first.id} (Meridian), {second.id} (Travel)" in result.output
    user = db.session.scalars(select(User)).one()
    assert {row.account_id for row in user.memberships} == {first.id, second.id}


def test_named_accounts_are_the_only_ones(run: Run, make: Factory) -> None:
    account, _ = make.account(), make.account()
    create(run, "viewer", "--account", account.id)
    assert [row.account_id for row in db.session.scalars(select(User)).one().memberships] == [account.id]


def test_if_missing_leaves_somebody_as_they_are(run: Run, make: Factory) -> None:
    create(run)
    result = create(run, "viewer", "--if-missing", stdin="another good one\n")
    assert result.exit_code == 0
    user = db.session.scalars(select(User)).one()
    assert user.role is Role.OWNER
    assert password_fits(user.password_hash, PASSWORD)


@pytest.mark.parametrize(
    "stdin,more,said",
    [
        ("short\n", (), "Use at least 10"),
        ("", (), "Use at least 10"),
        (PASSWORD, ("--account", 99), "no account with the id 99"),
    ],
)
def test_a_refusal_is_one_line_and_no_trace(
    run: Run, make: Factory, stdin: str, more: tuple, said: str
) -> None:
    result = create(run, "agent", *more, stdin=stdin)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
    assert db.session.scalar(select(User.id)) is None


def test_a_forgotten_password_is_replaced(run: Run, make: Factory) -> None:
    user = make.user(email="amara@example.com", password_hash=hash_password(PASSWORD))
    result = run(
        "users", "set-password", "--email", "amara@example.com", "--password-stdin", stdin="another good one"
    )
    assert result.exit_code == 0, result.output
    assert password_fits(user.password_hash, "another good one")


def test_the_password_of_nobody_cannot_be_replaced(run: Run, make: Factory) -> None:
    result = run("users", "set-password", "--email", "x@example.com", "--password-stdin", stdin=PASSWORD)
    assert result.exit_code == 1
    assert "There is nobody" in result.output


def test_a_person_may_have_another_role_in_one_account(run: Run, make: Factory) -> None:
    first, second = make.account(), make.account()
    result = create(run, "agent", "--account", first.id, "--account", f"{second.id}:manager")
    assert result.exit_code == 0, result.output
    user = db.session.scalars(select(User)).one()
    roles = {row.account_id: row.role for row in user.memberships}
    assert roles == {first.id: Role.AGENT, second.id: Role.MANAGER}
    assert "not an account’s id" in create(run, "agent", "--account", "3:king").output
