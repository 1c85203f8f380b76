"""Links that show one order without an account: its id and an end, signed (JWT, RFC 7519) with a key of their own."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from domain.shared.ids import OrderId
from infra.security.tokens import ALGORITHM, InvalidToken

AUDIENCE = "order-link"
LIFETIME = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class SignedOrderLinks:
    """The key is derived from the secret of the bearer tokens: a link is never a bearer token, nor the other way."""

    secret: bytes = field(repr=False)

    @property
    def _key(self) -> bytes:
        return hmac.digest(self.secret, AUDIENCE.encode(), "sha256")

    def issue(self, order: OrderId, now: datetime) -> tuple[str, datetime]:
        """A token, and when it ends. The same within a day, so that a page that shows it can be compared."""
        ends = now.replace(hour=0, minute=0, second=0, microsecond=0) + LIFETIME
        return jwt.encode({"aud": AUDIENCE, "sub": order, "exp": ends}, self._key, ALGORITHM), ends

    def order_of(self, token: str, now: datetime) -> OrderId:
        """The order that the token shows. PyJWT compares signatures in constant time. Raises InvalidToken."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "aud"], "verify_exp": False},
            )
        except jwt.InvalidTokenError:
            raise InvalidToken("The link is not one of ours, or is incomplete.") from None
        if claims["exp"] <= now.timestamp():
            raise InvalidToken("The link has expired. Open it anew from your confirmation, or sign in.")
        return OrderId(claims["sub"])
