"""Tokens of our own services: bearer tokens whose role says which service it is."""

from collections.abc import Callable, Collection
from datetime import timedelta
from time import time
from typing import Protocol

from domain.staff.permissions import WEB

LIFETIME = timedelta(hours=1)


class Named(Protocol):
    """Whom a token speaks for."""

    @property
    def roles(self) -> frozenset[str]: ...


class Verifier(Protocol):
    def verify(self, token: str) -> Named:
        """Raises ValueError."""


class Issuer(Protocol):
    def issue(self, subject: str, roles: Collection[str], lifetime: timedelta) -> str: ...


def web_tokens(tokens: Verifier) -> Callable[[str], bool]:
    """Tells the tokens of the server of the pages from all others."""

    def is_web(token: str) -> bool:
        try:
            return WEB in tokens.verify(token).roles
        except ValueError:
            return False

    return is_web


def web_token(tokens: Issuer, clock: Callable[[], float] = time) -> Callable[[], str]:
    """The token of the server of the pages; a new one when half of its time is over."""
    kept, until = "", 0.0

    def token() -> str:
        nonlocal kept, until
        if clock() >= until:
            kept, until = tokens.issue(WEB, [WEB], LIFETIME), clock() + LIFETIME.total_seconds() / 2
        return kept

    return token
