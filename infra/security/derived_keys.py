"""Keys for one purpose each, derived from the vault key (HKDF, RFC 5869)."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.security.wrapping import KEY_BYTES, decrypted, encrypted, vault_key

KEY_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class VaultSecrets:
    """The bytes of the vault key, and of the one before it while that is being replaced."""

    present: bytes
    before: bytes | None = None

    @classmethod
    def of(cls, present: str, before: str | None = None) -> "VaultSecrets":
        """From their base64. Raises BadVaultKey."""
        vault_key(present)
        if before is not None:
            vault_key(before, "COUNTERFOIL_VAULT_KEY_BEFORE")
        return cls(base64.b64decode(present), None if before is None else base64.b64decode(before))

    def keys(self, purpose: str) -> Sequence[bytes]:
        """The present key for the purpose, then the one before it."""
        return [_derived(it, purpose) for it in (self.present, self.before) if it is not None]


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """HMAC-SHA-256 under a key for one purpose; each key has a short id."""

    keys: Sequence[bytes]

    def digest(self, value: bytes) -> bytes:
        return hmac.digest(self.keys[0], value, "sha256")

    def digests(self, value: bytes) -> Sequence[bytes]:
        """Under the present key first."""
        return [hmac.digest(key, value, "sha256") for key in self.keys]

    @property
    def key_id(self) -> str:
        return sha256(self.keys[0]).hexdigest()[:KEY_ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Box:
    """AES-256-GCM under a key for one purpose. What is sealed is bound to where it is kept."""

    keys: Sequence[bytes]

    def seal(self, value: bytes, place: bytes) -> bytes:
        return encrypted(AESGCM(self.keys[0]), value, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """Raises BadVaultKey."""
        return decrypted([AESGCM(key) for key in self.keys], sealed, place)


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"counterfoil {purpose}".encode()).derive(secret)
