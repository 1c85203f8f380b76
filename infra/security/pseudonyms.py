"""Names for clients that tell them apart without telling their network addresses."""

from collections.abc import Callable
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network

IPV6_PREFIX = 64
"""Bits of an IPv6 address that a household or an office has to itself (RFC 6177)."""


def pseudonyms(secret: bytes) -> Callable[[str], str | None]:
    """A function from an address to a name that only who has the secret can trace back.

    None for an address that all clients share: loopback, a socket file.
    """
    key = blake2b(secret, digest_size=32, person=b"client address").digest()

    def pseudonym(address: str) -> str | None:
        try:
            ip = ip_address(address)
        except ValueError:
            return None
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        if ip.is_loopback:
            return None
        if isinstance(ip, IPv6Address):
            ip = ip_network((ip, IPV6_PREFIX), strict=False).network_address
        return blake2b(ip.packed, key=key, digest_size=9).hexdigest()

    return pseudonym
