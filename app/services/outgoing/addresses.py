"""Where outgoing webhooks may lead: out into the world over HTTPS, and into networks that the operator of
this server has named (OUTGOING_WEBHOOK_NETWORKS)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from flask import current_app

from app.services.guarded_http import is_public
from app.services.name_lookup import LookupTooSlow, addresses_of

LONGEST_URL = 2000
_WEB_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1024
_NO_ADDRESS = "This is not a web address. Enter one such as https://shop.example.com/webhooks."


class UnfitAddress(Exception):
    """The address cannot be used; the text says why and what to do."""


def may_reach(host: str) -> bool:
    """Whether a connection may lead to this IP address."""
    return is_public(host) or _is_named(host)


def _is_named(host: str) -> bool:
    address = ipaddress.ip_address(host.split("%", maxsplit=1)[0])
    return any(address in network for network in current_app.config["SETTINGS"].outgoing_webhook_networks)


def check_address(url: str) -> None:
    """Raises UnfitAddress. Asks the resolver: for use outside of a transaction. What a name means may change
    later, so each delivery looks again."""
    parts = _split(url)
    hosts = _resolve(parts)
    if not all(map(may_reach, hosts)):
        raise UnfitAddress(
            "This address leads into a private network, which is not allowed here. Use a public address, or "
            "ask the operator of this server to name the network in OUTGOING_WEBHOOK_NETWORKS."
        )
    if not all(map(_is_named, hosts)):
        _check_public(parts)


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_URL or not url.isprintable() or any(map(str.isspace, url)) or "\\" in url:
        raise UnfitAddress(_NO_ADDRESS)
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise UnfitAddress(_NO_ADDRESS) from None
    if not is_web:
        raise UnfitAddress(_NO_ADDRESS)
    if parts.username is not None or parts.password is not None:
        raise UnfitAddress(
            "Leave the user name and password out of the address: each delivery is signed instead."
        )
    if parts.fragment:
        raise UnfitAddress("Leave out the part from # on: it is never sent.")
    return parts


def _resolve(parts: SplitResult) -> Iterable[str]:
    try:
        return addresses_of(parts.hostname or "", _port(parts))
    except LookupTooSlow:
        raise UnfitAddress(
            f"The name {parts.hostname} could not be looked up in time. Its name servers may be down: "
            "try again."
        ) from None
    except (OSError, ValueError):
        raise UnfitAddress(
            f"The name {parts.hostname} leads to no address. Check how it is written, or its DNS entry."
        ) from None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _check_public(parts: SplitResult) -> None:
    if parts.scheme != "https":
        raise UnfitAddress("Use https: over http anybody on the way could read your customers' messages.")
    if _port(parts) not in _WEB_PORTS and _port(parts) < _FIRST_FREE_PORT:
        raise UnfitAddress(
            f"Port {_port(parts)} is not a web server's. Use 443, or a port from {_FIRST_FREE_PORT} on."
        )
