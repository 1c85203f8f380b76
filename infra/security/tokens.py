"""Tokens that say who somebody is and what they may do (JWT, RFC 7519, signed with HMAC-SHA-256)."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import time

import jwt
from cachetools import FIFOCache

from domain.staff.permissions import permissions_of

ALGORITHM = "HS256"
SHORTEST_SECRET = 32
"""Bytes: a key as long as the hash (RFC 7518, section 3.2)."""

LEEWAY = timedelta(seconds=30)
MOST_KNOWN = 10_000


class WeakSecret(ValueError):
    """The secret is too short to sign with."""


class InvalidToken(ValueError):
    """The token proves nothing."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token speaks for."""

    subject: str
    roles: frozenset[str]
    expires: float = field(default=math.inf, compare=False)
    """Seconds since 1970."""

    @property
    def permissions(self) -> frozenset[str]:
        return permissions_of(self.roles)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues and verifies tokens. Whoever knows the secret can do both. Raises WeakSecret.

    Tokens that were verified lately are known again until they expire: a signature does not change.
    """

    secret: bytes
    _verified: FIFOCache[str, Caller] = field(default_factory=lambda: FIFOCache(MOST_KNOWN), repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise WeakSecret(f"A secret has at least {SHORTEST_SECRET} bytes; this one has {len(self.secret)}.")

    def issue(self, subject: str, roles: Collection[str], lifetime: timedelta, now: datetime | None = None) -> str:
        """A token that speaks for the subject from now on."""
        issued = now or datetime.now(UTC)
        claims = {"sub": subject, "roles": sorted(roles), "iat": issued, "exp": issued + lifetime}
        return jwt.encode(claims, self.secret, ALGORITHM)

    def verify(self, token: str) -> Caller:
        """Whom the token speaks for. Raises InvalidToken."""
        caller = self._verified.get(token)
        if caller is not None and time() < caller.expires:
            return caller
        caller = self._verified[token] = self._proven(token)
        return caller

    def _proven(self, token: str) -> Caller:
        try:
            claims = jwt.decode(
                token,
                self.secret,
                algorithms=[ALGORITHM],
                leeway=LEEWAY,
                options={"require": ["exp", "sub", "roles"]},
            )
        except jwt.ExpiredSignatureError:
            raise InvalidToken("The token has expired. Get a new one.") from None
        except jwt.MissingRequiredClaimError as error:
            raise InvalidToken(f"The token does not state {error.claim}.") from None
        except jwt.InvalidTokenError:
            raise InvalidToken("The token is not one of ours.") from None
        subject, roles = claims["sub"], claims["roles"]
        if not subject or not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise InvalidToken("The token does not say who it speaks for, or as what.")
        return Caller(subject, frozenset(roles), float(claims["exp"]))
