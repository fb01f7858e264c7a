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
from .dispatch import NEWEST, answer_request

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


def init_graph(app: Flask) -> None:
    """Route `/<version>/…`, the addresses of bytes, and what Meta has on a host without versions."""
    # Meta redirects nowhere; by itself the router would, to the path without the doubled slash.
    app.url_map.merge_slashes = False
    app.url_map.converters["graph_version"] = VersionConverter
    app.add_url_rule("/<graph_version:version>/<path:path>", "graph", answer_request, methods=METHODS)
    root = {"path": ""}
    app.add_url_rule("/<graph_version:version>/", "graph", answer_request, methods=METHODS, defaults=root)
    app.add_url_rule("/<graph_version:version>", "graph", answer_request, methods=METHODS, defaults=root)
    app.add_url_rule("/_media/", "media_bytes", media.answer_bytes)
    app.add_url_rule("/_flows/<flow_id>/flow.json", "flow_json", flow_fields.answer_download)
    app.add_url_rule("/_flows/<flow_id>/preview", "flow_preview", flow_fields.answer_preview)
    rule = "/<waba_id>/message_templates/<any(archive, unarchive):action>"
    app.add_url_rule(rule, "archive", _answer_archive, methods=["POST"])


def _answer_archive(waba_id: str, action: str) -> Response:
    """Source: Meta docs, "Template archiving" page (unverified)."""
    return answer_request(f"v{NEWEST}.0", f"{waba_id}/message_templates/{action}")
