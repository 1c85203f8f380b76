"""Intents: made and confirmed in one call, captured, cancelled, and over after seven days."""

import httpx
import pytest
from stripe import CardError, InvalidRequestError, StripeClient

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import error_of, paid, told

HELD = ["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"]


async def test_a_good_card_is_held_for_seven_days(server: StripeServer, client: StripeClient) -> None:
    intent = await paid(client)
    assert (intent.status, intent.amount_capturable, intent.metadata["payment"]) == ("requires_capture", 2000, "p1")
    charge = intent.latest_charge
    assert not isinstance(charge, str | None)
    card = charge.payment_method_details.card  # type: ignore[union-attr]
    assert card.capture_before - charge.created == 7 * 24 * 3600  # type: ignore[operator,union-attr]
    assert told(server) == HELD


async def test_a_declined_card_leaves_an_intent_that_wants_another(server: StripeServer, client: StripeClient) -> None:
    with pytest.raises(CardError) as refused:
        await paid(client, "pm_card_chargeDeclinedInsufficientFunds")
    error = refused.value
    assert (error.http_status, error.code) == (402, "card_declined")
    assert error_of(error)["decline_code"] == "insufficient_funds"
    intent = await client.v1.payment_intents.retrieve_async(error_of(error)["payment_intent"]["id"])
    assert (intent.status, intent.last_payment_error.decline_code) == (  # type: ignore[union-attr]
        "requires_payment_method",
        "insufficient_funds",
    )
    assert told(server) == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize(
    ("answer", "status", "redirected"),
    [("approve", "requires_capture", "succeeded"), ("deny", "requires_payment_method", "failed")],
)
async def test_three_d_secure_leads_to_the_bank_and_back(
    client: StripeClient, answer: str, status: str, redirected: str
) -> None:
    intent = await paid(client, "pm_card_threeDSecure2Required")
    assert intent.status == "requires_action"
    url = intent.next_action.redirect_to_url.url  # type: ignore[union-attr]
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert intent.id in (await browser.get(str(url))).text
        back = (await browser.post(f"{url}/{answer}")).headers["location"]
    assert back.startswith("https://shop.example/back?payment_intent=")
    assert back.endswith(f"redirect_status={redirected}")
    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == status


async def test_a_confirmation_token_pays_once(client: StripeClient) -> None:
    token = await client.v1.test_helpers.confirmation_tokens.create_async({"payment_method": "pm_card_visa"})
    assert (await paid(client, confirmation_token=token.id)).status == "requires_capture"
    with pytest.raises(InvalidRequestError, match="already been used"):
        await paid(client, confirmation_token=token.id)


async def test_a_part_is_captured_and_the_rest_released(server: StripeServer, client: StripeClient) -> None:
    intent = await paid(client, amount=4500)
    taken = await client.v1.payment_intents.capture_async(
        intent.id, {"amount_to_capture": 3000, "expand": ["latest_charge.balance_transaction"]}
    )
    charge = taken.latest_charge
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 3000, 0)
    assert (charge.amount_captured, charge.amount_refunded) == (3000, 1500)  # type: ignore[union-attr]
    moved = charge.balance_transaction  # type: ignore[union-attr]
    assert (moved.amount, moved.fee, moved.net) == (3000, 70, 2930)  # type: ignore[union-attr]
    assert told(server)[len(HELD) :] == ["charge.captured", "payment_intent.succeeded"]


async def test_more_than_is_held_is_not_captured(client: StripeClient) -> None:
    intent = await paid(client)
    with pytest.raises(InvalidRequestError) as refused:
        await client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 2001})
    assert refused.value.code == "amount_too_large"
    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == "requires_capture"


async def test_what_is_over_is_neither_captured_nor_cancelled_again(client: StripeClient) -> None:
    intent = await paid(client)
    ended = await client.v1.payment_intents.cancel_async(intent.id, {"cancellation_reason": "abandoned"})
    assert (ended.status, ended.cancellation_reason, ended.amount_capturable) == ("canceled", "abandoned", 0)
    for call in (client.v1.payment_intents.capture_async, client.v1.payment_intents.cancel_async):
        with pytest.raises(InvalidRequestError) as refused:
            await call(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"
        assert error_of(refused.value)["payment_intent"]["status"] == "canceled"


async def test_a_hold_ends_by_itself_at_its_own_time(server: StripeServer, client: StripeClient) -> None:
    intent = await paid(client)
    server.clock.move(days=6, hours=23)
    assert (await client.v1.payment_intents.retrieve_async(intent.id)).status == "requires_capture"
    server.clock.move(days=2)
    ended = await client.v1.payment_intents.retrieve_async(intent.id)
    assert (ended.status, ended.cancellation_reason) == ("canceled", "automatic")
    assert ended.canceled_at - intent.created == 7 * 24 * 3600  # type: ignore[operator]
    assert told(server)[len(HELD) :] == ["charge.expired", "payment_intent.canceled"]


async def test_search_finds_by_metadata_after_a_minute(server: StripeServer, client: StripeClient) -> None:
    intent = await paid(client, metadata={"shop": "s", "payment": "it's"})
    await paid(client)
    query = r"metadata['payment']:'it\'s' AND metadata['shop']:'s'"
    assert (await client.v1.payment_intents.search_async({"query": query})).data == []
    server.clock.move(seconds=61)
    found = await client.v1.payment_intents.search_async({"query": query, "expand": ["data.latest_charge"]})
    assert [each.id for each in found.data] == [intent.id]


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"amount": 10}, "amount_too_small", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"surprise": 1}, "parameter_unknown", "surprise"),
        ({"payment_method": "pm_nobody"}, "resource_missing", "payment_method"),
        ({"currency": "isk", "amount": 1050}, "parameter_invalid_integer", "amount"),
    ],
)
async def test_a_wrong_parameter_is_named(
    client: StripeClient, wrong: dict[str, object], code: str, param: str
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        await paid(client, **wrong)  # type: ignore[arg-type]
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
