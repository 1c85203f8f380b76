"""Strangers whose questions no database takes, beside an honest reader whose every answer is right."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.order.events import OrderCompleted
from domain.shared.ids import OrderId
from tests.hostile.parts import TOKENS, bearer, running
from tests.support.builders.purchases import a_cart, bought
from tests.support.builders.shelf import stocked
from tests.support.fixtures.socket import connected
from tests.support.harness.read_side import ReadSide, read_side, token

STRANGERS, ROUNDS = 16, 25
ODD = (b"a\0b", b"\xed\xa0\x80", b"\xff\xfe", b"\x01", b"a\nb", "\ufffe\u2028".encode(), b"x" * 5_000, b"'; --", b"")
KINDS = ("Product", "Cart", "Order", "Checkout", "Category", "Nothing")

HONEST = """{ product(id: "MUG") { title price { formatted } variants { sku inStock } category { name } }
    cart(id: "C1") { status total { amount } lines { sku quantity } } order(id: "O1") { status total { amount } }
    products(first: 3) { edges { node { title } } } search(term: "milk") { edges { node { title } } total { atLeast } }
}"""
QUESTIONS = {
    "Product": "query ($id: ID!) { product(id: $id) { title } }",
    "Cart": "query ($id: ID!) { cart(id: $id) { status } }",
    "Order": "query ($id: ID!) { order(id: $id) { status } }",
    "Checkout": "query ($id: ID!) { checkout(id: $id) { phase } }",
    "Category": "query ($id: ID!) { category(id: $id) { name } products(filter: {category: $id}) { total { exact } } }",
}
NODE = "query ($id: ID!) { node(id: $id) { id } }"
ORDER = "subscription ($id: ID!) { orderStatus(id: $id) { status } }"
ANNA, STRANGER = token("anna", "shopper"), token("a stranger", "shopper")

Ask = Callable[[str, str], Awaitable[httpx.Response]]


def odd_ids() -> list[tuple[str, str]]:
    """Questions with ids that hold what no id may."""
    ids = [(kind, base64.b64encode(kind.encode() + b":" + odd).decode()) for kind in KINDS for odd in ODD]
    return [(query, it) for kind, it in ids for query in (QUESTIONS.get(kind, NODE), NODE)]


@asynccontextmanager
async def strangers(ask: Ask) -> AsyncIterator[list[httpx.Response]]:
    """So many of them at work while the block lasts; what they are told."""
    told, done = list[httpx.Response](), asyncio.Event()

    async def stranger(number: int) -> None:
        questions = odd_ids()
        for query, it in cycle(questions[number:] + questions[:number]):
            if done.is_set():
                return
            told.append(await ask(query, it))

    async with asyncio.TaskGroup() as group:
        for number in range(STRANGERS):
            group.create_task(stranger(number))
        yield told
        done.set()


def codes(answers: Sequence[httpx.Response]) -> set[str]:
    return {error["extensions"]["code"] for answer in answers for error in answer.json().get("errors", ())}


async def told_right(client: httpx.AsyncClient, anna: dict[str, str], stranger: dict[str, str]) -> None:
    """Each of the honest reader's answers, while strangers ask beside."""

    async def honest() -> Any:
        return (await client.post("/graphql", json={"query": HONEST}, headers=anna)).json()

    async def ask(query: str, it: str) -> httpx.Response:
        return await client.post("/graphql", json={"query": query, "variables": {"id": it}}, headers=stranger)

    expected = await honest()
    assert "errors" not in expected
    data = expected["data"]
    assert (data["product"]["title"], data["order"]["status"], data["cart"]["status"]) == (
        "Mug",
        "DELIVERED",
        "CHECKED_OUT",
    )
    async with strangers(ask) as told:
        for number in range(ROUNDS):
            assert (number, await honest()) == (number, expected)
    assert len(told) > ROUNDS
    assert codes(told) <= {"BAD_USER_INPUT", "INTERNAL_ERROR"}


@pytest.fixture
async def full(database_url: str) -> AsyncIterator[ReadSide]:
    async with read_side(database_url) as shop:
        a_cart(shop.log)
        bought(shop.log)
        stocked(shop.log)
        await shop.catch_up()
        yield shop


async def test_odd_ids_are_refused_and_harm_nobody_in_a_part_of_its_own(
    full: ReadSide, database_url: str, tmp_path: Path
) -> None:
    assert (await full.ask("{ categories { name } }"))["categories"]
    async with running("read-api", database_url, tmp_path) as part, part.client() as client:
        stranger = TOKENS.issue("a stranger", ["shopper"], timedelta(hours=1))
        await told_right(client, bearer("shopper"), {"Authorization": f"Bearer {stranger}"})
        log = part.part.log.read_text()
    assert "failed" not in log
    assert len(log) < 10_000


@pytest.mark.parametrize("layers", ["all", "without the first"])
async def test_odd_ids_harm_nobody_even_where_they_get_to_the_database(
    full: ReadSide, monkeypatch: pytest.MonkeyPatch, layers: str
) -> None:
    if layers != "all":
        for module in ("relay", "schema"):
            monkeypatch.setattr(f"read_api.graphql.{module}.checked_id", lambda it: it)
    await told_right(full.client, *({"Authorization": f"Bearer {it}"} for it in (ANNA, STRANGER)))


@pytest.mark.parametrize("layers", ["all", "without the first"])
async def test_a_feed_survives_any_of_its_subscribers(
    full: ReadSide, monkeypatch: pytest.MonkeyPatch, layers: str
) -> None:
    if layers != "all":
        monkeypatch.setattr("read_api.graphql.relay.checked_id", lambda it: it)
    async with connected(full.app) as anna, connected(full.app) as stranger:
        await anna.greet(ANNA)
        await stranger.greet(STRANGER)
        await anna.subscribe(ORDER, id="O1")
        assert await anna.next() == {"orderStatus": {"status": "DELIVERED"}}
        for odd in ODD:
            await stranger.subscribe(ORDER, id=base64.b64encode(b"Order:" + odd).decode())
            message = await stranger.hear()
            while message["type"] == "complete":
                message = await stranger.hear()
            errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
            assert [error["extensions"]["code"] for error in errors] != []
        full.log.tell(OrderCompleted(order_id=OrderId("O1")))
        await full.catch_up()
        assert await anna.next() == {"orderStatus": {"status": "COMPLETED"}}
