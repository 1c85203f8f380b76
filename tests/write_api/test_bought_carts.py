"""A cart that is being bought says how far that is, and which request helps."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from domain.order.commands import PlaceOrder
from domain.payment.commands import (
    RecordActionRequired,
    RecordAuthorisation,
    RecordFailure,
    RequestPayment,
    RequestVoid,
)
from domain.shared.ids import CartId, CheckoutId, CustomerId, OrderId, PaymentId, ProductId
from domain.shared.pricing import PricedLine
from tests.support.builders.for_sale import MUG, NOON, by_staff, usd
from tests.support.builders.shop import MAIN
from tests.support.builders.sold import at_list, from_one
from tests.support.harness.front_desk import Desk, problem, said
from tests.write_api.test_carts import MUGS, TEAS, cart_of
from tests.write_api.test_checkouts import wish

ASKED = "asked"
ANSWERS: dict[str, Sequence[str]] = {
    "under way": [],
    "under way, the gateway is asked": [ASKED],
    "confirm the payment": [ASKED, "3-D Secure"],
    "pay otherwise": [ASKED, "declined"],
    "paid": [ASKED, "approved"],
    "ending": [ASKED, "void"],
    "bought": [ASKED, "approved", "placed"],
}
HELPS = {
    "under way": "give it up with POST /checkouts/{id}/cancel.",
    "confirm the payment": "waits for the shopper to confirm the payment: open its payment's action URL.",
    "pay otherwise": "Pay in another way with POST /checkouts/{id}/payments, or give it up with POST "
    "/checkouts/{id}/cancel.",
    "paid": "is paid and becomes order {id} in a moment. Do not buy it again;",
    "ending": "is being given up. The cart opens again by itself;",
    "bought": "This cart was bought: it is order {id}. Do not buy it again.",
}


def command(kind: str, cart: str, checkout: str) -> Any:
    payment, order = PaymentId(checkout), OrderId(checkout)
    match kind:
        case "asked":
            return RequestPayment(
                payment_id=payment, order_id=order, customer_id=CustomerId("anna"), amount=usd(2999), method="card"
            )
        case "3-D Secure":
            return RecordActionRequired(payment_id=payment, attempt=1, gateway_ref="r", action_url="https://bank")
        case "declined":
            return RecordFailure(payment_id=payment, attempt=1, reason="card_declined")
        case "approved":
            until = NOON + timedelta(days=7)
            return RecordAuthorisation(
                payment_id=payment, attempt=1, gateway_ref="r", amount=usd(2999), capture_before=until
            )
        case "void":
            return RequestVoid(payment_id=payment, reason="The time to pay was over.")
        case _:
            line = PricedLine(
                sku=MUG,
                product_id=ProductId("p"),
                category_id=None,
                title="Mug",
                quantity=2,
                steps=(),
                total=usd(2999),
            )
            return PlaceOrder(
                order_id=order,
                checkout_id=CheckoutId(checkout),
                cart_id=CartId(cart),
                customer_id=CustomerId("anna"),
                lines=(from_one(line, MAIN),),
                delivery_method="pickup",
                delivery_price=usd(0),
                delivery_steps=at_list("pickup", usd(0)),
                address=None,
                total=usd(2999),
                payment_id=payment,
                at=NOON,
            )


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_refusal_says_how_far_the_checkout_is(shop: Desk, anna: httpx.AsyncClient, name: str) -> None:
    stands, _, _ = name.partition(",")
    cart = await cart_of(anna, MUGS, TEAS)
    checkout = (await said(await anna.post("/checkouts", json=wish(cart)), 202))["checkout_id"]
    for number, kind in enumerate(ANSWERS[name]):
        metadata = by_staff()
        await shop.handler(command(kind, cart, checkout), metadata._replace(command_id=shop_id(number)))

    item = f"/carts/{cart}/items"
    for answer in (
        await anna.post("/checkouts", json=wish(cart)),
        await anna.post(item, json={"items": [MUGS]}),
        await anna.patch(f"{item}/MUG", json={"quantity": 1}),
        await anna.delete(f"{item}/MUG"),
    ):
        refusal = problem(answer)
        assert (refusal["status"], refusal["type"]) == (409, "urn:counterfoil:problem:cart-is-checked-out")
        assert (refusal["stands"], refusal["checkout_id"]) == (stands, checkout)
        assert HELPS[stands].format(id=checkout) in refusal["detail"]
        assert "open a new cart" not in refusal["detail"] or stands == "bought"


def shop_id(number: int) -> UUID:
    return UUID(int=(0x99 << 64) + number)


@pytest.mark.parametrize(
    ("kinds", "helps"),
    [
        ([ASKED], "The gateway has not answered yet. Wait for its answer before you try another method."),
        ([ASKED, "approved"], "The payment is authorised; nothing is left to pay."),
    ],
)
async def test_another_way_to_pay_is_refused_with_what_is_the_case(
    shop: Desk, anna: httpx.AsyncClient, kinds: Sequence[str], helps: str
) -> None:
    cart = await cart_of(anna, MUGS, TEAS)
    checkout = (await said(await anna.post("/checkouts", json=wish(cart)), 202))["checkout_id"]
    for number, kind in enumerate(kinds):
        await shop.handler(command(kind, cart, checkout), by_staff()._replace(command_id=shop_id(number)))
    refusal = problem(await anna.post(f"/checkouts/{checkout}/payments", json={"payment_method": "another"}))
    assert refusal["type"] == "urn:counterfoil:problem:payment-under-way"
    assert refusal["detail"].startswith(helps)


async def test_a_payment_that_waits_for_confirmation_gives_way_to_another_card(
    shop: Desk, anna: httpx.AsyncClient
) -> None:
    cart = await cart_of(anna, MUGS, TEAS)
    checkout = (await said(await anna.post("/checkouts", json=wish(cart)), 202))["checkout_id"]
    for number, kind in enumerate([ASKED, "3-D Secure"]):
        await shop.handler(command(kind, cart, checkout), by_staff()._replace(command_id=shop_id(number)))
    answer = await anna.post(f"/checkouts/{checkout}/payments", json={"payment_method": "another"})
    assert answer.status_code == 202, answer.text
