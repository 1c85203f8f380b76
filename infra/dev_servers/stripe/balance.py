"""The account's balance: each movement of money, with Stripe's fee."""

from typing import Literal

from infra.dev_servers.stripe.account import Account
from infra.dev_servers.stripe.forms import Json
from infra.dev_servers.stripe.lists import created, matching

DISPUTE_FEE = 1500
PERCENT, FIXED = 15, 25
"""The fee of a European card: 1.5 % and 25 cents."""

FILTERS = ("created", "currency", "source", "type")

Type = Literal["charge", "refund", "refund_failure", "adjustment", "payout", "stripe_fee"]


def retrieve(account: Account, form: Json, id: str) -> Json:  # noqa: ARG001 - as all routes
    return account.find("balance_transaction", id, "balance_transaction")


def listed(account: Account, form: Json) -> list[Json]:
    return list(matching(created(account.all("balance_transaction"), form), form, ("currency", "source", "type")))


def move(
    account: Account, type: Type, source: Json, amount: int, *, fee: int = 0, category: str = "", reason: str = ""
) -> Json:
    """Put an amount, which may be negative, on the balance, for that source."""
    fees = [{"amount": fee, "application": None, "currency": source["currency"], "description": "Stripe fee"}]
    return account.add(
        "balance_transaction",
        amount=amount,
        available_on=account.seconds(),
        balance_type="payments",
        currency=source["currency"],
        description=reason or None,
        exchange_rate=None,
        fee=fee,
        fee_details=[{**each, "type": "stripe_fee"} for each in fees if fee],
        net=amount - fee,
        reporting_category=category or type,
        source=source["id"],
        status="available",
        type=type,
    )


def card_fee(amount: int) -> int:
    return (amount * PERCENT + 500) // 1000 + FIXED
