"""Settings: everything the environment (or `.env`) can say, read once and checked.

A wrong value stops the start with one line that names the setting and never prints its value.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError

ROOT = Path(__file__).resolve().parent
META_GRAPH_HOST = "graph.facebook.com"
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOOPBACK_NAMES = ("localhost", "127.0.0.1")
MEDIA_STORES = ("disk", "database", "s3")
MAIL_PORTS = {"none": 25, "starttls": 587, "tls": 465}
"""What SMTP_SECURITY may be, and the port that goes with it."""
_MEGABYTE = 1024 * 1024

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConfigurationError(RuntimeError):
    """A setting is missing or wrong; the text names it and says what to do."""


@dataclass(frozen=True)
class S3Settings:
    """A bucket of Amazon's or of any server that speaks S3. `prefix` keeps our files apart in it."""

    endpoint_url: str
    bucket: str
    region: str
    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    prefix: str = "waba-console/"


@dataclass(frozen=True)
class MailSettings:
    """The server that takes mail. `security`: none, starttls or tls. `sender` may carry a name."""

    host: str
    port: int
    sender: str
    security: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Settings:
    """All settings. Ages and waits are in seconds (`*_s`), sizes in bytes."""

    database_url: str
    redis_url: str | None
    secret_key: str = field(repr=False)
    encryption_keys: tuple[bytes, ...] = field(repr=False)
    graph_api_base_url: str
    graph_api_version: str
    public_base_url: str
    instance_path: Path
    trusted_proxies: int = 0
    trusted_hosts: tuple[str, ...] = ()
    testing: bool = False
    debug: bool = False
    log_level: str = "INFO"
    session_idle_s: int = 60 * 60
    session_absolute_s: int = 12 * 60 * 60
    webhook_max_bytes: int = 3 * 1024 * 1024
    send_threads: int = 32
    retention_days: int = 30
    graph_call_retention_days: int = 14
    media_store: str = "disk"
    s3: S3Settings | None = None
    media_threads: int = 4
    media_retention_days: int = 0
    media_max_bytes: int = 100 * _MEGABYTE
    bot_trace_retention_days: int = 30
    audit_retention_days: int = 0
    message_retention_days: int = 0
    outgoing_webhook_networks: tuple[Network, ...] = ()
    outgoing_webhook_threads: int = 8
    api_calls_per_minute: int = 6000
    mail: MailSettings | None = None

    @property
    def is_sandbox(self) -> bool:
        """True when the Graph address is not Meta's own: everything shown is marked as sandbox."""
        return urlsplit(self.graph_api_base_url).hostname != META_GRAPH_HOST

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def media_folder(self) -> Path:
        """Where the store "disk" keeps files."""
        return self.instance_path / "media"

    def as_shown(self) -> dict[str, str]:
        """The settings that another machine needs to go on the same way, by name; no secret, and no address
        of a database."""
        shown = {
            "PUBLIC_BASE_URL": self.public_base_url,
            "GRAPH_API_BASE_URL": self.graph_api_base_url,
            "GRAPH_API_VERSION": self.graph_api_version,
            "WEBHOOK_RETENTION_DAYS": self.retention_days,
            "GRAPH_CALL_RETENTION_DAYS": self.graph_call_retention_days,
            "BOT_TRACE_RETENTION_DAYS": self.bot_trace_retention_days,
            "MEDIA_RETENTION_DAYS": self.media_retention_days,
            "AUDIT_RETENTION_DAYS": self.audit_retention_days,
            "MESSAGE_RETENTION_DAYS": self.message_retention_days,
            "MEDIA_STORE": self.media_store,
        }
        if self.s3 is not None:
            shown |= {"S3_BUCKET": self.s3.bucket, "S3_PREFIX": self.s3.prefix}
        return {name: str(value) for name, value in shown.items()}

    @property
    def is_https(self) -> bool:
        return self.public_base_url.startswith("https://")

    @property
    def accepted_hosts(self) -> list[str]:
        """The names this console answers under: its own, this machine's, and those TRUSTED_HOSTS adds."""
        own = urlsplit(self.public_base_url).hostname or ""
        return [own, *LOOPBACK_NAMES, *self.trusted_hosts]

    @property
    def webhook_url(self) -> str:
        """The address Meta is told to post events to."""
        return f"{self.public_base_url}/webhooks/whatsapp"


def instance_folder() -> Path:
    """Where files of ours are kept; needs no other setting."""
    return Path(Env().str("WABA_INSTANCE_PATH", str(ROOT / "instance")))


def load_settings(env_file: Path | None = ROOT / ".env") -> Settings:
    """Read the environment. Raises ConfigurationError with one line for the operator."""
    env = Env()
    instance_path = instance_folder()
    for file in (env_file, instance_path / "secrets.env"):
        if file is not None and file.is_file():
            env.read_env(str(file), recurse=False, override=False)
    try:
        return _read(env, instance_path)
    except EnvError as error:
        raise ConfigurationError(_without_value(error)) from None


def _read(env: Env, instance_path: Path) -> Settings:
    database_url = _database_url(env.str("DATABASE_URL", ""), instance_path)
    return Settings(
        database_url=database_url,
        redis_url=_redis_url(env.str("REDIS_URL", "")),
        secret_key=_secret_key(env.str("SECRET_KEY", "")),
        encryption_keys=_encryption_keys(env.str("WHATSAPP_ENCRYPTION_KEY", "")),
        graph_api_base_url=_http_url(
            "GRAPH_API_BASE_URL", env.str("GRAPH_API_BASE_URL", "") or f"https://{META_GRAPH_HOST}"
        ),
        graph_api_version=_version(env.str("GRAPH_API_VERSION", "") or "v25.0"),
        public_base_url=_http_url("PUBLIC_BASE_URL", env.str("PUBLIC_BASE_URL", "") or _local_url(env)),
        instance_path=instance_path,
        trusted_proxies=_at_least(0, "TRUSTED_PROXIES", env.int("TRUSTED_PROXIES", 0)),
        trusted_hosts=_host_names(env.str("TRUSTED_HOSTS", "")),
        debug=env.bool("FLASK_DEBUG", False),
        log_level=_log_level(env.str("LOG_LEVEL", "") or "INFO"),
        send_threads=_at_least(1, "SEND_THREADS", env.int("SEND_THREADS", 32)),
        retention_days=_at_least(1, "WEBHOOK_RETENTION_DAYS", env.int("WEBHOOK_RETENTION_DAYS", 30)),
        graph_call_retention_days=_at_least(
            1, "GRAPH_CALL_RETENTION_DAYS", env.int("GRAPH_CALL_RETENTION_DAYS", 14)
        ),
        media_store=_media_store(env.str("MEDIA_STORE", ""), database_url),
        s3=_s3(env),
        media_threads=_at_least(1, "MEDIA_THREADS", env.int("MEDIA_THREADS", 4)),
        media_retention_days=_at_least(0, "MEDIA_RETENTION_DAYS", env.int("MEDIA_RETENTION_DAYS", 0)),
        bot_trace_retention_days=_at_least(
            1, "BOT_TRACE_RETENTION_DAYS", env.int("BOT_TRACE_RETENTION_DAYS", 30)
        ),
        audit_retention_days=_at_least(0, "AUDIT_RETENTION_DAYS", env.int("AUDIT_RETENTION_DAYS", 0)),
        message_retention_days=_at_least(0, "MESSAGE_RETENTION_DAYS", env.int("MESSAGE_RETENTION_DAYS", 0)),
        outgoing_webhook_networks=_networks(env.str("OUTGOING_WEBHOOK_NETWORKS", "")),
        outgoing_webhook_threads=_at_least(
            1, "OUTGOING_WEBHOOK_THREADS", env.int("OUTGOING_WEBHOOK_THREADS", 8)
        ),
        api_calls_per_minute=_at_least(0, "API_CALLS_PER_MINUTE", env.int("API_CALLS_PER_MINUTE", 6000)),
        mail=_mail(env),
    )


def _mail(env: Env) -> MailSettings | None:
    """None when no server is named: then nobody is written to."""
    host = env.str("SMTP_HOST", "")
    if not host:
        return None
    security = (env.str("SMTP_SECURITY", "") or "starttls").lower()
    if security not in MAIL_PORTS:
        raise ConfigurationError(f"SMTP_SECURITY must be one of {', '.join(MAIL_PORTS)}.")
    sender = env.str("MAIL_FROM", "")
    _name, address = parseaddr(sender)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise ConfigurationError(
            "MAIL_FROM must be an address such as console@example.com; SMTP_HOST needs it."
        )
    port = env.int("SMTP_PORT", MAIL_PORTS[security])
    if not 1 <= port <= 65_535:
        raise ConfigurationError("SMTP_PORT must be from 1 to 65535.")
    username, password = env.str("SMTP_USERNAME", ""), env.str("SMTP_PASSWORD", "")
    if bool(username) != bool(password):
        raise ConfigurationError("SMTP_USERNAME and SMTP_PASSWORD go together: set both, or none.")
    return MailSettings(host, port, sender, security, username, password)


def _media_store(value: str, database_url: str) -> str:
    """Where one machine is enough, its disk; where there may be many, what they all reach."""
    name = value or ("disk" if database_url.startswith("sqlite") else "database")
    if name not in MEDIA_STORES:
        raise ConfigurationError(f"MEDIA_STORE must be one of {', '.join(MEDIA_STORES)}.")
    return name


def _s3(env: Env) -> S3Settings | None:
    """None when no bucket is named. It may be named beside another MEDIA_STORE: older files lie there."""
    bucket = env.str("S3_BUCKET", "")
    if not bucket:
        if env.str("MEDIA_STORE", "") == "s3":
            raise ConfigurationError("S3_BUCKET is missing; MEDIA_STORE=s3 needs it.")
        return None
    keys = {name: env.str(name, "") for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")}
    for name, value in keys.items():
        if not value:
            raise ConfigurationError(f"{name} is missing; S3_BUCKET needs it.")
    endpoint = env.str("S3_ENDPOINT_URL", "")
    return S3Settings(
        endpoint_url=_http_url("S3_ENDPOINT_URL", endpoint) if endpoint else "",
        bucket=bucket,
        region=env.str("S3_REGION", "") or "us-east-1",
        access_key_id=keys["S3_ACCESS_KEY_ID"],
        secret_access_key=keys["S3_SECRET_ACCESS_KEY"],
        prefix=_prefix(env.str("S3_PREFIX", "waba-console/")),
    )


def _prefix(value: str) -> str:
    """A folder inside the bucket that is this console's alone: what lies there and belongs to nothing is
    deleted."""
    name = value.strip("/")
    if not re.fullmatch(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*", name):
        raise ConfigurationError("S3_PREFIX must be a name such as waba-console/, and may not be empty.")
    return f"{name}/"


def _local_url(env: Env) -> str:
    return f"http://{env.str('HOST', '127.0.0.1')}:{env.int('PORT', 5000)}"


def _database_url(value: str, instance_path: Path) -> str:
    """SQLAlchemy's address; PostgreSQL always through psycopg 3, however it was written."""
    if not value:
        instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return f"sqlite:///{instance_path / 'waba-console.sqlite'}"
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg2://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value.removeprefix(prefix)
    if value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return value
    raise ConfigurationError("DATABASE_URL must start with sqlite:/// or postgresql://.")


def _redis_url(value: str) -> str | None:
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise ConfigurationError("REDIS_URL must start with redis://, rediss:// or unix://.")
    return value or None


def _secret_key(value: str) -> str:
    if len(value) < 32:
        raise ConfigurationError(
            "SECRET_KEY is missing or shorter than 32 characters. Make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return value


def _encryption_keys(value: str) -> tuple[bytes, ...]:
    """Fernet keys, the first encrypts. Each is a Fernet key, or any 32 characters."""
    keys = tuple(_fernet_key(part.strip()) for part in value.split(",") if part.strip())
    if not keys:
        raise ConfigurationError(
            "WHATSAPP_ENCRYPTION_KEY is missing. Make one with: "
            'python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
        )
    return keys


def _fernet_key(value: str) -> bytes:
    try:
        if len(base64.urlsafe_b64decode(value.encode())) == 32:
            return value.encode()
    except ValueError:
        pass
    if len(value) < 32:
        raise ConfigurationError("WHATSAPP_ENCRYPTION_KEY must be a Fernet key or at least 32 characters.")
    return base64.urlsafe_b64encode(
        value.encode() if len(value.encode()) == 32 else hashlib.sha256(value.encode()).digest()
    )


def _http_url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        examples = {"GRAPH_API_BASE_URL": META_GRAPH_HOST, "S3_ENDPOINT_URL": "s3.example.com"}
        example = examples.get(name, "console.example.com")
        raise ConfigurationError(f"{name} must be an address such as https://{example}.")
    return value.rstrip("/")


def _host_names(value: str) -> tuple[str, ...]:
    """Comma-separated names without port; one that begins with a dot stands for all names under it."""
    names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    if any(not name.strip(".") or not set(name) <= _HOST_CHARACTERS for name in names):
        raise ConfigurationError(
            "TRUSTED_HOSTS must be names such as console.example.com, with commas between."
        )
    return names


def _networks(value: str) -> tuple[Network, ...]:
    """Comma-separated networks such as 10.20.0.0/16; a single address is one too."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError:
        raise ConfigurationError(
            "OUTGOING_WEBHOOK_NETWORKS must be networks such as 10.20.0.0/16, with commas between."
        ) from None


def _version(value: str) -> str:
    if not value.startswith("v") or not value[1:].replace(".", "", 1).isdigit():
        raise ConfigurationError("GRAPH_API_VERSION must look like v25.0.")
    return value


def _at_least(least: int, name: str, value: int) -> int:
    if value < least:
        raise ConfigurationError(f"{name} must be {least} or more.")
    return value


def _log_level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ConfigurationError(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}.")
    return value.upper()


def _without_value(error: EnvError) -> str:
    """environs names the variable first, in quotes; what follows could hold its value."""
    named = re.search(r'"([A-Z_]+)"', str(error))
    return f"{named[1] if named else 'A setting'} could not be read: it has to be a number, or true or false."
