"""Values that all types share."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NewType, TypeAlias, TypeVar

import msgspec
import strawberry

from domain.shared import money
from domain.shared.personal import Sealed
from domain.shared.recorded import START, Position
from domain.shared.units import Units as DomainUnits
from read_api.graphql.errors import BadUserInput
from read_api.ports import Vault

T = TypeVar("T")

LAST = 2**63 - 1


Eventually: TypeAlias = T | Awaitable[T]
"""What a resolver gives that knows most answers at once, and has to ask for some."""


def described(text: str | None, of: Any = None) -> Callable[[Callable[..., Any]], Any]:
    """A field that is computed, with words for the schema; `of` is its type where the resolver's says more."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=resolver, description=text, graphql_type=of)

    return decorate


def position_of(value: Any) -> Position:
    """A position as the APIs print it. Raises BadUserInput."""
    try:
        position = int(value)
    except (TypeError, ValueError):
        position = -1
    if not START <= position <= LAST:
        raise BadUserInput(f"{value!r} is not a position. Take it from an answer of the write API.")
    return Position(position)


POSITION = strawberry.scalar(
    name="Position",
    description="A place in the one order of all events. Opaque, ordered, printed as text.",
    serialize=str,
    parse_value=position_of,
)


def time_of(value: Any) -> datetime:
    """A time that everybody reads alike. Raises BadUserInput."""
    try:
        time = datetime.fromisoformat(value)
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    shown = str(value)[:100]
    raise BadUserInput(
        f"{shown!r} is not a time. Write date, time and offset, such as 2026-11-25T12:00:00Z (RFC 3339)."
    )


TIME = strawberry.scalar(
    name="DateTime", description="Date with time (isoformat)", serialize=datetime.isoformat, parse_value=time_of
)


Whole = NewType("Whole", int)
WHOLE = strawberry.scalar(
    name="Whole",
    description="A whole number. It may have more than the 32 bits of Int.",
    serialize=int,
    parse_value=int,
)


@strawberry.type(description="An amount of money.")
class Money:
    amount: Whole = strawberry.field(description="In minor units of the currency: cents, yen.")
    currency: str = strawberry.field(description="ISO 4217.")
    formatted: str = strawberry.field(description="For people, without rounding.")


def shown(amount: money.Money) -> Money:
    return amount_of(amount.amount, amount.currency)


@lru_cache(maxsize=10_000)
def amount_of(minor_units: int, currency: str) -> Money:
    """Nobody changes what is shown, so equal amounts share it."""
    formatted = str(money.Money(minor_units, currency))
    return Money(amount=Whole(minor_units), currency=currency, formatted=formatted)


@strawberry.type(description="So many units of a SKU.")
class Units:
    sku: strawberry.ID
    quantity: int


def units(items: tuple[DomainUnits, ...]) -> list[Units]:
    return [Units(sku=strawberry.ID(item.sku), quantity=item.quantity) for item in items]


async def opened(vault: Vault, sealed: Sealed | None) -> Any:
    """Personal data as JSON, or as text when it is none; None when its subject has been forgotten."""
    plain = None if sealed is None else await vault.open(sealed)
    if plain is None:
        return None
    try:
        return msgspec.json.decode(plain)
    except msgspec.DecodeError:
        return plain.decode(errors="replace")
