"""Which amounts can be charged: Stripe's minimums and the currencies with fewer decimals than their coins have."""

from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.parameters import integer, required
from infra.dev_servers.stripe.refusals import invalid

MOST = 99_999_999
LEAST = {
    "usd": 50, "eur": 50, "gbp": 30, "chf": 50, "dkk": 250, "nok": 300, "sek": 300, "jpy": 50, "pln": 200, "czk": 1500,
    "huf": 17500, "ron": 200, "bgn": 100, "cad": 50, "aud": 50, "nzd": 50, "hkd": 400, "sgd": 50, "mxn": 1000,
    "brl": 50, "inr": 50, "aed": 200, "myr": 200, "thb": 1000,
}  # fmt: skip
USUALLY_LEAST = 1
WHOLE_HUNDREDS = ("isk", "ugx")
THREE_DECIMALS = ("bhd", "jod", "kwd", "omr", "tnd")


def checked_amount(form: Json) -> tuple[int, str]:
    """The amount and currency of an intent. Raises Refused."""
    required(form, "amount")
    amount = integer(form, "amount") or 0
    currency = required(form, "currency").lower()
    if len(currency) != 3 or not currency.isalpha():
        raise invalid(f"Invalid currency: {currency}.", "currency")
    least = LEAST.get(currency, USUALLY_LEAST)
    if amount < least:
        raise invalid(f"Amount must be at least {least} {currency}", "amount", "amount_too_small")
    if amount > MOST:
        raise invalid(f"Amount must be no more than {MOST} {currency}", "amount", "amount_too_large")
    step = 100 if currency in WHOLE_HUNDREDS else 10 if currency in THREE_DECIMALS else 1
    if amount % step:
        raise invalid(f"Invalid amount for {currency}: {amount}", "amount", "parameter_invalid_integer")
    return amount, currency
