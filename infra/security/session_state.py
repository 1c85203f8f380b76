"""What a process knows of signing keys and of sessions that have ended. It is read anew each second."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

from commands.ports import StoreUnavailable


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half of a signing key."""

    kid: str
    public: EllipticCurvePublicKey

    def jwk(self) -> Mapping[str, Any]:
        """RFC 7517, section 4."""
        told = jwt.algorithms.ECAlgorithm.to_jwk(self.public, as_dict=True)
        return {**told, "kid": self.kid, "use": "sig", "alg": "ES256"}


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: EllipticCurvePrivateKey


@dataclass(slots=True)
class SessionState:
    """`ended` are ids of sessions whose access tokens have not all expired."""

    keys: Mapping[str, VerifyingKey] = field(default_factory=dict)
    signing: SigningKey | None = None
    ended: frozenset[str] = frozenset()
    heard_at: float = field(default_factory=time.monotonic)
    """When the database was last asked, on the monotonic clock."""

    def signer(self) -> SigningKey:
        """The key that signs now. Raises StoreUnavailable."""
        if self.signing is None:
            raise StoreUnavailable("There is no signing key.")
        return self.signing

    def jwks(self) -> Mapping[str, Any]:
        """The keys as a set (RFC 7517, section 5)."""
        return {"keys": [key.jwk() for key in self.keys.values()]}
