"""Meta's Graph API, as far as the sandbox pretends it. Importing this registers every endpoint."""

from flask import Flask, Response
from werkzeug.routing import BaseConverter

from . import (
    account_changes,
    accounts,
    analytics,
    apps,
    batch,
    block_users,
    business_profiles,
    callbacks,
    flow_fields,
    flows,
    media,
    message_template_library,
    message_template_tools,
    message_templates,
    messages,
    number_settings,
    phone_numbers,
    qr_codes,
    uploads,
    usernames,
)
from .dispatch import OLDEST, answer_request

# One module per noun; each registers its endpoints when it is imported.
NOUNS = (
    account_changes, accounts, analytics, apps, batch, block_users, business_profiles, callbacks, flows,
    media, message_template_library, message_template_tools, message_templates, messages, number_settings,
    phone_numbers, qr_codes, uploads, usernames,
)  # fmt: skip
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH")


class VersionConverter(BaseConverter):
    """Looks like a version; one that does not exist is answered by Graph's own error."""

    regex = r"v\d{1,3}\.\d{1,2}"


class VersionlessPathConverter(BaseConverter):
    """A path of Graph's without a version: by its first part, so that the sandbox's own pages keep theirs."""

    regex = r"(?:\d{5,}|me)(?:/.*)?|debug_token|oauth/access_token|upload:.+"
    part_isolating = False


def init_graph(app: Flask) -> None:
    """Route `/<version>/…`, the same without a version, and the addresses of bytes."""
    app.url_map.converters["graph_version"] = VersionConverter
    app.url_map.converters["graph_path"] = VersionlessPathConverter
    app.add_url_rule("/<graph_version:version>/<path:path>", "graph", answer_request, methods=METHODS)
    root = {"path": ""}
    app.add_url_rule("/<graph_version:version>/", "graph", answer_request, methods=METHODS, defaults=root)
    app.add_url_rule("/<graph_version:version>", "graph", answer_request, methods=METHODS, defaults=root)
    app.add_url_rule("/_media/", "media_bytes", media.answer_bytes)
    app.add_url_rule("/_flows/<flow_id>/flow.json", "flow_json", flow_fields.answer_download)
    app.add_url_rule("/_flows/<flow_id>/preview", "flow_preview", flow_fields.answer_preview)
    app.add_url_rule("/<graph_path:path>", "graph_versionless", _answer_versionless, methods=METHODS)


def _answer_versionless(path: str) -> Response:
    """By the oldest version. Source: Meta docs, "Versioning" page, read 2026-03 (in part unverified)."""
    return answer_request(f"v{OLDEST}.0", path)
