"""The JSON API's blueprint, and how large its ids can be."""

from __future__ import annotations

from apiflask import APIBlueprint

blueprint = APIBlueprint("api", __name__, url_prefix="/api/whatsapp/api")

LARGEST_ID = 2**31 - 1
LARGEST_BIG_ID = 2**63 - 1
