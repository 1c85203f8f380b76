"""What messages are made of besides text, numbers and times."""

from dataclasses import dataclass

from domain.shared import money, units


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """`amount` in minor units (cents) of an ISO 4217 currency."""

    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """So many of a SKU."""

    sku: str
    quantity: int


def money_of(value: money.Money) -> Money:
    return Money(amount=value.amount, currency=value.currency)


def units_of(items: tuple[units.Units, ...]) -> tuple[Units, ...]:
    return tuple(Units(sku=item.sku, quantity=item.quantity) for item in items)
