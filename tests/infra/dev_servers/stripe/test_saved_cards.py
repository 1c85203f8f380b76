"""Customers and the cards that they save."""

import pytest
from stripe import CardError, InvalidRequestError, StripeClient

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import paid


async def saved(client: StripeClient, customer: str) -> list[str]:
    return [each.id for each in (await client.v1.customers.payment_methods.list_async(customer)).data]


async def test_a_card_is_saved_by_paying_and_used_again(client: StripeClient) -> None:
    customer = await client.v1.customers.create_async({"metadata": {"shopper": "s1"}})
    assert await saved(client, customer.id) == []
    first = await paid(client, customer=customer.id, setup_future_usage="on_session")
    (card,) = await saved(client, customer.id)
    assert card == first.payment_method
    assert (await paid(client, card, customer=customer.id)).status == "requires_capture"
    with pytest.raises(InvalidRequestError, match="belongs to a customer"):
        await paid(client, card)


async def test_a_card_is_not_saved_when_nobody_asked_for_it(client: StripeClient) -> None:
    customer = await client.v1.customers.create_async()
    await paid(client, customer=customer.id)
    assert await saved(client, customer.id) == []


async def test_forgetting_takes_the_cards_too(client: StripeClient) -> None:
    customer = await client.v1.customers.create_async()
    await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    (card,) = await saved(client, customer.id)
    await client.v1.customers.delete_async(customer.id)
    assert (await client.v1.payment_methods.retrieve_async(card)).customer is None
    with pytest.raises(InvalidRequestError) as refused:
        await client.v1.customers.retrieve_async(customer.id)
    assert refused.value.http_status == 404


async def test_a_card_is_detached_once(client: StripeClient) -> None:
    customer = await client.v1.customers.create_async()
    card = await client.v1.payment_methods.attach_async("pm_card_mastercard", {"customer": customer.id})
    assert card.card.last4 == "4444"  # type: ignore[union-attr]
    await client.v1.payment_methods.detach_async(card.id)
    with pytest.raises(InvalidRequestError, match="not attached"):
        await client.v1.payment_methods.detach_async(card.id)


async def test_a_card_is_set_up_without_a_payment(server: StripeServer, client: StripeClient) -> None:
    customer = await client.v1.customers.create_async()
    asked = await client.v1.setup_intents.create_async(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequired",
            "confirm": True,
            "return_url": "https://shop.example/back",
            "payment_method_types": ["card"],
        }
    )
    assert (asked.status, await saved(client, customer.id)) == ("requires_action", [])
    assert server.bank.approve(asked.id).endswith("redirect_status=succeeded")
    assert (await client.v1.setup_intents.retrieve_async(asked.id)).status == "succeeded"
    assert len(await saved(client, customer.id)) == 1


async def test_a_refused_card_is_not_set_up(client: StripeClient) -> None:
    with pytest.raises(CardError) as refused:
        await client.v1.setup_intents.create_async(
            {"payment_method": "pm_card_chargeDeclined", "confirm": True, "payment_method_types": ["card"]}
        )
    assert refused.value.code == "card_declined"
