"""Tokens whose text says what their holder may do, for tests of who may do what."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from tests.support.builders.for_sale import NOON


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
    """The token `orders+prices` gives its holder these two permissions, and an empty name gives none.

    `orders@9` is of a member of staff who logged in 9 minutes ago, `orders@key` an API key.
    """

    def issue(self, subject: str, roles: Collection[str], lifetime: timedelta) -> str:
        raise AssertionError(f"Nobody asks for a token: {subject} {roles} {lifetime}")

    def verify(self, token: str) -> Permitted:
        names, _, how = token.partition("@")
        permissions = frozenset(names.split("+"))
        match how:
            case "":
                return Permitted(permissions)
            case "key":
                return Permitted(permissions, roles=frozenset({"api_key"}))
            case _:
                at = (NOON - timedelta(minutes=int(how))).timestamp()
                return Permitted(permissions, session="s1", authenticated_at=at)
