"""Tokens of our own services: bearer tokens whose role says which service it is."""

from collections.abc import Callable
from typing import Protocol

from domain.staff.permissions import WEB


class Named(Protocol):
    """Whom a token speaks for."""

    @property
    def roles(self) -> frozenset[str]: ...


class Verifier(Protocol):
    def verify(self, token: str) -> Named:
        """Raises ValueError."""


def web_tokens(tokens: Verifier) -> Callable[[str], bool]:
    """Tells the tokens of the server of the pages from all others."""

    def is_web(token: str) -> bool:
        try:
            return WEB in tokens.verify(token).roles
        except ValueError:
            return False

    return is_web
