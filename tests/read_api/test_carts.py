"""Carts, and checkouts on their way to becoming orders."""

import pytest

from domain.cart.events import CartReopened
from domain.payment.events import PaymentFailed
from domain.shared.ids import OrderId
from tests.read_api.test_orders import ANNA
from tests.support.builders.catalogue import on_sale, price
from tests.support.builders.event_log_builder import NOON
from tests.support.builders.purchases import Purchase, a_cart
from tests.support.harness.read_side import ReadSide


async def test_a_cart_shows_seen_prices_beside_those_of_now(shop: ReadSide) -> None:
    on_sale(shop.log, "MILK", 99, title="Whole milk")
    a_cart(shop.log)
    price(shop.log, "MILK", "MILK-1", 109, NOON)
    await shop.catch_up()
    shown = await shop.ask(
        """{ cart(id: "C1") { owner status currency total { amount } checkoutId lines {
            sku title quantity unitPrice { amount } baseQuantity agreed total { amount }
            priceNow { amount } product { title }
        } } }""",
        token=ANNA,
    )
    assert shown["cart"] == {
        "owner": "anna",
        "status": "OPEN",
        "currency": "USD",
        "total": {"amount": 398},
        "checkoutId": None,
        "lines": [
            {
                "sku": "MILK-1",
                "title": "Whole milk",
                "quantity": 2,
                "unitPrice": {"amount": 99},
                "baseQuantity": 1,
                "agreed": None,
                "total": {"amount": 198},
                "priceNow": {"amount": 109},
                "product": {"title": "Whole milk"},
            },
            {
                "sku": "BREAD-1",
                "title": "Bread",
                "quantity": 1,
                "unitPrice": {"amount": 250},
                "baseQuantity": 1,
                "agreed": "day-old",
                "total": {"amount": 200},
                "priceNow": None,
                "product": None,
            },
        ],
    }


CHECKOUT = """query ($id: ID!) { checkout(id: $id) {
    checkoutId cartId startedAt phase total { amount } rejection
    payment { status actionUrl failure failureDetail } order { orderId }
} }"""


async def test_a_checkout_is_followed_to_its_order(shop: ReadSide) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    await shop.catch_up()
    reserving = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert reserving == {
        "checkoutId": "O1",
        "cartId": "C1",
        "startedAt": "2026-11-25T12:00:00+00:00",
        "phase": "RESERVING",
        "total": {"amount": 930},
        "rejection": None,
        "payment": None,
        "order": None,
    }
    purchase.request_payment()
    purchase.require_action()
    await shop.catch_up()
    waiting = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert (waiting["phase"], waiting["payment"]) == (
        "AWAITING_PAYMENT",
        {"status": "ACTION_REQUIRED", "actionUrl": "https://bank.example/3ds", "failure": None, "failureDetail": None},
    )
    assert await shop.ask('{ order(id: "O1") { orderId } }', token=ANNA) == {"order": None}
    purchase.authorise()
    purchase.place()
    await shop.catch_up()
    placed = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert (placed["phase"], placed["order"]) == ("PLACED", {"orderId": "O1"})


@pytest.mark.parametrize(
    ("reason", "failure"),
    [("card_declined", "CARD_DECLINED"), ("canceled", "CANCELLED"), ("The gateway holds 1.00 USD.", "OTHER")],
)
async def test_a_failed_checkout_says_why(shop: ReadSide, reason: str, failure: str) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    purchase.request_payment()
    shop.log.tell(PaymentFailed(payment_id=purchase.payment_id, order_id=OrderId("O1"), attempt=1, reason=reason))
    purchase.reach("expired")
    shop.log.tell(CartReopened(cart_id=purchase.cart_id, checkout_id=purchase.checkout_id, reason="Not paid in time."))
    await shop.catch_up()
    failed = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert (failed["phase"], failed["rejection"], failed["payment"]) == (
        "EXPIRED",
        "Not paid in time.",
        {"status": "FAILED", "actionUrl": None, "failure": failure, "failureDetail": reason},
    )


@pytest.mark.parametrize(
    ("phase", "why"),
    [
        (
            "expired",
            "The time to pay was over. The cart opens again when the gateway has answered, in 15 minutes at most.",
        ),
        ("rejected", "The checkout came to nothing. The cart is being opened again, with the reason."),
        ("cancelled", "The checkout was given up. The cart is being opened again."),
        ("awaiting payment", None),
    ],
)
async def test_a_checkout_that_has_ended_is_never_without_a_reason(shop: ReadSide, phase: str, why: str | None) -> None:
    purchase = Purchase(shop.log)
    purchase.check_out()
    purchase.reach(phase)
    await shop.catch_up()
    checkout = (await shop.ask(CHECKOUT, id="O1", token=ANNA))["checkout"]
    assert (checkout["phase"], checkout["rejection"]) == (phase.upper().replace(" ", "_"), why)
