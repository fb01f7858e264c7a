"""API keys from the command line."""

from __future__ import annotations

from datetime import timedelta

from app.models import Role, utcnow
from app.services.api_keys import authenticate
from tests.cli.conftest import Run
from tests.support.factories import Factory


def test_the_key_stands_alone_on_the_last_line(run: Run, make: Factory) -> None:
    result = run("api-keys", "create", "--name", "campaigns", "--role", "owner")
    assert result.exit_code == 0, result.output
    api_key = authenticate(result.stdout.splitlines()[-1])
    assert api_key is not None
    assert (api_key.name, api_key.role, api_key.expires_at) == ("campaigns", Role.OWNER, None)


def test_a_key_can_be_tied_to_accounts_and_run_out(run: Run, make: Factory) -> None:
    first, _, third = make.account(), make.account(), make.account()
    result = run(
        *("api-keys", "create", "--name", "k", "--role", "agent", "--expires-days", 7),
        *("--account", first.id, "--account", third.id),
    )
    api_key = authenticate(result.stdout.splitlines()[-1])
    assert api_key is not None
    assert {link.account_id for link in api_key.accounts} == {first.id, third.id}
    assert api_key.expires_at is not None
    assert timedelta(days=6) < api_key.expires_at - utcnow() <= timedelta(days=7)


def test_without_accounts_named_all_of_today_are_meant(run: Run, make: Factory) -> None:
    account = make.account(name="Meridian")
    result = run("api-keys", "create", "--name", "k", "--role", "viewer")
    assert f"Accounts: {account.id} (Meridian)" in result.stdout
    api_key = authenticate(result.stdout.splitlines()[-1])
    assert api_key is not None
    assert [link.account_id for link in api_key.accounts] == [account.id]


def test_a_role_that_does_not_exist_is_refused(run: Run) -> None:
    assert run("api-keys", "create", "--name", "k", "--role", "king").exit_code == 2
