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
    coexistence,
    flow_fields,
    flows,
    media,
    message_template_library,
    message_template_read_form,
    message_template_tools,
    message_templates,
    messages,
    number_settings,
    phone_numbers,
    qr_codes,
    uploads,
    usernames,
)
from .dispatch import answer_request

# One module per noun; each registers its endpoints when it is imported.
NOUNS = (
    account_changes, accounts, analytics, apps, batch, block_users, business_profiles, callbacks,
    coexistence, flows, media, message_template_library, message_template_tools, message_templates, messages,
    number_settings, phone_numbers, qr_codes, uploads, usernames,
)  # fmt: skip
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH")


class VersionConverter(BaseConverter):
    """Looks like a version; one that does not exist is answered by Graph's own error."""

    regex = r"v\d{1,3}\.\d{1,2}"


class NodeConverter(BaseConverter):
    """What may stand first in a path without a version: an id, an upload, `me`, or an edge of the root."""

    regex = r"\d+|upload:[^/]*|me|oauth|debug_token|message_template_library"


def init_graph(app: Flask) -> None:
    """Route `/<version>/…`, the same without a version, and the addresses of bytes."""
    # Meta redirects nowhere; by itself the router would, to the path without the doubled slash.
    app.url_map.merge_slashes = False
    app.url_map.converters["graph_version"] = VersionConverter
    app.add_url_rule("/<graph_version:version>/<path:path>", "graph", answer_request, methods=METHODS)
    root = {"path": ""}
    app.add_url_rule("/<graph_version:version>/", "graph", answer_request, methods=METHODS, defaults=root)
    app.add_url_rule("/<graph_version:version>", "graph", answer_request, methods=METHODS, defaults=root)
    app.add_url_rule("/_media/", "media_bytes", media.answer_bytes)
    app.add_url_rule("/_samples/", "sample_bytes", message_template_read_form.answer_sample)
    app.add_url_rule("/_flows/<flow_id>/flow.json", "flow_json", flow_fields.answer_download)
    app.url_map.converters["graph_node"] = NodeConverter
    app.add_url_rule("/<graph_node:node>", "graph_unversioned", _answer_unversioned, methods=METHODS)
    app.add_url_rule(
        "/<graph_node:node>/<path:rest>", "graph_unversioned", _answer_unversioned, methods=METHODS
    )
    app.add_url_rule("/", "graph_batch", answer_request, methods=["POST"], defaults=root)


def _answer_unversioned(node: str, rest: str = "") -> Response:
    """Source: Meta docs, Graph "Versioning" page, read 2026-09: the oldest usable version answers."""
    return answer_request(f"{node}/{rest}".strip("/"))
