"""The second step of a login, and the address that an authenticator app takes in (`otpauth://totp/...`)."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

LABELS: Mapping[str, str] = {"code": "Code or recovery code"}
NEW_LABELS: Mapping[str, str] = {"code": "Code of the app"}
ENTER: Mapping[str, str] = {"code": "Enter the six digits that the app shows."}
OVER = "That took longer than five minutes. Sign in again."
LONGEST = 1_000
GROUP = 4


def secret_of(address: str) -> str:
    """The secret in an address of an authenticator app; empty for what is no such address."""
    if len(address) > LONGEST or not address.startswith("otpauth://totp/"):
        return ""
    try:
        return parse_qs(urlsplit(address).query).get("secret", [""])[0]
    except ValueError:
        return ""


def in_groups(secret: str) -> str:
    """In groups of four, as people type it."""
    return " ".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP))


def plain(code: str) -> str:
    """A code without the spaces that apps show in it."""
    return "".join(code.split())
