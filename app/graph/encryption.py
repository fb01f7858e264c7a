"""The public key of a number, which people's phones encrypt Flow answers with.

Source: Meta docs, "Flows: business public key" page, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.graph import reading
from app.graph.calls import Caller, node, post
from app.graph.problems import Problem, refuse

_BEGINS, _ENDS = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The key Meta has. VALID, or MISMATCH if it must be uploaded again (after a registration)."""

    pem: str
    signature_status: str | None = None


class Encryption:
    """`client.encryption`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get_public_key(self, phone_number_id: str) -> PublicKey | None:
        """The number's key; None if it has none."""
        data = self._call("GET", f"{node(phone_number_id)}/whatsapp_business_encryption").data
        # Meta's pages show the object in a list and bare.
        found = next(iter(reading.mappings(data.get("data"))), data)
        pem = reading.text(found.get("business_public_key"))
        return (
            PublicKey(pem, reading.text(found.get("business_public_key_signature_status"))) if pem else None
        )

    def set_public_key(self, phone_number_id: str, pem: str) -> bool:
        """Give the number a 2048-bit RSA public key in PEM; needed again after each registration.

        Raises InvalidPayload for anything but a PEM public key, above all for a private one.
        """
        if not (pem.strip().startswith(_BEGINS) and pem.strip().endswith(_ENDS)):
            refuse([Problem("business_public_key", "This is not a public key in PEM form.", "bad_key")])
        path = f"{node(phone_number_id)}/whatsapp_business_encryption"
        return post(self._call, path, {"business_public_key": pem})
