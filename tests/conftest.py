"""Fixtures that every test may use: an app on a fresh database, people, accounts, a page client.

Two traps that this file keeps closed: pytest-flask pushes a request context around each test (then a
second client is served as the first one's user), and calling a client inside an app context does the
same. Use the `db_session` fixture's context only for data, never around a client call.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.extensions import db
from config import Settings
from tests.support.compiled_once import CompiledPages, CompiledStatements, remember_compiled_routes
from tests.support.databases import ReusedDatabase, postgresql_database, postgresql_server
from tests.support.factories import Factory
from tests.support.pages import IsolatedClient, PageClient
from tests.support.redis import redis_url
from tests.support.sandbox import RunningSandbox

remember_compiled_routes()
COMPILED_PAGES = CompiledPages()
COMPILED_STATEMENTS = CompiledStatements()

__all__ = ["postgresql_server", "redis_url"]

TEST_KEY = b"dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktMTIzNCE="
BOTH_DATABASES = (
    "chaos",
    "media_store",
    "services",
    "queries",
    "worker",
    "webhook",
    "models",
    "migrations",
)

# What these do to a database goes beyond its rows.
OWN_COPIES = ("chaos", "migrations")


_ROOM_BYTES = 4 * 1024**3
# Few tests that take long: they begin, so that at the end all test processes still have something to do.
FIRST = ("chaos", "worker", "e2e", "tools", "rules")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rooms = {room: place for place, room in enumerate(FIRST)}
    items.sort(key=lambda item: rooms.get(_room(item.path), len(rooms)))


def pytest_configure() -> None:
    gc.disable()  # until all is imported and collected: none of it is ever let go
    _keep_databases_in_memory()


def _keep_databases_in_memory() -> None:
    """Where there is room: no test pulls the plug, and disks are slow."""
    memory = Path("/dev/shm")  # noqa: S108 - named for what it is; the folders in it are made safely
    is_there = "TMPDIR" not in os.environ and memory.is_dir() and os.access(memory, os.W_OK)
    if is_there and shutil.disk_usage(memory).free > _ROOM_BYTES:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


def pytest_collection_finish() -> None:
    """Else the collector looks through all that was imported, again and again: two fifths of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def _room(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).parts[0]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Rooms that talk to the database are tested on both unless a test says otherwise; pages on SQLite."""
    if "database_kind" not in metafunc.fixturenames:
        return
    says = metafunc.definition.get_closest_marker
    is_on_both = _room(metafunc.definition.path) in BOTH_DATABASES and says("one_database") is None
    is_on_both = is_on_both or says("both_databases") is not None
    kinds = ["sqlite", "postgresql"] if is_on_both else ["sqlite"]
    metafunc.parametrize("database_kind", kinds, scope="function")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half characters that a test logs on purpose must not break the line between test processes."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "replace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Replaces pytest-flask's fixture of this name: see the top of this file."""


@pytest.fixture(scope="session")
def base_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    instance = tmp_path_factory.mktemp("instance")
    return Settings(
        database_url=f"sqlite:///{instance / 'base.sqlite'}",
        redis_url=None,
        secret_key="t" * 48,
        encryption_keys=(TEST_KEY,),
        graph_api_base_url="http://127.0.0.1:9",
        graph_api_version="v25.0",
        public_base_url="http://127.0.0.1:5000",
        instance_path=instance,
        testing=True,
        log_level="WARNING",
    )


@pytest.fixture(scope="session")
def migrated_sqlite(base_settings: Settings) -> Path:
    """An empty database brought up by the migrations once; each test gets a copy."""
    path = base_settings.instance_path / "base.sqlite"
    app = create_app(base_settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return path


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if database_kind == "sqlite":
        path = tmp_path / "test.sqlite"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        # Its folder stays: a bell may still be ringing in it.
        for file in tmp_path.glob("test.sqlite*"):
            file.unlink(missing_ok=True)
    elif _room(request.path) in OWN_COPIES:
        yield from postgresql_database(request.getfixturevalue("postgresql_server"))
    else:
        yield from request.getfixturevalue("reused_database").lend()


@pytest.fixture(scope="session")
def reused_database(postgresql_server: str) -> Iterator[ReusedDatabase]:
    database = ReusedDatabase(postgresql_server)
    yield database
    database.close()


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    sandbox = RunningSandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite")
    yield sandbox
    sandbox.close()


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> RunningSandbox:
    """A sandbox with nothing in it. An app made in the same test talks to it."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def settings(
    base_settings: Settings, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Settings:
    graph = base_settings.graph_api_base_url
    if "sandbox" in request.fixturenames:
        graph = request.getfixturevalue("sandbox").url
    return replace(base_settings, database_url=database_url, instance_path=tmp_path, graph_api_base_url=graph)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED_PAGES
    COMPILED_STATEMENTS.share_with(app)
    app.test_client_class = IsolatedClient
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make(app: Flask) -> Iterator[Factory]:
    """Rows with only what matters spelt out: `make.account()`, `make.conversation(window_open=True)` …

    Opens an app context for the test's own use of the database; page clients run outside of it.
    """
    factory = Factory(app)
    yield factory
    factory.close()


@pytest.fixture
def page(app: Flask) -> PageClient:
    return PageClient(app)


@pytest.fixture
def sign_in(make: Factory, page: PageClient) -> Callable[..., Any]:
    """`sign_in(role="agent", accounts=[account])`: a person with that role, signed in on `page`."""

    def _sign_in(
        role: str = "owner", accounts: list[Any] | None = None, client: PageClient | None = None
    ) -> Any:
        user = make.user(role=role, accounts=accounts or [])
        (client or page).sign_in(user)
        return user

    return _sign_in


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is. Browser tests skip, visibly, on a machine without one."""
    for name in (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            from playwright.sync_api import expect

            expect.set_options(timeout=20_000)  # its own five seconds are short where all cores are busy
            return found
    pytest.skip("no Chromium on this machine; install it to run the browser tests")
