"""The endpoint of a Flow: its address, the key of the number, the secret of the app."""

from collections.abc import Callable
from typing import Any

from .database import Database, Row
from .flow_json.reading import BrokenFlow, Part, parse
from .flow_player.endpoint import Target
from .store import accounts, node_settings, phone_numbers
from .store.node_settings import PUBLIC_KEY

NEWEST_DATA_API = "3.0"


def of_flow(
    db: Database,
    row: Row,
    flow: Part,
    *,
    phone_number_id: str | None = None,
    flow_token: str = "",
    note: Callable[[Part], None] = lambda exchange: None,
) -> Target:
    """row: of the table of Flows; flow: its JSON. Without a number the first one with a key counts."""
    version = flow.get("data_api_version")
    uri = row["endpoint_uri"] or flow.get("data_channel_uri")
    return Target(
        uri=uri if isinstance(uri, str) else "",
        app_secret=_app_secret(db, row),
        public_key=lambda: _public_key(db, row["waba_id"], phone_number_id),
        flow_token=flow_token,
        version=version if isinstance(version, str) else NEWEST_DATA_API,
        note=note,
    )


def has_endpoint(text: str | None) -> bool:
    """Whether a Flow JSON speaks to an endpoint."""
    return opened(text).get("data_api_version") is not None


def opened(text: str | None) -> Part:
    """The Flow JSON, empty when it is none."""
    try:
        return parse(text or "")
    except BrokenFlow:
        return {}


def _app_secret(db: Database, row: Row) -> str:
    app = accounts.find_app(db, row["application_id"]) if row.get("application_id") else None
    apps = [app] if app else accounts.list_apps_of(db, row["waba_id"])
    return str(apps[0]["secret"]) if apps else ""


def _public_key(db: Database, waba_id: str, phone_number_id: str | None) -> str | None:
    numbers = [phone_number_id] if phone_number_id else [n["id"] for n in phone_numbers.list_of(db, waba_id)]
    keys: list[Any] = [node_settings.get(db, number, PUBLIC_KEY) for number in numbers]
    return next((key for key in keys if isinstance(key, str)), None)
