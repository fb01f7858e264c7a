"""Interactive messages beyond buttons and lists: links, Flows, products, requests, calls.

Limits are those of `interactive_rules`; all raise InvalidPayload.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.graph.payloads.builders import Content, assemble, interactive

Header = str | Mapping[str, Any] | None


def interactive_link(
    body: str, button: str, url: str, header: Header = None, footer: str | None = None
) -> Content:
    """One button (20 characters) that opens a web page."""
    action = {"name": "cta_url", "parameters": {"display_text": button, "url": url}}
    return interactive(assemble("cta_url", body, action, header, footer))


def interactive_flow(
    body: str,
    button: str,
    *,
    flow_token: str,
    flow_id: str | None = None,
    flow_name: str | None = None,
    screen: str | None = None,
    data: Mapping[str, Any] | None = None,
    is_draft: bool = False,
    header: Header = None,
    footer: str | None = None,
) -> Content:
    """A button that opens a Flow, named by id or by name.

    `flow_token` is all that leads from the answer back to this message: make it unguessable. With
    `screen` it begins there, with `data` if given; without, its endpoint says where. `is_draft`
    opens an unpublished Flow, for tests.
    """
    options: Content = {
        "flow_message_version": "3",
        "flow_token": flow_token,
        "flow_cta": button,
        "mode": "draft" if is_draft else "published",
        "flow_action": "navigate" if screen else "data_exchange",
    }
    options |= {key: value for key, value in (("flow_id", flow_id), ("flow_name", flow_name)) if value}
    if screen:
        options["flow_action_payload"] = {"screen": screen, **({"data": dict(data)} if data else {})}
    action = {"name": "flow", "parameters": options}
    return interactive(assemble("flow", body, action, header, footer))


def interactive_product(
    catalog_id: str, product_id: str, body: str | None = None, footer: str | None = None
) -> Content:
    """One product of a catalogue, by the shop's own id of it."""
    action = {"catalog_id": catalog_id, "product_retailer_id": product_id}
    inner = assemble("product", body or "", action, None, footer)
    if not body:
        del inner["body"]
    return interactive(inner)


def interactive_products(
    header: str,
    body: str,
    catalog_id: str,
    sections: Sequence[tuple[str, Sequence[str]]],
    footer: str | None = None,
) -> Content:
    """Up to 30 products of a catalogue in up to 10 sections, each `(title, product ids)`."""
    listed = [
        {"title": title, "product_items": [{"product_retailer_id": one} for one in products]}
        for title, products in sections
    ]
    action = {"catalog_id": catalog_id, "sections": listed}
    return interactive(assemble("product_list", body, action, header, footer))


def interactive_catalog(
    body: str, thumbnail_product_id: str | None = None, footer: str | None = None
) -> Content:
    """A button that opens the whole catalogue, with a product's picture."""
    action: Content = {"name": "catalog_message"}
    if thumbnail_product_id:
        action["parameters"] = {"thumbnail_product_retailer_id": thumbnail_product_id}
    return interactive(assemble("catalog_message", body, action, None, footer))


def interactive_carousel(body: str, cards: Sequence[Mapping[str, Any]]) -> Content:
    """Two to ten cards, Meta's objects without `card_index`, which is counted here."""
    listed = [{"card_index": at, **card} for at, card in enumerate(cards)]
    return interactive(assemble("carousel", body, {"cards": listed}))


def location_request(body: str) -> Content:
    """Ask where somebody is."""
    return interactive(assemble("location_request_message", body, {"name": "send_location"}))


def contact_request(body: str) -> Content:
    """Ask somebody who is known by user id only for the phone number."""
    return interactive(assemble("request_contact_info", body, {"name": "request_contact_info"}))


def call_request(body: str) -> Content:
    """Ask to be allowed to call."""
    return interactive(assemble("call_permission_request", body, {"name": "call_permission_request"}))


def voice_call(
    body: str, button: str | None = None, ttl_minutes: int | None = None, footer: str | None = None
) -> Content:
    """A button that calls the business, for 1 to 43,200 minutes (Meta's choice: seven days)."""
    given = {"display_text": button, "ttl_minutes": ttl_minutes}
    options = {key: value for key, value in given.items() if value is not None}
    action: Content = {"name": "voice_call", **({"parameters": options} if options else {})}
    return interactive(assemble("voice_call", body, action, None, footer))


def address_request(
    body: str, country: str = "IN", values: Mapping[str, str] | None = None, footer: str | None = None
) -> Content:
    """Ask for a postal address; `values` fill the form in. India only."""
    options: Content = {"country": country, **({"values": dict(values)} if values else {})}
    action = {"name": "address_message", "parameters": options}
    return interactive(assemble("address_message", body, action, None, footer))
