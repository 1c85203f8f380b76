"""Values that all types share."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

import strawberry

from domain.shared import money
from domain.shared.units import Units as DomainUnits
from read_api.graphql.scalars import Whole

T = TypeVar("T")

Eventually: TypeAlias = T | Awaitable[T]
"""What a resolver gives that knows most answers at once, and has to ask for some."""


def described(text: str | None, of: Any = None) -> Callable[[Callable[..., Any]], Any]:
    """A field that is computed, with words for the schema; `of` is its type where the resolver's says more."""

    def decorate(resolver: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=resolver, description=text, graphql_type=of)

    return decorate


@strawberry.type(description="An amount of money.")
class Money:
    amount: Whole = strawberry.field(description="In minor units of the currency: cents, yen.")
    currency: str = strawberry.field(description="ISO 4217.")
    formatted: str = strawberry.field(description="For people, without rounding.")


def shown(amount: money.Money) -> Money:
    return amount_of(amount.amount, amount.currency)


@lru_cache(maxsize=10_000)
def amount_of(minor_units: int, currency: str) -> Money:
    """Values that are shown never change, so equal amounts share one."""
    formatted = str(money.Money(minor_units, currency))
    return Money(amount=Whole(minor_units), currency=currency, formatted=formatted)


@strawberry.type(description="So many units of a SKU.")
class Units:
    sku: strawberry.ID
    quantity: int


def units(items: tuple[DomainUnits, ...]) -> list[Units]:
    return [Units(sku=strawberry.ID(item.sku), quantity=item.quantity) for item in items]
