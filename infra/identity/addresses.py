"""E-mail addresses in the identity store: found by a keyed hash, so that no table shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from infra.security.derived_keys import KeyedHash


def comparable(address: str) -> str:
    """Equal for addresses that are one: NFKC, then case folding, and the host as Unicode."""
    local, _, host = normalize("NFKC", address.strip()).rpartition("@")
    return normalize("NFKC", f"{local}@{_unicode(host)}").casefold()


def _unicode(host: str) -> str:
    """A host that is written for the DNS (xn--...) as people write it."""
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host.lower() else host
    except UnicodeError:
        return host


@dataclass(frozen=True, slots=True)
class AddressIndex:
    """HMAC-SHA-256 of comparable addresses, under a key that is not in the database."""

    hashing: KeyedHash

    def place(self, realm: str, address: str) -> bytes:
        return self.hashing.digest(_told(realm, address))

    def places(self, realm: str, address: str) -> Sequence[bytes]:
        """Under the present key, then under the one before it while that is being replaced."""
        return self.hashing.digests(_told(realm, address))


def _told(realm: str, address: str) -> bytes:
    return f"{realm}\n{comparable(address)}".encode()
