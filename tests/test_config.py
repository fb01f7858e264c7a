"""A wrong setting stops the start with one line that names it and never its value (reliability H3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.crypto import Cipher, Secret
from config import ConfigurationError, Settings, load_settings

NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "WHATSAPP_ENCRYPTION_KEY",
    "GRAPH_API_BASE_URL",
    "GRAPH_API_VERSION",
    "PUBLIC_BASE_URL",
    "TRUSTED_PROXIES",
    "TRUSTED_HOSTS",
    "LOG_LEVEL",
    "FLASK_DEBUG",
    "HOST",
    "PORT",
    "SEND_THREADS",
    "WEBHOOK_RETENTION_DAYS",
    "MEDIA_STORE",
    "MEDIA_THREADS",
    "MEDIA_RETENTION_DAYS",
    "AUDIT_RETENTION_DAYS",
    "MESSAGE_RETENTION_DAYS",
    "S3_ENDPOINT_URL",
    "S3_BUCKET",
    "S3_REGION",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "S3_PREFIX",
    "OUTGOING_WEBHOOK_NETWORKS",
    "OUTGOING_WEBHOOK_THREADS",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing but the two keys that have no default."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WABA_INSTANCE_PATH", str(tmp_path / "instance"))
    monkeypatch.setenv("SECRET_KEY", "s" * 32)
    monkeypatch.setenv("WHATSAPP_ENCRYPTION_KEY", "k" * 32)
    return monkeypatch


def load() -> Settings:
    return load_settings(env_file=None)


def test_two_keys_are_enough(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load()
    assert settings.is_sqlite
    assert not settings.is_sandbox
    assert settings.webhook_url == "http://127.0.0.1:5000/webhooks/whatsapp"
    assert (tmp_path / "instance").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name,value",
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "CANARY-short"),
        ("WHATSAPP_ENCRYPTION_KEY", ""),
        ("WHATSAPP_ENCRYPTION_KEY", "CANARY-short"),
        ("WHATSAPP_ENCRYPTION_KEY", "k" * 32 + ",CANARY-short"),
        ("DATABASE_URL", "mysql://CANARY"),
        ("REDIS_URL", "http://CANARY"),
        ("GRAPH_API_BASE_URL", "CANARY"),
        ("GRAPH_API_BASE_URL", "ftp://CANARY.example"),
        ("GRAPH_API_VERSION", "CANARY"),
        ("PUBLIC_BASE_URL", "https://CANARY@example.com"),
        ("TRUSTED_HOSTS", "https://CANARY.example.com"),
        ("TRUSTED_HOSTS", "a b,."),
        ("TRUSTED_PROXIES", "CANARY"),
        ("SEND_THREADS", "CANARY"),
        ("SEND_THREADS", "0"),
        ("TRUSTED_PROXIES", "-1"),
        ("WEBHOOK_RETENTION_DAYS", "0"),
        ("MEDIA_STORE", "CANARY"),
        ("MEDIA_THREADS", "0"),
        ("MEDIA_RETENTION_DAYS", "-1"),
        ("AUDIT_RETENTION_DAYS", "-1"),
        ("MESSAGE_RETENTION_DAYS", "-1"),
        ("OUTGOING_WEBHOOK_NETWORKS", "CANARY"),
        ("OUTGOING_WEBHOOK_NETWORKS", "10.20.0.1/16"),
        ("OUTGOING_WEBHOOK_THREADS", "0"),
        ("LOG_LEVEL", "CANARY"),
        ("FLASK_DEBUG", "CANARY"),
        ("PORT", "CANARY"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ConfigurationError) as refused:
        load()
    said = str(refused.value)
    assert name in said
    assert "CANARY" not in said
    assert "\n" not in said


@pytest.mark.parametrize("address", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg2://u@h/d"])
def test_postgresql_goes_through_psycopg_3_however_it_is_written(
    environment: pytest.MonkeyPatch, address: str
) -> None:
    environment.setenv("DATABASE_URL", address)
    assert load().database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    "database_url, store", [("", "disk"), ("postgresql://u@h/d", "database")], ids=["sqlite", "postgresql"]
)
def test_files_lie_where_all_machines_reach_them(
    environment: pytest.MonkeyPatch, database_url: str, store: str
) -> None:
    environment.setenv("DATABASE_URL", database_url)
    assert load().media_store == store
    environment.setenv("MEDIA_STORE", "disk")
    assert load().media_store == "disk"


BUCKET = {"S3_BUCKET": "files", "S3_ACCESS_KEY_ID": "CANARY-id", "S3_SECRET_ACCESS_KEY": "CANARY-secret"}


def test_a_bucket_is_read_with_its_keys(environment: pytest.MonkeyPatch) -> None:
    for name, value in {**BUCKET, "MEDIA_STORE": "s3", "S3_ENDPOINT_URL": "http://s3.local:9000/"}.items():
        environment.setenv(name, value)
    settings = load()
    assert settings.s3 is not None
    assert (settings.media_store, settings.s3.bucket, settings.s3.region) == ("s3", "files", "us-east-1")
    assert (settings.s3.endpoint_url, settings.s3.prefix) == ("http://s3.local:9000", "waba-console/")
    assert "CANARY" not in repr(settings)


@pytest.mark.parametrize(
    "name, value",
    [
        ("S3_BUCKET", ""),
        ("S3_ACCESS_KEY_ID", ""),
        ("S3_SECRET_ACCESS_KEY", ""),
        ("S3_ENDPOINT_URL", "CANARY"),
        ("S3_PREFIX", ""),
        ("S3_PREFIX", "CANARY/../x y/"),
    ],
)
def test_half_a_bucket_stops_the_start(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    for key, good in {**BUCKET, "MEDIA_STORE": "s3", name: value}.items():
        environment.setenv(key, good)
    with pytest.raises(ConfigurationError) as stopped:
        load()
    assert str(stopped.value).startswith(name)
    assert "CANARY" not in str(stopped.value)


def test_own_loopback_and_listed_names_are_answered_to(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PUBLIC_BASE_URL", "https://Console.example.com:8443/")
    environment.setenv("TRUSTED_HOSTS", "console.internal, .example.net")
    assert load().accepted_hosts == [
        "console.example.com",
        "localhost",
        "127.0.0.1",
        "console.internal",
        ".example.net",
    ]


def test_the_first_of_several_keys_encrypts_and_all_decrypt(environment: pytest.MonkeyPatch) -> None:
    old, new = Fernet.generate_key().decode(), "any 32 characters make a key too"
    environment.setenv("WHATSAPP_ENCRYPTION_KEY", f"{new}, {old}")
    keys = load().encryption_keys
    written_before = Cipher(keys[1:]).encrypt(Secret("x"))
    assert keys[1] == old.encode()
    assert Cipher(keys).decrypt(written_before) == Secret("x")
    assert Cipher(keys[:1]).decrypt(Cipher(keys).encrypt(Secret("x"))) == Secret("x")
