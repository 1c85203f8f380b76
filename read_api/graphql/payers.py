"""Who pays for what costs: the caller, and everybody behind the same address together."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from read_api.ports import Caller

SHOPPERS = frozenset({"shopper"})
TOGETHER = 4
"""An address has the share of so many callers, however many guests or connections come from it."""

LONGEST = 200

Client = tuple[str, int] | None
"""Address and port, from the server."""


@dataclass(frozen=True, slots=True)
class Payer:
    """`one` is the caller, `group` all who come from where the caller does; `shares` is what the group may use."""

    one: str
    group: str
    shares: int = TOGETHER


def payer_of(caller: Caller | None, client: Client) -> Payer:
    """Staff are themselves, shoppers and guests also their address, and those without a token are a connection.

    A token of a guest costs nothing and a connection next to nothing, so neither is a share of its own.
    """
    host, port = client or ("unknown", 0)
    group = f"address {_network(host)}"
    if caller is None:
        return Payer(f"line {host} {port}", group)
    one = f"subject {caller.subject[:LONGEST]}"
    return Payer(one, group) if caller.roles <= SHOPPERS else Payer(one, one)


def _network(host: str) -> str:
    """One customer of a provider has 2^64 addresses of IPv6 (RFC 6177)."""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:LONGEST]
    return str(int(address) >> 64) if isinstance(address, IPv6Address) and not address.ipv4_mapped else host
