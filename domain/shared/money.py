"""Money in whole minor units. There are no floats here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.shared.currencies import MINOR_UNITS
from domain.shared.errors import Invalid


class CurrencyMismatch(Invalid):
    """Two amounts are in different currencies."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __str__(self) -> str:
        digits = MINOR_UNITS.get(self.currency, 2)
        whole, rest = divmod(abs(self.amount), 10**digits)
        sign, point = "-" if self.amount < 0 else "", f".{rest:0{digits}d}" if digits else ""
        return f"{sign}{whole}{point} {self.currency}"

    def times(self, quantity: int, per: int = 1) -> "Money":
        """The price of `quantity` where this is the price of `per`, rounded half to even."""
        whole, rest = divmod(self.amount * quantity, per)
        twice = 2 * rest
        up = twice > per or (twice == per and whole % 2 == 1)
        return Money(whole + up, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Share the amount by weight, to the last cent: largest remainder, the first of equals before the others.

        The shares of a negative amount are those of the positive one, negated.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise Invalid("Give weights that are not negative and not all zero.")
        magnitude, sign = abs(self.amount), -1 if self.amount < 0 else 1
        shares = [divmod(magnitude * weight, total) for weight in weights]
        left = magnitude - sum(whole for whole, _ in shares)
        first = set(sorted(range(len(shares)), key=lambda i: -shares[i][1])[:left])
        return [Money(sign * (whole + (i in first)), self.currency) for i, (whole, _) in enumerate(shares)]

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up.")


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, which is zero of the currency when there is nothing to add."""
    return sum(amounts, Money(0, currency))
