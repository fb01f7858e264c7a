"""What the installation says about itself: for `doctor`, for `/readyz` and for whoever is called at night.

Each check says in one sentence what it found and, when something is wrong, in another what to do.
None prints a secret, and none raises: a check that fails is an answer.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import redis
import requests
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.graph import versions
from app.media_store import StoreTrouble, new_key, open_store
from app.models import utcnow
from app.queries import outgoing_webhooks
from app.queries.media import count_without_thumbnail
from app.queries.work import WORKER_SILENT_AFTER, find_worker_seen_at
from app.services.connections import shared_session
from app.services.mail import smtp
from app.services.schema import expected_revisions, schema_revisions
from app.services.secret_columns import count_unreadable_secrets
from config import LOOPBACK_NAMES, Settings

_REDIS_TIMEOUT_S = 1
_GRAPH_TIMEOUT_S = (5, 10)
_CALLBACK_TIMEOUT_S = 5
_LONG_DUE_S = 600
_MIB = 1024 * 1024
_LITTLE_SPACE_MIB, _NO_SPACE_MIB = 512, 16


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, what was seen, and what to do about it."""

    part: str
    verdict: Verdict
    text: str
    advice: str = ""


Check = Callable[[Settings], Finding]


def check_settings(settings: Settings) -> Finding:
    """They were read, or nothing would run; what is left are those that do not fit together."""
    if settings.debug:
        return Finding(
            "settings",
            Verdict.WARN,
            "FLASK_DEBUG is on: errors show their inside.",
            "Leave FLASK_DEBUG out where others can reach this console.",
        )
    place = "the sandbox" if settings.is_sandbox else "Meta"
    keys = len(settings.encryption_keys)
    return Finding(
        "settings", Verdict.OK, f"Read. The console talks to {place}; {keys} encryption key{'s'[: keys > 1]}."
    )


def check_database(settings: Settings) -> Finding:
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    started = time.perf_counter()
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return Finding(
            "database",
            Verdict.BAD,
            f"{kind} does not answer ({type(error).__name__}).",
            "Check DATABASE_URL, that the server runs, and that its disk is not full.",
        )
    took_ms = (time.perf_counter() - started) * 1000
    return Finding("database", Verdict.OK, f"{kind} answers in {took_ms:.0f} ms.")


def check_disk(settings: Settings) -> Finding:
    """Room where this machine writes: the queue, the departures and, with SQLite, the database."""
    place = settings.instance_path
    if settings.is_sqlite and (file := db.engine.url.database):
        place = Path(file).parent
    try:
        free_mib = shutil.disk_usage(place).free // _MIB
    except OSError as error:
        text_ = f"The room in {place.name} could not be read ({type(error).__name__})."
        return Finding("disk", Verdict.WARN, text_, "Check that the folder is there and may be read.")
    text_ = f"{free_mib} MiB are free."
    if free_mib >= _LITTLE_SPACE_MIB:
        return Finding("disk", Verdict.OK, text_)
    advice = "Make room on the disk, or move WABA_INSTANCE_PATH to a larger one."
    if free_mib >= _NO_SPACE_MIB:
        return Finding("disk", Verdict.WARN, text_, advice)
    full = f"The disk is full, {text_[:-1]}: nothing new is stored, and Meta is asked to post again later."
    return Finding("disk", Verdict.BAD, full, advice)


def check_file_rights(settings: Settings) -> Finding:
    """Here lie customers' words and files, and perhaps keys: no other user of this machine needs them."""
    part = "file rights"
    advice = "Take them away: chmod -R o-rwx on WABA_INSTANCE_PATH and on the file of the database."
    try:
        exposed = {place.name: rights for place in _places(settings) if (rights := _rights_of_others(place))}
    except OSError as error:
        text_ = f"The rights of the files could not be read ({type(error).__name__})."
        return Finding(part, Verdict.WARN, text_, "Check that the folder WABA_INSTANCE_PATH may be read.")
    if written := sorted(name for name, rights in exposed.items() if rights & stat.S_IWOTH):
        text_ = f"Every user of this machine can change {', '.join(written)}."
        return Finding(part, Verdict.BAD, text_, advice)
    if exposed:
        text_ = f"Every user of this machine can read {', '.join(sorted(exposed))}."
        return Finding(part, Verdict.WARN, text_, advice)
    return Finding(part, Verdict.OK, "Other users of this machine cannot read what is kept here.")


def _places(settings: Settings) -> list[Path]:
    """What lies in the instance's folder, the folder itself, and a database file that lies elsewhere."""
    places = [settings.instance_path, *settings.instance_path.iterdir()]
    file = db.engine.url.database if settings.is_sqlite else None
    if file and (path := Path(file)).is_file() and path not in places:
        places.append(path)
    return places


def _rights_of_others(place: Path) -> int:
    """The bits for reading and writing, if others get this far; a folder's list of names is no secret."""
    if not place.parent.stat().st_mode & stat.S_IXOTH:
        return 0
    mode = place.stat().st_mode
    wanted = stat.S_IWOTH if place.is_dir() and place.name != "media" else stat.S_IROTH | stat.S_IWOTH
    return mode & wanted


def check_migrations(_settings: Settings) -> Finding:
    """The tables are those this code was written for."""
    advice = "Run: flask --app wsgi db upgrade"
    try:
        with db.engine.connect() as connection:
            current = schema_revisions(connection)
    except SQLAlchemyError:
        return Finding("migrations", Verdict.BAD, "The database could not be asked for its version.", advice)
    if current == expected_revisions():
        return Finding("migrations", Verdict.OK, f"The tables are up to date ({', '.join(sorted(current))}).")
    found = ", ".join(sorted(current)) or "none"
    wanted = ", ".join(sorted(expected_revisions()))
    return Finding(
        "migrations", Verdict.BAD, f"The tables are at version {found}; this code needs {wanted}.", advice
    )


def check_keys(_settings: Settings) -> Finding:
    """Every saved secret opens with one of the keys."""
    try:
        unreadable = count_unreadable_secrets()
    except SQLAlchemyError:
        return Finding(
            "encryption", Verdict.BAD, "The saved secrets could not be read.", "Mend the database first."
        )
    lost = sum(unreadable.values())
    if lost:
        where = ", ".join(f"{count} in {column}" for column, count in unreadable.items() if count)
        return Finding(
            "encryption",
            Verdict.BAD,
            f"{lost} saved secrets fit no key: {where}.",
            "Add the key they were saved with to WHATSAPP_ENCRYPTION_KEY, or enter these secrets again.",
        )
    return Finding("encryption", Verdict.OK, "Every saved secret opens.")


def check_queue(settings: Settings) -> Finding:
    if settings.redis_url is None:
        if os.access(settings.instance_path, os.W_OK):
            return Finding("queue", Verdict.OK, "Kept in a file beside the database.")
        return Finding(
            "queue",
            Verdict.BAD,
            "The folder of the queue's file cannot be written to.",
            "Give this user the right to write to WABA_INSTANCE_PATH.",
        )
    try:
        client = redis.Redis.from_url(
            settings.redis_url, socket_connect_timeout=_REDIS_TIMEOUT_S, socket_timeout=_REDIS_TIMEOUT_S
        )
        with client:
            client.ping()
    except redis.RedisError as error:
        return Finding(
            "queue",
            # The rows are the queue, and workers look by themselves: no reason to take a web process out.
            Verdict.WARN,
            f"Redis does not answer ({type(error).__name__}). Work goes on, found by looking instead of by a "
            "ring; periodic jobs wait.",
            "Check REDIS_URL and that the server runs. Nothing is lost: the rows wait in the database.",
        )
    return Finding("queue", Verdict.OK, "Redis answers.")


def check_files(settings: Settings) -> Finding:
    """The store answers, if only that it has no such file."""
    place = {"disk": "the media folder", "database": "the database", "s3": "the S3 store"}
    where = place[settings.media_store]
    try:
        open_store(settings.media_store, settings, db.engine).size(new_key(0))
    except StoreTrouble as trouble:
        return Finding(
            "files",
            Verdict.BAD,
            f"Files of messages are kept in {where}, which does not answer. {trouble}",
            "Check MEDIA_STORE and the settings beside it. Files that wait are fetched once it answers.",
        )
    return Finding("files", Verdict.OK, f"Files of messages are kept in {where}.{_small_pictures()}")


def _small_pictures() -> str:
    """How many are still to be made: thousands for a while after the update that brought them."""
    try:
        waiting = count_without_thumbnail()
    except SQLAlchemyError:
        # What is the matter with the database, its own line says.
        return ""
    return f" Small pictures still to be made: {waiting:,}." if waiting else ""


def check_worker(_settings: Settings) -> Finding:
    advice = "Start one: flask --app wsgi worker"
    try:
        seen_at = find_worker_seen_at()
    except SQLAlchemyError:
        return Finding(
            "worker", Verdict.BAD, "Whether a worker runs could not be read.", "Mend the database first."
        )
    finally:
        db.session.rollback()
    if seen_at is None:
        return Finding(
            "worker", Verdict.BAD, "No worker runs, so nothing is sent and nothing received is shown.", advice
        )
    age = utcnow() - seen_at
    if age > WORKER_SILENT_AFTER:
        text_ = f"The last worker was seen {age.total_seconds():.0f} s ago."
        return Finding("worker", Verdict.BAD, text_, advice)
    return Finding("worker", Verdict.OK, f"A worker was seen {age.total_seconds():.0f} s ago.")


def check_graph(settings: Settings) -> Finding:
    """Any answer will do: without a token Meta refuses, and that shows the way is open."""
    place = "The sandbox" if settings.is_sandbox else "Meta"
    url = f"{settings.graph_api_base_url}/{settings.graph_api_version}/"
    try:
        session = shared_session(settings.send_threads)
        session.get(url, timeout=_GRAPH_TIMEOUT_S, allow_redirects=False).close()
    except requests.RequestException as error:
        advice = (
            "Start it: flask --app wsgi sandbox"
            if settings.is_sandbox
            else "Check the network, the proxy and GRAPH_API_BASE_URL."
        )
        return Finding("graph", Verdict.BAD, f"{place} cannot be reached ({type(error).__name__}).", advice)
    return _check_version(settings, place)


def _check_version(settings: Settings, place: str) -> Finding:
    version = settings.graph_api_version
    warning = versions.warning(version, utcnow().date())
    if warning is not None:
        return Finding("graph", Verdict.WARN, f"{place} answers, but: {warning.text}", warning.advice)
    return Finding("graph", Verdict.OK, f"{place} answers, with {version}.")


def check_public_url(settings: Settings) -> Finding:
    host = urlsplit(settings.public_base_url).hostname or ""
    if settings.is_https and host not in LOOPBACK_NAMES:
        return Finding("public address", Verdict.OK, f"Meta is told to post to {settings.webhook_url}.")
    if settings.is_sandbox:
        return Finding("public address", Verdict.OK, f"{settings.webhook_url}: enough for the sandbox.")
    return Finding(
        "public address",
        Verdict.BAD,
        f"Meta cannot post events to {settings.webhook_url}: it wants https and a public name.",
        "Set PUBLIC_BASE_URL to the address under which the console is reached from outside.",
    )


def check_mail(settings: Settings) -> Finding:
    """Connect and sign in as for a mail, and send none."""
    if settings.mail is None:
        return Finding(
            "mail",
            Verdict.WARN,
            "No mail server is set: nobody hears by e-mail of an account that needs somebody.",
            "Set SMTP_HOST and MAIL_FROM, and what else the server wants (docs/operators-guide.md).",
        )
    place = f"{settings.mail.host}:{settings.mail.port}"
    try:
        smtp.check(settings.mail)
    except smtp.MailTrouble as error:
        advice = "Check the SMTP_ settings, and that this machine may reach the server."
        return Finding("mail", Verdict.BAD, f"{place} does not take mail. {error}", advice)
    return Finding("mail", Verdict.OK, f"{place} answers.")


def check_callback(settings: Settings) -> Finding:
    """Whether this machine reaches the console under its public address; the way from Meta may be another."""
    part, url = "callback", f"{settings.public_base_url}/healthz"
    try:
        answer = requests.get(url, timeout=_CALLBACK_TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        return Finding(
            part,
            Verdict.WARN,
            f"{settings.public_base_url} does not answer from here ({type(error).__name__}).",
            "Start the web process, and check the name, the certificate and the proxy: Meta posts to "
            f"{settings.webhook_url}.",
        )
    if answer.status_code != HTTPStatus.OK or '"ok"' not in answer.text[:200]:
        return Finding(
            part,
            Verdict.WARN,
            f"Something else answers at {settings.public_base_url} (status {answer.status_code}).",
            "Check PUBLIC_BASE_URL, and that the proxy hands requests on to this console.",
        )
    return Finding(part, Verdict.OK, f"The console answers at {settings.public_base_url}.")


def check_outgoing_webhooks(_settings: Settings) -> Finding:
    """Customers' systems that do not take what they are told."""
    part = "outgoing"
    off = outgoing_webhooks.count_switched_off()
    backlog = outgoing_webhooks.read_backlog()
    if off:
        return Finding(
            part,
            Verdict.WARN,
            f"{off} {'was' if off == 1 else 'were'} switched off after days of failure.",
            "Owners see why under Settings, Outgoing webhooks, and switch them on again.",
        )
    if backlog.oldest_due_s > _LONG_DUE_S:
        return Finding(
            part,
            Verdict.WARN,
            f"{backlog.waiting} deliveries wait, one for {backlog.oldest_due_s / 60:.0f} minutes.",
            "Start a worker, or another one.",
        )
    return Finding(part, Verdict.OK, f"{backlog.waiting} deliveries wait.")


READINESS: tuple[Check, ...] = (check_database, check_disk, check_migrations, check_queue)
"""Without these, the web process can serve nobody."""

ALL: tuple[Check, ...] = (
    check_settings,
    check_database,
    check_disk,
    check_file_rights,
    check_migrations,
    check_keys,
    check_queue,
    check_files,
    check_worker,
    check_graph,
    check_public_url,
    check_callback,
    check_outgoing_webhooks,
    check_mail,
)
