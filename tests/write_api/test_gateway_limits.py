"""What depends on the payment gateway: where a payment is confirmed, and which amounts it can move."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest

from domain.payment.commands import RecordActionRequired, RecordAuthorisation, RequestPayment
from domain.payment.errors import NotChargeable
from domain.shared.ids import CustomerId, OrderId, PaymentId
from domain.shared.money import Money
from tests.support.builders.for_sale import NOON, by_staff, usd
from tests.support.harness.front_desk import Desk, problem, said
from write_api.http.errors import NotReady

BOUGHT = PaymentId("bought")
ADDRESS = "https://bank.test/3ds?secret=1"


@dataclass(slots=True)
class Bank:
    """Implements write_api.ports.Confirmations."""

    away: bool = False
    asked: list[str] = field(default_factory=list)

    async def address(self, gateway_ref: str) -> str | None:
        self.asked.append(gateway_ref)
        if self.away:
            raise NotReady("The payment gateway does not answer. Try again in a moment.")
        return ADDRESS


class Picky:
    """Implements write_api.ports.PayableAmounts: nothing below ten dollars."""

    def payment(self, amount: Money, field: str) -> None:
        if amount < usd(1000):
            raise NotChargeable("The smallest payment is 10.00 USD. Buy something more.", field)

    refund = payment


@pytest.fixture
async def bank(shop: Desk) -> Bank:
    bank = Bank()
    rules = replace(shop.app.state.ports.rules, amounts=Picky())
    shop.app.state.ports = replace(shop.app.state.ports, confirmations=bank, rules=rules)
    asked = RequestPayment(
        payment_id=BOUGHT,
        order_id=OrderId("bought"),
        customer_id=CustomerId("anna"),
        amount=usd(3479),
        method="card",
    )
    await shop.handler(asked, by_staff())
    return bank


async def confirmation(client: httpx.AsyncClient) -> httpx.Response:
    return await client.get("/checkouts/bought/confirmation")


async def test_the_address_is_asked_for_while_the_payment_waits_and_by_its_shopper_only(
    shop: Desk, bank: Bank, anna: httpx.AsyncClient, ben: httpx.AsyncClient
) -> None:
    assert await said(await confirmation(anna), 200) == {"url": None}
    page = "https://shop.test/checkout/bought/confirm"
    waits = RecordActionRequired(payment_id=BOUGHT, attempt=1, gateway_ref="pi_1", action_url=page)
    await shop.handler(waits, by_staff())
    assert (await confirmation(ben)).status_code == 404
    assert await said(await confirmation(anna), 200) == {"url": ADDRESS}
    held = RecordAuthorisation(
        payment_id=BOUGHT, attempt=1, gateway_ref="pi_1", amount=usd(3479), capture_before=NOON + timedelta(days=7)
    )
    await shop.handler(held, by_staff())
    assert await said(await confirmation(anna), 200) == {"url": None}
    assert bank.asked == ["pi_1"]
    assert ADDRESS.encode() not in b"".join(record.data for record in shop.store.log)


async def test_a_gateway_that_does_not_answer_is_no_refusal(shop: Desk, bank: Bank, anna: httpx.AsyncClient) -> None:
    waits = RecordActionRequired(payment_id=BOUGHT, attempt=1, gateway_ref="pi_1", action_url="https://shop.test/c")
    await shop.handler(waits, by_staff())
    bank.away = True
    answer = await confirmation(anna)
    assert (answer.status_code, problem(answer)["type"]) == (503, "urn:counterfoil:problem:not-ready")


@pytest.mark.usefixtures("bank")
async def test_an_amount_that_cannot_be_charged_is_refused_before_anything_is_held(
    shop: Desk, anna: httpx.AsyncClient
) -> None:
    cart = (await anna.post("/carts", json={})).json()["cart_id"]
    before = shop.stored
    body = {
        "cart_id": cart,
        "total_seen": {"amount": 999, "currency": "USD"},
        "delivery_method": "pickup",
        "payment_method": "card",
    }
    answer = await anna.post("/checkouts", json=body)
    refused = problem(answer)
    assert (answer.status_code, refused["type"]) == (422, "urn:counterfoil:problem:not-chargeable")
    assert refused["errors"] == [
        {"field": "total_seen", "reason": "The smallest payment is 10.00 USD. Buy something more."}
    ]
    assert shop.stored == before
