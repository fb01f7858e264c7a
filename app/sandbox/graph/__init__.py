"""Meta's Graph API, as far as the sandbox pretends it. Importing this registers every endpoint."""

from flask import Flask
from werkzeug.routing import BaseConverter

from . import accounts, apps, business_profiles, callbacks, media, message_templates, messages, phone_numbers
from .dispatch import answer_request

# One module per noun; each registers its endpoints when it is imported.
NOUNS = (accounts, apps, business_profiles, callbacks, media, message_templates, messages, phone_numbers)
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH")


class VersionConverter(BaseConverter):
    """Looks like a version; one that does not exist is answered by Graph's own error."""

    regex = r"v\d{1,3}\.\d{1,2}"


def init_graph(app: Flask) -> None:
    """Route `/<version>/…` and the addresses of media bytes."""
    app.url_map.converters["graph_version"] = VersionConverter
    app.add_url_rule("/<graph_version:version>/<path:path>", "graph", answer_request, methods=METHODS)
    root = {"path": ""}
    app.add_url_rule("/<graph_version:version>/", "graph", answer_request, methods=METHODS, defaults=root)
    app.add_url_rule("/_media/", "media_bytes", media.answer_bytes)
