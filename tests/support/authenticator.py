"""A security key in software: makes a key pair for a site and signs what the site asks (WebAuthn, ES256)."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

_PRESENT, _VERIFIED, _HAS_CREDENTIAL = 0x01, 0x04, 0x40


class Authenticator:
    """One device with one passkey."""

    def __init__(self, origin: str, *, is_verifying: bool = True) -> None:
        self.origin = origin
        self.count = 0
        self.handle = ""
        self._flags = _PRESENT | (_VERIFIED if is_verifying else 0)
        self._id = secrets.token_bytes(16)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        self.handle = options["user"]["id"]
        numbers = self._key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        credential = bytes(16) + len(self._id).to_bytes(2) + self._id + cbor2.dumps(public)
        data = self._data(options["rp"]["id"], self._flags | _HAS_CREDENTIAL) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attestation)

    def get(self, options: dict[str, Any], handle: str | None = None) -> str:
        """The answer to `navigator.credentials.get`; `handle`: whom it claims to be."""
        self.count += 1
        data = self._data(options["rpId"], self._flags)
        client = self._client("webauthn.get", options["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        answer = json.loads(self._answer(clientDataJSON=client, authenticatorData=data, signature=signature))
        answer["response"]["userHandle"] = handle or self.handle
        return json.dumps(answer)

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, **parts: bytes) -> str:
        id_ = bytes_to_base64url(self._id)
        response = {name: bytes_to_base64url(value) for name, value in parts.items()}
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response})
