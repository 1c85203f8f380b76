"""Idempotency keys, rate limits, and what goes wrong on the way."""

import asyncio
from contextlib import suppress

import pytest
from stripe import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    CardError,
    IdempotencyError,
    InvalidRequestError,
    RateLimitError,
    StripeClient,
    StripeError,
)

from infra.dev_servers.stripe.server import StripeServer
from tests.infra.dev_servers.stripe.talking import connected, error_of, options, paid


async def test_the_same_key_gets_the_same_answer(server: StripeServer, client: StripeClient) -> None:
    first = await paid(client, key="k")
    again = await paid(client, key="k")
    assert again.id == first.id
    assert len(server.account.all("payment_intent")) == 1
    assert again.last_response.headers["Idempotent-Replayed"] == "true"  # type: ignore[union-attr]
    assert again.last_response.headers["Original-Request"] == server.requests[0].id  # type: ignore[union-attr]


async def test_a_key_is_forgotten_after_a_day(server: StripeServer, client: StripeClient) -> None:
    first = await paid(client, key="k")
    server.clock.move(hours=23, minutes=59)
    assert (await paid(client, key="k")).id == first.id
    server.clock.move(minutes=2)
    assert (await paid(client, key="k")).id != first.id


async def test_a_key_belongs_to_one_request(server: StripeServer, client: StripeClient) -> None:
    await paid(client, key="k")
    with pytest.raises(IdempotencyError) as refused:
        await paid(client, key="k", amount=2100)
    assert refused.value.http_status == 400
    assert len(server.account.all("payment_intent")) == 1


async def test_a_declined_card_stays_declined_for_its_key(server: StripeServer, client: StripeClient) -> None:
    for _ in range(2):
        with pytest.raises(CardError):
            await paid(client, "pm_card_chargeDeclined", "k")
    assert len(server.account.all("payment_intent")) == 1


async def test_what_failed_validation_may_be_asked_again_with_its_key(client: StripeClient) -> None:
    with pytest.raises(InvalidRequestError):
        await paid(client, key="k", amount=1)
    assert (await paid(client, key="k")).status == "requires_capture"


async def test_a_key_in_use_is_refused(server: StripeServer, client: StripeClient) -> None:
    server.faults.stall_before(0.3)
    first = asyncio.create_task(paid(client, key="k"))
    while not server.requests:  # noqa: ASYNC110  # nobody announces it
        await asyncio.sleep(0)
    with pytest.raises(StripeError) as refused:
        await paid(client, key="k")
    assert (refused.value.http_status, error_of(refused.value)["code"]) == (409, "idempotency_key_in_use")
    assert refused.value.headers["Stripe-Should-Retry"] == "true"  # type: ignore[index]
    assert (await first).id == (await paid(client, key="k")).id


@pytest.mark.parametrize(("fault", "done"), [("cut_before", 0), ("cut_after", 1)])
async def test_a_cut_connection_hides_whether_it_was_done(
    server: StripeServer, client: StripeClient, fault: str, done: int
) -> None:
    getattr(server.faults, fault)("payment_intents.create")
    with pytest.raises(APIConnectionError):
        await paid(client, key="k")
    assert len(server.account.all("payment_intent")) == done
    await paid(client, key="k")
    assert len(server.account.all("payment_intent")) == 1


async def test_a_client_that_gave_up_waiting_finds_it_done(server: StripeServer) -> None:
    server.faults.stall_after(5)
    async with connected(server, patience=1) as client:
        with pytest.raises(APIConnectionError):
            await paid(client, key="k")
    assert len(server.account.all("payment_intent")) == 1


@pytest.mark.parametrize(
    ("fault", "done", "again"), [("error_before", 0, 200), ("error_after", 1, 200), ("error_kept", 1, 500)]
)
async def test_a_server_error_tells_nothing(
    server: StripeServer, client: StripeClient, fault: str, done: int, again: int
) -> None:
    getattr(server.faults, fault)()
    with pytest.raises(APIError):
        await paid(client, key="k")
    assert len(server.account.all("payment_intent")) == done
    with suppress(APIError):
        await paid(client, key="k")
    assert server.requests[-1].status == again
    assert len(server.account.all("payment_intent")) == 1


async def test_too_many_requests_are_refused_and_not_carried_out(server: StripeServer, client: StripeClient) -> None:
    server.rates.per_second_and_route = 3
    answers = await asyncio.gather(*(paid(client, key=str(n)) for n in range(5)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, RateLimitError)]
    assert len(refused) == 2
    assert refused[0].headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"  # type: ignore[index]
    assert len(server.account.all("payment_intent")) == 3


async def test_another_key_of_the_api_is_refused(server: StripeServer) -> None:
    server.key = "sk_test_other"
    async with connected(server) as client:
        with pytest.raises(AuthenticationError):
            await client.v1.payment_intents.retrieve_async("pi_1", None, options(""))
