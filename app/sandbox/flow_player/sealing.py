"""The encryption between a phone and a business's endpoint.

Source: Meta docs, "Data endpoint" page, read 2026-05.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_pem_public_key

KEY_BYTES, IV_BYTES = 16, 16


class CannotOpen(ValueError):
    """The text says why an answer cannot be read."""


@dataclass(frozen=True)
class Sealed:
    """`body` goes to the endpoint; key and iv open its answer."""

    body: bytes
    key: bytes
    iv: bytes

    def __repr__(self) -> str:
        return f"Sealed({len(self.body)} bytes)"


def seal(message: dict[str, Any], public_key_pem: str) -> Sealed:
    """A fresh AES key for each request, itself encrypted with the business's RSA key."""
    public_key = load_pem_public_key(public_key_pem.encode())
    if not isinstance(public_key, RSAPublicKey):
        raise TypeError("The business's public key is no RSA key.")
    key, iv = os.urandom(KEY_BYTES), os.urandom(IV_BYTES)
    data = AESGCM(key).encrypt(iv, json.dumps(message).encode(), None)
    locked = public_key.encrypt(key, OAEP(MGF1(SHA256()), SHA256(), None))
    parts = {"encrypted_flow_data": data, "encrypted_aes_key": locked, "initial_vector": iv}
    body = json.dumps({name: base64.b64encode(value).decode() for name, value in parts.items()})
    return Sealed(body.encode(), key, iv)


def open_answer(text: bytes, sealed: Sealed) -> bytes:
    """The JSON inside: base64, AES-GCM with every bit of the IV flipped. Raises CannotOpen."""
    try:
        data = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CannotOpen("the answer is not base64; send the encrypted text alone, as text/plain") from error
    flipped = bytes(byte ^ 0xFF for byte in sealed.iv)
    try:
        return AESGCM(sealed.key).decrypt(flipped, data, None)
    except (InvalidTag, ValueError) as error:
        why = "the answer cannot be decrypted; use the request's AES key and its IV with every bit inverted"
        raise CannotOpen(why) from error


def signature(app_secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def token_signature(app_secret: str, flow_token: str) -> str:
    """`flow_token_signature` of data API 4.0: a JWT (HS256). What its claims are called is (unverified)."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"flow_token": flow_token})
    text = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{text}.{_encoded(hmac.new(app_secret.encode(), text.encode(), hashlib.sha256).digest())}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def seal_file(data: bytes) -> tuple[bytes, dict[str, str]]:
    """(file as it lies at `cdn_url`, its `encryption_metadata`): AES-256-CBC, PKCS7, then ten bytes of HMAC.

    That the ten are the first of the HMAC is (unverified).
    """
    key, mac_key, iv = os.urandom(32), os.urandom(32), os.urandom(IV_BYTES)
    padder = PKCS7(128).padder()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    cipher_text = encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
    mac = hmac.new(mac_key, iv + cipher_text, hashlib.sha256).digest()
    whole = cipher_text + mac[:10]
    parts = {
        "encrypted_hash": hashlib.sha256(whole).digest(),
        "iv": iv,
        "encryption_key": key,
        "hmac_key": mac_key,
        "plaintext_hash": hashlib.sha256(data).digest(),
    }
    return whole, {name: base64.b64encode(value).decode() for name, value in parts.items()}
