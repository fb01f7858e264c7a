"""The second factor: setting it up, signing in with it, guessing, recovery codes (reliability C11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from app.crypto import Secret
from app.errors import InvalidFields
from app.extensions import db
from app.models import AuditEntry, RecoveryCode, SecondFactor, SignInStep, User, utcnow
from app.queries.access import SYSTEM, actor_of_user
from app.services import people, second_factor
from app.services.passwords import hash_password
from app.services.secret_columns import list_secret_columns
from tests.support.factories import Factory
from tests.support.pages import PageClient

PASSWORD = "four unrelated words"
BACK = {"next": None}


@pytest.fixture
def tom(make: Factory) -> User:
    return make.user(role="agent", email="tom@example.com", password_hash=hash_password(PASSWORD))


def app_of(user: User) -> pyotp.TOTP:
    """The authenticator app that scanned this person's secret."""
    factor = db.session.get(SecondFactor, user.id)
    assert factor is not None
    assert factor.secret is not None
    return pyotp.TOTP(factor.secret.reveal())


def turn_on(user: User) -> list[str]:
    """With a code of the past half minute, so that the present one is still good."""
    actor = actor_of_user(user)
    second_factor.begin(user=user, actor=actor)
    try:
        codes = second_factor.confirm(user=user, code=past_code(user), actor=actor)
    except InvalidFields:
        # The half minute ended between the two lines.
        codes = second_factor.confirm(user=user, code=past_code(user), actor=actor)
    return [code.reveal() for code in codes]


def past_code(user: User) -> str:
    return app_of(user).at(utcnow() - timedelta(seconds=30))


def type_password(page: PageClient) -> None:
    answer = page.post(
        "auth.check_sign_in", data={"email": "tom@example.com", "password": PASSWORD}, status=303
    )
    assert answer.response.location.startswith("/login/code")


def try_code(page: PageClient, code: str) -> int:
    return page.post("auth.check_second_step", data={"code": code}).status


def is_in(page: PageClient) -> bool:
    return page.open("/settings/").status == 200


def test_it_is_set_up_by_scanning_and_confirmed_by_a_code(
    page: PageClient, sign_in: Callable[..., User]
) -> None:
    user = sign_in("agent")
    page.post("settings.start_second_factor", status=303)
    shown = page.get("settings.second_factor")
    secret = app_of(user).secret
    assert str(shown.soup.select_one("#second-factor-secret")["value"]).replace(" ", "") == secret
    assert app_of(user).provisioning_uri(name=user.email, issuer_name="waba-console") in [
        link.get("href") for link in shown.soup.select("li a")
    ]
    picture = page._client.get(str(shown.soup.select_one("img.wc-qr")["src"]))
    assert picture.mimetype == "image/svg+xml"
    assert b"style=" not in picture.data
    assert picture.headers["Cache-Control"] == "no-store"
    assert not second_factor.is_on(user.id)
    assert (
        "not right" in page.post("settings.confirm_second_factor", data={"code": "000000"}, status=422).text()
    )
    answer = page.post("settings.confirm_second_factor", data={"code": app_of(user).now()}, status=201)
    codes = answer.soup.select_one("#recovery-codes").get_text().split()
    assert len(set(codes)) == 10
    stored = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(codes) & set(stored)
    after = page.get("settings.second_factor").html
    assert secret not in after
    assert codes[0] not in after
    page.get("settings.second_factor_picture", status=303)


def test_the_password_alone_opens_nothing(page: PageClient, tom: User) -> None:
    turn_on(tom)
    type_password(page)
    assert not is_in(page)
    page.get("auth.second_step", status=200)
    assert try_code(page, app_of(tom).now()) == 303
    assert is_in(page)


def test_a_code_is_taken_once(app: Flask, page: PageClient, tom: User) -> None:
    turn_on(tom)
    code = app_of(tom).now()
    type_password(page)
    assert try_code(page, code) == 303
    other = PageClient(app)
    type_password(other)
    assert try_code(other, code) == 422
    assert not is_in(other)


@pytest.mark.parametrize("steps, status", [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_one_half_minute_early_or_late_is_fine(
    page: PageClient, tom: User, steps: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_on(tom)
    db.session.execute(update(SecondFactor).values(last_step=0))
    db.session.commit()
    middle = datetime.fromtimestamp(int(utcnow().timestamp()) // 30 * 30 + 15, tz=utcnow().tzinfo)
    monkeypatch.setattr(second_factor, "utcnow", lambda: middle)
    type_password(page)
    assert try_code(page, app_of(tom).at(middle + timedelta(seconds=30 * steps))) == status


def test_after_five_guesses_even_the_right_code_has_to_wait(app: Flask, page: PageClient, tom: User) -> None:
    turn_on(tom)
    type_password(page)
    assert [try_code(page, "000000") for _ in range(5)] == [422] * 5
    answer = page.post("auth.check_second_step", data={"code": app_of(tom).now()}, status=429)
    assert 1 <= int(answer.response.headers["Retry-After"]) <= 30
    # From another network it is no better: whoever has the password has to find the code there, too.
    elsewhere = PageClient(app)
    elsewhere._client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    type_password(elsewhere)
    assert try_code(elsewhere, app_of(tom).now()) == 429
    db.session.execute(update(SecondFactor).values(failed_at=utcnow() - timedelta(seconds=31)))
    db.session.commit()
    assert try_code(elsewhere, app_of(tom).now()) == 303
    assert db.session.scalar(select(SecondFactor.failures)) == 0


@pytest.mark.parametrize("failures", [5, 6, 10, 1000])
def test_the_wait_grows_up_to_a_quarter_of_an_hour(failures: int) -> None:
    now = utcnow()
    wait = second_factor._wait(failures, now, now).total_seconds()
    assert wait == min(30 * 2 ** (failures - 5), 900)


def test_a_recovery_code_opens_once_however_it_is_typed(app: Flask, page: PageClient, tom: User) -> None:
    codes = turn_on(tom)
    type_password(page)
    assert try_code(page, codes[3].upper().replace("-", " ")) == 303
    other = PageClient(app)
    type_password(other)
    assert try_code(other, codes[3]) == 422
    assert try_code(other, codes[4]) == 303
    assert second_factor.count_recovery_codes(tom.id) == 8


def test_new_recovery_codes_replace_the_old_and_need_the_password(page: PageClient, tom: User) -> None:
    old = turn_on(tom)
    page.sign_in(tom)
    page.post("settings.make_recovery_codes", data={"password": "wrong"}, status=422)
    answer = page.post("settings.make_recovery_codes", data={"password": PASSWORD}, status=201)
    new = answer.soup.select_one("#recovery-codes").get_text().split()
    assert not set(old) & set(new)
    assert second_factor.check_guess(tom.id, new[0])
    assert not second_factor.check_guess(tom.id, old[0])


def test_turning_it_off_needs_the_password(page: PageClient, tom: User) -> None:
    turn_on(tom)
    page.sign_in(tom)
    page.post("settings.turn_off_second_factor", data={"password": "wrong"}, status=422)
    assert second_factor.is_on(tom.id)
    page.post("settings.turn_off_second_factor", data={"password": PASSWORD}, status=303)
    assert not second_factor.is_on(tom.id)
    assert db.session.query(RecoveryCode).count() == 0


def test_an_owner_resets_somebodys_and_that_is_logged(
    page: PageClient, sign_in: Callable[..., User], tom: User
) -> None:
    owner = sign_in("owner")
    turn_on(tom)
    assert "Second factor on" in page.get("settings.people").text()
    page.post("settings.reset_second_factor", user_id=tom.id, status=303)
    assert not second_factor.is_on(tom.id)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "second_factor.reset")).one()
    assert (entry.user_id, entry.object_id) == (owner.id, str(tom.id))
    turn_on(owner)
    page.post("settings.reset_second_factor", user_id=owner.id, status=303)
    assert second_factor.is_on(owner.id)


@pytest.mark.parametrize("change", ["switched off", "new password", "ten minutes"])
def test_a_step_under_way_ends_with_what_it_stands_on(page: PageClient, tom: User, change: str) -> None:
    turn_on(tom)
    type_password(page)
    if change == "switched off":
        people.switch_off(user=tom, actor=SYSTEM)
    elif change == "new password":
        people.choose_password(user=tom, new="another four words", keep_session_id=None, actor=SYSTEM)
    else:
        db.session.execute(update(SignInStep).values(created_at=utcnow() - timedelta(minutes=11)))
        db.session.commit()
    answer = page.post("auth.check_second_step", data={"code": app_of(tom).now()}, status=303)
    assert answer.response.location == "/login"
    assert not is_in(page)


def test_the_code_page_is_for_who_typed_the_password(page: PageClient) -> None:
    page.get("auth.second_step", status=303)
    page.post("auth.check_second_step", data={"code": "123456"}, status=303)


def test_the_page_to_come_back_to_is_kept(page: PageClient, tom: User) -> None:
    turn_on(tom)
    data = {"email": "tom@example.com", "password": PASSWORD}
    answer = page.post("auth.check_sign_in", data=data, next="/settings/", status=303)
    step = page.open(answer.response.location, status=200)
    form = step.soup.select_one("form")
    token = page.csrf_token()
    done = page.open(
        str(form["action"]), method="POST", data={"code": app_of(tom).now(), "csrf_token": token}, status=303
    )
    assert done.response.location == "/settings/"


def test_the_secret_is_kept_encrypted_and_turns_with_the_keys(tom: User) -> None:
    turn_on(tom)
    assert "second_factors.secret" in {column.name for column in list_secret_columns()}
    raw = db.session.scalar(db.text("SELECT secret FROM second_factors"))
    assert app_of(tom).secret not in str(raw)
    assert isinstance(db.session.get(SecondFactor, tom.id).secret, Secret)


def test_the_command_line_resets_it(app: Flask, tom: User) -> None:
    turn_on(tom)
    db.session.rollback()
    command = ["users", "reset-second-factor", "--email"]
    result = app.test_cli_runner().invoke(args=[*command, "tom@example.com"])
    assert result.exit_code == 0, result.output
    db.session.expire_all()
    assert not second_factor.is_on(tom.id)
    assert app.test_cli_runner().invoke(args=[*command, "x@y.zz"]).exit_code == 1
