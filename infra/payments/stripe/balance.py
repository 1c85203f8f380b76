"""Stripe's balance transactions as entries of a ledger."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from domain.shared.ids import PaymentId
from domain.shared.money import Money
from infra.payments.reconciliation import Entry, What
from infra.payments.stripe.amounts import from_stripe
from infra.payments.stripe.api import StripeApi, StripeRefused
from infra.payments.stripe.objects import PAYMENT, SHOP, Listed, Unexpected, read_as
from infra.payments.stripe.pace import Urgency
from process_managers.engine.ports import GatewayUnavailable

CAPTURES = ("charge", "payment")
REFUNDS = ("refund", "payment_refund", "refund_failure", "payment_failure_refund")


class Source(msgspec.Struct, frozen=True):
    """The charge, refund or dispute that moved money."""

    id: str
    object: str
    currency: str = ""
    amount: int = 0
    amount_captured: int = 0
    status: str | None = None
    payment_intent: str | None = None
    metadata: dict[str, str] | None = None


class Transaction(msgspec.Struct, frozen=True):
    """A balance transaction with its source. It is in the account's currency, the source in the shopper's."""

    id: str
    type: str
    amount: int
    fee: int
    currency: str
    created: int
    source: Source | None = None


@dataclass(slots=True)
class Balance:
    """The movements of one shop, and sums of what else moved. Fees of captures are in no log."""

    shop: str
    payments: Mapping[str, PaymentId]
    """Intents that the log knows."""
    entries: list[Entry] = field(default_factory=list)
    fees: Counter[str] = field(default_factory=Counter)
    others: Counter[tuple[str, str]] = field(default_factory=Counter)
    _ours: dict[str, str] = field(default_factory=dict)

    def take(self, moved: Transaction) -> None:
        """Take a transaction in, the oldest first: a refund belongs to the shop whose charge it gives back."""
        source = moved.source
        intent = source.payment_intent if source else None
        if source is None or intent is None or not self._is_ours(source, intent):
            self.others[moved.type, moved.currency.upper()] += moved.amount - moved.fee
            return
        payment, at = self._ours[intent], datetime.fromtimestamp(moved.created, UTC)
        if moved.type in CAPTURES:
            self.fees[moved.currency.upper()] += moved.fee
            taken = _in_shoppers_currency(moved, source, source.amount_captured)
            self.entries.append(Entry(what=What.CAPTURE, ref=intent, amount=taken, payment=payment, at=at))
        elif moved.type in REFUNDS:
            back = _in_shoppers_currency(moved, source, source.amount if moved.amount > 0 else -source.amount)
            settled = source.status not in ("pending", "requires_action")
            self.entries.append(
                Entry(what=What.REFUND, ref=source.id, amount=back, payment=payment, at=at, settled=settled)
            )
        elif source.object == "dispute":
            amount, fee = from_stripe(moved.amount, moved.currency), from_stripe(-moved.fee, moved.currency)
            self.entries.append(Entry(what=What.DISPUTE, ref=moved.id, amount=amount, fee=fee, payment=payment, at=at))
        else:
            self.others[moved.type, moved.currency.upper()] += moved.amount - moved.fee

    def _is_ours(self, source: Source, intent: str) -> bool:
        metadata = source.metadata or {}
        if intent in self.payments:
            self._ours.setdefault(intent, self.payments[intent])
        elif source.object == "charge" and metadata.get(SHOP) == self.shop:
            self._ours.setdefault(intent, metadata.get(PAYMENT, ""))
        return intent in self._ours


async def read_balance(api: StripeApi, shop: str, payments: Mapping[str, PaymentId], since: datetime) -> Balance:
    """All that moved since then. Raises GatewayUnavailable."""
    balance = Balance(shop, payments)
    try:
        found = [read_as(Transaction, one) async for one in _transactions(api, since)]
    except (StripeRefused, Unexpected) as error:
        raise GatewayUnavailable(f"Stripe's balance transactions cannot be read: {error}") from error
    for moved in reversed(found):
        balance.take(moved)
    return balance


async def _transactions(api: StripeApi, since: datetime) -> AsyncIterator[Mapping[str, Any]]:
    """Newest first, as Stripe lists them."""
    params: dict[str, Any] = {
        "created": {"gte": int(since.timestamp())},
        "limit": 100,
        "expand": ["data.source"],
    }
    while True:
        page = read_as(Listed, await api.get("/v1/balance_transactions", Urgency.LATER, **params))
        for one in page.data:
            yield one
        if not page.has_more or not page.data:
            return
        params["starting_after"] = page.data[-1]["id"]


def _in_shoppers_currency(moved: Transaction, source: Source, amount: int) -> Money:
    """The log knows what the shopper paid; where Stripe converted it, the source has that amount."""
    same = moved.currency == source.currency
    return from_stripe(moved.amount if same else amount, source.currency)
