"""Header, body, footer and link button, which most interactive messages share."""

from __future__ import annotations

from collections.abc import Collection

from app.graph.checking import Spot
from app.graph.payloads.plain_rules import check_file

BODY_CHARACTERS = 1024
SHORT_CHARACTERS = 60  # text headers and footers
BUTTON_CHARACTERS = 20


def check_header(spot: Spot, kinds: Collection[str], *, required: bool = False) -> None:
    """A header of one of these kinds: text of 60 characters, or a file."""
    header = spot["header"]
    if not header.object("The header", required=required):
        return
    kind = header["type"].choice("The header's kind", kinds)
    if kind == "text":
        header["text"].text("The header", SHORT_CHARACTERS)
    elif kind and header[kind].object(f"The header's {kind}"):
        check_file(header[kind], f"The header's {kind}")


def check_body(spot: Spot, most: int = BODY_CHARACTERS, *, required: bool = True) -> None:
    """`body.text`."""
    if spot["body"].object("The text", required=required):
        spot["body"]["text"].text("The text", most)


def check_footer(spot: Spot) -> None:
    """`footer.text`, always optional."""
    if spot["footer"].object("The footer", required=False):
        spot["footer"]["text"].text("The footer", SHORT_CHARACTERS)


def check_link_button(action: Spot) -> None:
    """The action of a button that opens a web page."""
    action["name"].choice("The action's name", ("cta_url",))
    if action["parameters"].object("The link button"):
        action["parameters"]["display_text"].text("The link button's text", BUTTON_CHARACTERS)
        action["parameters"]["url"].link("The link button's address")
