"""Amounts as Stripe counts them, and those that it cannot charge (Stripe, "Supported currencies").

Stripe's minor units are those of ISO 4217, except: ISK and UGX are sent in hundredths, which have to be zero; MGA has
no decimals; amounts with three decimals have to end in zero.
"""

from domain.payment.errors import NotChargeable
from domain.shared.money import Money

IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
WITHOUT_HUNDREDTHS = frozenset({"MGA"})
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
_NOT_CHARGED = "BTN CUP ERN GHS IQD IRR KPW LYD MRU SDG SSP STN SVC SYP TMT VED VES ZWG"
NOT_CHARGED = frozenset(_NOT_CHARGED.split())
"""Currencies in use that Stripe takes no payments in."""

LEAST = {
    "AED": 200,
    "AUD": 50,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}
"""The smallest amount of a payment, in Stripe's minor units. Stripe has none for other currencies, and applies the one
of the currency that it pays out in."""

MOST = 99_999_999
"""Eight digits."""

MORE_DIGITS = {"IDR": 999_999_999_999, "COP": 9_999_999_999, "HUF": 9_999_999_999, "JPY": 9_999_999_999}


class StripeAmounts:
    """Implements write_api.ports.PayableAmounts."""

    def payment(self, amount: Money, field: str) -> None:
        """Raises NotChargeable for an amount that cannot be a payment at Stripe; nothing to pay is no payment."""
        currency = amount.currency
        if not amount.amount:
            return
        if currency in NOT_CHARGED:
            raise NotChargeable(f"Payments in {currency} are not possible. Sell in another currency.", field)
        units, least, most = to_stripe(amount, field), LEAST.get(currency, 1), MORE_DIGITS.get(currency, MOST)
        if units < least:
            raise NotChargeable(f"The smallest payment is {from_stripe(least, currency)}. Buy something more.", field)
        if units > most:
            raise NotChargeable(f"The largest payment is {from_stripe(most, currency)}. Buy in several orders.", field)

    def refund(self, amount: Money, field: str) -> None:
        """Raises NotChargeable for an amount that Stripe cannot express."""
        to_stripe(amount, field)


def to_stripe(amount: Money, field: str | None = None) -> int:
    """The amount in Stripe's minor units. Raises NotChargeable for one that Stripe cannot express."""
    if amount.currency in IN_HUNDREDTHS:
        return amount.amount * 100
    if amount.currency in WITHOUT_HUNDREDTHS:
        return _whole(amount, 100, field) // 100
    return _whole(amount, 10, field) if amount.currency in THREE_DECIMALS else amount.amount


def from_stripe(units: int, currency: str) -> Money:
    """Money from Stripe's minor units; `currency` may be in small letters, as Stripe writes it."""
    code = currency.upper()
    if code in IN_HUNDREDTHS:
        return Money(units // 100, code)
    return Money(units * 100 if code in WITHOUT_HUNDREDTHS else units, code)


def captured(amount: Money) -> int:
    """What can be captured of a hold for this amount: the rest that Stripe cannot express stays with the shopper."""
    step = 100 if amount.currency in WITHOUT_HUNDREDTHS else 10 if amount.currency in THREE_DECIMALS else 1
    return to_stripe(Money(amount.amount // step * step, amount.currency))


def _whole(amount: Money, step: int, field: str | None) -> int:
    if amount.amount % step:
        lower = Money(amount.amount // step * step, amount.currency)
        raise NotChargeable(
            f"{amount} cannot be paid: the nearest possible amounts are {lower} and "
            f"{lower + Money(step, amount.currency)}.",
            field,
        )
    return amount.amount
