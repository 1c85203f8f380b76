"""Bearer tokens: access tokens signed with ES256 (JWT, RFC 7519), those that a shared secret signs (HS256), API keys.

HS256 tokens are those of guests and operators. The secret both signs and verifies them; the setting
`COUNTERFOIL_SHARED_SECRET_TOKENS=false` ends them.
"""

import math
import time as clocks
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any, NamedTuple
from uuid import uuid4

import jwt
from cachetools import FIFOCache

from commands.ports import StoreUnavailable
from domain.api_key.events import SUBJECT_OF_KEY
from domain.shared.frozen import replace
from domain.staff.permissions import permissions_of
from infra.security.session_state import SessionState
from infra.security.staff_access import KEY_PREFIX, StaffAccess
from projections.engine.ports import StorageUnavailable

ALGORITHM, ACCESS_ALGORITHM = "HS256", "ES256"
ISSUER = AUDIENCE = "counterfoil"
SHORTEST_SECRET = 32
"""Bytes: a key as long as the hash (RFC 7518, section 3.2)."""

LEEWAY = timedelta(seconds=30)
ACCESS_LIFETIME = timedelta(minutes=5)
MOST_KNOWN = 10_000
STALE_AFTER = 30.0
"""Seconds without the list of ended sessions after which tokens of staff are not accepted."""

SHOPPERS, STAFF = frozenset({"shopper"}), frozenset({"staff"})
API_KEY = frozenset({"api_key"})
SOCKET_LIFETIME = 300.0
"""Seconds after which a WebSocket has to be opened anew by the holder of an API key, as by one of an access token."""


class WeakSecret(ValueError):
    """The secret is too short to sign with."""


class SessionsUnknown(StoreUnavailable, StorageUnavailable):
    """Which sessions have ended is not known at present."""


class InvalidToken(ValueError):
    """The token proves nothing."""


class Access(NamedTuple):
    """An access token and when it ends."""

    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token speaks for. `session` is None for tokens of the shared secret."""

    subject: str
    roles: frozenset[str]
    expires: float = field(default=math.inf, compare=False)
    """Seconds since 1970."""

    session: str | None = None
    authenticated_at: float | None = None
    """Seconds since 1970 when the password, passkey or second factor was checked."""

    permissions: frozenset[str] = field(default=frozenset(), compare=False)
    """What the caller may do now."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues and verifies tokens. Raises WeakSecret.

    Tokens that were verified lately are known again until they expire: a signature does not change. The list of ended
    sessions, and what staff may do, are looked up for every token, known or not.
    """

    secret: bytes
    state: SessionState = field(default_factory=SessionState)
    staff: StaffAccess = field(default_factory=StaffAccess)
    shared_secret: bool = True
    """Whether HS256 tokens are accepted."""

    _verified: FIFOCache[str, Caller] = field(default_factory=lambda: FIFOCache(MOST_KNOWN), repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.secret) < SHORTEST_SECRET:
            raise WeakSecret(f"A secret has at least {SHORTEST_SECRET} bytes; this one has {len(self.secret)}.")

    def issue(self, subject: str, roles: Collection[str], lifetime: timedelta, now: datetime | None = None) -> str:
        """A token of the shared secret that speaks for the subject from now on."""
        issued = now or datetime.now(UTC)
        claims = {"sub": subject, "roles": sorted(roles), "iat": issued, "exp": issued + lifetime}
        return jwt.encode(claims, self.secret, ALGORITHM)

    def access(self, subject: str, roles: Collection[str], session: str, authenticated_at: datetime) -> Access:
        """An access token of a session. Raises StoreUnavailable while no signing key is known."""
        key, now = self.state.signer(), datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "roles": sorted(roles),
            "sid": session,
            "auth_time": int(authenticated_at.timestamp()),
            "iat": now,
            "exp": now + ACCESS_LIFETIME,
            "jti": uuid4().hex,
        }
        token = jwt.encode(claims, key.private, ACCESS_ALGORITHM, headers={"kid": key.kid})
        return Access(token, now + ACCESS_LIFETIME)

    def jwks(self) -> Mapping[str, Any]:
        """The public keys of access tokens (RFC 7517)."""
        return self.state.jwks()

    def verify(self, token: str) -> Caller:
        """Whom the token speaks for. Raises InvalidToken, SessionsUnknown, StaffUnknown."""
        if token.startswith(KEY_PREFIX):
            return self._holder(token)
        caller = self._verified.get(token)
        if caller is None or time() >= caller.expires:
            caller = self._verified[token] = self._proven(token)
        if caller.session is not None:
            self._check_session(caller, caller.session)
            if caller.roles == STAFF:
                return replace(caller, permissions=self.staff.permissions_of(caller.subject))
        return caller

    def _holder(self, token: str) -> Caller:
        """Whom an API key speaks for."""
        if (key := self.staff.key(token)) is None:
            raise InvalidToken("The API key is none of ours, or is over.")
        expires = min(key.expires_at.timestamp(), time() + SOCKET_LIFETIME)
        return Caller(SUBJECT_OF_KEY + key.key_id, API_KEY, expires, permissions=key.permissions)

    def _check_session(self, caller: Caller, session: str) -> None:
        if session in self.state.ended:
            raise InvalidToken("The session has ended. Log in again.")
        if not caller.roles <= SHOPPERS and clocks.monotonic() - self.state.heard_at > STALE_AFTER:
            raise SessionsUnknown("The list of ended sessions cannot be read.")

    def _proven(self, token: str) -> Caller:
        try:
            claims = self._claims(token)
        except jwt.ExpiredSignatureError:
            raise InvalidToken("The token has expired. Get a new one.") from None
        except jwt.MissingRequiredClaimError as error:
            raise InvalidToken(f"The token does not state {error.claim}.") from None
        except jwt.InvalidTokenError:
            raise InvalidToken("The token is not one of ours.") from None
        subject, roles = claims["sub"], claims["roles"]
        if not subject or not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
            raise InvalidToken("The token does not say who it speaks for, or as what.")
        session, authenticated_at = claims.get("sid"), claims.get("auth_time")
        return Caller(
            subject,
            frozenset(roles),
            float(claims["exp"]),
            session=session,
            authenticated_at=None if authenticated_at is None else float(authenticated_at),
            permissions=permissions_of(frozenset(roles)),
        )

    def _claims(self, token: str) -> dict[str, Any]:
        """The key and the one algorithm of it are chosen by us; the header only says which of our keys it was."""
        kid = jwt.get_unverified_header(token).get("kid")
        if kid is not None:
            if (key := self.state.keys.get(kid)) is None:
                raise jwt.InvalidTokenError
            return jwt.decode(
                token,
                key.public,
                algorithms=[ACCESS_ALGORITHM],
                leeway=LEEWAY,
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["exp", "iat", "sub", "roles", "sid", "auth_time", "jti"]},
            )
        if not self.shared_secret:
            raise jwt.InvalidTokenError
        claims = jwt.decode(
            token,
            self.secret,
            algorithms=[ALGORITHM],
            leeway=LEEWAY,
            options={"require": ["exp", "sub", "roles"]},
        )
        return {name: claims[name] for name in ("sub", "roles", "exp")}
