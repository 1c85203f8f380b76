"""Who asks, by address: the peer's own, or the one that a trusted peer names in X-Forwarded-For.

Trusted are proxies at certain addresses, and the server of the pages, wherever it is, by the token that it sends.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from starlette.types import Scope

FORWARDED = b"x-forwarded-for"
SERVICE = b"counterfoil-service"
"""The header with the token of a service that asks for others."""

UNKNOWN = "unknown"

SITE = 64
"""Bits of an IPv6 address that name a site; the other half is its visitor's to choose (RFC 4291, section 2.5.4)."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies in front of the shop, and which token proves a service. Addresses that others name are ignored."""

    networks: tuple[Network, ...] = ()
    is_service: Callable[[str], bool] = lambda _token: False

    @classmethod
    def at(cls, addresses: Iterable[str], is_service: Callable[[str], bool] = lambda _token: False) -> Self:
        """Addresses and networks (RFC 4632) as text. Raises ValueError."""
        return cls(tuple(ip_network(address) for address in addresses), is_service)

    def caller(self, scope: Scope) -> str:
        """The address that a request's limits are counted for; of IPv6 its /64 network."""
        return counted(self._address(scope))

    def resolved(self, scope: Scope) -> Scope:
        """The request as the application gets it: its client is the caller, also behind a trusted proxy."""
        peer, port = scope.get("client") or (UNKNOWN, 0)
        address = self._address(scope)
        return scope if address == peer else {**scope, "client": (address, port)}

    def _address(self, scope: Scope) -> str:
        peer: str = (scope.get("client") or (UNKNOWN,))[0]
        if not (self.trusts(peer) or self._is_sent_by_service(scope)):
            return peer
        return self._behind(peer, [value for name, value in scope["headers"] if name == FORWARDED])

    def _is_sent_by_service(self, scope: Scope) -> bool:
        token = next((value for name, value in scope.get("headers", ()) if name == SERVICE), None)
        return token is not None and self.is_service(token.decode("latin-1"))

    def trusts(self, address: str) -> bool:
        """Whether this is one of the proxies."""
        parsed = _parsed(address) if self.networks else None
        return parsed is not None and any(parsed in network for network in self.networks)

    def _behind(self, proxy: str, said: Sequence[bytes]) -> str:
        """The right-most address that is none of the proxies: each adds the one that it saw on the right."""
        nearest = proxy
        for hop in reversed(b",".join(said).decode("latin-1").split(",")):
            address = _without_port(hop.strip())
            if _parsed(address) is None:
                return nearest
            nearest = address
            if not self.trusts(address):
                return nearest
        return nearest


@lru_cache(10_000)
def counted(address: str) -> str:
    """One name for all addresses that are one visitor's."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((int(parsed), SITE), strict=False))
    return address if parsed is None else str(parsed)


@lru_cache(10_000)
def _parsed(address: str) -> Address | None:
    """IPv4 addresses that are written as IPv6 ones are what they are."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed


def _without_port(hop: str) -> str:
    """Some proxies name the port as well: 192.0.2.1:4711, [2001:db8::1]:4711."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
