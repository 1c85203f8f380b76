"""A request that names itself is carried out once, however often it comes, whoever else comes."""

import asyncio
from uuid import UUID, uuid5

import httpx
import pytest

from tests.support.builders.for_sale import put_on_sale
from tests.support.harness.front_desk import Desk, desk, problem, said
from tests.write_api.test_carts import MUGS, TEAS, cart_of
from write_api.http.context import NAMESPACE
from write_api.http.idempotency import Answers

KEY = {"Idempotency-Key": "the first of all carts"}
REUSED = "urn:counterfoil:problem:command-id-reused"


async def test_a_repeat_gets_the_same_answer_and_stores_nothing(shop: Desk, anna: httpx.AsyncClient) -> None:
    first = await anna.post("/carts", json={"items": [MUGS]}, headers=KEY)
    before = shop.stored
    again = await anna.post("/carts", json={"items": [MUGS]}, headers=KEY)
    assert (again.status_code, again.json(), again.headers["counterfoil-position"]) == (
        201,
        first.json(),
        first.headers["counterfoil-position"],
    )
    assert shop.stored == before


async def test_a_repeat_at_another_process_gets_the_same_answer(shop: Desk, anna: httpx.AsyncClient) -> None:
    first = await said(await anna.post("/carts", json={"items": [MUGS]}, headers=KEY), 201)
    before = shop.stored
    async with desk(shop.store).client("anna", "shopper") as elsewhere:
        assert await said(await elsewhere.post("/carts", json={"items": [MUGS]}, headers=KEY), 201) == first
    assert shop.stored == before


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_key_names_one_request(shop: Desk, restarted: bool) -> None:
    async with shop.client("anna", "shopper") as anna:
        cart = (await said(await anna.post("/carts", json={"items": [MUGS]}, headers=KEY), 201))["cart_id"]
    before = shop.stored
    server = desk(shop.store) if restarted else shop
    async with server.client("anna", "shopper") as anna:
        for answer in (
            await anna.post("/carts", json={"items": [TEAS]}, headers=KEY),
            await anna.post("/carts?again", json={"items": [MUGS]}, headers=KEY),
            await anna.post(f"/carts/{cart}/items", json={"items": [MUGS]}, headers=KEY),
            await anna.patch(f"/carts/{cart}/items/MUG", json={"quantity": 9}, headers=KEY),
        ):
            assert (answer.status_code, problem(answer)["type"]) == (422, REUSED)
    assert shop.stored == before


async def test_the_same_key_of_somebody_else_is_another_key(
    shop: Desk, anna: httpx.AsyncClient, ben: httpx.AsyncClient
) -> None:
    annas = await said(await anna.post("/carts", json={"items": [MUGS]}, headers=KEY), 201)
    bens = await said(await ben.post("/carts", json={"items": [TEAS]}, headers=KEY), 201)
    assert annas["cart_id"] != bens["cart_id"]
    assert [stream for stream, name in shop.stored if name == "cart.opened.v1"] == [
        f"cart-{annas['cart_id']}",
        f"cart-{bens['cart_id']}",
    ]


async def test_fifty_at_once_are_one(shop: Desk, anna: httpx.AsyncClient) -> None:
    async def slowly() -> None:
        await asyncio.sleep(0)

    shop.store.turn = slowly
    shop.store.reads.clear()
    answers = await asyncio.gather(*(anna.post("/carts", json={"items": [MUGS]}, headers=KEY) for _ in range(50)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert [name for _, name in shop.stored[10:]] == ["cart.opened.v1", "cart.item_added.v1"]
    assert [stream for stream, _ in shop.store.reads] == ["product-product-of-MUG"]


async def test_fifty_at_once_over_two_processes_are_one() -> None:
    here = desk()
    await put_on_sale(here.handler)
    there = desk(here.store)

    async def slowly() -> None:
        await asyncio.sleep(0)

    here.store.turn = slowly
    async with here.client("anna", "shopper") as one, there.client("anna", "shopper") as other:
        answers = await asyncio.gather(
            *((one, other)[n % 2].post("/carts", json={"items": [MUGS]}, headers=KEY) for n in range(50))
        )
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert [name for _, name in here.stored[10:]] == ["cart.opened.v1", "cart.item_added.v1"]


async def test_fifty_without_a_key_are_fifty(shop: Desk, anna: httpx.AsyncClient) -> None:
    cart = await cart_of(anna)
    await asyncio.gather(*(anna.post(f"/carts/{cart}/items", json={"items": [TEAS]}) for _ in range(50)))
    assert len([name for _, name in shop.stored if name == "cart.item_added.v1"]) == 50


async def test_a_refused_request_may_be_put_right_under_its_key(shop: Desk, anna: httpx.AsyncClient) -> None:
    wrong = await anna.post("/carts", json={"items": [{"sku": "NOPE", "quantity": 1}]}, headers=KEY)
    assert wrong.status_code == 404
    await said(await anna.post("/carts", json={"items": [MUGS]}, headers=KEY), 201)
    assert shop.stored[-1][1] == "cart.item_added.v1"


async def test_a_request_that_the_store_swallowed_is_repeated_safely(shop: Desk, anna: httpx.AsyncClient) -> None:
    shop.store.unavailable, shop.store.stored_anyway = 1, True
    lost = await anna.post("/carts", json={"items": [MUGS]}, headers=KEY)
    assert (lost.status_code, problem(lost)["detail"]) == (
        503,
        "The store did not answer in time. Try again with the same Idempotency-Key.",
    )
    found = await said(await anna.post("/carts", json={"items": [MUGS]}, headers=KEY), 201)
    assert [stream for stream, name in shop.stored if name == "cart.opened.v1"] == [f"cart-{found['cart_id']}"]


async def test_the_answers_kept_are_bounded(shop: Desk, anna: httpx.AsyncClient) -> None:
    answers = shop.app.state.answers = Answers(3)
    for n in range(9):
        await said(await anna.post("/carts", json={}, headers={"Idempotency-Key": str(n)}), 201)
    assert len(answers._given) == 3


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "\xe9"])
async def test_a_key_is_printable_and_not_too_long(shop: Desk, anna: httpx.AsyncClient, key: str) -> None:
    before = shop.stored
    named = httpx.Headers({"Idempotency-Key": key}, encoding="latin-1")
    answer = await anna.post("/carts", json={}, headers=named)
    assert (answer.status_code, problem(answer)["type"]) == (400, "urn:counterfoil:problem:unusable-key")
    assert shop.stored == before
    await said(await anna.post("/carts", json={}, headers={"Idempotency-Key": "x" * 255}), 201)


async def test_events_remember_who_asked_and_on_which_trace(shop: Desk, anna: httpx.AsyncClient) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {**KEY, "Correlation-Id": str(UUID(int=5)), "traceparent": trace}
    await said(await anna.post("/carts", json={}, headers=headers), 201)
    told = shop.handler.codec.decode_event(shop.store.log[-1]).metadata
    command_id = uuid5(NAMESPACE, f"anna\n{KEY['Idempotency-Key']}")
    assert (told.command_id, told.causation_id, told.correlation_id) == (command_id, command_id, UUID(int=5))
    assert (told.actor, told.traceparent, len(told.fingerprint or "")) == ("anna", trace, 32)


@pytest.mark.parametrize(
    "trace",
    [
        "garbage",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ],
)
async def test_a_trace_that_is_none_is_left_out(shop: Desk, anna: httpx.AsyncClient, trace: str) -> None:
    await said(await anna.post("/carts", json={}, headers={"traceparent": trace}), 201)
    told = shop.handler.codec.decode_event(shop.store.log[-1]).metadata
    assert (told.traceparent, told.correlation_id) == (None, told.command_id)


@pytest.mark.parametrize("key", [{}, KEY])
async def test_an_empty_correlation_id_is_none(shop: Desk, anna: httpx.AsyncClient, key: dict[str, str]) -> None:
    before = shop.stored
    if key:  # a repeat is told so, too
        await anna.post("/carts", json={}, headers=key)
        before = shop.stored
    refused = await anna.post("/carts", json={}, headers={**key, "Correlation-Id": ""})
    assert (refused.status_code, [fault["field"] for fault in refused.json()["errors"]]) == (422, ["Correlation-Id"])
    assert shop.stored == before


async def test_a_repeat_whose_correlation_id_is_none_of_ours_is_told_so(anna: httpx.AsyncClient) -> None:
    await said(await anna.post("/carts", json={}, headers=KEY), 201)
    refused = await anna.post("/carts", json={}, headers={**KEY, "Correlation-Id": "{}"})
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["errors"]] == ["Correlation-Id"]
