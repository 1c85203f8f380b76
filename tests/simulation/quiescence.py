"""What must be true of the shop once nothing is under way any more."""

from collections.abc import Mapping

from domain.shared.ids import CheckoutId, OrderId, PaymentId
from domain.shared.journal import JournalEntry
from infra.payments.intents import Standing
from tests.simulation.invariants import Books, Purse, Sold, hold_true

FINISHED = {
    "checkout": {"placed", "rejected", "expired", "cancelled"},
    "fulfilment": {"completed", "cancelled", "waiting for the order"},
}


def check_holds(books: Books, ledger: Mapping[PaymentId, Standing]) -> None:
    """Once checkouts have ended, money is held for orders alone, and once only."""
    for payment, money in ledger.items():
        check_hold(books, payment, money)


def check_hold(books: Books, payment: PaymentId, money: Standing) -> None:
    sold = books.orders.get(OrderId(payment))
    due = 0 if sold is None or sold.cancelled or sold.completed else sold.placed.total.amount
    expected = money.held in (0, due) or needs_attention(books, payment)
    hold_true(expected, f"{money.held} are held at the gateway, an order needs {due}", payment)


def check_quiescence(books: Books, ledger: Mapping[PaymentId, Standing]) -> None:
    """Raise Broken if something was left lying about."""
    for last in books.journals.values():
        check_process(last)
    for checkout in books.checkouts:
        check_checkout(books, ledger, checkout)
    if not any(last.attention for last in books.journals.values()):
        for name, shelf in books.shelves.items():
            hold_true(shelf.missing == 0, f"{shelf.missing} units were not on the shelf and are counted", name)


def check_process(last: JournalEntry) -> None:
    """The last entry of a journal is an end, or says why somebody has to look."""
    finished = last.phase in FINISHED[last.process] or last.attention is not None
    hold_true(finished, f"{last.process} {last.instance} ends as {last.phase}", last.instance)


def check_checkout(books: Books, ledger: Mapping[PaymentId, Standing], checkout: CheckoutId) -> None:
    """Cart, stock, money and goods of a checkout that is over."""
    bought, order, payment = books.checkouts[checkout], OrderId(checkout), PaymentId(checkout)
    looked_at = needs_attention(books, checkout)
    held = {name: shelf.reserved[order] for name, shelf in books.shelves.items() if order in shelf.reserved}
    money, purse = ledger.get(payment, Standing()), books.purses[payment]
    sold = books.orders.get(order)
    if sold is None:
        open_again = books.live.get(bought.cart_id) != checkout
        hold_true(open_again or looked_at, "The cart of a checkout that came to nothing is still closed", checkout)
    if looked_at:
        return
    _check_money(checkout, money, purse, sold)
    hold_true(not held, f"Units are held for nobody: {held}", checkout)
    if sold is not None and not sold.cancelled:
        _check_goods(checkout, sold)
        unwanted = checkout in books.unwanted and not any(sold.units_delivered.values())
        hold_true(not unwanted, "The shopper cancelled, and nothing had left, but the order stands", checkout)


def needs_attention(books: Books, checkout: str) -> bool:
    of_processes = any(
        last.attention is not None for (_, instance), last in books.journals.items() if instance == checkout
    )
    return of_processes or any(parked.instance.endswith(checkout) for parked in books.parked.values())


def _check_money(checkout: str, money: Standing, purse: Purse, sold: Sold | None) -> None:
    hold_true(money.held == 0, f"{money.held} are held at the gateway for nothing", checkout)
    hold_true(
        (money.captured, money.refunded) == (purse.captured, purse.refunded),
        f"The gateway has {money}, the shop {purse}",
        checkout,
    )
    due = sold.placed.total.amount - sold.value_cancelled if sold is not None and not sold.cancelled else 0
    kept = purse.captured - purse.refunded
    hold_true(kept == due, f"{kept} are kept, {due} is the value delivered and kept", checkout)


def _check_goods(checkout: str, sold: Sold) -> None:
    hold_true(sold.completed, "The order was never completed", checkout)
    for line in sold.placed.lines:
        sku, ordered = line.priced.sku, line.priced.quantity
        delivered, cancelled = sold.units_delivered[sku], sold.units_cancelled[sku]
        hold_true(
            delivered + cancelled == ordered,
            f"{ordered} of {sku} were ordered, {delivered} delivered, {cancelled} cancelled",
            checkout,
        )
