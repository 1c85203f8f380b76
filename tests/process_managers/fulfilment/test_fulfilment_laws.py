"""Whatever happens to parcels, money and order: what is kept is the value of what was delivered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.order.commands import CancelLine, CancelOrder, CompleteOrder, RecordDelivery, Source
from domain.order.state import Order, OrderPhase
from domain.payment.commands import RecordAuthorisation, RecordCapture, RecordHoldExpired, RequestPayment, RequestRefund
from domain.payment.state import Payment
from domain.shared.ids import ShipmentId, Sku
from domain.shared.messages import stored_name
from domain.shared.money import total
from domain.shipment.commands import (
    CancelShipment,
    DispatchShipment,
    PackShipment,
    PickShipment,
    PlanShipment,
    RecordParcelDelivery,
    ShortPick,
)
from domain.shipment.events import ShipmentDispatched
from domain.shipment.state import Shipment, ShipmentPhase
from domain.stock.commands import CommitReservation, ReceiveStock, ReserveStock
from domain.stock.state import Stock
from process_managers.fulfilment.process import attention_of
from tests.support.builders.sold import ANNA, EAST, FIRST, ORDER, PAYMENT, SECOND, WEST, euro, order_line, place, units
from tests.support.builders.strategies import CUP, MUG, NOON
from tests.support.harness.laws import examples, law
from tests.support.harness.model_checker import ModelChecker

ID, DUE = ORDER, euro(208)
SOLD = [(MUG, WEST, 2, 101), (CUP, EAST, 3, 100)]
SHARED = [(CUP, EAST, 2), (CUP, WEST, 1)]
"""Where the cups of a line over two warehouses are."""

SHIPMENTS = [FIRST, SECOND]
ON_HAND = 5


def checker(dice: Random, *, free: bool, shared: bool) -> ModelChecker:
    """An order over two warehouses, which may share the cups; its stock committed and its money held."""
    made = ModelChecker(dice.randrange, patience=dice.choice([10, 40, 160]))
    held = [(MUG, WEST, 2), *(SHARED if shared else [(CUP, EAST, 3)])]
    for sku, where, quantity in held:
        made.ask(ReceiveStock(sku=sku, warehouse=where, quantity=ON_HAND))
        made.ask(
            ReserveStock(
                sku=sku, warehouse=where, order_id=ID, quantity=quantity, expires_at=NOON + timedelta(minutes=15)
            )
        )
        made.ask(CommitReservation(sku=sku, warehouse=where, order_id=ID))
    if not free:
        made.ask(RequestPayment(payment_id=PAYMENT, order_id=ID, customer_id=ANNA, amount=DUE, method="card"))
        made.bank.hold("hold", DUE)
        made.ask(
            RecordAuthorisation(
                payment_id=PAYMENT,
                attempt=1,
                gateway_ref="hold",
                amount=DUE,
                capture_before=NOON + timedelta(days=7),
            )
        )
    lines = tuple(order_line(sku, where, n, 0 if free else cents) for sku, where, n, cents in SOLD)
    if shared:
        both = tuple(Source(warehouse=where, quantity=n) for _, where, n in SHARED)
        lines = (lines[0], replace(lines[1], sources=both))
    if free:
        made.ask(place(lines=lines, delivery_price=euro(0), total=euro(0), payment_id=None))
    else:
        made.ask(place(lines=lines))
    return made


def next_step(parcel: Shipment, number: int) -> Any:
    shipment = SHIPMENTS[number]
    match parcel.phase:
        case ShipmentPhase.PLANNED:
            return PickShipment(shipment_id=shipment)
        case ShipmentPhase.PICKED:
            return PackShipment(shipment_id=shipment)
        case ShipmentPhase.CLEARED:
            return DispatchShipment(shipment_id=shipment, carrier="DHL", tracking=str(number))
        case ShipmentPhase.DISPATCHED:
            return RecordParcelDelivery(shipment_id=shipment)
        case _:
            return None


def work(made: ModelChecker, number: int) -> bool:
    """The warehouse, or later the carrier, does the next thing to a parcel if it can."""
    parcel = made.state(f"shipment-{SHIPMENTS[number]}")
    step = None if parcel is None else next_step(parcel, number)
    return step is not None and made.ask(step)


def short_pick(made: ModelChecker, number: int, quantity: int, sku: Sku | None = None) -> None:
    missing = (units(sku or SOLD[number][0], quantity),)
    made.ask(ShortPick(shipment_id=SHIPMENTS[number], missing=missing))


def expire(made: ModelChecker) -> None:
    if made.bank.held.pop("hold", None) is not None:
        made.ask(RecordHoldExpired(payment_id=PAYMENT, gateway_ref="hold"))


def pay_again(made: ModelChecker) -> None:
    order: Order = made.state(f"order-{ID}")
    made.ask(RequestPayment(payment_id=PAYMENT, order_id=ID, customer_id=ANNA, amount=order.owed, method="card"))


def take_half(made: ModelChecker) -> None:
    """Somebody does, at the gateway."""
    if "hold" in made.bank.held and (taken := made.bank.take("hold", euro(104))):
        made.ask(RecordCapture(payment_id=PAYMENT, amount=taken, gateway_ref="hold"))


OTHERS: dict[str, Callable[[ModelChecker], Any]] = {
    "work on 1": lambda made: work(made, 0),
    "work on 2": lambda made: work(made, 1),
    "1 is short of one": lambda made: short_pick(made, 0, 1),
    "1 is short of a cup": lambda made: short_pick(made, 0, 1, CUP),
    "2 is empty": lambda made: short_pick(made, 1, 3),
    "2 is short of one": lambda made: short_pick(made, 1, 1),
    "order is cancelled": lambda made: made.ask(CancelOrder(order_id=ID, reason="Changed my mind")),
    "a cup is cancelled": lambda made: made.ask(CancelLine(order_id=ID, sku=CUP, quantity=1, reason="Enough")),
    "2 is cancelled": lambda made: made.ask(CancelShipment(shipment_id=SHIPMENTS[1], reason="Wet")),
    "the hold expires": expire,
    "the shopper pays again": pay_again,
    "half is taken outside": take_half,
    "1 is cancelled": lambda made: made.ask(CancelShipment(shipment_id=SHIPMENTS[0], reason="Broken shelf")),
}


NEVER_REFUSED = {stored_name(command) for command in (RequestRefund, PlanShipment, RecordDelivery, CompleteOrder)}


def check_step(made: ModelChecker, facts: list[Any], *, free: bool) -> None:
    assert made.bank.captures <= 1
    assert not [refusal for refusal in made.refused if refusal.command in NEVER_REFUSED]
    payment: Payment | None = made.state(f"payment-{ID}")
    if payment is not None:
        assert 0 <= payment.refunded.amount <= payment.captured.amount <= payment.authorised.amount
    for fact in facts:
        if isinstance(fact, ShipmentDispatched):
            order: Order = made.state(f"order-{ID}")
            assert free or order.owed <= total(made.bank.taken.values(), "EUR")


def check_end(made: ModelChecker, *, free: bool) -> None:
    order: Order = made.state(f"order-{ID}")
    assert order.phase in (OrderPhase.COMPLETED, OrderPhase.CANCELLED)
    parcels: dict[ShipmentId, Shipment] = {it: made.state(f"shipment-{it}") for it in SHIPMENTS}
    for shipment, where in ((FIRST, WEST), (SECOND, EAST)):
        sent = {item.sku: item.quantity for item in parcels[shipment].items} if shipment in order.parcels else {}
        missing = {item.sku: item.quantity for item in parcels[shipment].missing}
        for sku in (MUG, CUP):
            stock: Stock | None = made.state(f"stock-{sku}@{where}")
            if stock is not None:
                assert stock.reserved == 0
                assert ON_HAND - sent.get(sku, 0) - missing.get(sku, 0) <= stock.on_hand
                assert stock.on_hand <= ON_HAND - sent.get(sku, 0)
    for sku, line in order.lines.items():
        sent_of = sum(item.quantity for parcel in order.parcels.values() for item in parcel.units if item.sku == sku)
        assert order.phase is OrderPhase.CANCELLED or sent_of + line.cancelled == line.sold.priced.quantity
    if free:
        return
    assert made.bank.held == {}
    assert total(made.bank.taken.values(), "EUR") - total(made.bank.returned.values(), "EUR") == order.owed


def play(dice: Random, *, free: bool, shared: bool) -> ModelChecker:
    """Let the others do what they want while the processes work, and then the warehouse until all is done."""
    made = checker(dice, free=free, shared=shared)
    wishes = [lambda name=name: OTHERS[name](made) for name in dice.choices(list(OTHERS), k=dice.randrange(8))]
    seen = 0
    for _ in range(20):
        for _ in made.run(wishes):
            check_step(made, made.log[seen:], free=free)
            seen = len(made.log)
        wishes = []
        if not any([work(made, 0), work(made, 1)]):
            break
    return made


@settings(law, max_examples=examples(2500))
@given(st.integers(0, 2**32))
def test_what_is_kept_is_the_value_of_what_was_delivered(seed: int) -> None:
    dice = Random(seed)
    free = dice.randrange(5) == 0
    made = play(dice, free=free, shared=dice.randrange(2) == 0)
    if attention_of(made.instances["fulfilment", ID]) is None:
        check_end(made, free=free)
