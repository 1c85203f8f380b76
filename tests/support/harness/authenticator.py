"""An authenticator of passkeys in software, which also says what none should."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn import base64url_to_bytes

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
COORDINATE = 32


def text(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Authenticator:
    """Holds one passkey. `verifies`: it asks its holder for a finger or a PIN."""

    origin: str = "http://localhost:8080"
    rp_id: str = "localhost"
    verifies: bool = True
    counter: int = 0
    credential_id: bytes = b""
    user_handle: bytes = b""
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answers navigator.credentials.create()."""
        self.credential_id = self.credential_id or sha256(options["challenge"].encode()).digest()
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(COORDINATE), -3: point.y.to_bytes(COORDINATE)}
        named = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id
        data = self._data(ATTESTED) + named + cbor2.dumps(public)
        response = {
            "clientDataJSON": text(self._client_data("webauthn.create", options)),
            "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return {**self._named(), "response": response}

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answers navigator.credentials.get()."""
        client_data, data = self._client_data("webauthn.get", options), self._data(0)
        signature = self.key.sign(data + sha256(client_data).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": text(client_data),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": text(self.user_handle),
        }
        return {**self._named(), "response": response}

    def _named(self) -> dict[str, Any]:
        known = text(self.credential_id)
        return {"id": known, "rawId": known, "type": "public-key", "clientExtensionResults": {}}

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _data(self, more: int) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0)
        return sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)
