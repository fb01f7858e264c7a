"""waba-console: run WhatsApp Business accounts over Meta's Cloud API."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.crypto import current_cipher
from app.database import engine_options, prepare_engine
from app.extensions import csrf, db, htmx, login_manager, migrate
from config import Settings, load_settings

DOORS = (
    "admin",
    "auth",
    "analytics",
    "setup",
    "accounts",
    "message_templates",
    "flows",
    "console",
    "contacts",
    "bot",
    "knowledge",
    "webhook_events",
    "settings",
    "health",
    "webhook",
    "api",
)
"""Each is a package with `blueprint`, and `init_app(app)` where it has more to say."""

_MAX_FORM_BYTES = 1024 * 1024


def create_app(settings: Settings | None = None) -> APIFlask:
    """The application. Refuses to start with a wrong setting or a route without a permission."""
    settings = settings or load_settings()
    current_cipher.configure(settings.encryption_keys)
    app = APIFlask(
        __name__,
        title="waba-console API",
        version="1",
        spec_path="/api/whatsapp/openapi.json",
        docs_path=None,
        json_errors=False,
        instance_path=str(settings.instance_path.resolve()),
    )
    _configure(app, settings)
    _init_extensions(app)
    _init_web(app)
    _open_doors(app)
    _init_work(app)
    return app


def _configure(app: APIFlask, settings: Settings) -> None:
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        TRUSTED_HOSTS=settings.accepted_hosts,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=_MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=_MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_NAME="__Host-waba" if settings.is_https else "waba",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=settings.session_absolute_s),
        SEND_FILE_MAX_AGE_DEFAULT=0,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _init_extensions(app: APIFlask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, render_as_batch=True, compare_type=True)
    login_manager.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def _init_web(app: APIFlask) -> None:
    from app.web.context import init_context
    from app.web.errors import init_errors
    from app.web.filters import init_filters
    from app.web.identity import init_identity
    from app.web.logs import init_logs
    from app.web.number_masks import init_number_masks
    from app.web.rendering import init_rendering
    from app.web.routing import init_routing
    from app.web.security import init_security
    from app.web.uploads import init_uploads

    init_routing(app)
    init_uploads(app)
    init_logs(app)
    init_identity(login_manager)
    init_security(app)
    init_number_masks(app)
    init_errors(app)
    init_rendering(app)
    init_filters(app)
    init_context(app)


def _open_doors(app: APIFlask) -> None:
    from app.cli import init_cli
    from app.web.permissions import check_routes, public

    for name in DOORS:
        door = import_module(f"app.{name}")
        app.register_blueprint(door.blueprint)
        if hasattr(door, "init_app"):
            door.init_app(app)
    init_cli(app)
    # The API's description holds nothing of anyone's; integrators read it before they have a key.
    public(app.view_functions["openapi.spec"])
    check_routes(app)


def _init_work(app: APIFlask) -> None:
    from app.worker.bell import connect_bell

    connect_bell(app)
