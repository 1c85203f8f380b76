"""Tokens whose text says what their holder may do, for tests of who may do what."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Permitted:
    """A caller with exactly these permissions."""

    permissions: frozenset[str]
    subject: str = "olga"
    roles: frozenset[str] = frozenset({"staff"})
    expires: float = math.inf
    session: str | None = None
    authenticated_at: float | None = None


class PermittedTokens:
    """The token `orders+prices` gives its holder these two permissions, and an empty name gives none."""

    def issue(self, subject: str, roles: Collection[str], lifetime: timedelta) -> str:
        raise AssertionError(f"Nobody asks for a token: {subject} {roles} {lifetime}")

    def verify(self, token: str) -> Permitted:
        return Permitted(frozenset(token.split("+")))
