"""Who may speak as Meta."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.signatures import appsecret_proof, sign, verify

SECRET = "s3cr3t-app"
BODY = b'{"object":"whatsapp_business_account","entry":[]}'
GOOD = "sha256=dc11031c1ba8db3e9d1668cbdf4c7a7c637614b4cc554610493ff748c4d2fcfc"


def test_signature_is_the_documented_one() -> None:
    assert sign(SECRET, BODY) == GOOD
    assert sign(SECRET.encode(), BODY) == GOOD


def test_good_signature_is_taken_from_text_and_bytes() -> None:
    assert verify([SECRET], BODY, GOOD)
    assert verify([SECRET.encode()], BODY, GOOD.encode())
    assert verify(SECRET, BODY, GOOD)


def test_any_of_several_secrets_will_do() -> None:
    assert verify(["old-secret", SECRET], BODY, GOOD)
    assert verify((secret for secret in (SECRET, "new-secret")), BODY, GOOD)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        GOOD.removeprefix("sha256="),
        GOOD.upper(),
        GOOD.replace("sha256", "SHA256"),
        GOOD.replace("sha256", "sha1"),
        f" {GOOD}",
        f"{GOOD} ",
        f"{GOOD},{GOOD}",
        GOOD[:-1],
        GOOD[:-1] + "0",
        "sha256=é" + "0" * 63,
        "sha256=" + "\udc80" * 64,
        "\x00" * 71,
        b"\xff\xfe",
        "x" * 1_000_000,
    ],
)
def test_anything_else_is_refused(header: str | bytes | None) -> None:
    assert verify([SECRET], BODY, header) is False


def test_body_must_be_untouched() -> None:
    assert not verify([SECRET], BODY + b" ", GOOD)
    assert not verify([SECRET], BODY.replace(b"entry", b"entrz"), GOOD)


@pytest.mark.parametrize("secrets", [[], [""], [b""], ["", "wrong"]])
def test_without_the_secret_nothing_is_taken(secrets: list[str | bytes]) -> None:
    assert verify(secrets, BODY, GOOD) is False


def test_empty_secret_never_fits_even_its_own_signature() -> None:
    forged = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert verify([""], BODY, forged) is False
    with pytest.raises(ValueError, match="empty"):
        sign("", BODY)


@given(st.binary(max_size=300), st.text(min_size=1, max_size=40), st.one_of(st.text(), st.binary()))
def test_only_the_right_signature_fits(body: bytes, secret: str, header: str | bytes) -> None:
    right = sign(secret.encode("utf-8", "surrogatepass"), body)
    assert verify([secret], body, right)
    given_bytes = header if isinstance(header, bytes) else header.encode("utf-8", "surrogatepass")
    assert verify([secret], body, header) == (given_bytes == right.encode())


def test_proof_is_made_of_token_and_secret() -> None:
    assert appsecret_proof("secret", "token") == (
        "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"
    )
