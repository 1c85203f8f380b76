"""One answer for everybody who asks the same, until the catalogue changes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from infra.bootstrap.caching import MODELS, remembering
from infra.bootstrap.composition import codec
from infra.caching.answers import LocalAnswers
from infra.caching.cacheability import CATALOGUE_AGE, STOCK_AGE, lifetime
from infra.caching.catalogue_version import CatalogueVersion, catalogue_version
from infra.caching.response_cache import ResponseCache
from infra.caching.single_flight import NoSingleFlight
from infra.http.callers import TrustedProxies
from infra.http.rate_limiting import Limiting
from infra.http.rate_limits import LocalLimiter, Rate
from infra.security.tokens import Tokens
from infra.settings import Settings
from tests.support.builders.catalogue import category
from tests.support.harness.read_side import SECRET, Asker, ReadSide, read_side, token

CATEGORIES = "{ categories { name } }"


@dataclass(slots=True)
class Remembered:
    """A read side, and the way to it that remembers."""

    shop: ReadSide
    front: ResponseCache
    asker: Asker

    async def told(self, *names: str) -> None:
        """Categories were made, the read models have them, and we heard of it."""
        for name in names:
            category(self.shop.log, name)
        position = await self.shop.catch_up()
        async with asyncio.timeout(60):
            while self.front.changes.last < position:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def statements_of(self, query: str, **others: str) -> int:
        """How many statements it takes to answer."""
        self.shop.models.statements.clear()
        await self.asker.ask(query, **others)
        return len(self.shop.models.statements)


@pytest.fixture
async def remembered(database_url: str) -> AsyncIterator[Remembered]:
    async with read_side(database_url) as shop, catalogue_version(shop.store, codec()) as changes:
        front = ResponseCache(
            shop.app,
            LocalAnswers(clock=lambda: 0.0),
            changes,
            lambda: min(shop.models.reached(MODELS).values()),
            NoSingleFlight(),
        )
        async with asking(front) as asker:
            yield Remembered(shop, front, asker)


@asynccontextmanager
async def asking(app: object) -> AsyncIterator[Asker]:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield Asker(app, client)  # type: ignore[arg-type]


async def test_what_was_asked_twice_is_remembered(remembered: Remembered) -> None:
    await remembered.told("Food")
    assert [await remembered.statements_of(CATEGORIES) for _ in range(4)] == [1, 1, 0, 0]


@pytest.mark.parametrize(("mebibytes", "statements"), [(1, [1, 1, 0, 0]), (0, [1, 1, 1, 1]), (None, [1, 1, 1, 1])])
async def test_without_redis_a_process_remembers_if_it_has_room(
    database_url: str, mebibytes: int | None, statements: list[int]
) -> None:
    settings = Settings(redis=None, remember=mebibytes)
    async with (
        read_side(database_url) as shop,
        remembering(settings, shop.app, shop.models, shop.store, codec()) as app,
        asking(app) as asker,
    ):
        category(shop.log, "Food")
        await shop.catch_up()
        made = []
        for _ in statements:
            shop.models.statements.clear()
            await asker.ask(CATEGORIES)
            made.append(len(shop.models.statements))
    assert made == statements


async def test_an_answer_is_given_again_byte_for_byte(remembered: Remembered) -> None:
    await remembered.told("Food")
    first, _ = [await remembered.asker.post({"query": CATEGORIES}) for _ in range(2)]
    remembered.shop.models.statements.clear()
    again = await remembered.asker.post({"query": CATEGORIES})
    assert (again.content, again.headers) == (first.content, first.headers)
    assert again.json() == {"data": {"categories": [{"name": "Food"}]}}
    assert (remembered.shop.models.statements, remembered.front.given_again) == ([], 1)


async def test_a_change_of_the_catalogue_is_seen_at_once(remembered: Remembered) -> None:
    await remembered.told("Food")
    assert [await remembered.statements_of(CATEGORIES) for _ in range(3)] == [1, 1, 0]
    await remembered.told("Wine")
    assert await remembered.asker.ask(CATEGORIES) == {"categories": [{"name": "Food"}, {"name": "Wine"}]}
    assert await remembered.statements_of(CATEGORIES) == 0


async def test_what_was_made_before_the_read_models_knew_of_a_change_is_not_given_again(
    remembered: Remembered,
) -> None:
    await remembered.told("Food")
    remembered.front.changes.last += 1  # type: ignore[assignment]  # the log is ahead of the read models
    assert [await remembered.statements_of(CATEGORIES) for _ in range(4)] == [1, 1, 1, 1]


async def test_of_many_who_ask_at_once_one_is_answered(remembered: Remembered) -> None:
    await remembered.told("Food")
    remembered.shop.models.statements.clear()
    answers = await asyncio.gather(*(remembered.asker.ask(CATEGORIES) for _ in range(50)))
    assert answers == [{"categories": [{"name": "Food"}]}] * 50
    assert len(remembered.shop.models.statements) == 1


async def test_who_shows_a_token_is_answered_themselves(remembered: Remembered) -> None:
    await remembered.told("Food")
    assert [await remembered.statements_of(CATEGORIES) for _ in range(3)] == [1, 1, 0]
    assert await remembered.statements_of(CATEGORIES, token=token("anna", "shopper")) == 1


async def test_an_answer_with_errors_is_not_remembered(remembered: Remembered) -> None:
    for _ in range(4):
        assert await remembered.asker.refused('{ category(id: "x") { nonsense } }') == (
            400,
            ["GRAPHQL_VALIDATION_FAILED"],
        )
    assert remembered.front.given_again == 0


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("{ categories { name } }", CATALOGUE_AGE),
        ("query Page($id: ID!) { product(id: $id) { title } }", CATALOGUE_AGE),
        ("{ product(sku: MUG) { variants { inStock } } }", STOCK_AGE),
        ("{ search { total } categories { name } }", STOCK_AGE),
        ("{ me { subject } }", None),
        ("{ categories { name } me { subject } }", None),
        ("{ ... { categories { name } } }", None),
        ("query ($p: Position!) @after(position: $p) { categories { name } }", None),
        ("subscription { categories { name } }", None),
        ("{ categories", None),
        ("{ categories { name } } query Other { categories { name } }", None),
    ],
)
def test_only_questions_that_everybody_asks_alike_are_remembered(query: str, seconds: float | None) -> None:
    assert lifetime(httpx.Request("POST", "http://shop", json={"query": query}).content) == seconds


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'{"query":1}', b'{"query":"' + b"a" * 9000 + b'"}'])
def test_a_body_that_is_no_question_is_not_ours_to_judge(body: bytes) -> None:
    assert lifetime(body) is None


async def test_who_asks_too_often_is_told_when_to_come_back(remembered: Remembered) -> None:
    tokens = Tokens(SECRET)
    limits = LocalLimiter(Rate(per_second=0.1, burst=2), clock=lambda: 0.0)
    limited = Limiting(
        remembered.front, limits, limits, lambda said: tokens.verify(said).subject, TrustedProxies().caller
    )
    async with asking(limited) as asker:
        statuses = [(await asker.post({"query": CATEGORIES})).status_code for _ in range(3)]
        refused = await asker.post({"query": CATEGORIES}, token="no token of ours")
        anna = await asker.post({"query": CATEGORIES}, token=token("anna", "shopper"))
        health = await asker.client.get("/health/live")
    assert (statuses, anna.status_code, health.status_code) == ([200, 200, 429], 200, 204)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert refused.json() == {
        "type": "urn:counterfoil:problem:too-many-requests",
        "title": "You ask too often",
        "status": 429,
        "detail": "Ask again in 10 s, and less often from then on.",
        "instance": "/graphql",
    }


@pytest.mark.parametrize("kind", ["an error", "a fault", "a refusal"])
async def test_an_error_is_no_answer_for_those_who_asked_the_same_meanwhile(kind: str) -> None:
    """The first one is told something that is about them; the others get what they asked for."""
    made, gate = 0, asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal made
        made += 1
        first = made == 1
        if first:
            await gate.wait()
            if kind == "a fault":
                raise RuntimeError("not for everybody")
        body = b'{"data":null,"errors":[]}' if first and kind == "an error" else b'{"data":{}}'
        status = 429 if first and kind == "a refusal" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    front = ResponseCache(app, LocalAnswers(), CatalogueVersion(), lambda: 0, NoSingleFlight())
    transport = httpx.ASGITransport(front, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        asking = [asyncio.create_task(client.post("/graphql", json={"query": CATEGORIES})) for _ in range(5)]
        async with asyncio.timeout(60):
            while not made:  # noqa: ASYNC110
                await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        gate.set()
        first, *others = await asyncio.gather(*asking)
    assert (first.status_code, first.text) != (200, '{"data":{}}')
    assert [(answer.status_code, answer.text) for answer in others] == [(200, '{"data":{}}')] * 4
