"""An order whose payment the shopper's bank disputes, when all is delivered."""

from collections.abc import Iterator
from typing import Any

from domain.payment.dispute import DisputeOutcome
from domain.payment.events import DisputeClosed, DisputeEvidenceSubmitted, DisputeFundsMoved, DisputeOpened
from domain.shared.ids import DisputeId
from domain.shared.money import Money
from tests.support.builders.sale import Sale
from tests.support.builders.shop import Append, euros


def disputed(sale: Sale) -> Iterator[Append]:
    """The bank takes the money, and gives in after it had decided for the shopper."""
    yield from sale.delivered()
    known: dict[str, Any] = {"payment_id": sale.payment, "order_id": sale.order, "dispute_id": DisputeId("dp")}
    taken = Money(-sale.total.amount, "EUR")
    facts = [
        DisputeOpened(**known, amount=sale.total, reason="fraudulent", inquiry=False, respond_by=None),
        DisputeFundsMoved(**known, movement_id="m1", amount=taken, fee=euros(-1500)),
        DisputeEvidenceSubmitted(**known),
        DisputeClosed(**known, outcome=DisputeOutcome.LOST),
        DisputeFundsMoved(**known, movement_id="m2", amount=sale.total, fee=euros(0)),
        DisputeClosed(**known, outcome=DisputeOutcome.WON),
    ]
    for fact in facts:
        yield Append(f"payment-{sale.id}", [fact])
