"""Where the goods of an order go. It is sealed in the log, and opened for those who may see it."""

import msgspec
import strawberry

from domain.shared.personal import Sealed
from read_api.ports import Vault


class _Sealed(msgspec.Struct):
    """As the write API sealed it."""

    name: str
    street: str
    city: str
    country: str
    postal_code: str = ""
    region: str = ""


_DECODER = msgspec.json.Decoder(_Sealed)


@strawberry.type(description="Where the goods go.")
class Address:
    name: str
    street: str
    postal_code: str = strawberry.field(description="Empty where there is none.")
    city: str
    region: str = strawberry.field(description="Empty where there is none.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2.")


async def opened(vault: Vault, sealed: Sealed | None) -> Address | None:
    """None when there is none, or when its subject has been forgotten."""
    plain = None if sealed is None else await vault.open(sealed)
    if plain is None:
        return None
    it = _DECODER.decode(plain)
    return Address(
        name=it.name,
        street=it.street,
        postal_code=it.postal_code,
        city=it.city,
        region=it.region,
        country=it.country,
    )
